import type { Arguments, Plan } from "../../../domain/action.ts";
import type { Target } from "../../../domain/catalog.ts";
import type { Observation } from "../../../domain/observation.ts";
import { Invalid } from "../../../errors.ts";
import { FACT, hasStandby, STORAGE } from "./observe.ts";
import { patch } from "./patch.ts";
import { drawBy, type Draw, type Drawn, type Draws, type PlanRequest } from "../../draw.ts";
import { refuseUnseen } from "../../sight.ts";
import { UNSEEN } from "./see.ts";
import { movedSizes, sizeOf } from "../../size-change.ts";

/** What each action would change of an instance of RDS, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, "A database on AWS has", request, seen);
}

const DRAW: Draws = {
  scale: onItsOwn(scale),
  backup: onItsOwn(backup),
  patch: onItsOwn(patch),
};

function onItsOwn(draw: Draw): Draw {
  return (given, seen, target) => {
    const cluster = seen.facts[FACT.cluster];
    if (cluster === undefined) return draw(given, seen, target);
    throw new Invalid(`It is a member of the cluster ${cluster}.`, {
      hint: "Only databases of their own are changed here.",
    });
  };
}

const STEP = 1.1; // of what there is: RDS makes that of anything less
const MODIFIED = 15 * 60_000; // ms until more storage is there; three times that is waited for it
const SNAPSHOT = 20 * 60_000; // ms, as nobody knows how much changed since the last one

function scale({ sizes = {} }: Arguments, seen: Observation, target: Target): Drawn {
  const now = sizeOf(seen, STORAGE).wanted;
  const [moved] = movedSizes(seen, Object.entries(sizes));
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
  refuseUnseen(seen, UNSEEN.snapshots, "backed up");
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
