import { WebClient } from "@slack/web-api";
import { note, traced } from "./trace.ts";

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
  readonly retryAfter: number;

  constructor(method: string, retryAfter: number) {
    super(`Slack limits ${method} for ${retryAfter} ms`);
    this.retryAfter = retryAfter;
  }
}

/** No answer, or none that can be understood: Slack may or may not have done it. */
export class SlackSilent extends Error {
  override readonly name = "SlackSilent";
}

export type Answer = Readonly<Record<string, unknown>>;

export type SlackClient = {
  /** @throws SlackRefused | SlackLimited | SlackSilent */
  call(method: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Uploads a picture that messages can show; its file id. @throws SlackRefused | SlackLimited | SlackSilent */
  upload(picture: { readonly name: string; readonly bytes: Buffer; readonly alt: string }): Promise<string>;
};

export function openSlackClient(options: {
  token: string;
  apiUrl?: string | undefined;
  timeout?: number;
}): SlackClient {
  const web = new WebClient(options.token, {
    ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: options.timeout ?? TIMEOUT,
    logger: SILENT,
  });
  async function ask(method: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
    try {
      return { ...(await web.apiCall(method, { ...args })) };
    } catch (cause) {
      const error = translated(method, cause);
      if (error instanceof SlackLimited) note({ "slack.retry_after_ms": error.retryAfter });
      throw error;
    }
  }
  function call(method: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
    const channel = typeof args["channel"] === "string" ? args["channel"] : null;
    const facts = { "slack.method": method, "slack.channel": channel };
    return traced(`Slack ${method}`, facts, () => ask(method, args), { kind: "client" });
  }
  return {
    call,
    async upload({ name, bytes, alt }) {
      const { upload_url, file_id } = await call("files.getUploadURLExternal", {
        filename: name,
        length: bytes.length,
        alt_txt: alt,
      });
      await send(String(upload_url), bytes, options.timeout ?? TIMEOUT);
      await call("files.completeUploadExternal", { files: [{ id: file_id, title: alt }] });
      return String(file_id);
    },
  };
}

const TIMEOUT = 10_000; // ms that one call may take

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

function translated(method: string, error: unknown): Error {
  if (!(error instanceof Error)) return new SlackSilent(`Slack gave no answer to ${method}`, { cause: error });
  const code = "code" in error ? error.code : undefined;
  if (code === "slack_webapi_platform_error" && "data" in error) return refused(method, error.data as Answer, error);
  if (code === "slack_webapi_rate_limited_error" && "retryAfter" in error)
    return new SlackLimited(method, Number(error.retryAfter) * 1000);
  return new SlackSilent(`Slack gave no answer to ${method}`, { cause: error });
}

function refused(method: string, data: Answer, cause: Error): SlackRefused {
  const metadata = data["response_metadata"];
  const messages = typeof metadata === "object" && metadata !== null && "messages" in metadata ? metadata.messages : [];
  const needed = typeof data["needed"] === "string" ? [`needs the scope ${data["needed"]}`] : [];
  return new SlackRefused(
    method,
    String(data["error"]),
    [...needed, ...(Array.isArray(messages) ? messages.map(String) : [])],
    { cause },
  );
}

// The client would print tokens' prefixes and whole responses at debug level; what matters is thrown.
const SILENT = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => "error" as never,
  setName() {},
};
