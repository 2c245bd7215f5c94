import { DatabaseError } from "pg";
import { networkProblem } from "./network-problem.ts";

/** Why a database does not serve us, in words that never hold its address. */

export const SILENT = "database does not answer in time";
export const FULL = "database refuses connections: all are in use";

/** By SQLSTATE. */
const REFUSALS: Readonly<Record<string, string>> = {
  "53300": FULL,
  "08004": FULL,
  "28P01": "database refuses our password",
  "28000": "database does not let us in",
  "3D000": "database does not exist on its server",
  "57P01": "database closed our connection",
  "57P02": "database closed our connection",
  "57P03": "database is starting up or shutting down",
  "57014": SILENT,
};

/** Poolers say the same under codes that mean other things as well: PgBouncer, Supavisor, Pgpool. */
const FULL_IN_WORDS =
  /no more connections allowed|query_wait_timeout|too many (clients|connections)|max ?clients (reached|in)|max client connections|remaining connection slots/i;

/** What the driver says without a code. */
const WORDED: readonly (readonly [RegExp, string])[] = [
  [/timeout/i, SILENT],
  [/terminated/i, "database closed our connection"],
  [/does not support SSL/i, "database does not speak TLS"],
  [/SASL|password/i, "database wants a password, and its address has none"],
];

/** Undefined when it may well serve others. */
export function refusal(error: unknown): string | undefined {
  if (error instanceof DatabaseError) {
    if (FULL_IN_WORDS.test(error.message)) return FULL;
    return REFUSALS[error.code ?? ""] ?? `database answers with an error (SQLSTATE ${error.code ?? "unknown"})`;
  }
  const problem = networkProblem(error);
  if (problem !== undefined) return problem.ours ? undefined : `database does not answer: ${problem.words}`;
  return WORDED.find(([pattern]) => error instanceof Error && pattern.test(error.message))?.[1];
}
