import { WebClient } from "@slack/web-api";
import type { Log } from "./log.ts";
import { withoutIt } from "./slack-lacking.ts";
import type { SlackOutcome, Counters } from "./telemetry/counters.ts";
import { note, traced } from "./telemetry/trace.ts";
import { SILENT_LOGGER } from "./silent-logger.ts";

/**
 * The only caller of Slack's Web API. Each call is tried once: a message sent twice is two messages, so what to do after
 * a failure is decided by whoever knows what was sent.
 */

/** Slack answered and said no. `error` is Slack's own word, e.g. `channel_not_found`. */
export class SlackRefused extends Error {
  override readonly name = "SlackRefused";
  readonly error: string;
  readonly details: readonly string[];

  constructor(method: string, error: string, details: readonly string[], options: ErrorOptions) {
    super(`Slack refused ${method}: ${[error, ...details].join("; ")}`, options);
    this.error = error;
    this.details = details;
  }
}

/** Slack asked us to wait. `retryAfter` in ms. */
export class SlackLimited extends Error {
  override readonly name = "SlackLimited";
  readonly method: string;
  readonly retryAfter: number;

  constructor(method: string, retryAfter: number) {
    super(`Slack limits ${method} for ${retryAfter} ms`);
    this.method = method;
    this.retryAfter = retryAfter;
  }
}

/** No answer, or none that can be understood: Slack may or may not have done it. */
export class SlackSilent extends Error {
  override readonly name = "SlackSilent";
}

/** Whether the server has no such method. It may have one after its next release, so it is asked all the same. */
export function isLacking(error: unknown): boolean {
  return error instanceof SlackRefused && error.error === UNKNOWN;
}

export type Answer = Readonly<Record<string, unknown>>;

/** How Slack last treated our calls. */
export type Standing = {
  /** When it last did what we asked; null: not yet. */
  readonly acceptedAt: Date | null;
  /** Slack's word for why it does not take our token; null: nothing is known against it. */
  readonly refused: string | null;
  /** Methods that the server does not have. */
  readonly lacking: ReadonlySet<string>;
};

export type SlackClient = {
  /** @throws SlackRefused | SlackLimited | SlackSilent */
  call(method: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Uploads a file that nobody sees until `files.completeUploadExternal` shares it; its id. @throws SlackRefused | SlackLimited | SlackSilent */
  uploadUnseen(file: { readonly name: string; readonly bytes: Buffer; readonly alt?: string }): Promise<string>;
  /** Uploads a picture that messages can show; its file id. @throws SlackRefused | SlackLimited | SlackSilent */
  upload(picture: { readonly name: string; readonly bytes: Buffer; readonly alt: string }): Promise<string>;
  standing(): Standing;
};

export type SlackClientOptions = {
  readonly token: string;
  readonly apiUrl?: string | undefined;
  readonly timeout?: number;
  /** Where calls are counted. */
  readonly counters?: Counters;
  /** Where it is said, once for each method, that the server does not have it. */
  readonly log?: Log;
  readonly now?: () => Date;
};

export function openSlackClient(options: SlackClientOptions): SlackClient {
  const web = new WebClient(options.token, {
    ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: options.timeout ?? TIMEOUT,
    logger: SILENT_LOGGER,
  });
  const standing = openStanding(options);
  async function ask(method: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
    try {
      const answer = { ...(await web.apiCall(method, { ...args })) };
      options.counters?.called(method, "ok");
      standing.did(method);
      return answer;
    } catch (cause) {
      const error = translated(method, cause);
      options.counters?.called(method, outcomeOf(error));
      standing.failed(method, error);
      if (error instanceof SlackLimited) note({ "slack.retry_after_ms": error.retryAfter });
      throw error;
    }
  }
  function call(method: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
    const channel = typeof args["channel"] === "string" ? args["channel"] : null;
    const facts = { "slack.method": method, "slack.channel": channel };
    return traced(`Slack ${method}`, facts, () => ask(method, args), { kind: "client" });
  }
  async function uploadUnseen({ name, bytes, alt }: Parameters<SlackClient["uploadUnseen"]>[0]): Promise<string> {
    const { upload_url, file_id } = await call("files.getUploadURLExternal", {
      filename: name,
      length: bytes.length,
      ...(alt === undefined ? {} : { alt_txt: alt }),
    });
    await send(String(upload_url), bytes, options.timeout ?? TIMEOUT);
    return String(file_id);
  }
  return {
    call,
    standing: standing.now,
    uploadUnseen,
    async upload(picture) {
      const id = await uploadUnseen(picture);
      await call("files.completeUploadExternal", { files: [{ id, title: picture.alt }] });
      return id;
    },
  };
}

const TIMEOUT = 10_000; // ms that one call may take

/** Slack's words for a token that is worth nothing any more, whatever is asked with it. */
const TOKEN_REFUSED = new Set([
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "org_login_required",
]);

type Keeping = { now(): Standing; did(method: string): void; failed(method: string, error: Error): void };

function openStanding({ log, now = () => new Date() }: SlackClientOptions): Keeping {
  let acceptedAt: Date | null = null;
  let refused: string | null = null;
  const lacking = new Set<string>();
  return {
    now: () => ({ acceptedAt, refused, lacking }),
    did(method) {
      acceptedAt = now();
      if (refused !== null) log?.warn({ was: refused }, "slack takes the token again");
      refused = null;
      if (lacking.delete(method)) log?.info({ method }, "the server has this method of Slack's now");
    },
    failed(method, error) {
      if (error instanceof SlackRefused && TOKEN_REFUSED.has(error.error)) {
        if (refused === null) log?.error({ method, why: error.error }, "slack refuses the token: nothing is delivered");
        refused = error.error;
      }
      if (!isLacking(error) || lacking.has(method)) return;
      lacking.add(method);
      log?.error({ method, without: withoutIt(method), why: error.message }, "the server lacks a method of Slack's");
    },
  };
}

/** The address is good for this one file and carries its own authority: our token does not go there. */
async function send(address: string, bytes: Buffer, timeout: number): Promise<void> {
  const response = await fetch(address, {
    method: "POST",
    body: new Uint8Array(bytes),
    signal: AbortSignal.timeout(timeout),
  }).catch((cause: unknown) => {
    throw new SlackSilent("Slack gave no answer to an upload", { cause });
  });
  await response.body?.cancel();
  if (!response.ok) throw new SlackSilent(`Slack answered ${response.status} to an upload`);
}

function outcomeOf(error: Error): SlackOutcome {
  if (error instanceof SlackRefused) return "refused";
  return error instanceof SlackLimited ? "limited" : "silent";
}

/** What Slack's own client library throws, as an error of ours. */
export function translated(method: string, error: unknown): Error {
  const silent = new SlackSilent(`Slack gave no answer to ${method}`, { cause: error });
  if (!(error instanceof Error)) return silent;
  if (error.message.startsWith(NO_RETRY_AFTER)) return new SlackLimited(method, UNSAID);
  if (!("code" in error)) return silent;
  if (error.code === "slack_webapi_rate_limited_error" && "retryAfter" in error)
    return new SlackLimited(method, waitOf(Number(error.retryAfter)));
  if (error.code === "slack_webapi_platform_error" && "data" in error)
    return byWord(method, refused(method, error.data, error)) ?? silent;
  if (error.code === "slack_webapi_http_error" && "statusCode" in error && "body" in error)
    return byWord(method, refusedByStatus(method, Number(error.statusCode), error.body, error)) ?? silent;
  return silent;
}

const WAIT = { shortest: 1_000, longest: 600_000 }; // ms

/** Slack asks for minutes at most. Whoever asks for years is not waited for so long, and for less than nothing not asked at once. */
function waitOf(seconds: number): number {
  return Math.min(Math.max(seconds * 1000, WAIT.shortest), WAIT.longest);
}

/** How the client says that a 429 came without the time to wait, and what we wait then, in ms. */
const NO_RETRY_AFTER = "Retry header did not contain a valid timeout";
const UNSAID = 10_000;
/** Slack's words for a call that it may have carried out all the same, and for one that came too soon. */
const PERHAPS_DONE = new Set(["internal_error", "fatal_error"]);
const TOO_SOON = new Set(["ratelimited", "rate_limited"]);

/** Some refusals mean that the call may have been carried out, or came too soon. */
function byWord(method: string, said: SlackRefused | null): Error | null {
  if (said !== null && PERHAPS_DONE.has(said.error))
    return new SlackSilent(`Slack may have done ${method}, or not (${said.error})`, { cause: said });
  return said !== null && TOO_SOON.has(said.error) ? new SlackLimited(method, UNSAID) : said;
}

const UNKNOWN = "unknown_method";
/** How servers other than Slack's say the same. */
const LACKING = new Set([UNKNOWN, "method_not_found", "method_not_supported", "not_implemented", "method_deprecated"]);
const NO_SUCH_THING = new Set([404, 405, 501]);

/** Slack answers 200 whatever it says; other servers say it by the status too. After another 5xx it may be done. */
function refusedByStatus(method: string, status: number, body: unknown, cause: Error): SlackRefused | null {
  const said = status < 500 ? refused(method, body, cause) : null;
  if (said !== null || !NO_SUCH_THING.has(status)) return said;
  return new SlackRefused(method, UNKNOWN, [`status ${status}`], { cause });
}

/** Null where it holds no error of a Web API: a web page, nothing, or something else. */
function refused(method: string, data: unknown, cause: Error): SlackRefused | null {
  if (typeof data !== "object" || data === null || !("error" in data)) return null;
  const { error } = data;
  if (typeof error !== "string" || !/^[\w.: -]{1,100}$/.test(error)) return null;
  return new SlackRefused(method, LACKING.has(error) ? UNKNOWN : error, detailsOf(data), { cause });
}

function detailsOf(data: object): readonly string[] {
  const metadata = "response_metadata" in data ? data.response_metadata : null;
  const messages = typeof metadata === "object" && metadata !== null && "messages" in metadata ? metadata.messages : [];
  const needed = "needed" in data && typeof data.needed === "string" ? [`needs the scope ${data.needed}`] : [];
  return [...needed, ...(Array.isArray(messages) ? messages.map(String) : [])];
}
