import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { signed } from "./signed.ts";
import { until } from "./until.ts";

/**
 * A small server that speaks as Slack does and is not ours: it shares nothing with the local workspace, has a dozen
 * methods, addresses and ids of other shapes, and can be told to lack a method or to answer it in any way.
 */

export type Json = Readonly<Record<string, unknown>>;
export type Reply = {
  readonly status?: number;
  readonly type?: string;
  readonly location?: string;
  readonly body: string;
};

/** How servers say that they have no such method. */
export const LACKING = {
  unknown_method: { body: '{"ok":false,"error":"unknown_method"}', type: "application/json" },
  "a page with 404": { status: 404, body: "<!doctype html><h1>Not found</h1>", type: "text/html" },
  "501": { status: 501, body: "" },
} as const satisfies Record<string, Reply>;

export type Posted = { readonly channel: string; readonly ts: string; readonly thread: string | null; content: Json };

export type OtherSlack = {
  /** What SLACK_API_URL is set to. */
  readonly apiUrl: string;
  /** Messages in the order in which they were posted, each as it is now. */
  readonly messages: readonly Posted[];
  /** What was sent to response_urls, and what was shown to one person alone. */
  readonly answers: readonly Json[];
  readonly homes: ReadonlyMap<string, Json>;
  readonly modals: readonly Json[];
  /** How often a method was asked for. */
  asked(method: string): number;
  /** From here on a method is answered so; null: as it should be. */
  answersWith(method: string, reply: Reply | ((good: Json) => Json) | null): void;
  /** Where signed requests go; until then they go over the sockets. */
  sendsTo(url: string): void;
  /** Each resolves when the bot has acknowledged. */
  presses(message: Posted, label: string, account?: string): Promise<void>;
  types(text: string): Promise<void>;
  opensHome(): Promise<void>;
  /** From here on requests come with this response_url, not with one of ours. */
  answersGoTo(url: string): void;
  /** Cuts every socket without a word. */
  cutsSockets(): Promise<void>;
  close(): Promise<void>;
};

export const ANA = "W7Q4ZK2M9X1B8N";
export const BEN = "W3N0PD5T6Y8C2R";
const TEAM = "E-collective/7";
const OPS = { id: "room:ops:7f3a", name: "ops", is_member: true };
export const TOKENS = { bot: "other-bot-token", app: "other-app-token", signing: "other-signing-secret" };

type Method = (args: Json) => Json;

export async function openOtherSlack({ prefix = "", slash = true } = {}): Promise<OtherSlack> {
  const messages: Posted[] = [];
  const answers: Json[] = [];
  const homes = new Map<string, Json>();
  const modals: Json[] = [];
  const asked: string[] = [];
  const otherwise = new Map<string, Reply | ((good: Json) => Json)>();
  const acknowledged = new Set<string>();
  const sockets = new WebSocketServer({ noServer: true });
  let eventsUrl: string | null = null;
  let foreign: string | null = null;
  let ids = 0;
  function next(kind: string): string {
    ids += 1;
    return `${kind}-${ids}`;
  }

  const methods: Readonly<Record<string, Method>> = {
    "auth.test": () => ({ url: `${origin}/`, team_id: TEAM, user_id: "W0BOT", bot_id: "bot/1", user: "daytwo" }),
    "apps.connections.open": () => ({ url: `${origin.replace("http", "ws")}${prefix}/gateway/${next("ticket")}` }),
    "chat.postMessage": ({ channel, thread_ts: thread, ...content }) => {
      const posted = { channel: channelOf(channel), ts: next("m"), thread: textOf(thread), content };
      messages.push(posted);
      return { channel: posted.channel, ts: posted.ts, message: content };
    },
    "chat.update": ({ channel, ts, ...content }) => {
      const posted = messages.find((message) => message.ts === ts && message.channel === channel);
      if (posted === undefined) return { ok: false, error: "message_not_found" };
      posted.content = content;
      return { channel, ts };
    },
    "chat.postEphemeral": (content) => {
      answers.push(content);
      return { message_ts: next("e") };
    },
    "views.open": ({ view }) => {
      modals.push(view as Json);
      return { view: { ...(view as Json), id: next("view"), hash: next("hash") } };
    },
    "views.publish": ({ user_id: user, view }) => {
      homes.set(String(user), view as Json);
      return { view };
    },
    "users.info": ({ user }) => ({ user: { id: user, team_id: TEAM, name: "ana", real_name: "Ana Alder" } }),
    "conversations.list": () => ({ channels: [{ id: "room:all:0", name: "all" }, OPS] }),
    "conversations.open": ({ users }) => ({ channel: { id: `pair:${String(users)}` } }),
  };

  const server = createServer((request, response) => void serve(request, response));
  server.on("upgrade", (request, socket, head) => {
    if (!request.url?.startsWith(`${prefix}/gateway/ticket-`)) return socket.destroy();
    return sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("message", (data: Buffer) => acknowledged.add(String(parse(data.toString())["envelope_id"])));
      client.send(JSON.stringify({ type: "hello" }));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString();
    const path = request.url ?? "";
    if (path.startsWith("/answers/")) {
      answers.push(parse(body));
      return void response.end("ok");
    }
    const { status = 200, type = "application/json", location, body: text } = answerTo(path, request, body);
    const headers = { "content-type": type, ...(location === undefined ? {} : { location }) };
    return void response.writeHead(status, headers).end(text);
  }

  function answerTo(path: string, { headers }: IncomingMessage, body: string): Reply {
    const name = path.startsWith(`${prefix}/api/`) ? path.slice(`${prefix}/api/`.length) : "";
    const method = methods[name];
    if (method === undefined) return LACKING["a page with 404"];
    asked.push(name);
    const other = otherwise.get(name);
    if (typeof other === "object") return other;
    const args = headers["content-type"]?.startsWith("application/json") === true ? parse(body) : fromForm(body);
    const token = headers.authorization?.replace(/^Bearer /, "") ?? args["token"];
    if (token !== (name === "apps.connections.open" ? TOKENS.app : TOKENS.bot)) return say({ error: "invalid_auth" });
    const good = { ok: true, ...method(args) };
    return say(other === undefined ? good : other(good));
  }

  async function deliver(kind: "events_api" | "interactive" | "slash_commands", payload: Json): Promise<void> {
    if (eventsUrl !== null) return overHttp(eventsUrl, kind, payload);
    const envelope = next("envelope");
    await until("a socket of the bot's", () => sockets.clients.size > 0);
    const [client] = [...sockets.clients] as [WebSocket];
    client.send(JSON.stringify({ type: kind, envelope_id: envelope, payload, accepts_response_payload: false }));
    return until(`the bot to acknowledge ${kind}`, () => acknowledged.has(envelope));
  }

  /** What every request of a person's has. */
  function from(channel: string): Json {
    const answer = foreign ?? `${origin}/answers/${next("a")}`;
    return { trigger_id: next("trigger/of"), response_url: answer, channel: { id: channel }, team: { id: TEAM } };
  }

  return {
    apiUrl: `${origin}${prefix}/api${slash ? "/" : ""}`,
    messages,
    answers,
    homes,
    modals,
    asked: (method) => asked.filter((name) => name === method).length,
    answersWith: (method, reply) => void (reply === null ? otherwise.delete(method) : otherwise.set(method, reply)),
    sendsTo: (url) => void (eventsUrl = url),
    answersGoTo: (url) => void (foreign = url),
    presses(message, label, account = ANA) {
      const action = { ...buttonOf(message, label), action_ts: next("pressed") };
      const container = { type: "message", message_ts: message.ts, channel_id: message.channel };
      const user = { id: account, team_id: TEAM };
      const shown = { ...message.content, ts: message.ts };
      const body = { type: "block_actions", user, container, message: shown, actions: [action] };
      return deliver("interactive", { ...body, ...from(message.channel) });
    },
    types(text) {
      const { trigger_id, response_url } = from(OPS.id);
      const who = { user_id: ANA, team_id: TEAM, channel_id: OPS.id };
      return deliver("slash_commands", { command: "/day2", text, trigger_id, response_url, ...who });
    },
    opensHome() {
      const event = { type: "app_home_opened", user: ANA, tab: "home", channel: `pair:${ANA}` };
      return deliver("events_api", { type: "event_callback", event_id: next("event"), team_id: TEAM, event });
    },
    async cutsSockets() {
      const cut = [...sockets.clients]; // whoever was cut off may be back before we look
      for (const client of cut) client.terminate();
      await until("the sockets to be gone", () => cut.every((client) => client.readyState === client.CLOSED));
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Servers take a channel's id, and its name with a #. */
function channelOf(said: unknown): string {
  return said === `#${OPS.name}` ? OPS.id : String(said);
}

/** The button or option with this label, as a press names it. */
function buttonOf({ content }: Posted, label: string): Json {
  for (const { block_id, elements = [] } of (content["blocks"] ?? []) as readonly { [name: string]: Json[] }[]) {
    for (const { action_id, value, text, options = [] } of elements) {
      if (labelOf(text) === label) return { block_id, type: "button", action_id, value };
      const option = (options as readonly Json[]).find((each) => labelOf(each["text"]) === label);
      if (option !== undefined) return { block_id, type: "overflow", action_id, selected_option: option };
    }
  }
  throw new Error(`the message has no button ${label}: ${JSON.stringify(content)}`);
}

function labelOf(text: unknown): unknown {
  return (text as Json | undefined)?.["text"];
}

async function overHttp(url: string, kind: string, payload: Json): Promise<void> {
  const [type, body] =
    kind === "events_api"
      ? ["application/json", JSON.stringify(payload)]
      : ["application/x-www-form-urlencoded", new URLSearchParams(formOf(kind, payload)).toString()];
  const headers = { "content-type": type, ...signed(TOKENS.signing, body, new Date()) };
  const response = await fetch(url, { method: "POST", headers, body });
  if (!response.ok) throw new Error(`the bot answered ${response.status} to ${kind}`);
}

function formOf(kind: string, payload: Json): Record<string, string> {
  if (kind === "interactive") return { payload: JSON.stringify(payload) };
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
}

function say(answer: Json): Reply {
  return { body: JSON.stringify({ ok: answer["error"] === undefined, ...answer }) };
}

/** In a form, what is no text is JSON. */
function fromForm(body: string): Json {
  const fields = [...new URLSearchParams(body)];
  return Object.fromEntries(fields.map(([name, value]) => [name, /^[[{]/.test(value) ? JSON.parse(value) : value]));
}

function parse(text: string): Json {
  return JSON.parse(text) as Json;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
