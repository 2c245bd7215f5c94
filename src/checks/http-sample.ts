import { Agent, request, type Dispatcher } from "undici";
import { formatLatency } from "../domain/measures.ts";
import { pause } from "../wait.ts";
import { connectWithin } from "./connect-within.ts";
import { isDeadline } from "./deadline.ts";
import { networkProblem } from "./network-problem.ts";
import { OutOfReach, type Reach } from "./reach.ts";

/** Asks an address some times, each on a connection of its own, and says what came back. */

export type Question = {
  readonly url: URL;
  readonly method: "GET" | "HEAD";
  readonly headers: Readonly<Record<string, string>>;
  /** ms for one answer, redirects included. */
  readonly timeout: number;
  readonly follow: boolean;
  readonly wantsBody: boolean;
  /** Where it may connect to, redirects included; null is anywhere. */
  readonly reach: Reach | null;
};

export type Answer =
  | { readonly status: number; readonly ms: number; readonly body: string }
  /** `ours` when the fault is on this side and says nothing about the address. */
  | { readonly problem: string; readonly ours: boolean };

const BODY_CAP = 256 * 1024;
const MOST_REDIRECTS = 5;
/** ms between the starts of two requests: a look is no load test, and a balancer's turn-taking shows within a second. */
const PAUSE = 100;

/**
 * What the requests brought that could begin before the deadline.
 * @throws the signal's reason when it is aborted for another cause than its deadline
 */
export async function sample(question: Question, samples: number, signal: AbortSignal): Promise<Answer[]> {
  signal.throwIfAborted();
  // No keep-alive, so that every request meets whatever a new client would meet.
  const { reach, timeout } = question;
  const agent = new Agent({ pipelining: 0, connect: reach === null ? { timeout } : connectWithin(reach, timeout) });
  try {
    const answers = await Promise.all(
      Array.from({ length: samples }, async (_, turn) => {
        if (turn > 0) await pause(turn * PAUSE, signal);
        return isDeadline(signal) ? undefined : ask(question, agent, signal);
      }),
    );
    return answers.filter((answer) => answer !== undefined);
  } finally {
    await agent.destroy();
  }
}

async function ask(question: Question, agent: Agent, signal: AbortSignal): Promise<Answer> {
  const started = performance.now();
  const patience = AbortSignal.any([signal, AbortSignal.timeout(question.timeout)]);
  try {
    const { statusCode, body } = await follow(question, agent, patience);
    const text = await read(body, question.wantsBody);
    return { status: statusCode, ms: performance.now() - started, body: text };
  } catch (error) {
    if (patience.aborted) {
      if (!isDeadline(patience)) throw patience.reason;
      return { problem: `timed out after ${formatLatency(performance.now() - started)}`, ours: false };
    }
    const problem = networkProblem(error);
    if (problem === undefined) throw error;
    return { problem: problem.words, ours: problem.ours };
  }
}

async function follow(question: Question, agent: Agent, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  let { url, headers } = question;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await request(url, {
      dispatcher: agent,
      method: question.method,
      headers: { "user-agent": "Daytwo", "accept-encoding": "identity", ...headers },
      signal,
      reset: true,
    }).catch((error: unknown) => {
      throw redirects > 0 && error instanceof OutOfReach ? new OutOfReach("OUT_OF_REACH_REDIRECT", error) : error;
    });
    const next = question.follow && redirects < MOST_REDIRECTS ? destination(answer, url) : undefined;
    if (next === undefined) return answer;
    await answer.body.dump({ limit: BODY_CAP, signal });
    // Headers may be credentials; they were written for the first origin only.
    if (next.origin !== url.origin) headers = {};
    url = next;
  }
}

function destination({ statusCode, headers }: Dispatcher.ResponseData, from: URL): URL | undefined {
  if (statusCode < 300 || statusCode >= 400 || typeof headers.location !== "string") return undefined;
  const next = URL.parse(headers.location, from.href);
  return next?.protocol === "http:" || next?.protocol === "https:" ? next : undefined;
}

/** The beginning of the body, to its cap; the connection is thrown away with the rest. */
async function read(body: Dispatcher.ResponseData["body"], wanted: boolean): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (wanted) chunks.push(chunk);
    size += chunk.length;
    if (size >= BODY_CAP) break;
  }
  return Buffer.concat(chunks).subarray(0, BODY_CAP).toString("utf8");
}
