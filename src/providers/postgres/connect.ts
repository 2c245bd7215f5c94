import { z } from "zod";
import { networkProblem } from "../../checks/network-problem.ts";
import { FULL, refusal } from "../../checks/postgres-refusal.ts";
import { prepareSession } from "../../checks/postgres-session.ts";
import type { Ask } from "../../checks/postgres-survey.ts";
import type { Target } from "../../domain/catalog.ts";
import { durationText } from "../../domain/measures.ts";
import { Expected, Invalid, Unavailable } from "../../errors.ts";
import { readSecret } from "../../secret.ts";
import { reference } from "../../domain/secret-reference.ts";

/** One connection to the database of a target for each look and each deed, and what its errors mean. */

export const settings = z.strictObject({
  url: reference.describe("Where postgres://role:password@host/database is."),
  long_transaction: durationText
    .default("1m")
    .describe("From when on an open transaction counts: a plan holds while those that do are the same."),
  superuser: z.literal(true).optional().describe("Whether the role may be a superuser; best left out."),
});
export type Settings = z.infer<typeof settings>;

export type Database = {
  readonly ask: Ask;
  /** Host, port and name. */
  readonly address: string;
};

const PATIENCE = 10_000; // ms for connecting; answers have the server's limits, and the signal

/** @param as how the session names itself; whoever looks into the server sees it. @throws Expected | whatever the driver does */
export async function connected<Result>(
  target: Target,
  as: string,
  signal: AbortSignal,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const { url, superuser = false } = settings.parse(target.settings);
  const opening = prepareSession((await readSecret(url)).trim(), { as, connects: PATIENCE });
  try {
    signal.throwIfAborted();
    signal.addEventListener("abort", opening.cut, { once: true });
    await opening.connect();
    if (!superuser) await refuseSuperuser(opening.session.ask);
    return await work({ ask: opening.session.ask, address: opening.database });
  } finally {
    signal.removeEventListener("abort", opening.cut);
    await opening.session.close();
  }
}

/** @throws Invalid */
async function refuseSuperuser(ask: Ask): Promise<void> {
  const [role] = await ask<{ role: string; superuser: string }>(
    "select current_user as role, current_setting('is_superuser') as superuser",
  );
  if (role?.superuser !== "off")
    throw new Invalid(`Daytwo would be a superuser there, as ${role?.role ?? "nobody"}, who may do anything.`, {
      hint: "Make it a role of its own: docs/providers/postgres.md has the lines.",
    });
}

/** What an error of the database or of the way there says. */
export type Problem = {
  /**
   * - `refusal`: an answer that proves that nothing was done
   * - `busy`: the same, and worth another try
   * - `silence`: anything else
   */
  readonly kind: "refusal" | "busy" | "silence";
  readonly words: string;
};

/** By SQLSTATE, or its class. Nothing that a server says once it has begun something is among them. */
const KINDS: Readonly<Record<string, Problem["kind"]>> = {
  "08004": "busy",
  "53300": "busy",
  "55P03": "busy",
  "57P03": "busy",
  "0A": "refusal",
  "22": "refusal",
  "25": "refusal",
  "28": "refusal",
  "3D": "refusal",
  "42": "refusal",
};
const WORDS: Readonly<Record<string, string>> = {
  "42501": "database does not let our role do that",
  "55P03": "database is being worked on by another operation",
};

export function problemOf(error: unknown): Problem {
  const code = stateOf(error);
  const said = WORDS[code] ?? refusal(error) ?? `database does not answer${why(error)}`;
  const kind = said === FULL ? "busy" : (KINDS[code] ?? KINDS[code.slice(0, 2)] ?? "silence");
  return { kind, words: said };
}

/** The SQLSTATE of a server's answer; "" where it is none. */
export function stateOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function why(error: unknown): string {
  const problem = networkProblem(error);
  return problem === undefined ? "" : `: ${problem.words}`;
}

/** The error of a look. */
export function complaint(error: unknown): Expected {
  if (error instanceof Expected) return error;
  const { kind, words } = problemOf(error);
  const message = `The ${words}.`;
  return kind === "refusal"
    ? new Invalid(message, { cause: error, hint: "docs/providers/postgres.md has the role that it takes." })
    : new Unavailable(message, { cause: error });
}
