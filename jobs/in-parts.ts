import { isDoneWithin } from "../src/wait.ts";

/** What comes of these works, in parts that keep their order: for those that take long the others wait no more than `ms`. */
export async function* inParts<Result>(works: readonly Promise<Result>[], ms: number): AsyncGenerator<Result[]> {
  const done = new Map<number, Result>();
  const all = Promise.all(works.map(async (work, index) => done.set(index, await work)));
  for (let left = works.length; left > 0;) {
    await isDoneWithin(ms, all);
    const part = [...done].toSorted(([a], [b]) => a - b).map(([, result]) => result);
    done.clear();
    left -= part.length;
    if (part.length > 0) yield part;
  }
}
