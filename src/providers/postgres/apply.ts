import { setTimeout as pause } from "node:timers/promises";
import type { Ask } from "../../checks/postgres-survey.ts";
import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { formatDuration } from "../../domain/measures.ts";
import { Expected, Invalid } from "../../errors.ts";
import { connected, problemOf, settings, stateOf, type Settings } from "./connect.ts";
import { ending, leftOf, limits, nameOf, type Subject } from "./sessions.ts";
import type { ApplyUse, Outcome } from "../provider.ts";

/** Ends what a plan says, or asks what a task asks. */

export async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  let asked = false;
  const act = plan.action === "run" ? read : end;
  try {
    const where = settings.parse(target.settings);
    return await connected(target, nameOf(use.token), use.signal, async ({ ask }) => {
      asked = true;
      return act(ask, plan, where, use);
    });
  } catch (error) {
    if (asked && plan.action === "run") return unread(error, plan);
    return outcomeOf(error, asked);
  }
}

function outcomeOf(error: unknown, asked: boolean): Outcome {
  if (error instanceof Expected) return { kind: "refused", reason: error.sentences };
  const { kind, words } = problemOf(error);
  const reason = `the ${words}`;
  if (kind === "busy") return { kind: "later", after: BUSY, reason };
  return asked && kind === "silence"
    ? { kind: "unknown", reason }
    : { kind: "refused", reason: `${reason}, so nothing was done` };
}

const BUSY = 5_000; // ms until it is asked again
const ENDS_WITHIN = 5_000; // ms that a session has to end once it was told to
const GLANCE = 50; // ms between two looks whether it has

/** "session 12345" */
export function named({ session, statement }: Subject): string {
  return statement ? `what session ${session} ran` : `session ${session}`;
}

export function subjectOf({ session = "", mark = "", statement }: Arguments): Subject {
  return { session, mark, statement: statement === true };
}

async function end(ask: Ask, plan: Plan, where: Settings, { signal }: ApplyUse): Promise<Outcome> {
  const subject = subjectOf(plan.arguments);
  const what = named(subject);
  const [answer] = await ask<{ told: boolean }>(ending(subject, plan.version, where));
  if (answer?.told !== true)
    return (await leftOf(ask, subject, where)) === null
      ? { kind: "done", summary: `${what} had ended already` }
      : { kind: "refused", reason: "it changed since the plan was drawn, so nothing was done" };
  try {
    const isGone = await goes(ask, subject, where, signal);
    if (isGone) return { kind: "done", summary: `${what} has ended` };
    const words = `${what} was told to end and is still there after ${formatDuration(ENDS_WITHIN)}; it may end later`;
    return { kind: "failed", reason: words };
  } catch {
    return { kind: "unknown", reason: `${what} was told to end, and then the connection was lost` };
  }
}

/** Whether it is gone in time. Whoever comes second waits for our lock meanwhile, and then finds it gone. */
async function goes(ask: Ask, subject: Subject, where: Settings, signal: AbortSignal): Promise<boolean> {
  const until = AbortSignal.timeout(ENDS_WITHIN);
  while ((await leftOf(ask, subject, where)) !== null) {
    if (until.aborted) return false;
    await pause(GLANCE, undefined, { signal });
  }
  return true;
}

// The server ends what nobody waits for any more; on Windows it cannot see that.
const LEFT_ALONE =
  "select set_config('client_connection_check_interval', '1000', true) where version() !~ 'Visual C|mingw'";
const MOST_ROWS = 200;
const LONGEST_ROW = 2_000; // characters; the server cuts it, so that nothing larger ever comes

/** One row is one line, as JSON, which has no line ends and nothing that cannot be seen. */
async function read(ask: Ask, { arguments: { command } }: Plan, _where: Settings, use: ApplyUse): Promise<Outcome> {
  if (command === undefined) throw new Invalid("Which task?");
  const [query = "", ...values] = command.argv;
  await ask(`begin transaction read only; ${limits(command.timeout)}; ${LEFT_ALONE}`);
  const rows = await ask<{ line: string }>(
    `select left(row_to_json(answer)::text, ${LONGEST_ROW + 1}) as line from (\n${query}\n) as answer limit ${MOST_ROWS + 1}`,
    values,
  );
  await ask("rollback");
  for (const { line } of rows.slice(0, MOST_ROWS))
    use.report(line.length > LONGEST_ROW ? `${line.slice(0, LONGEST_ROW)}…` : line);
  const count = rows.length > MOST_ROWS ? `the first ${MOST_ROWS} rows, and there are more` : counted(rows.length);
  use.report(count);
  return { kind: "done", summary: count };
}

function counted(rows: number): string {
  return rows === 1 ? "1 row" : `${rows} rows`;
}

/** It only reads: however it ended, nothing was changed, and who wants the answer asks again. */
function unread(error: unknown, { arguments: { command } }: Plan): Outcome {
  const known = UNREAD[stateOf(error)];
  if (known !== undefined) return { kind: "failed", reason: known };
  if (stateOf(error) === "57014")
    return {
      kind: "failed",
      reason: `it was stopped after ${formatDuration(command?.timeout ?? 0)}; nothing was changed`,
    };
  return { kind: "failed", reason: `${wordsOf(error)}; nothing was changed` };
}

const UNREAD: Readonly<Record<string, string>> = {
  "25006": "it would write, which its transaction may not; nothing was changed",
  "55P03": "it waited for a lock that somebody else has; nothing was changed",
};

const LONGEST_WORDS = 300;

/** What the server says of a query of the catalog is said as it is. */
function wordsOf(error: unknown): string {
  const isAnswer = /^(0A|2\d|4[24])/.test(stateOf(error)) && error instanceof Error;
  return isAnswer ? `the database says: ${error.message.slice(0, LONGEST_WORDS)}` : `the ${problemOf(error).words}`;
}
