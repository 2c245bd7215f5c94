import { StringDecoder } from "node:string_decoder";
import type { Action, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { formatDuration } from "../../domain/measures.ts";
import { outcomeOfSilence, Unanswered } from "../http-json.ts";
import { CANCELLED, type ApplyUse, type Outcome } from "../provider.ts";
import { said, type Answer } from "./answer.ts";
import { converse, hostOf, type Asked } from "./conversation.ts";
import { settings, type Settings } from "./settings.ts";
import { restartMovedFrom } from "./plan.ts";
import { movedFrom, RENEWED_WITHIN } from "./renewal.ts";

/** Hands a plan to the agent, and follows what it does until that ends. */

const RESTARTED_WITHIN = 80_000; // ms; less than the limit of the whole
const STOPS_WITHIN = 20_000; // ms that a task may take to end once a person asked for it
/** Those that run what may be stopped midway. */
const STOPPABLE: ReadonlySet<Action> = new Set(["run", "renew-cert"]);
const BUSY = 5_000; // ms until it is asked again, where the host does not say

export async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const where = settings.parse(target.settings);
  const listening = openListening(use.report);
  try {
    const moved = plan.action === "renew-cert" ? await movedFrom(where, plan, use) : restartMovedFrom(target, plan);
    if (moved !== null) return { kind: "refused", reason: `it changed since the plan was drawn: ${moved}` };
    return outcomeOf(await converse(where, askedFor(where, plan, use.token), use.signal, listening.hears), plan);
  } catch (error) {
    if (error instanceof Unanswered && error.sent && use.signal.reason === CANCELLED && STOPPABLE.has(plan.action))
      return await stopped(where, plan, use.token, listening);
    return outcomeOfSilence(error, hostOf(where));
  } finally {
    listening.end();
  }
}

function askedFor(where: Settings, plan: Plan, token: string): Asked {
  const { action, version, arguments: given } = plan;
  return {
    verb: "apply",
    token,
    version,
    action,
    release: given.release,
    timeout: String(Math.ceil(limitOf(plan) / 1_000)),
    ...programsOf(where, plan),
  };
}

function programsOf({ restart = [], certificate }: Settings, { action, arguments: { command } }: Plan) {
  if (action === "renew-cert") return { words: certificate?.renew ?? [], second: certificate?.reload };
  return { words: command?.argv ?? restart };
}

/** ms after which a program that it runs is stopped. */
function limitOf({ action, arguments: { command } }: Plan): number {
  return command?.timeout ?? (action === "renew-cert" ? RENEWED_WITHIN : RESTARTED_WITHIN);
}

function outcomeOf(answer: Answer, plan: Plan): Outcome {
  const refused = said(answer, "refused");
  if (refused !== undefined) return { kind: "refused", reason: refused };
  if (said(answer, "moved") !== undefined)
    return { kind: "refused", reason: "it changed since the plan was drawn, so nothing was done" };
  const busy = said(answer, "busy");
  if (busy !== undefined)
    return {
      kind: "later",
      after: Number(busy) > 0 ? Number(busy) * 1_000 : BUSY,
      reason: "something else is being done there",
    };
  const ended = said(answer, "ended");
  if (ended === undefined) return { kind: "unknown", reason: "it broke off on the host" };
  if (ended === "0") return { kind: "done", summary: "it was done there and ended well" };
  return { kind: "failed", reason: failure(ended, plan) };
}

const STATUS: Readonly<Record<string, string>> = {
  "126": "what it runs may not be run",
  "127": "what it runs is not there",
  "143": "it was stopped",
  switch: "the link could not be switched, so nothing was restarted",
};

/** Before the status of the second program of two. */
const SECOND = /^then /;

/** How something ended that did not end well, in plain words. */
export function failure(ended: string, plan: Plan): string {
  const status = ended.replace(SECOND, "");
  const what = status === "124" ? `it was stopped after ${formatDuration(limitOf(plan))}` : STATUS[status];
  const words = what ?? `it ended with exit status ${status}`;
  if (SECOND.test(ended)) return `what renews it ended well, and of the reload: ${words}`;
  return plan.action === "rollback" && ended !== "switch"
    ? `${plan.arguments.release} is the current release, and of its restart: ${words}`
    : words;
}

/** Asks for the end of a task, and waits for it. */
async function stopped(where: Settings, plan: Plan, token: string, listening: Listening): Promise<Outcome> {
  const unknown = { kind: "unknown", reason: "it was asked to stop, and how it ended is not known" } as const;
  try {
    const limit = AbortSignal.timeout(STOPS_WITHIN);
    const answer = await converse(where, { verb: "stop", token }, limit, listening.fromTheStart());
    return said(answer, "ended") === undefined ? unknown : outcomeOf(answer, plan);
  } catch {
    return unknown;
  }
}

type Listening = {
  hears(printed: Buffer): void;
  /** The same for a conversation that begins with what was heard already. */
  fromTheStart(): (printed: Buffer) => void;
  /** What is there of a last line. */
  end(): void;
};

const LONGEST_LINE = 8_000; // characters after which a line is told without its end

function openListening(report: (line: string) => void): Listening {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let heard = 0;
  function hears(printed: Buffer): void {
    heard += printed.length;
    const lines = `${rest}${decoder.write(printed)}`.split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) {
      lines.push(rest);
      rest = "";
    }
    lines.forEach(report);
  }
  return {
    hears,
    fromTheStart() {
      let known = heard;
      return (printed) => {
        const skipped = Math.min(known, printed.length);
        known -= skipped;
        if (skipped < printed.length) hears(printed.subarray(skipped));
      };
    },
    end() {
      if (rest !== "") report(rest);
      rest = "";
    },
  };
}
