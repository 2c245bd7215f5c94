import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { changedImages, readImages, writeImages, type Images } from "./images.ts";
import { some } from "../../domain/some.ts";
import type { Drawn } from "../draw.ts";

/** Going back on a stack of containers: to images that Daytwo saw run, or that somebody names. Pure. */

/** @throws Invalid naming what is possible */
export function rollbackOfImages(asked: string | undefined, seen: Observation, target: Target): Omit<Drawn, "takes"> {
  const now = readImages(seen.release ?? "");
  if (now === undefined)
    throw new Invalid(
      "None of its services runs an image by a tag, and Cloud 66 does not say which commits it built.",
      {
        hint: "Deploy the earlier git reference of each service, in Cloud 66 or with `cx redeploy --service`.",
      },
    );
  const wanted = asked === undefined ? imagesBefore(now, seen) : imagesAskedFor(asked, now, seen);
  const changed = changedImages(now, wanted);
  const from = writeImages(now);
  const release = writeImages(new Map([...now, ...changed]));
  if (changed.size === 0) throw new Invalid(`${release} is what runs now.`);
  const replaced = new Map([...now].filter(([service]) => changed.has(service)));
  const others = seen.sizes.map(({ process }) => process).filter((process) => !changed.has(process));
  const gone = [...wanted.keys()].filter((service) => !now.has(service));
  return {
    arguments: { release },
    risk: "high",
    // Of the services that change alone: all of them may be more than a card has room for.
    title: `Roll back ${target.service} ${writeImages(replaced)} → ${writeImages(changed)}`,
    changes: { release: [from, release] },
    reasons: [
      `Deploys the ${changed.size === 1 ? "image" : "images"} ${writeImages(changed)} anew`,
      knownOf(changed, wanted, seen),
      ...(others.length > 0 ? [`Left as they are: ${some(others)}`] : []),
      ...(gone.length > 0 ? [`No longer there, and not brought back: ${some(gone)}`] : []),
      "Deploy hooks run again, with the environment variables of today",
      "The stack's configuration decides which images the next deployment of the whole stack brings",
    ],
    stays: ["the database, with what migrations did to it", "environment variables and settings", "servers and sizes"],
    undo: { action: "rollback", arguments: { release: from } },
  };
}

/** What Daytwo can tell of images before they are deployed. */
function knownOf(changed: Images, wanted: Images, { releases }: Observation): string {
  const unseen = [...changed].filter(
    ([service, tag]) => !releases.some(({ release }) => readImages(release)?.get(service) === tag),
  );
  if (unseen.length > 0)
    return `Daytwo has not seen ${writeImages(new Map(unseen))} run: whether there is such an image shows when Cloud 66 deploys it`;
  const { summary } = releases.find(({ release }) => release === writeImages(wanted)) ?? {};
  const when = summary === undefined ? "" : ` (${summary})`;
  return `${changed.size === 1 ? "It" : "Each"} ran before${when}; how well, and whether the registry still has it, cannot be seen`;
}

/** Of the newest release before what runs from which a service would change; of the last whole one, where what runs is not. */
function imagesBefore(now: Images, { release: current, releases }: Observation): Images {
  const earlier = releases.slice(releases.findIndex(({ release }) => release === current) + 1);
  const before = earlier
    .flatMap(({ release }) => readImages(release) ?? [])
    .find((images) => changedImages(now, images).size > 0);
  if (before !== undefined) return before;
  throw new Invalid("Cloud 66 tells of no earlier images, and Daytwo has seen none run.", {
    hint: `Name what to deploy, a service and the tag of its image; ${writeImages(now)} runs now.`,
  });
}

/** A release that was seen to run may have services that have left since. */
function imagesAskedFor(asked: string, now: Images, { releases }: Observation): Images {
  const names = releases.map(({ release }) => release);
  const wanted = readImages(asked);
  const strangers = [...(wanted?.keys() ?? [])].filter((service) => !now.has(service));
  if (wanted !== undefined && (strangers.length === 0 || names.includes(writeImages(wanted)))) return wanted;
  throw new Invalid(
    wanted === undefined ? `There is no release ${asked} to go to.` : `${some(strangers)} runs no image by a tag.`,
    {
      hint: `Write services and the tags of their images, joined by +; now ${writeImages(now)}${names.length > 0 ? `, and seen to run: ${some(names)}` : ""}.`,
    },
  );
}
