import { z } from "zod";
import { durationText, formatDuration, formatShare, parseDuration, share } from "../domain/measures.ts";
import type { Level, Reading } from "../domain/reading.ts";
import { defineCheck, type Use } from "./check.ts";
import { credential, reveal } from "./credential.ts";
import { isDeadline } from "./deadline.ts";
import { networkProblem } from "./network-problem.ts";
import { FULL, refusal, SILENT } from "./postgres-refusal.ts";
import { prepareSession, type Opening } from "./postgres-session.ts";
import { holders, survey, WATCHER, type Survey, type Transaction } from "./postgres-survey.ts";

/** Whether a database lets us in, has connections left, and is free of transactions that hold up the others. */

const MINUTE = 60_000;
const PATIENCE = 5_000;
const MANNER = { as: WATCHER, connects: PATIENCE, answers: PATIENCE + 1_000 };

const settings = z.strictObject({
  url: credential.describe("postgres://… of the database, best as a reference; never shown."),
  connections_warning: share
    .default(0.8)
    .describe("The share of the connections that others than the superuser may open."),
  connections_critical: share.default(0.9).describe("The same, where it becomes critical."),
  long_transaction: limits("5m", "30m").describe("How long a transaction may be open."),
  idle_in_transaction: limits("1m", "10m").describe("How long a transaction may be open and do nothing."),
});
type Settings = z.infer<typeof settings>;
type Limits = Settings["long_transaction"];

export const postgres = defineCheck<Settings>({
  name: "postgres",
  on: "address",
  responsibility: "database",
  settings,
  unit: "share",
  every: MINUTE,
  rule: { failures: 2, successes: 2 },
  async look({ spec }, chosen, use) {
    const opening = prepareSession(await reveal(chosen.url, use), MANNER);
    use.signal.throwIfAborted();
    const evidence = { Database: opening.database };
    use.signal.addEventListener("abort", opening.cut, { once: true });
    try {
      await opening.connect();
      const found = await survey(opening.session.ask, PATIENCE);
      await use.sessions.keep(spec.key, opening.name, opening.session);
      return read(found, opening.database, chosen);
    } catch (error) {
      await opening.session.close();
      if (use.signal.aborted && !isDeadline(use.signal)) throw use.signal.reason;
      const summary = use.signal.aborted ? SILENT : refusal(error);
      if (summary === undefined) return unseen(error, evidence);
      const seen = summary === FULL ? await fromWithin(spec.key, opening, use) : undefined;
      if (seen === undefined) return { level: "critical", summary, evidence };
      return { ...read(seen, opening.database, chosen), level: "critical", summary: summary + biggest(seen) };
    } finally {
      use.signal.removeEventListener("abort", opening.cut);
    }
  },
});

/** What the session that was let in before can tell of a server that lets nobody in; undefined where there is none, or it is silent. */
async function fromWithin(key: string, { name }: Opening, use: Use): Promise<Survey | undefined> {
  const session = use.sessions.take(name);
  if (session === undefined) return undefined;
  function cut(): void {
    void session?.close();
  }
  use.signal.addEventListener("abort", cut, { once: true });
  try {
    const found = await survey(session.ask, PATIENCE);
    await use.sessions.keep(key, name, session);
    return found;
  } catch {
    await session.close();
    return undefined;
  } finally {
    use.signal.removeEventListener("abort", cut);
  }
}

function limits(warning: string, critical: string) {
  return z
    .strictObject({ warning: durationText.default(warning), critical: durationText.default(critical) })
    .prefault({});
}

type Finding = { readonly level: Level; readonly words: string };

function read(found: Survey, database: string, chosen: Settings): Reading {
  const used = found.usable === 0 ? 1 : found.used / found.usable;
  const findings = [
    connections(found, used, chosen),
    ...found.idle.slice(0, 1).map((oldest) => overdue(oldest, "sits idle", chosen.idle_in_transaction)),
    ...found.open.slice(0, 1).map((oldest) => overdue(oldest, "has been open", chosen.long_transaction)),
  ];
  const gravest =
    findings.find(({ level }) => level === "critical") ?? findings.find(({ level }) => level === "warning");
  const { level, words } = gravest ?? { level: "ok", words: `${found.used} of ${found.usable} connections in use` };
  return {
    level,
    value: used,
    figures: { used: found.used, usable: found.usable },
    summary: words,
    evidence: {
      Database: database,
      Connections: `${found.used} of ${found.usable} in use`,
      ...(found.groups.length > 0 && {
        "Most from": found.groups.map(holders).join("; "),
      }),
      ...(found.open.length > 0 && {
        "Oldest transactions": found.open
          .map((each) => `${each.who}, ${each.state}, for ${formatDuration(each.age)} (session ${each.pid})`)
          .join("; "),
      }),
      ...(found.hidden > 0 && { "Not visible": `what ${found.hidden} sessions do; grant pg_monitor to our role` }),
    },
  };
}

function connections(seen: Survey, found: number, chosen: Settings): Finding {
  const { connections_warning: warning, connections_critical: critical } = chosen;
  const limit = found >= critical ? critical : warning;
  const words = `${seen.used} of ${seen.usable} connections in use (limit ${formatShare(limit)})${biggest(seen)}`;
  if (found < limit) return { level: "ok", words };
  return { level: found >= critical ? "critical" : "warning", words };
}

function overdue({ age }: Transaction, how: string, { warning, critical }: Limits): Finding {
  const level = age > parseDuration(critical) ? "critical" : "warning";
  const limit = parseDuration(level === "critical" ? critical : warning);
  const words = `a transaction ${how} for ${formatDuration(age)} (limit ${formatDuration(limit)})`;
  return { level: age > limit ? level : "ok", words };
}

/** Who has most of the connections: ", 61 from web v142, idle in transaction". */
function biggest({ groups: [first] }: Survey): string {
  return first === undefined ? "" : `, ${first.count} from ${first.who}, ${first.state}`;
}

/** @throws what it is given, when that is not about the network */
function unseen(error: unknown, evidence: Reading["evidence"]): Reading {
  const problem = networkProblem(error);
  if (problem === undefined) throw error;
  return { level: "unknown", summary: problem.words, evidence };
}
