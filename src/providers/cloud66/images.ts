/** The images that services of containers run, by their tags: what a release is where no commit tells. Pure. */

/** The tag of each service that runs an image. */
export type Images = ReadonlyMap<string, string>;

/** "api:v7+web:v1.2.3": neither a service nor a tag has a plus, and people can type it as one word. */
export function writeImages(images: Images): string {
  return [...images]
    .map(([service, tag]) => `${service}:${tag}`)
    .toSorted()
    .join("+");
}

const PAIR = /^([^:+,\s]+):(\w[\w.-]{0,127})$/;

/** Undefined for what names no images. */
export function readImages(release: string): Images | undefined {
  const pairs = release.split("+").map((each) => PAIR.exec(each));
  const images = new Map(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
  return pairs.includes(null) || images.size < pairs.length ? undefined : images;
}

/** Those of `wanted` that are not what runs, of services that are still there: nothing else is deployed. */
export function changedImages(now: Images, wanted: Images): Images {
  return new Map([...wanted].filter(([service, tag]) => now.has(service) && now.get(service) !== tag));
}

/** The tag of "registry.example.com:5000/shop/web:v1.2.3"; undefined where it has none, or is named by a digest. */
export function tagOf(image: string): string | undefined {
  return /^(?!sha\d+:)[^:@]*:(\w[\w.-]{0,127})$/.exec(image.slice(image.lastIndexOf("/") + 1))?.[1];
}
