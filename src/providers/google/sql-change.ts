import type { Plan } from "../../domain/action.ts";
import { formatSize } from "../../domain/measures.ts";
import { pathOf, shortened, type Sent, type Settings } from "./api.ts";
import { versionOf, type Database, type Run } from "./sql-see.ts";
import type { Verdict } from "../provider.ts";

/**
 * The one request that a plan for a Cloud SQL instance comes to, and what shows of it. Backups have no id of ours, but a
 * description: by that the same step finds the one that it asked for. One is stored where those are that are made daily.
 */
export function change(where: Settings, { settings }: Database, _plan: Plan, token: string): Sent {
  const { location } = settings.backupConfiguration;
  return {
    method: "POST",
    path: pathOf(where, "/backupRuns"),
    body: { description: descriptionOf(token), ...(location === undefined ? {} : { location }) },
  };
}

export function descriptionOf(token: string): string {
  return `daytwo ${token}`;
}

export function judge(database: Database, plan: Plan, token: string): Verdict {
  const own = database.runs.find(({ description }) => description === descriptionOf(token));
  if (own !== undefined) return (SHOWS.get(own.status) ?? underWay)(own);
  return versionOf(database) === plan.version
    ? { kind: "untouched", seen: "no backup was asked for" }
    : { kind: "differs", seen: "somebody changed it, or took a backup" };
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
