import type { IncomingMessage, ServerResponse } from "node:http";
import type { App } from "../src/app.ts";
import { openAlertIntake, type AlertIntake } from "../src/alerts/intake.ts";
import type { Alert } from "../src/domain/alert.ts";
import type { AlertSource, Heartbeat } from "../src/domain/alert-source.ts";
import { Denied, Expected, Invalid } from "../src/errors.ts";
import { takeBeat } from "../src/alerts/heartbeats.ts";
import { readEnvelope } from "../src/alert-formats/cloudwatch.ts";
import { FORMATS } from "../src/alert-formats/index.ts";
import type { Sns } from "../src/alerts/sns.ts";
import type { AlertsOutcome } from "../src/telemetry/counters.ts";
import { openBodies, type Bodies } from "./body.ts";
import { isProven, userOf, type Proof } from "./credentials.ts";
import { isObject } from "../src/domain/json-object.ts";

/** `/alerts/<source>`, `/api/v2/alerts` and `/heartbeats/<name>`: what comes in from outside Slack. */

export type AlertEntrance = {
  /** Answers a request to one of these paths; false when it is another. */
  take(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  close(): Promise<void>;
};

const BODY_LIMIT = 2 * 1024 * 1024; // bytes
const WORDS_LIMIT = 16 * 1024; // bytes that a heartbeat may say
/** It ran, or failed, however much it says of it. */
const TOO_MUCH_SAID = Buffer.from("more than fits here");
const READING = { alerts: 64 * 1024 * 1024, heartbeats: 1024 * 1024 }; // bytes of all bodies that are being read, or are not answered yet
const RETRY_AFTER = 5; // seconds

type Answer = {
  readonly status: number;
  readonly text: string;
  readonly json?: object;
  /** How many alerts were taken. */
  readonly alerts?: number;
};

export function openAlertEntrance(app: App, sns: Sns): AlertEntrance {
  const intake = openAlertIntake(app);
  const alerts = { limit: BODY_LIMIT, bodies: openBodies(READING.alerts) };
  const words = { limit: WORDS_LIMIT, bodies: openBodies(READING.heartbeats), instead: TOO_MUCH_SAID };

  async function answered(path: string, request: IncomingMessage): Promise<Answer> {
    if (request.headers["content-encoding"] !== undefined)
      return { status: 415, text: "Send it uncompressed: content-encoding is not understood here." };
    const beat = /^\/heartbeats\/([^/]+)(\/fail)?$/.exec(path);
    if (beat === null)
      return received(request, alerts, {
        whose: (each) => (path === V2 ? postedTo(app, each) : sourceAt(app, path.slice(ALERTS.length), each)),
        take: (source, proof) => takeFrom({ app, intake, sns }, source, proof),
      });
    return received(request, words, {
      whose: (each) => heartbeatAt(app, beat[1] ?? "", each),
      take: (heartbeat, proof) => takeHeartbeat(app, heartbeat, { failed: beat[2] !== undefined, proof }),
    });
  }

  return {
    async take(path, request, response) {
      const isBeat = path.startsWith(HEARTBEATS);
      if (path !== V2 && !path.startsWith(ALERTS) && !isBeat) return false;
      const methods = isBeat ? ["POST", "GET", "HEAD"] : ["POST", "PUT"];
      const answer = methods.includes(request.method ?? "")
        ? await answered(path, request).catch((error: unknown) => refusal(app, path, error))
        : { status: 405, text: `Send ${methods.join(" or ")} here.` };
      app.counters.alertsCame(outcomeOf(answer), answer.alerts ?? 0);
      send(response, answer);
      return true;
    },
    close: () => intake.close(),
  };
}

type Received<Whose> = {
  /** @throws Denied for a sender who has not proven it */
  readonly whose: (proof: Proof) => Promise<Whose>;
  readonly take: (whose: Whose, proof: Whole) => Promise<Answer>;
};

/** Takes a request whose sender has proven whose it is. Nobody is read who is unknown, or whose body could prove nothing any more. */
async function received<Whose>(
  request: IncomingMessage,
  { limit, bodies, instead }: { readonly limit: number; readonly bodies: Bodies; readonly instead?: Buffer },
  { whose, take }: Received<Whose>,
): Promise<Answer> {
  const { searchParams: query } = new URL(request.url ?? "/", "http://daytwo");
  const head = { headers: request.headers, query };
  await whose({ ...head, raw: null, body: undefined });
  return bodies.read(request, limit, async (whole) => {
    const raw = whole ?? instead;
    if (raw === undefined) throw new TooLarge(`Send at most ${limit / 1024} KiB at once; send the rest after it.`);
    const proof = { ...head, raw, body: parsed(raw) };
    return take(await whose(proof), proof);
  });
}

type Whole = Proof & { readonly raw: Buffer };

function outcomeOf({ status }: Answer): AlertsOutcome {
  if (status < 300) return "taken";
  return status === 503 ? "put off" : "refused";
}

const ALERTS = "/alerts/";
const HEARTBEATS = "/heartbeats/";
const V2 = "/api/v2/alerts";

/** Undefined where it is no JSON. */
function parsed(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString("utf8"));
  } catch {
    return undefined;
  }
}

class NotThere extends Expected {
  override readonly name = "NotThere";
}

class TooLarge extends Expected {
  override readonly name = "TooLarge";
}

async function sourceAt(app: App, key: string, proof: Proof): Promise<AlertSource> {
  const sources = app.inForce().catalog.alerts ?? {};
  const source = Object.hasOwn(sources, key) ? sources[key] : undefined;
  if (source === undefined)
    throw new NotThere("There is no such source of alerts.", { hint: "Add it to the catalog under `alerts:`." });
  if (source.secret !== undefined && !(await isProven(source.secret, source.format, proof))) throw unproven();
  return source;
}

/** Alertmanager's own API knows no sources: who sends says it by the secret, and by the user where two share one. */
async function postedTo(app: App, proof: Proof): Promise<AlertSource> {
  const user = userOf(proof);
  const sources = Object.values(app.inForce().catalog.alerts ?? {})
    .filter(({ format }) => format === "alertmanager")
    .toSorted((a, b) => Number(b.key === user) - Number(a.key === user));
  if (sources.length === 0)
    throw new NotThere("There is no source of alerts with the format `alertmanager`.", {
      hint: "Add one to the catalog under `alerts:`.",
    });
  for (const source of sources)
    if (source.secret !== undefined && (await isProven(source.secret, source.format, proof))) return source;
  throw unproven();
}

function unproven(): Denied {
  return new Denied("The secret is missing or wrong.", { hint: "docs/alerts.md says how each tool sends it." });
}

type Means = { readonly app: App; readonly intake: AlertIntake; readonly sns: Sns };

async function takeFrom({ app, intake, sns }: Means, source: AlertSource, { raw, body }: Whole): Promise<Answer> {
  if (body === undefined)
    throw new Invalid(raw.length === 0 ? "The body is empty: expected JSON." : "The body is not JSON.");
  if (source.format === "cloudwatch") await verified(app, sns, source, body);
  const alerts = FORMATS[source.format](body, app.now());
  await intake.take(source, alerts);
  return taken(source, alerts, body);
}

async function verified(app: App, sns: Sns, { topic }: AlertSource, body: unknown): Promise<void> {
  const message = readEnvelope(body);
  if (topic !== undefined && message.TopicArn !== topic)
    throw new Denied("`TopicArn` is not the topic that the catalog names.");
  await sns.verify(message, app.now());
  if (message.Type === "SubscriptionConfirmation") await sns.confirm(message);
}

function taken({ format }: AlertSource, alerts: readonly Alert[], body: unknown): Answer {
  if (format === "pagerduty") {
    const key = isObject(body) && typeof body["dedup_key"] === "string" ? body["dedup_key"] : alerts[0]?.identity;
    return {
      status: 202,
      text: "",
      alerts: alerts.length,
      json: { status: "success", message: "Event processed", dedup_key: key ?? "" },
    };
  }
  return {
    status: 200,
    text: `${alerts.length} ${alerts.length === 1 ? "alert" : "alerts"} taken.`,
    alerts: alerts.length,
  };
}

async function heartbeatAt(app: App, name: string, proof: Proof): Promise<Heartbeat> {
  const heartbeats = app.inForce().catalog.heartbeats ?? {};
  const heartbeat = Object.hasOwn(heartbeats, name) ? heartbeats[name] : undefined;
  if (heartbeat === undefined)
    throw new NotThere("There is no such heartbeat.", { hint: "Add it to the catalog under `heartbeats:`." });
  if (!(await isProven(heartbeat.secret, "heartbeat", proof))) throw unproven();
  return heartbeat;
}

type Beat = { readonly failed: boolean; readonly proof: Whole };

/** It failed where the path or `status` says so; then what it says is the body, or `message`. */
async function takeHeartbeat(app: App, heartbeat: Heartbeat, { failed, proof }: Beat): Promise<Answer> {
  const status = proof.query.get("status") ?? "ok";
  if (!/^(ok|up|success|fail|failed|down|error)$/i.test(status))
    throw new Invalid("`status` is wrong: expected `ok` or `fail`.");
  const isFailure = failed || /^(fail|failed|down|error)$/i.test(status);
  await takeBeat(app, heartbeat, isFailure ? (proof.query.get("message") ?? proof.raw.toString("utf8")) : null);
  return { status: 200, text: isFailure ? "Its failure is told." : "ok" };
}

/** The one translator of errors for whoever sends alerts: a plain sentence, and what is ours to mend is asked for again. */
function refusal(app: App, path: string, error: unknown): Answer {
  if (error instanceof TooLarge) return { status: 413, text: sentences(error) };
  if (error instanceof NotThere) return { status: 404, text: sentences(error) };
  if (error instanceof Denied) return { status: 401, text: sentences(error) };
  if (error instanceof Invalid) return { status: 400, text: sentences(error) };
  if (!(error instanceof Expected) || error.cause !== undefined)
    app.log.error({ err: error, path }, "alerts could not be taken");
  return {
    status: 503,
    text: error instanceof Expected ? sentences(error) : "It could not be kept. Send it again in a few seconds.",
  };
}

function sentences({ message, hint }: Expected): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

function send(response: ServerResponse, { status, text, json }: Answer): void {
  const body = json === undefined ? `${text}\n` : JSON.stringify(json);
  const headers = {
    "content-length": Buffer.byteLength(body),
    "content-type": json === undefined ? "text/plain; charset=utf-8" : "application/json",
    ...(status === 503 ? { "retry-after": `${RETRY_AFTER}` } : {}),
    ...(status === 401 ? { "www-authenticate": 'Basic realm="Daytwo"' } : {}),
  };
  response.writeHead(status, headers).end(body);
}
