import type { Action, Arguments, Plan } from "../../../domain/action.ts";
import type { Target } from "../../../domain/catalog.ts";
import type { Observation } from "../../../domain/observation.ts";
import { Invalid } from "../../../errors.ts";
import { FACT, hasStandby, STORAGE } from "./observe.ts";
import { patch } from "./patch.ts";
import { movedSizes, sizeOf } from "../../size-change.ts";

/** What each action would change of an instance of RDS, drawn from what was observed. Pure. */

type Request = { readonly action: Action; readonly arguments: Arguments; readonly target: Target };
export type Drawn = Omit<Plan, "action" | "target" | "version">;

/** @throws Invalid when the observation does not allow it, naming what would be possible */
export function drawPlan({ action, arguments: given, target }: Request, seen: Observation): Plan {
  const draw = DRAW[action];
  if (draw === undefined)
    throw new Invalid(`A database on AWS has no ${action}.`, { hint: `There is ${Object.keys(DRAW).join(", ")}.` });
  const cluster = seen.facts[FACT.cluster];
  if (cluster !== undefined)
    throw new Invalid(`It is a member of the cluster ${cluster}.`, {
      hint: "Only databases of their own are changed here.",
    });
  return { action, target: target.key, version: seen.version, ...draw(given, seen, target) };
}

const DRAW: Readonly<Partial<Record<Action, (given: Arguments, seen: Observation, target: Target) => Drawn>>> = {
  scale,
  backup,
  patch,
};

const STEP = 1.1; // of what there is: RDS makes that of anything less
const MODIFIED = 15 * 60_000; // ms until more storage is there; three times that is waited for it
const SNAPSHOT = 20 * 60_000; // ms, as nobody knows how much changed since the last one

function scale({ sizes = {} }: Arguments, seen: Observation, target: Target): Drawn {
  const asked = Object.entries(sizes);
  const now = sizeOf(seen, STORAGE).wanted;
  if (asked.length === 0) throw new Invalid("How much?", { hint: `In GiB, like \`storage=${leastOf(now)}\`.` });
  const [moved] = movedSizes(seen, asked);
  const after = moved?.after ?? now;
  refuseTooLittle(now, after);
  refuseWaiting(seen);
  const { [FACT.maintenance]: maintenance, [FACT.grows]: grows } = seen.facts;
  return {
    arguments: { sizes: { [STORAGE]: after } },
    risk: "high",
    title: `Grow the storage of ${target.service} (${target.name}) ${now} → ${after} GiB`,
    changes: { [STORAGE]: [`${now} GiB`, `${after} GiB`] },
    unit: "GiB",
    reasons: [
      "It cannot be undone: storage never becomes smaller, and costs from now on",
      "RDS does it at once while the database goes on, and takes no other change of storage for six hours or longer",
      ...(grows === undefined ? [] : [`RDS grows it by itself ${grows}`]),
      ...(maintenance === undefined ? [] : [`RDS may do at once what it has to do anyway: ${maintenance}`]),
      "RDS compares nothing: it is looked at right before, and what somebody changes in that moment is overwritten",
    ],
    stays: ["data, class, engine and everything else"],
    takes: MODIFIED,
  };
}

function leastOf(now: number): number {
  return Math.ceil(Math.round(now * STEP * 100) / 100);
}

/** @throws Invalid */
function refuseTooLittle(now: number, after: number): void {
  if (after < now)
    throw new Invalid(`RDS never makes storage smaller, and there are ${now} GiB.`, {
      hint: "A smaller one is a new instance.",
    });
  if (after < leastOf(now))
    throw new Invalid(`RDS adds at least a tenth at a time, and would make more of ${after} GiB by itself.`, {
      hint: `Write \`storage=${leastOf(now)}\` or more; there are ${now} GiB.`,
    });
}

/** What is applied at once brings along whatever waits for the maintenance window, downtime included. @throws Invalid */
function refuseWaiting({ facts }: Observation): void {
  const status = facts[FACT.status] ?? "unknown";
  if (!/^(available|storage-full)$/.test(status))
    throw new Invalid(`It is ${status}, and RDS takes no change of storage then.`, {
      hint:
        status === "storage-optimization"
          ? "After a change of storage that takes hours."
          : "Wait until it is available.",
    });
  const waiting = facts[FACT.waiting];
  if (waiting === undefined) return;
  throw new Invalid(
    `What waits for the maintenance window (${waiting}) would be applied at once too, and nothing undoes that.`,
    {
      hint: "Let the window pass, or take that back at AWS first.",
    },
  );
}

function backup(_given: Arguments, seen: Observation, target: Target): Drawn {
  return {
    arguments: {},
    risk: "low",
    title: `Back up ${target.service} (${target.name})`,
    changes: { "last snapshot": [seen.facts[FACT.lastGood] ?? "none", "a new one"] },
    reasons: [
      hasStandby(seen)
        ? "It is taken from the standby, and the database goes on"
        : "Without a standby the database may stand still for a moment as it begins",
      "It is kept, and costs its storage, until somebody deletes it",
    ],
    stays: ["data and settings, and when backups are taken by themselves"],
    takes: SNAPSHOT,
  };
}
