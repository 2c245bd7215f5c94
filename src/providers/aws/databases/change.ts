import type { Action, Plan } from "../../../domain/action.ts";
import { databases, type Work } from "../client.ts";
import { STORAGE } from "./observe.ts";
import { patchRequest, showsPatch, stillWaits } from "./patch.ts";
import { snapshotFor, UNSEEN, USABLE, versionOf, waitingIn, type Database } from "./see.ts";
import type { Verdict } from "../../provider.ts";
import { mustSee } from "../../sight.ts";

/** The one request that a plan for a database comes to, and what shows of it. */

type Way = {
  /** What tells what became of it. */
  readonly showsBy?: string;
  request(database: Database, plan: Plan, token: string): Work;
  shows(database: Database, plan: Plan, token: string): Verdict;
  /** Whether what is on its way before anything was sent is somebody else's. */
  isOthers(database: Database, plan: Plan): boolean;
};

const BY_ACTION: Readonly<Partial<Record<Action, Way>>> = {
  backup: { showsBy: UNSEEN.snapshots, request: backupRequest, shows: showsBackup, isOthers: () => false },
  scale: { request: storageRequest, shows: showsStorage, isOthers: (database) => waitingIn(database).length > 0 },
  patch: { showsBy: UNSEEN.maintenance, request: patchRequest, shows: showsPatch, isOthers: stillWaits },
};

function byAction({ action }: Plan): Way {
  const found = BY_ACTION[action];
  if (found === undefined) throw new Error(`a database has no ${action}`);
  return found;
}

export function change(database: Database, plan: Plan, token: string): Work {
  return byAction(plan).request(database, plan, token);
}

export function isOthers(database: Database, plan: Plan): boolean {
  return byAction(plan).isOthers(database, plan);
}

export function judge(database: Database, plan: Plan, token: string): Verdict {
  const { showsBy, shows } = byAction(plan);
  if (showsBy !== undefined) mustSee(database, showsBy);
  const verdict = shows(database, plan, token);
  if (verdict.kind !== "differs" || versionOf(database) !== plan.version) return verdict;
  return { kind: "untouched", seen: "nothing was applied" };
}

function backupRequest({ DBInstanceIdentifier }: Database, _plan: Plan, token: string): Work {
  return databases((api) => api.createDBSnapshot({ DBInstanceIdentifier, DBSnapshotIdentifier: snapshotFor(token) }));
}

/** At once is all that is waiting too: the plan is refused where anything is. */
function storageRequest({ DBInstanceIdentifier }: Database, { arguments: { sizes } }: Plan): Work {
  const AllocatedStorage = sizes?.[STORAGE];
  return databases((api) => api.modifyDBInstance({ DBInstanceIdentifier, AllocatedStorage, ApplyImmediately: true }));
}

function showsBackup({ snapshots, DBInstanceStatus }: Database, _plan: Plan, token: string): Verdict {
  const own = snapshots.find(({ DBSnapshotIdentifier: name }) => name === snapshotFor(token));
  if (own === undefined) return { kind: "differs", seen: `somebody changed it; ${DBInstanceStatus}` };
  const { DBSnapshotIdentifier: name, Status, PercentProgress } = own;
  if (Status === "available") return { kind: "holds", seen: `snapshot ${name} is there` };
  if (Status === "failed") return { kind: "failed", seen: `snapshot ${name} failed` };
  return { kind: "pending", seen: `snapshot ${name} is ${Status}, ${PercentProgress} %` };
}

/** RDS still moves data about when the storage is there already, for hours; meanwhile it can be used. */
function showsStorage(database: Database, { arguments: { sizes = {} } }: Plan): Verdict {
  const { AllocatedStorage: now, PendingModifiedValues, DBInstanceStatus: status } = database;
  const wanted = sizes[STORAGE];
  const way = waitingIn(database).length > 0 ? "waits to be" : "on its way to";
  if (now === wanted) return { kind: USABLE.has(status) ? "holds" : "pending", seen: `${now} GiB, ${status}` };
  // Right after the request it may still be available for a moment.
  if (PendingModifiedValues["AllocatedStorage"] === wanted)
    return { kind: "pending", seen: `${now} GiB, ${way} ${wanted}; ${status}` };
  return { kind: "differs", seen: `it has ${now} GiB, ${status}` };
}
