import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What is outside Slack: PagerDuty's Events API v2, an ntfy server and a receiver of signed webhooks, on one port. Each
 * takes only what its documentation says, and answers anything else as it would.
 */

export type Alarms = {
  readonly url: string;
  /** What was taken, in order: "pagerduty trigger #1 shop: …", "ntfy shop-cho 5 …", "webhook alarm.trigger …". */
  readonly heard: string[];
  /** Where what was taken leads first, in order; by ntfy and PagerDuty. */
  readonly links: string[];
  /** Why something was not taken. */
  readonly refused: string[];
  /** The next so many calls are answered with this status, and nothing is taken. */
  fail(status: number, times: number): void;
  close(): Promise<void>;
};

export const ROUTING_KEY = "0123456789abcdef0123456789abcdef";
export const NTFY_TOKEN = "tk_7eevizlsiwf9yi4uxsrs83r4352o0";
export const WEBHOOK_KEY = Buffer.from("a webhook's own signing secret");
export const WEBHOOK_SECRET = `whsec_${WEBHOOK_KEY.toString("base64")}`;

type Body = Readonly<Record<string, unknown>>;
type Answer = {
  readonly status: number;
  readonly body: object;
  readonly heard?: string;
  readonly link?: string | undefined;
  readonly why?: string;
};

export async function openAlarms(): Promise<Alarms> {
  const heard: string[] = [];
  const links: string[] = [];
  const refused: string[] = [];
  let failing = { status: 500, times: 0 };
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await textOf(request);
    const failed = failing.times > 0;
    if (failed) failing = { ...failing, times: failing.times - 1 };
    const said: Answer = failed ? { status: failing.status, body: {} } : judge(request, raw);
    if (said.heard !== undefined) heard.push(said.heard);
    if (said.link !== undefined) links.push(said.link);
    if (said.why !== undefined) refused.push(said.why);
    response
      .writeHead(said.status, { "content-type": "application/json" })
      .end(said.status === 204 ? undefined : JSON.stringify(said.body));
  }
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    links,
    refused,
    fail: (status, times) => void (failing = { status, times }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function judge(request: IncomingMessage, raw: string): Answer {
  const body = parsed(raw);
  if (request.method !== "POST" || body === null) return no(400, "no JSON posted");
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) return no(415, "not called JSON");
  if (request.url === "/v2/enqueue") return pagerduty(body);
  if (request.url === "/ntfy/") return ntfy(request, body);
  if (request.url === "/hook") return webhook(request, raw, body);
  return no(404, `nothing is at ${request.url}`);
}

function parsed(raw: string): Body | null {
  try {
    const body: unknown = JSON.parse(raw);
    return typeof body === "object" && body !== null ? (body as Body) : null;
  } catch {
    return null;
  }
}

function no(status: number, why: string): Answer {
  return { status, body: { status: "invalid event", message: "Event object is invalid", errors: [why] }, why };
}

const EVENT_KEYS = ["routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"];
const PAYLOAD_KEYS = ["summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"];

function pagerduty(event: Body): Answer {
  const { routing_key: key, event_action: action, dedup_key: dedup } = event;
  const payload = event["payload"] as Body | undefined;
  const unknown = [
    ...Object.keys(event).filter((each) => !EVENT_KEYS.includes(each)),
    ...Object.keys(payload ?? {}).filter((each) => !PAYLOAD_KEYS.includes(each)),
  ];
  if (unknown.length > 0) return no(400, `unknown: ${unknown.join()}`);
  if (key !== ROUTING_KEY) return no(400, "Length of 'routing_key' is incorrect (should be 32 characters)");
  if (typeof dedup !== "string" || dedup === "" || dedup.length > 255)
    return no(400, "'dedup_key' is missing or too long");
  if (action === "acknowledge" || action === "resolve") return taken({ dedup_key: dedup }, `pagerduty ${action}`);
  if (action !== "trigger") return no(400, "'event_action' is invalid");
  const { summary, source, severity, timestamp } = payload ?? {};
  if (typeof summary !== "string" || summary === "" || summary.length > 1024)
    return no(400, "'payload.summary' is invalid");
  if (typeof source !== "string" || source === "") return no(400, "'payload.source' is missing");
  if (!["critical", "error", "warning", "info"].includes(String(severity)))
    return no(400, "'payload.severity' is invalid");
  if (Number.isNaN(Date.parse(String(timestamp)))) return no(400, "'payload.timestamp' is invalid");
  const [link] = event["links"] as readonly { readonly href: string }[];
  return { ...taken({ dedup_key: dedup }, `pagerduty trigger ${summary}`), link: link?.href };
}

function taken(more: object, heard: string): Answer {
  return { status: 202, body: { status: "success", message: "Event processed", ...more }, heard };
}

function ntfy(request: IncomingMessage, body: Body): Answer {
  if (request.headers.authorization !== `Bearer ${NTFY_TOKEN}`) return no(403, "forbidden");
  const { topic, message, title, priority, tags, click } = body;
  if (typeof topic !== "string" || !/^[-_A-Za-z0-9]{1,64}$/.test(topic)) return no(400, "invalid topic");
  if (typeof message !== "string" || typeof title !== "string") return no(400, "message and title must be text");
  if (!Number.isInteger(priority) || Number(priority) < 1 || Number(priority) > 5) return no(400, "invalid priority");
  if (!Array.isArray(tags)) return no(400, "tags must be a list");
  return {
    status: 200,
    body: { id: "x", event: "message", topic },
    heard: `ntfy ${topic} ${Number(priority)} ${message}`,
    link: typeof click === "string" ? click : undefined,
  };
}

function webhook(request: IncomingMessage, raw: string, body: Body): Answer {
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
    String(request.headers[name] ?? ""),
  );
  const wanted = createHmac("sha256", WEBHOOK_KEY).update(`${id}.${timestamp}.${raw}`).digest();
  const good = (signatures ?? "").split(" ").some((each) => {
    const given = Buffer.from(each.replace(/^v1,/, ""), "base64");
    return each.startsWith("v1,") && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  if (!good || !/^\d{10}$/.test(timestamp ?? "")) return no(401, "signature");
  const data = body["data"] as Body;
  return { status: 204, body: {}, heard: `webhook ${String(body["type"])} ${String(data["summary"])}` };
}
