import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { changedImages, readImages, writeImages, type Images } from "./images.ts";
import { named, some } from "../release-change.ts";
import type { Drawn } from "../draw.ts";

/** Going back on a stack of containers: to images that Daytwo saw run, or that somebody names. Pure. */

/** @throws Invalid naming what is possible */
export function rollbackOfImages(asked: string | undefined, seen: Observation, target: Target): Omit<Drawn, "takes"> {
  const now = readImages(seen.release ?? "");
  if (now === undefined)
    throw new Invalid("None of its services runs an image by a tag: what Cloud 66 builds from git says no commit.", {
      hint: "Deploy the earlier git reference of each service, in Cloud 66 or with `cx redeploy --service`.",
    });
  const to = new Map([...now, ...wantedOf(asked ?? releaseBefore(seen), now, seen)]);
  const changed = changedImages(now, to);
  const [from, release] = [writeImages(now), writeImages(to)];
  if (changed.size === 0) throw new Invalid(`${release} is what runs now.`);
  const ran = seen.releases.find((each) => each.release === release);
  const others = seen.sizes.map(({ process }) => process).filter((process) => !changed.has(process));
  return {
    arguments: { release },
    risk: "high",
    title: `Roll back ${target.service} ${from} → ${release}`,
    changes: { release: [from, release] },
    reasons: [
      `Deploys the ${changed.size === 1 ? "image" : "images"} ${writeImages(changed)} anew`,
      ran === undefined
        ? "Daytwo has not seen it run: whether there is such an image, Cloud 66 finds out as it deploys"
        : `It ran before: ${named(ran)}; how well cannot be seen`,
      ...(others.length > 0 ? [`Left as they are: ${some(others)}`] : []),
      "Deploy hooks run again, with the environment variables of today",
      "Of the next deployment of the whole stack its configuration decides which images it brings",
    ],
    stays: ["the database, with what migrations did to it", "environment variables and settings", "servers and sizes"],
    undo: { action: "rollback", arguments: { release: from } },
  };
}

/** The last that was whole, where what runs is not; else the one before it. */
function releaseBefore({ release: now, releases }: Observation): string {
  const names = releases.map(({ release }) => release);
  const before = names[names.indexOf(now ?? "") + 1];
  if (before === undefined)
    throw new Invalid("Cloud 66 tells of no earlier images, and Daytwo has seen none run.", {
      hint: `Name what to deploy, a service and the tag of its image; ${now ?? "nothing"} runs now.`,
    });
  return before;
}

/** Of what was seen to run without the services that have left since. */
function wantedOf(asked: string, now: Images, { releases }: Observation): Images {
  const names = releases.map(({ release }) => release);
  const wanted = readImages(asked);
  const strangers = [...(wanted?.keys() ?? [])].filter((service) => !now.has(service));
  if (wanted !== undefined && (strangers.length === 0 || names.includes(asked)))
    return new Map([...wanted].filter(([service]) => now.has(service)));
  throw new Invalid(
    wanted === undefined ? `There is no release ${asked} to go to.` : `${some(strangers)} runs no image by a tag.`,
    {
      hint: `Write services and the tags of their images, joined by +; now ${writeImages(now)}${names.length > 0 ? `, and seen to run: ${some(names)}` : ""}.`,
    },
  );
}
