import http, { type AgentOptions, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import https, { type RequestOptions } from "node:https";
import type { z } from "zod";
import { networkProblem } from "../checks/network-problem.ts";
import { Expected, Invalid, Unavailable } from "../errors.ts";
import type { Outcome } from "./provider.ts";

/**
 * HTTP APIs that speak JSON, asked once each time: no answer is asked for again and no redirect is followed. What became of a
 * change is told apart as far as can be known; the same for every provider that acts through such an API.
 */

export type Asked = {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, under the content type that the headers name. */
  readonly body?: unknown;
  /** Certificates, proxies and the like. */
  readonly connection?: Pick<RequestOptions, "agent" | "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;
};
/** `body` is undefined where it is no JSON, and null where the status says that none need come. */
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: unknown };

/** The same as it goes over the wire. */
export type Request = Omit<Asked, "body"> & { readonly body?: string | undefined };
export type Response = Omit<Answer, "body"> & { readonly body: string };

/** No answer came. `sent` is whether a byte of the request may have left. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
  readonly sent: boolean;

  constructor(sent: boolean, cause: unknown) {
    super(sent ? "no answer came" : "no connection came about", { cause });
    this.sent = sent;
  }
}

/** A path of an API whose address may end in a path itself, as behind a proxy. */
export function urlAt(api: string, path: string): URL {
  return new URL(`${api.replace(/\/+$/, "")}${path}`);
}

const PATIENCE = 10_000; // ms that one answer may take
const LONGEST = 32 * 2 ** 20; // bytes of an answer
const BODILESS = [202, 204]; // accepted, or done, with nothing to say about it

/** @throws Unanswered */
export async function ask({ headers, body, ...asked }: Asked, signal: AbortSignal): Promise<Answer> {
  const sending = body === undefined ? undefined : JSON.stringify(body);
  const types = {
    accept: "application/json",
    ...(sending === undefined ? {} : { "content-type": "application/json" }),
  };
  return answerOf(await exchange({ ...asked, headers: { ...types, ...headers }, body: sending }, signal));
}

export function answerOf(response: Response): Answer {
  const isNone = response.body === "" && BODILESS.includes(response.status);
  return { ...response, body: isNone ? null : parsed(response.body) };
}

/** One request as it is, and its answer. @throws Unanswered */
export function exchange(request: Request, signal: AbortSignal): Promise<Response> {
  return send(request, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]), whole);
}

/** One request as it is, and what is read of its answer, for however long that takes. @throws Unanswered */
export function send<Result>(
  asked: Request,
  signal: AbortSignal,
  reading: (response: IncomingMessage) => Promise<Result>,
): Promise<Result> {
  const { method, url, headers = {}, body, connection = {} } = asked;
  const isSecure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    let sent = false;
    function fail(cause: unknown): void {
      reject(new Unanswered(sent, cause));
    }
    const by = isSecure ? https : http;
    const alone = new by.Agent({ ...wayOf(by), keepAlive: false });
    const request = by.request(url, {
      // A change gets a connection of its own: one that was kept may have been closed over there, and nobody could tell.
      ...(method === "GET" ? {} : { agent: alone }),
      ...connection,
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) },
      signal,
    });
    request.on("socket", (socket) => {
      // One that is there already takes the first byte at once.
      if (!socket.connecting) sent = true;
      else socket.once(isSecure ? "secureConnect" : "connect", () => void (sent = true));
    });
    let isAnswered = false;
    request.on("error", (cause) => {
      const isStale = request.reusedSocket && !isAnswered && !signal.aborted;
      if (isStale) resolve(send({ ...asked, connection: { ...connection, agent: alone } }, signal, reading));
      else fail(cause);
    });
    request.on("response", (response) => {
      isAnswered = true;
      void reading(response).then(resolve, fail);
    });
    request.end(body);
  });
}

/** How all requests go, through a proxy where NODE_USE_ENV_PROXY says so. Node's types leave it out. */
function wayOf({ globalAgent }: { readonly globalAgent: object }): AgentOptions {
  return "options" in globalAgent ? (globalAgent.options as AgentOptions) : {};
}

/** `longest` is how many bytes of it are read. */
export async function whole(response: IncomingMessage, longest = LONGEST): Promise<Response> {
  return { status: response.statusCode ?? 0, headers: response.headers, body: await read(response, longest) };
}

async function read(response: IncomingMessage, longest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longest) throw new Error("the answer is longer than anything that is meant");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined where it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Who is asked, as sentences call it, and where its answers mean something else than HTTP says. */
export type System = {
  /** "the supervisor" */
  readonly name: string;
  /** Statuses that prove that nothing was changed, beside those that always do. */
  readonly proofs?: readonly number[];
  /** Statuses by which it asks to be asked again later, beside 429; surely nothing was changed. */
  readonly throttles?: readonly number[];
  /** Whether an answer without such a status asks for the same. */
  isBusy?(body: unknown): boolean;
  /** Its own words for what is wrong, where its answer has some that are fit to be shown. */
  says?(body: unknown): string | undefined;
};

/** Answers that prove that nothing was changed, and what they mean where the system says nothing. */
const PROOFS: ReadonlyMap<number, string> = new Map([
  [400, "does not understand the request"],
  [401, "does not accept the credentials"],
  [403, "does not allow this with the credentials that it got"],
  [404, "does not know what is asked for"],
  [405, "has no such request"],
  [409, "says that it changed meanwhile"],
  [410, "says that it is gone"],
  [412, "says that it changed meanwhile"],
  [413, "says that the request is too large"],
  [415, "does not understand the request"],
  [422, "does not take this"],
  [501, "has no such request"],
]);

/**
 * What an answer says about a change that was asked for; null where it says that it was made. What nobody thought of is
 * `unknown`: whoever answered may have acted first.
 */
export function outcomeOf(
  { status, headers, body }: Answer,
  system: System,
): Extract<Outcome, { kind: "refused" | "later" | "unknown" }> | null {
  const answered = `${system.name} answered ${status}`;
  if (status >= 200 && status < 300)
    return body === undefined ? { kind: "unknown", reason: `${system.name} gave an answer that cannot be read` } : null;
  const said = system.says?.(body);
  if (isBusy({ status, body }, system))
    return { kind: "later", after: retryAfter(headers), reason: said ?? `${system.name} is busy` };
  const proof = PROOFS.get(status);
  if (proof !== undefined) return { kind: "refused", reason: said ?? `${system.name} ${proof}` };
  if (system.proofs?.includes(status) === true) return { kind: "refused", reason: said ?? answered };
  return { kind: "unknown", reason: answered };
}

/** What became of a change whose answer did not come. @throws whatever is no fault of the way there */
export function outcomeOfSilence(error: unknown, { name }: System): Outcome {
  // A credential that could not be read, an address that is none: nothing was sent.
  if (error instanceof Expected) return { kind: "refused", reason: error.message };
  if (!(error instanceof Unanswered)) throw error;
  if (error.sent) return { kind: "unknown", reason: `${name} did not answer` };
  return { kind: "refused", reason: `${name} could not be reached${why(error)}, so nothing was sent` };
}

function isBusy({ status, body }: Omit<Answer, "headers">, { throttles = [], ...system }: System): boolean {
  if (status === 429 || throttles.includes(status)) return true;
  return PROOFS.has(status) && system.isBusy?.(body) === true;
}

/** The error of a look that got this answer; null where it is a good one. */
export function complaintOf({ status, body }: Answer, system: System): Expected | null {
  if (status >= 200 && status < 300)
    return body === undefined ? new Unavailable(`${start(system)} gave an answer that cannot be read.`) : null;
  const said = system.says?.(body);
  const proof = status === 409 || status === 410 ? undefined : PROOFS.get(status);
  const words = said === undefined ? "" : ` ${sentence(said)}`;
  if (isBusy({ status, body }, system)) return new Unavailable(`${start(system)} is busy.${words}`);
  if (proof === undefined) return new Unavailable(`${start(system)} answered ${status}.${words}`);
  return new Invalid(sentence(said ?? `${start(system)} ${proof}`));
}

/** The error of a look that got none. @throws whatever is no fault of the way there */
export function complaintOfSilence(error: unknown, system: System): Expected {
  if (error instanceof Expected) return error;
  if (!(error instanceof Unanswered)) throw error;
  return new Unavailable(`${start(system)} does not answer${why(error)}.`, { cause: error });
}

/** The good answer of a look. @throws Unavailable | Invalid where none came, or it says what is wrong */
export async function goodAnswer(asking: Promise<Answer>, system: System): Promise<Answer> {
  const answer = await asking.catch((error: unknown) => {
    throw complaintOfSilence(error, system);
  });
  const complaint = complaintOf(answer, system);
  if (complaint !== null) throw complaint;
  return answer;
}

/** What a body says, in the shape that we know. @throws Unavailable where it has another one */
export function bodyAs<Shape extends z.ZodType>(shape: Shape, body: unknown, system: System): z.infer<Shape> {
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  const whose = `${start(system)}${system.name.endsWith("S") ? "'" : "'s"}`;
  throw new Unavailable(`${whose} answer has a shape that I do not know.`, { cause: read.error });
}

/** ": connection refused" */
function why(error: Unanswered): string {
  const problem = networkProblem(error.cause);
  return problem === undefined ? "" : `: ${problem.words}`;
}

function start({ name }: System): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

const BUSY = 5_000; // ms until it is asked again, where it does not say
const LONG = 10 * 60_000;

/** ms, of a `Retry-After` in seconds or as a date. */
function retryAfter({ "retry-after": said = "" }: IncomingHttpHeaders): number {
  const ms = /^\d+$/.test(said) ? Number(said) * 1_000 : Date.parse(said) - new Date().getTime();
  return ms > 0 ? Math.min(ms, LONG) : BUSY;
}
