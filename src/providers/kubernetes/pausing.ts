import type { Arguments } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { sizeOf } from "../size-change.ts";
import { FACT } from "./observe.ts";
import { keptStays, keptWarning, replaces, takes, underWay, type Subject } from "./plan-words.ts";
import type { Drawn } from "../draw.ts";

/** Rollouts of a Deployment that are held back, and go on. */

const [AT_ONCE, HELD_BACK] = ["as they come", "held back"];

export function pause(_given: Arguments, subject: Subject): Drawn {
  const { seen, target } = subject;
  refuseOthers(subject);
  if (isPaused(seen)) throw new Invalid(`${subject.name} is paused already.`, { hint: resumeHint(target) });
  return {
    arguments: {},
    risk: "low",
    title: `Pause rollouts of ${target.service} (${target.name})`,
    changes: { rollouts: [AT_ONCE, HELD_BACK] },
    reasons: [
      "Until it is resumed no release goes out, and none can be rolled back or restarted",
      ...underWay(seen).map((words) => `${words}; it stops there`),
      ...keptWarning(seen),
    ],
    stays: ["what runs, and how many", ...keptStays(seen)],
    undo: { action: "resume", arguments: {} },
  };
}

export function resume(_given: Arguments, subject: Subject): Drawn {
  const { seen, target } = subject;
  refuseOthers(subject);
  if (!isPaused(seen)) throw new Invalid(`${subject.name} is not paused.`);
  const waits = seen.facts[FACT.rollout] !== undefined;
  const pods = sizeOf(seen, target.name).wanted;
  return {
    arguments: {},
    risk: waits ? "high" : "low",
    title: `Resume rollouts of ${target.service} (${target.name})`,
    changes: { rollouts: [HELD_BACK, AT_ONCE] },
    reasons: waits
      ? [`${seen.release ?? "What was changed"} waits, and is rolled out then`, ...replaces(subject, pods)]
      : ["Nothing was changed that waits to be rolled out"],
    stays: ["the number of pods", ...keptStays(seen)],
    takes: takes(waits ? pods : 0),
  };
}

function refuseOthers({ kind, name }: Subject): void {
  if (kind !== "deployment") throw new Invalid(`${name} cannot be paused: only a Deployment can.`);
}

export function isPaused({ facts }: Observation): boolean {
  return facts[FACT.paused] !== undefined;
}

export function resumeHint({ key }: Target): string {
  return `\`/day2 resume ${key}\` lets its rollouts go on.`;
}
