/** The Web API: which method needs which scope, how often it may be called, and what it does. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { drawFault, takeFault } from "./faults.ts";
import type { Fault, Odds } from "./faults.ts";
import { answerJson, parseBody, readBody } from "../http.ts";
import type { Fields } from "../json.ts";
import { textOf } from "../json.ts";
import * as chat from "./methods-chat.ts";
import * as files from "./methods-files.ts";
import * as places from "./methods-places.ts";
import * as views from "./methods-views.ts";
import type { RateLimits } from "./rate.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

interface Method {
  scopes: string[] | ((world: World, args: Fields) => string[]);
  /** Slack's tier: calls a minute. */
  perMinute: number;
  run(world: World, args: Fields): Fields;
}

const ofChannel = {
  read: (world: World, args: Fields) => places.scopeOfChannel(world, args, "read"),
  history: (world: World, args: Fields) => places.scopeOfChannel(world, args, "history"),
};

const METHODS: Record<string, Method> = {
  "auth.test": { scopes: [], perMinute: 600, run: places.authTest },
  "chat.postMessage": { scopes: ["chat:write"], perMinute: 600, run: chat.postMessage },
  "chat.update": { scopes: ["chat:write"], perMinute: 50, run: chat.update },
  "chat.delete": { scopes: ["chat:write"], perMinute: 50, run: chat.remove },
  "chat.postEphemeral": { scopes: ["chat:write"], perMinute: 100, run: chat.postEphemeral },
  "chat.getPermalink": { scopes: [], perMinute: 600, run: chat.getPermalink },
  "conversations.list": { scopes: places.scopesOfTypes, perMinute: 20, run: places.conversationsList },
  "conversations.info": { scopes: ofChannel.read, perMinute: 50, run: places.conversationsInfo },
  "conversations.open": { scopes: ["im:write"], perMinute: 50, run: places.conversationsOpen },
  "conversations.history": { scopes: ofChannel.history, perMinute: 50, run: chat.history },
  "conversations.replies": { scopes: ofChannel.history, perMinute: 50, run: chat.replies },
  "users.info": { scopes: ["users:read"], perMinute: 100, run: places.usersInfo },
  "usergroups.list": { scopes: ["usergroups:read"], perMinute: 20, run: places.groupsList },
  "usergroups.users.list": { scopes: ["usergroups:read"], perMinute: 20, run: places.groupUsers },
  "usergroups.users.update": { scopes: ["usergroups:write"], perMinute: 20, run: places.groupUsersUpdate },
  "dnd.teamInfo": { scopes: ["dnd:read"], perMinute: 20, run: places.dndTeamInfo },
  "views.open": { scopes: [], perMinute: 100, run: views.viewsOpen },
  "views.push": { scopes: [], perMinute: 100, run: views.viewsPush },
  "views.update": { scopes: [], perMinute: 100, run: views.viewsUpdate },
  "views.publish": { scopes: [], perMinute: 100, run: views.viewsPublish },
  "files.getUploadURLExternal": { scopes: ["files:write"], perMinute: 100, run: files.uploadUrl },
  "files.completeUploadExternal": { scopes: ["files:write"], perMinute: 100, run: files.completeUpload },
};

/** One line of the log of calls that tests read. */
export interface Call {
  method: string;
  /** Milliseconds since 1970, by the workspace's clock. */
  at: number;
  channel: string | null;
  ok: boolean;
  error: string | null;
  status: number;
  /** Seconds, where the answer told to wait. */
  retryAfter: number | null;
  /** It went wrong because a test had ordered that. */
  ordered: boolean;
}

export interface WebApi {
  world: World;
  limits: RateLimits;
  faults: Fault[];
  /** How often calls go wrong that no single fault was ordered for; null: never. */
  odds: Odds | null;
  calls: Call[];
  /** Answers `apps.connections.open`: where the app's next WebSocket may connect. */
  socketUrl(): string;
}

interface Answer {
  status: number;
  body: Fields;
  headers: Record<string, string>;
}

const MOST_CALLS = 50_000;

export async function serveWebApi(
  api: WebApi,
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const contentType = request.headers["content-type"] ?? "";
  const args = parseBody(contentType, await readBody(request));
  if (args === null)
    return answerJson(response, 200, {
      ok: false,
      error: contentType.includes("json") ? "invalid_json" : "invalid_form_data",
    });
  const fault = takeFault(api.faults, method) ?? (api.odds === null ? null : drawFault(api.odds, method));
  if (fault?.mode === "hang")
    return note(api, method, args, { status: 0, body: { ok: false, error: "hang" }, headers: {} }, fault);
  const answer = replaced(fault) ?? answerTo(api, method, args, tokenOf(request, args));
  note(api, method, args, answer, fault);
  if (fault?.mode === "store_then_drop") {
    request.socket.destroy();
    return;
  }
  if (fault?.mode === "store_then_503") return answerJson(response, 503, {});
  answerJson(response, answer.status, answer.body, {
    "x-oauth-scopes": api.world.app.scopes.join(","),
    ...answer.headers,
  });
}

function replaced(fault: Fault | null): Answer | null {
  if (fault === null) return null;
  const headers: Record<string, string> = fault.retryAfter === null ? {} : { "retry-after": String(fault.retryAfter) };
  if (fault.status !== null)
    return { status: fault.status, body: { ok: false, error: fault.error ?? "fault" }, headers };
  if (fault.error !== null) return { status: 200, body: { ok: false, error: fault.error }, headers };
  return null;
}

function answerTo(api: WebApi, name: string, args: Fields, token: string): Answer {
  try {
    const method = METHODS[name];
    if (name === "apps.connections.open") {
      authorise(api.world, token, "app");
      return { status: 200, body: { ok: true, url: api.socketUrl() }, headers: {} };
    }
    if (method === undefined) throw new Refusal("unknown_method", { req_method: name });
    authorise(api.world, token, "bot");
    requireScopes(api.world, method, args);
    const wait = paceWait(api, name, method, args);
    if (wait > 0)
      return { status: 429, body: { ok: false, error: "ratelimited" }, headers: { "retry-after": String(wait) } };
    const body = { ok: true, ...method.run(api.world, args) };
    if (name === "chat.postMessage") api.limits.count(postsTo(api, args));
    return { status: 200, body, headers: {} };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: 200, body: { ok: false, error: error.code, ...error.extra }, headers: {} };
  }
}

function authorise(world: World, token: string, kind: "bot" | "app"): void {
  const { botToken, appToken } = world.options;
  if (token === "") throw new Refusal("not_authed");
  if (token !== botToken && token !== appToken) throw new Refusal("invalid_auth");
  if (token !== (kind === "bot" ? botToken : appToken)) throw new Refusal("not_allowed_token_type");
}

function requireScopes(world: World, method: Method, args: Fields): void {
  const needed = typeof method.scopes === "function" ? method.scopes(world, args) : method.scopes;
  const missing = needed.filter((scope) => !world.app.scopes.includes(scope));
  if (missing.length === 0) return;
  throw new Refusal("missing_scope", { needed: missing.join(","), provided: world.app.scopes.join(",") });
}

/** Seconds to wait before this call may be made; 0 when it may be made now, and is counted. */
function paceWait(api: WebApi, name: string, method: Method, args: Fields): number {
  const post = name === "chat.postMessage" ? api.limits.wait(postsTo(api, args), 1, 1000) : 0;
  const wait = Math.max(post, api.limits.wait(name, method.perMinute, 60_000));
  if (wait === 0) api.limits.count(name);
  return wait;
}

function postsTo(api: WebApi, args: Fields): string {
  return `posts to ${chat.paceOfPost(api.world, args)}`;
}

function note(api: WebApi, method: string, args: Fields, answer: Answer, fault: Fault | null): void {
  const { body, status } = answer;
  const channel = textOf(args["channel"]) || null;
  const error = textOf(body["error"]) || null;
  const wait = answer.headers["retry-after"];
  const retryAfter = wait === undefined ? null : Number(wait);
  const ordered = fault !== null;
  const at = api.world.clock.now();
  api.calls.push({ method, at, channel, ok: body["ok"] === true, error, status, retryAfter, ordered });
  if (api.calls.length > MOST_CALLS) api.calls.splice(0, api.calls.length - MOST_CALLS);
}

function tokenOf(request: IncomingMessage, args: Fields): string {
  const header = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  return header ?? textOf(args["token"]);
}
