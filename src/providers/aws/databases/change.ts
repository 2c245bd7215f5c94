import type { Plan } from "../../../domain/action.ts";
import { databases, type Work } from "../client.ts";
import { STORAGE } from "./observe.ts";
import { snapshotFor, versionOf, waitingIn, type Database } from "./see.ts";
import type { Verdict } from "../../provider.ts";

/** The one request that a plan for a database comes to, and what shows of it. */

export function change({ DBInstanceIdentifier }: Database, { action, arguments: given }: Plan, token: string): Work {
  if (action === "backup")
    return databases((api) => api.createDBSnapshot({ DBInstanceIdentifier, DBSnapshotIdentifier: snapshotFor(token) }));
  // At once is all that is waiting too: the plan is refused where anything is.
  const AllocatedStorage = given.sizes?.[STORAGE];
  return databases((api) => api.modifyDBInstance({ DBInstanceIdentifier, AllocatedStorage, ApplyImmediately: true }));
}

/** What waits for the maintenance window would be applied at once too, and somebody else asked for it. */
export function isOthers(database: Database, { action }: Plan): boolean {
  return action === "scale" && waitingIn(database).length > 0;
}

export function judge(database: Database, plan: Plan, token: string): Verdict {
  const verdict = plan.action === "backup" ? ofBackup(database, token) : ofStorage(database, plan);
  if (verdict.kind !== "differs" || versionOf(database) !== plan.version) return verdict;
  return { kind: "untouched", seen: "nothing was applied" };
}

function ofBackup({ snapshots, DBInstanceStatus }: Database, token: string): Verdict {
  const own = snapshots.find(({ DBSnapshotIdentifier: name }) => name === snapshotFor(token));
  if (own === undefined)
    return { kind: "differs", seen: `somebody changed it, or took a snapshot; ${DBInstanceStatus}` };
  const { DBSnapshotIdentifier: name, Status, PercentProgress } = own;
  if (Status === "available") return { kind: "holds", seen: `snapshot ${name} is there` };
  if (Status === "failed") return { kind: "failed", seen: `snapshot ${name} failed` };
  return { kind: "pending", seen: `snapshot ${name} is ${Status}, ${PercentProgress} %` };
}

const USABLE = new Set(["available", "storage-optimization", "backing-up"]);

/** RDS still moves data about when the storage is there already, for hours; meanwhile it can be used. */
function ofStorage(database: Database, { arguments: { sizes = {} } }: Plan): Verdict {
  const { AllocatedStorage: now, PendingModifiedValues, DBInstanceStatus: status } = database;
  const wanted = sizes[STORAGE];
  const way = waitingIn(database).length > 0 ? "waits to be" : "on its way to";
  if (now === wanted) return { kind: USABLE.has(status) ? "holds" : "pending", seen: `${now} GiB, ${status}` };
  // Right after the request it may still be available for a moment.
  if (PendingModifiedValues["AllocatedStorage"] === wanted)
    return { kind: "pending", seen: `${now} GiB, ${way} ${wanted}; ${status}` };
  return { kind: "differs", seen: `it has ${now} GiB, ${status}` };
}
