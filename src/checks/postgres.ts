import { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Client, DatabaseError } from "pg";
import { z } from "zod";
import { durationText, formatDuration, formatShare, parseDuration, share } from "../domain/measures.ts";
import type { Level, Reading } from "../domain/reading.ts";
import { Invalid } from "../errors.ts";
import { defineCheck } from "./check.ts";
import { credential, reveal } from "./credential.ts";
import { isDeadline } from "./deadline.ts";
import { networkProblem } from "./network-problem.ts";
import { survey, type Survey, type Transaction } from "./postgres-survey.ts";

/** Whether a database lets us in, has connections left, and is free of transactions that hold up the others. */

const MINUTE = 60_000;
const PATIENCE = 5_000;

const settings = z.strictObject({
  /** Never shown. */
  url: credential,
  /** Shares of the connections that others than the superuser may open. */
  connections_warning: share.default(0.8),
  connections_critical: share.default(0.9),
  long_transaction: limits("5m", "30m"),
  idle_in_transaction: limits("1m", "10m"),
});
type Settings = z.infer<typeof settings>;
type Limits = Settings["long_transaction"];

export const postgres = defineCheck<Settings>({
  name: "postgres",
  on: "address",
  responsibility: "database",
  settings,
  every: MINUTE,
  rule: { failures: 2, successes: 2 },
  async look(_subject, chosen, use) {
    use.signal.throwIfAborted();
    const { client, socket } = prepare(await reveal(chosen.url, use));
    const database = `${client.host}:${client.port}/${client.database ?? ""}`;
    // A server that is shut down sends an error between our questions; unheard, it would end the process.
    client.on("error", () => undefined);
    function stop(): void {
      socket.destroy(new Error("The look is over."));
    }
    use.signal.addEventListener("abort", stop, { once: true });
    try {
      await client.connect();
      const found = await survey(async (text) => (await client.query(text)).rows, PATIENCE);
      return read(found, database, chosen);
    } catch (error) {
      if (use.signal.aborted && !isDeadline(use.signal)) throw use.signal.reason;
      const summary = use.signal.aborted ? SILENT : refusal(error);
      if (summary === undefined) return unseen(error, database);
      return { level: "critical", summary, evidence: { Database: database } };
    } finally {
      use.signal.removeEventListener("abort", stop);
      if (!socket.destroyed) await Promise.race([client.end(), pause(1_000, undefined, { ref: false })]);
      socket.destroy();
    }
  },
});

function limits(warning: string, critical: string) {
  return z
    .strictObject({ warning: durationText.default(warning), critical: durationText.default(critical) })
    .prefault({});
}

/** The socket is ours, so that a look can be called off at any moment. */
function prepare(url: string): { client: Client; socket: Socket } {
  const scheme = URL.parse(url)?.protocol;
  // The parser's own error would quote the address, password and all.
  if (scheme !== "postgres:" && scheme !== "postgresql:") {
    throw new Invalid("The database's address does not begin with postgres://.");
  }
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    stream: () => socket,
    application_name: "daytwo",
    connectionTimeoutMillis: PATIENCE,
    query_timeout: PATIENCE + 1_000,
  });
  return { client, socket };
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
    summary: words,
    evidence: {
      Database: database,
      Connections: `${found.used} of ${found.usable} in use`,
      ...(found.groups.length > 0 && {
        "Most from": found.groups.map((group) => `${group.who}, ${group.state} (${group.count})`).join("; "),
      }),
      ...(found.open.length > 0 && {
        "Oldest transactions": found.open
          .map((each) => `${each.who}, ${each.state}, for ${formatDuration(each.age)}`)
          .join("; "),
      }),
      ...(found.hidden > 0 && { "Not visible": `what ${found.hidden} sessions do; grant pg_monitor to our role` }),
    },
  };
}

function connections({ used, usable }: Survey, found: number, chosen: Settings): Finding {
  const { connections_warning: warning, connections_critical: critical } = chosen;
  const limit = found >= critical ? critical : warning;
  const words = `${used} of ${usable} connections in use (limit ${formatShare(limit)})`;
  if (found < limit) return { level: "ok", words };
  return { level: found >= critical ? "critical" : "warning", words };
}

function overdue({ age }: Transaction, how: string, { warning, critical }: Limits): Finding {
  const level = age > parseDuration(critical) ? "critical" : "warning";
  const limit = parseDuration(level === "critical" ? critical : warning);
  const words = `a transaction ${how} for ${formatDuration(age)} (limit ${formatDuration(limit)})`;
  return { level: age > limit ? level : "ok", words };
}

const SILENT = "database does not answer in time";

/** By SQLSTATE. */
const REFUSALS: Readonly<Record<string, string>> = {
  "53300": "database refuses connections: all are in use",
  "28P01": "database refuses our password",
  "28000": "database does not let us in",
  "3D000": "database does not exist on its server",
  "57P01": "database closed our connection",
  "57P02": "database closed our connection",
  "57P03": "database is starting up or shutting down",
  "57014": SILENT,
};

/** What the driver says without a code. */
const WORDED: readonly (readonly [RegExp, string])[] = [
  [/timeout/i, SILENT],
  [/terminated/i, "database closed our connection"],
  [/does not support SSL/i, "database does not speak TLS"],
  [/SASL|password/i, "database wants a password, and its address has none"],
];

/** Why the database does not serve us, in words that never hold its address; undefined when it may well serve others. */
function refusal(error: unknown): string | undefined {
  if (error instanceof DatabaseError) {
    return REFUSALS[error.code ?? ""] ?? `database answers with an error (SQLSTATE ${error.code ?? "unknown"})`;
  }
  const problem = networkProblem(error);
  if (problem !== undefined) return problem.ours ? undefined : `database does not answer: ${problem.words}`;
  return WORDED.find(([pattern]) => error instanceof Error && pattern.test(error.message))?.[1];
}

/** @throws what it is given, when that is not about the network */
function unseen(error: unknown, database: string): Reading {
  const problem = networkProblem(error);
  if (problem === undefined) throw error;
  return { level: "unknown", summary: problem.words, evidence: { Database: database } };
}
