import type { Arguments, Plan } from "../../../domain/action.ts";
import type { Target } from "../../../domain/catalog.ts";
import type { Observation, Update } from "../../../domain/observation.ts";
import { Invalid } from "../../../errors.ts";
import { databases, type Work } from "../client.ts";
import { short } from "../words.ts";
import { FACT, hasStandby } from "./observe.ts";
import { isBegun, UNSEEN, USABLE, type Database, type Maintenance } from "./see.ts";
import type { Drawn } from "../../draw.ts";
import { refuseUnseen } from "../../sight.ts";
import type { Verdict } from "../../provider.ts";

/** One of the things that RDS has to do to an instance, done now instead of in its window: the plan, and what shows of it. */

const APPLIED = 20 * 60_000; // ms; an operating system typically takes ten minutes, and a standby goes first

/** @throws Invalid when nothing waits, or it does not say which of several */
export function patch({ update: asked }: Arguments, seen: Observation, target: Target): Drawn {
  refuseUnseen(seen, UNSEEN.maintenance, "patched");
  const { updates = [], facts } = seen;
  const update = chosen(updates, asked, target);
  const { name, summary } = update;
  const { [FACT.status]: status = "unknown", [FACT.waiting]: waiting, [FACT.lastGood]: snapshot = "none" } = facts;
  if (status !== "available")
    throw new Invalid(`It is ${status}, and updates are applied to what is available.`, { hint: "Wait until it is." });
  const others = updates.flatMap((each) => (each === update ? [] : [each.name]));
  return {
    arguments: { update: name },
    risk: "high",
    title: `Apply ${name} to ${target.service} (${target.name}) now`,
    changes: { [name]: ["pending", "applied"] },
    reasons: [
      "It cannot be undone: RDS begins at once, whatever its maintenance window is, and goes on to the end",
      ...(summary === "" ? [] : [`AWS says: ${short(summary)}`]),
      (AWAY.get(name) ?? UNKNOWN)[hasStandby(seen) ? "withStandby" : "alone"],
      dueWords(update),
      `Last snapshot: ${snapshot}`,
      ...(waiting === undefined ? [] : [`What waits for the window (${waiting}) may come along: AWS does not say`]),
    ],
    stays: [
      "data, storage, class and settings",
      ...(others.length === 0 ? [] : [`what else is pending: ${others.join(", ")}`]),
    ],
    takes: APPLIED,
  };
}

/** @throws Invalid */
function chosen(updates: readonly Update[], asked: string | undefined, { key }: Target): Update {
  const [first] = updates;
  if (first === undefined) throw new Invalid("No update waits to be applied to it.");
  const names = updates.map(({ name }) => name).join(", ");
  const found = updates.find(({ name }) => name === asked);
  if (found !== undefined) return found;
  if (asked !== undefined) throw new Invalid(`There is no ${asked} to apply.`, { hint: `There is ${names}.` });
  if (updates.length === 1) return first;
  throw new Invalid(`Which of them: ${names}?`, { hint: `Name it, like \`/day2 patch ${key} ${first.name}\`.` });
}

type Away = { readonly withStandby: string; readonly alone: string };

const OF_SYSTEM: Away = {
  withStandby: "The standby is done first and takes over, then the other: it is away for about a minute in between",
  alone: "Without a standby it is away for some minutes",
};
const UNKNOWN: Away = {
  withStandby: "It may be away meanwhile: AWS does not say",
  alone: "It may be away meanwhile: AWS does not say",
};
const OF_CERTIFICATE =
  "It is restarted where its engine needs that, and who trusts the old certificate authority alone cannot connect any more";

/** Whether it can be used meanwhile, by what is done to it. */
const AWAY: ReadonlyMap<string, Away> = new Map(
  Object.entries({
    "system-update": OF_SYSTEM,
    "os-upgrade": OF_SYSTEM,
    "hardware-maintenance": {
      withStandby: "It is away for about a minute where the standby has to take over",
      alone: "Without a standby it is away for some minutes",
    },
    "db-upgrade": {
      withStandby: "It is away until its engine is upgraded: that of the standby is at the same time",
      alone: "It is away until its engine is upgraded",
    },
    "ca-certificate-rotation": { withStandby: OF_CERTIFICATE, alone: OF_CERTIFICATE },
  }),
);

function dueWords({ due }: Update): string {
  return due === null
    ? "RDS has set no time at which it would do so by itself"
    : `Left alone, RDS does so by itself from ${due.slice(0, 10)} on`;
}

export function patchRequest({ DBInstanceArn: ResourceIdentifier }: Database, { arguments: { update } }: Plan): Work {
  return databases((api) =>
    api.applyPendingMaintenanceAction({ ResourceIdentifier, ApplyAction: update, OptInType: "immediate" }),
  );
}

/** Whether it still waits: whatever RDS is at then is something else. */
export function stillWaits(database: Database, plan: Plan): boolean {
  const pending = pendingIn(database, plan);
  return pending !== undefined && !isBegun(pending);
}

const BROKEN = /^(failed|incompatible-)/;
const BUSY = /^(upgrading|maintenance|modifying|rebooting|starting|stopping)$/;

/** RDS does not say that one failed: it stays on its way, or leaves a database that cannot be used. */
export function showsPatch(database: Database, plan: Plan): Verdict {
  const { DBInstanceStatus: status } = database;
  const { update } = plan.arguments;
  const pending = pendingIn(database, plan);
  if (pending === undefined && USABLE.has(status))
    return { kind: "holds", seen: `${update} is no longer pending; ${status}` };
  // RDS' list is late: what it shows as pending may be under way by now.
  if (pending !== undefined && !isBegun(pending))
    return { kind: BUSY.test(status) ? "pending" : "differs", seen: `${update} is pending; ${status}` };
  return { kind: BROKEN.test(status) ? "failed" : "pending", seen: `${update} is being applied; ${status}` };
}

function pendingIn({ maintenance }: Database, { arguments: { update } }: Plan): Maintenance | undefined {
  return maintenance.find(({ Action }) => Action === update);
}
