import type { Arguments, Plan } from "../../../domain/action.ts";
import type { Target } from "../../../domain/catalog.ts";
import type { Observation } from "../../../domain/observation.ts";
import { Invalid } from "../../../errors.ts";
import { FACT } from "./observe.ts";
import { isFixed, UNSEEN } from "./see.ts";
import { refuseUnseen } from "../../sight.ts";
import { boundsIn, checkOrder, insteadOfNumber, towards, type Bounds } from "../../bounds.ts";
import { wayTo } from "../../release-change.ts";
import { movedSizes, refuseOtherProcess, sizeChange, sizeOf, sizesOf } from "../../size-change.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../../draw.ts";

/** What each action would change of an Auto Scaling group, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, "An Auto Scaling group has", request, seen);
}

const DRAW: Draws = {
  scale,
  rollback,
  restart,
};

const INSTANCE = 150_000; // ms in which a machine starts, or goes with what it has still to answer
const LONGEST = 3_600_000; // three times this is what is waited for at most

const NO_COMPARE =
  "AWS compares nothing: it is looked at right before, and what somebody changes in that moment is overwritten";

function scale({ sizes = {} }: Arguments, seen: Observation, { name, service }: Target): Drawn {
  refuseUnseen(seen, UNSEEN.policies, "scaled");
  const asked = Object.entries(sizes);
  for (const [process] of asked) sizeOf(seen, process);
  const policies = seen.facts[FACT.policies];
  const has = boundsIn(seen, name) ?? { min: 0, max: 0 };
  const wanted = policies === undefined ? byHand(name, asked, { seen, has }) : byPolicies(name, asked, { seen, has });
  const moved = movedSizes(seen, wanted);
  for (const { process, before, after } of moved) if (process === name) refuseSuspended(seen, { before, after });
  const isNumber = asked.some(([process]) => process === name);
  const decides = isNumber ? insteadOfNumber(moved) : "Its scaling policies decide the number within its bounds";
  return {
    ...sizeChange(service, moved),
    reasons: [
      `Now ${sizesOf(seen)}`,
      policies === undefined ? "AWS does it at once, whatever the group's cooldown says" : `${decides} (${policies})`,
      ...(moved.some(({ before, after }) => after < before)
        ? ["Which instances go, the group's own termination policy says; what is on their disks alone is lost"]
        : []),
      ...underWay(seen),
      NO_COMPARE,
    ],
    stays: ["launch template and the other instances"],
    takes: 2 * INSTANCE,
  };
}

type Asked = readonly (readonly [process: string, count: number])[];
type Now = { readonly seen: Observation; readonly has: Bounds };

/** Where policies decide the number, bounds are all that lasts. */
function byPolicies(name: string, asked: Asked, { seen, has }: Now): Map<string, number> {
  const now = sizeOf(seen, name).wanted;
  const wanted = new Map(
    asked.flatMap(([process, count]) =>
      process === name ? towards(name, count, { now, has }) : [[process, count] as const],
    ),
  );
  checkOrder(name, wanted, has);
  return wanted;
}

/** Where nothing does, the number has to lie within the bounds; it moves along where they are set anew without it. */
function byHand(name: string, asked: Asked, { seen, has }: Now): Map<string, number> {
  const wanted = new Map(asked);
  checkOrder(name, wanted, has);
  const [min, max] = [wanted.get(`${name}.min`) ?? has.min, wanted.get(`${name}.max`) ?? has.max];
  const number = wanted.get(name);
  if (number === undefined) return wanted.set(name, Math.min(Math.max(sizeOf(seen, name).wanted, min), max));
  if (number >= min && number <= max) return wanted;
  const bound = number > max ? "max" : "min";
  throw new Invalid(`The group may have ${min} to ${max} instances, and AWS takes no other number.`, {
    hint: `Set the bound too, like \`${name}=${number} ${name}.${bound}=${number}\`.`,
  });
}

/** @throws Invalid where AWS would take the number and do nothing */
function refuseSuspended({ facts }: Observation, { before, after }: { before: number; after: number }): void {
  const needs = after > before ? "Launch" : "Terminate";
  if (facts[FACT.suspended]?.split(", ").includes(needs) !== true) return;
  throw new Invalid(`The group's process ${needs} is suspended, so nothing would come of it.`, {
    hint: `\`aws autoscaling resume-processes\` lets it go on; AWS itself suspends one after a day without success.`,
  });
}

function rollback({ release: asked }: Arguments, seen: Observation, target: Target): Drawn {
  refuseUnseen(seen, UNSEEN.refreshes, "rolled back");
  const named = asked === undefined ? undefined : releaseCalled(seen, asked);
  const back = seen.facts[FACT.goesBack];
  // A refresh may bring another policy and the same release: what it is taken back to is then what runs.
  const to = named !== undefined && named === back ? named : wayTo(seen, named).to.release;
  if (!isFixed(to)) throw new Invalid(`${to} has no number, so nobody knows what it was.`);
  const from = seen.release === to ? `${to} as it is being refreshed` : (seen.release ?? "unknown");
  const takesBack = to === back;
  if (!takesBack) refuseUnderWay(seen);
  if (!takesBack && seen.facts[FACT.mixed] !== undefined)
    throw new Invalid("Its mixed instances come from a policy, which cannot be set back here.", {
      hint: "Only a refresh that is under way can be taken back.",
    });
  const isFinished = seen.facts[FACT.refresh] === undefined && isFixed(from);
  return {
    ...refreshing(seen, target),
    arguments: { release: to },
    title: `Roll back ${target.service} ${from} → ${to}`,
    changes: { release: [from, to] },
    reasons: [
      ...(takesBack
        ? ["Takes the instance refresh that is under way back: what it has replaced is replaced once more"]
        : [`${to} was brought to the end by a refresh before; how well it ran cannot be seen`, ...turns(seen)]),
      ...(isFixed(from) || takesBack ? [] : [`The group stays at ${to} then, and follows ${from} no more`]),
      NO_COMPARE,
    ],
    stays: [
      "the database: migrations since then cannot be seen here",
      "images and parameters that the launch template names, as they are now",
      "the number of instances",
    ],
    // There is no way back to what never came up, or means something else each time.
    ...(isFinished ? { undo: { action: "rollback" as const, arguments: { release: from } } } : {}),
  };
}

/** By its whole name, or its number alone. */
function releaseCalled({ releases }: Observation, asked: string): string {
  const number = asked.replace(/^v(?=\d+$)/, "");
  return releases.find(({ release }) => release === asked || release.endsWith(`:${number}`))?.release ?? asked;
}

function restart({ process }: Arguments, seen: Observation, target: Target): Drawn {
  refuseOtherProcess(process, target);
  refuseUnseen(seen, UNSEEN.refreshes, "restarted");
  refuseUnderWay(seen);
  const { wanted } = sizeOf(seen, target.name);
  const { release } = seen;
  return {
    ...refreshing(seen, target),
    arguments: {},
    title: `Restart ${target.service} (${target.name})`,
    changes: { instances: [`${wanted} running`, `${wanted} replaced`] },
    reasons: [
      ...turns(seen),
      ...(release === undefined || isFixed(release) ? [] : [`${release} is what it is by now: it may have changed`]),
      NO_COMPARE,
    ],
    stays: ["launch template, database and number of instances"],
  };
}

/** @throws Invalid: AWS takes no second refresh */
function refuseUnderWay({ facts }: Observation): void {
  const progress = facts[FACT.refresh];
  if (progress === undefined) return;
  const back = facts[FACT.goesBack];
  throw new Invalid(`An instance refresh is under way (${progress}), and AWS takes no second one.`, {
    hint: back === undefined ? "Wait for it, or cancel it at AWS." : `Wait for it, or take it back: \`to ${back}\`.`,
  });
}

/** What is the same of all that replaces every instance. @throws Invalid where nothing would come of it */
function refreshing(seen: Observation, target: Target): Pick<Drawn, "risk" | "takes"> {
  for (const [before, after] of [
    [0, 1],
    [1, 0],
  ] as const)
    refuseSuspended(seen, { before, after });
  const { wanted } = sizeOf(seen, target.name);
  const warmup = 1_000 * Number.parseInt(seen.facts[FACT.warmup] ?? "0", 10);
  const inTurns = Math.ceil(wanted / Math.max(1, Math.floor(wanted * AWAY)));
  return { risk: "high", takes: Math.min(LONGEST, INSTANCE + inTurns * (INSTANCE + warmup)) };
}

const AWAY = 0.1; // of a group at once, where nobody says otherwise

function turns({ facts, sizes: [size] }: Observation): string[] {
  const waits = facts[FACT.waits];
  return [
    "In turns each instance is ended and another one started; what is on its disks alone is lost",
    ...(size?.wanted === 1 ? ["It is the only one: it may be gone before the new one is there"] : []),
    ...(waits === undefined ? [] : [`It stands still for those that are held (${waits}), and fails after an hour`]),
  ];
}

function underWay({ facts }: Observation): string[] {
  const refresh = facts[FACT.refresh];
  return refresh === undefined ? [] : [`In the middle of an instance refresh: ${refresh}`];
}
