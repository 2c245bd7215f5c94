import type { Action, Plan } from "../../domain/action.ts";
import { formatSize } from "../../domain/measures.ts";
import { pathOf, shortened, type Sent, type Settings } from "./api.ts";
import { minuteOf } from "./sql-observe.ts";
import {
  dateOf,
  errorOf,
  RESTARTS_RIGHT,
  restartSince,
  UNSEEN,
  versionOf,
  type Database,
  type Run,
} from "./sql-see.ts";
import type { Verdict } from "../provider.ts";
import { mustSee } from "../sight.ts";

/** The one request that a plan for a Cloud SQL instance comes to, and what shows of it. */

type Way = {
  request(where: Settings, seen: Database, token: string): Sent;
  /** Null where nothing does. */
  shows(seen: Database, plan: Plan, token: string): Verdict | null;
};

const BY_ACTION: Readonly<Partial<Record<Action, Way>>> = {
  backup: { request: backupRequest, shows: showsBackup },
  restart: { request: (where) => ({ method: "POST", path: pathOf(where, "/restart") }), shows: showsRestart },
};

function byAction({ action }: Plan): Way {
  const found = BY_ACTION[action];
  if (found === undefined) throw new Error(`a Cloud SQL instance has no ${action}`);
  return found;
}

export function change(where: Settings, seen: Database, plan: Plan, token: string): Sent {
  return byAction(plan).request(where, seen, token);
}

export function judge(database: Database, plan: Plan, token: string): Verdict {
  const shown = byAction(plan).shows(database, plan, token);
  if (shown !== null) return shown;
  return versionOf(database) === plan.version
    ? { kind: "untouched", seen: "nothing was done to it" }
    : { kind: "differs", seen: "somebody changed or restarted it" };
}

/**
 * Backups have no id of ours, but a description: by that the same step finds the one that it asked for. One is stored where
 * those are that are made daily.
 */
function backupRequest(where: Settings, { settings }: Database, token: string): Sent {
  const { location } = settings.backupConfiguration;
  return {
    method: "POST",
    path: pathOf(where, "/backupRuns"),
    body: { description: descriptionOf(token), ...(location === undefined ? {} : { location }) },
  };
}

function descriptionOf(token: string): string {
  return `daytwo ${token}`;
}

function showsBackup(database: Database, _plan: Plan, token: string): Verdict | null {
  mustSee(database, UNSEEN);
  const own = database.runs.find(({ description }) => description === descriptionOf(token));
  return own === undefined ? null : (SHOWS.get(own.status) ?? underWay)(own);
}

const SHOWS: ReadonlyMap<string, (run: Run) => Verdict> = new Map(
  Object.entries({
    SUCCESSFUL: ({ id, maxChargeableBytes: bytes = "0" }) => ({
      kind: "holds",
      seen: `backup ${id} is there, and finished well${bytes === "0" ? "" : `, at most ${formatSize(Number(bytes))}`}`,
    }),
    FAILED: ({ id, error }) => ({
      kind: "failed",
      seen: `backup ${id} failed; Google says: ${shortened(error?.message ?? error?.code ?? "not why")}`,
    }),
    SKIPPED: ({ id }) => ({ kind: "failed", seen: `Google skipped backup ${id}` }),
    DELETION_PENDING: deleted,
    DELETION_FAILED: deleted,
    DELETED: deleted,
  }),
);

function deleted({ id }: Run): Verdict {
  return { kind: "differs", seen: `backup ${id} was deleted again` };
}

function underWay({ id, status }: Run): Verdict {
  return { kind: "pending", seen: `backup ${id} is ${status === "RUNNING" ? "being taken" : "waiting for its turn"}` };
}

/** A restart carries nothing of ours: it is one since the plan, whoever asked for it. */
function showsRestart(database: Database, { version }: Plan): Verdict | null {
  if (database.restarts === null)
    return { kind: "differs", seen: `its restarts are not seen without ${RESTARTS_RIGHT}` };
  const newest = restartSince(database, version);
  if (newest === undefined) return null;
  const failure = errorOf(newest);
  if (failure !== null) return { kind: "failed", seen: failure };
  if (newest.status === "PENDING") return { kind: "pending", seen: "it waits for its turn to be restarted" };
  if (newest.status !== "DONE") return { kind: "pending", seen: "it is being restarted" };
  if (database.state !== "RUNNABLE") return { kind: "pending", seen: `restarted, and ${database.state} yet` };
  return { kind: "holds", seen: `restarted ${minuteOf(dateOf(newest.endTime))}, and running` };
}
