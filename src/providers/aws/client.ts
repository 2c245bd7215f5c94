import type { ACMClientConfig } from "@aws-sdk/client-acm";
import type { ApplicationAutoScalingClientConfig } from "@aws-sdk/client-application-auto-scaling";
import type { AutoScalingClientConfig } from "@aws-sdk/client-auto-scaling";
import type { ECSClientConfig } from "@aws-sdk/client-ecs";
import type { RDSClientConfig } from "@aws-sdk/client-rds";
import type { STSClientConfig } from "@aws-sdk/client-sts";
import { exchange, type Answer, type Response } from "../http-json.ts";

/**
 * The SDK, as far as it knows AWS better than we do: where its APIs are, how requests are written and signed, what answers
 * mean. What becomes of a request on its way is told apart by ourselves, and nothing is tried again.
 */

type Config = ACMClientConfig &
  ApplicationAutoScalingClientConfig &
  AutoScalingClientConfig &
  ECSClientConfig &
  RDSClientConfig &
  STSClientConfig;
/** One request to one of the APIs. */
export type Work = (config: Config) => Promise<object>;

/** Each is large to load: only for whoever asks it. */
function api<Api>(load: (config: Config) => Promise<Api>) {
  return (asks: (api: Api) => Promise<object>): Work =>
    async (config) =>
      asks(await load(config));
}

export const ecs = api(async (config) => new (await import("@aws-sdk/client-ecs")).ECS(config));
/** Application Auto Scaling, which decides how many tasks a service has. */
export const scaling = api(async (config) => {
  const { ApplicationAutoScaling } = await import("@aws-sdk/client-application-auto-scaling");
  return new ApplicationAutoScaling(config);
});
/** EC2 Auto Scaling, whose groups have instances. */
export const groups = api(async (config) => new (await import("@aws-sdk/client-auto-scaling")).AutoScaling(config));
/** AWS Certificate Manager. */
export const certificates = api(async (config) => new (await import("@aws-sdk/client-acm")).ACM(config));
export const databases = api(async (config) => new (await import("@aws-sdk/client-rds")).RDS(config));
export const sts = api(async (config) => new (await import("@aws-sdk/client-sts")).STS(config));

export type Keys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
};

export type Line = {
  readonly region: string;
  /** Where the APIs are, if not at AWS. */
  readonly endpoint?: string | undefined;
  readonly keys: Keys;
  readonly signal: AbortSignal;
  /** The token of what changes something; AWS compares nothing by it, and keeps it in its own record of calls. */
  readonly operation?: string | undefined;
};

/** One request, asked once: the status, and the output; where it was refused, the code and the message. @throws Unanswered */
export async function answerOf(work: Work, line: Line): Promise<Answer> {
  const heard: { answer?: Response } = {};
  const requestHandler = handlerOf(async (request) => {
    heard.answer = await exchange(requestOf(request, line), line.signal);
    return heard.answer;
  });
  const { region, endpoint, keys: credentials } = line;
  const config = {
    region,
    credentials,
    requestHandler,
    maxAttempts: 1,
    retryMode: "standard",
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  try {
    const body = await work(config);
    if (heard.answer === undefined) throw new Error("the SDK answered without asking");
    return { ...heard.answer, body };
  } catch (error) {
    if (heard.answer === undefined || !(error instanceof Error)) throw error;
    // An answer that the SDK does not understand, good or bad, is one that cannot be read.
    return { ...heard.answer, body: "$fault" in error ? { code: error.name, message: error.message } : undefined };
  }
}

/** A request as the SDK has written and signed it. */
type Signed = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

function requestOf({ protocol, hostname, port, path, method, headers, body }: Signed, { operation }: Line) {
  const at = port === undefined ? hostname : `${hostname}:${port}`;
  return {
    method,
    url: new URL(`${protocol}//${at}${path}`),
    headers: { ...headers, "user-agent": operation === undefined ? "daytwo" : `daytwo (${operation})` },
    body: body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body),
    // Every request of these APIs is a POST; one that only looks may take a connection that was kept.
    connection: operation === undefined ? { agent: undefined } : {},
  };
}

/** What the SDK sends its requests by. */
function handlerOf(asked: (request: Signed) => Promise<Response>) {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: Signed) {
      const { status: statusCode, headers, body } = await asked(request);
      const texts = Object.entries(headers).filter((each): each is [string, string] => typeof each[1] === "string");
      return { response: { statusCode, headers: Object.fromEntries(texts), body: Buffer.from(body) } };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}
