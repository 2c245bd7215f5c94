import type { Arguments, Plan } from "../../../domain/action.ts";
import type { Target } from "../../../domain/catalog.ts";
import type { Observation } from "../../../domain/observation.ts";
import { Invalid } from "../../../errors.ts";
import { FACT } from "./observe.ts";
import { boundsIn, checkOrder, insteadOfNumber, towards } from "../../bounds.ts";
import { named, wayTo } from "../../release-change.ts";
import { movedSizes, refuseOtherProcess, sizeChange, sizeOf, sizesOf } from "../../size-change.ts";
import { refuseUnseen } from "../../sight.ts";
import { UNSEEN } from "./see.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../../draw.ts";

/** What each action would change on a service, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, "A service on AWS has", request, seen);
}

const DRAW: Draws = {
  scale,
  rollback,
  restart,
};

const BEGIN = 150_000; // ms until a task that is asked for serves, or one that goes is let go by its balancer
const PER_TASK = 15_000; // and for each one that is replaced after another
const LONGEST = 400_000; // three times this is what is waited for at most

function takes(tasks: number): number {
  return Math.min(LONGEST, BEGIN + tasks * PER_TASK);
}

const NO_COMPARE =
  "ECS compares nothing: it is looked at right before, and what somebody changes in that moment is overwritten";

function scale(given: Arguments, seen: Observation, target: Target): Drawn {
  const { name } = target;
  if (seen.facts[FACT.daemon] !== undefined)
    throw new Invalid("It runs one task on every machine of the cluster; it has no size to be set.");
  refuseUnseen(seen, UNSEEN.bounds, "scaled");
  const asked = Object.entries(given.sizes ?? {});
  for (const [process] of asked) sizeOf(seen, process);
  const has = boundsIn(seen, name);
  const now = sizeOf(seen, name).wanted;
  const wanted = new Map(
    asked.flatMap(([process, count]) =>
      process === name && has !== null ? towards(name, count, { now, has }) : [[process, count] as const],
    ),
  );
  if (has !== null) checkOrder(name, wanted, has);
  const moved = movedSizes(seen, wanted);
  const isNumber = asked.some(([process]) => process === name);
  const byAutoscaler = isNumber ? insteadOfNumber(moved) : "Its autoscaler decides the number within its bounds";
  return {
    ...sizeChange(target.service, moved),
    reasons: [`Now ${sizesOf(seen)}`, ...(has === null ? [] : [byAutoscaler]), ...underWay(seen), NO_COMPARE],
    stays: ["release, configuration and database"],
    takes: takes(0),
  };
}

function rollback({ release: asked }: Arguments, seen: Observation, target: Target): Drawn {
  refuseOthers(seen, "rolled back");
  refuseUnseen(seen, UNSEEN.releases, "rolled back");
  refuseUnseen(seen, UNSEEN.latest, "rolled back");
  const { to } = wayTo(seen, asked === undefined ? undefined : (releaseCalled(seen, asked) ?? asked));
  const from = seen.release ?? "unknown";
  const tasks = sizeOf(seen, target.name).wanted;
  const stops = seen.facts[FACT.goesBack] === to.release;
  const isFinished = seen.facts[FACT.rollout] === undefined && seen.facts[FACT.trouble] === undefined;
  return {
    arguments: { release: to.release },
    risk: "high",
    title: `Roll back ${target.service} ${from} → ${to.release}`,
    changes: { release: [from, to.release] },
    reasons: [
      `${named(to)} was deployed to the end before; how well it ran since cannot be seen`,
      ...(stops
        ? ["Stops the deployment that is under way, and ECS goes back by itself"]
        : [`Replaces ${tasks} ${tasks === 1 ? "task" : "tasks"}, some at a time`, ...underWay(seen), NO_COMPARE]),
    ],
    stays: [
      "the database: migrations since then cannot be seen here",
      "secrets and parameters as they are now: a task definition names them, and has no values",
      "the number of tasks",
    ],
    takes: takes(tasks),
    // There is no way back to what never came up.
    ...(seen.release === undefined || !isFinished
      ? {}
      : { undo: { action: "rollback" as const, arguments: { release: seen.release } } }),
  };
}

/** By its whole name, its number alone, or the tag of its image: then the youngest of that tag. */
function releaseCalled({ releases }: Observation, asked: string): string | undefined {
  function called(name: string): boolean {
    return name === asked || name.endsWith(`:${asked}`);
  }
  const found =
    releases.find(({ release }) => called(release)) ??
    releases.find(({ summary = "" }) => summary.split(", ").some((image) => called(image)));
  return found?.release;
}

function restart({ process }: Arguments, seen: Observation, target: Target): Drawn {
  refuseOtherProcess(process, target);
  refuseOthers(seen, "restarted");
  refuseUnseen(seen, UNSEEN.latest, "restarted");
  const tasks = sizeOf(seen, target.name).wanted;
  return {
    arguments: {},
    risk: "low",
    title: `Restart ${target.service} (${target.name})`,
    changes: { tasks: [`${tasks} running`, `${tasks} started anew`] },
    reasons: [
      `Now ${sizesOf(seen)}`,
      `Replaces ${tasks} ${tasks === 1 ? "task" : "tasks"}, some at a time`,
      "An image whose tag was moved since is pulled as it is now",
      ...underWay(seen),
      NO_COMPARE,
    ],
    stays: ["task definition, database and number of tasks"],
    takes: takes(tasks),
  };
}

/** ECS does not take a release for what somebody else deploys. */
function refuseOthers({ facts }: Observation, what: string): void {
  const other = facts[FACT.deployedBy];
  if (other === undefined) return;
  throw new Invalid(`It is deployed by ${other}, so it cannot be ${what} here.`, { hint: "It can be scaled." });
}

function underWay({ facts }: Observation): string[] {
  const rollout = facts[FACT.rollout];
  return rollout === undefined ? [] : [`In the middle of a deployment: ${rollout}`];
}
