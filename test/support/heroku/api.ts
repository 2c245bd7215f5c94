import { randomUUID } from "node:crypto";
import { refresh } from "./acm.ts";
import type { Call, Reply } from "../json-server.ts";
import { configOf, now, release, restart, scale, type App, type Formation } from "./app.ts";
import { page } from "./ranges.ts";

/** The Platform API: who may ask for what, and what is answered. */

export type User = { readonly email: string; readonly scopes: readonly string[] };
export type Heroku = {
  readonly apps: ReadonlyMap<string, App>;
  /** By their tokens. */
  readonly users: ReadonlyMap<string, User>;
  /** Requests that are left to the account; where they are without end, it does not say. */
  left: number;
  /** One of them lets a token ask the data API. */
  dataScopes: readonly string[];
  effect(call: Call, user: User): void;
};

/** What each error is called. */
const IDS: Readonly<Record<number, string>> = {
  400: "bad_request",
  401: "unauthorized",
  402: "delinquent",
  403: "forbidden",
  404: "not_found",
  406: "not_acceptable",
  422: "invalid_params",
  429: "rate_limit",
  503: "service_unavailable",
};

export function error(status: number, message: string): Reply {
  return { status, body: { id: IDS[status] ?? "internal_server_error", message } };
}

const READ = ["read", "write", "read-protected", "write-protected", "global"];
const READ_PROTECTED = ["read-protected", "write-protected", "global"];
const WRITE = ["write", "write-protected", "global"];
const WRITE_PROTECTED = ["write-protected", "global"];

type Asked = { readonly heroku: Heroku; readonly user: User; readonly call: Call };
type Beneath = Asked & { readonly app: App; readonly body: Readonly<Record<string, unknown>> };
type Route<Of> = { readonly scopes: readonly string[]; answer(asked: Of): Reply };

const ROUTES: Readonly<Record<string, Route<Asked>>> = {
  "GET /account": {
    scopes: ["identity", "global"],
    answer: ({ user: { email } }) => ({ status: 200, body: { id: email, email } }),
  },
  "GET /apps": {
    scopes: READ,
    answer: (asked) => listed(asked, [...asked.heroku.apps.values()].map(overview), ["id", "name"]),
  },
};
/** By what is beneath an app. */
const APP_ROUTES: Readonly<Record<string, Route<Beneath>>> = {
  "GET ": { scopes: READ, answer: ({ app }) => ({ status: 200, body: overview(app) }) },
  "PATCH ": { scopes: WRITE, answer: updated },
  "GET formation": { scopes: READ, answer: (asked) => listed(asked, formationOf(asked.app), ["id"]) },
  "PATCH formation": { scopes: WRITE, answer: scaled },
  "GET dynos": { scopes: READ, answer: (asked) => listed(asked, asked.app.dynos, ["id", "name"]) },
  "DELETE dynos": {
    scopes: WRITE,
    answer({ app }) {
      restart(app);
      return { status: 202, body: undefined };
    },
  },
  "GET releases": {
    scopes: READ_PROTECTED,
    answer: (asked) => listed(asked, asked.app.releases, ["id", "version"]),
  },
  "POST releases": { scopes: WRITE_PROTECTED, answer: rolledBack },
  "GET domains": { scopes: READ, answer: (asked) => listed(asked, asked.app.acm.domains, ["id", "hostname"]) },
  "GET sni-endpoints": { scopes: READ, answer: (asked) => listed(asked, asked.app.acm.endpoints, ["id"]) },
  "PATCH acm": {
    scopes: WRITE,
    answer({ app, body }) {
      if (body["acm_refresh"] !== true) return error(400, "Invalid request: `acm_refresh` is missing.");
      refresh(app.acm, now());
      return { status: 200, body: { ...overview(app), acm: true, acm_refresh: true } };
    },
  },
  "GET addons": { scopes: READ, answer: (asked) => listed(asked, asked.app.addons, ["id", "name"]) },
};

export function answer(heroku: Heroku, call: Call): Reply {
  const { method, url, headers } = call;
  const user = heroku.users.get(/^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1] ?? "");
  if (user === undefined) return error(401, "Invalid credentials provided.");
  if (!/application\/vnd\.heroku\+json; version=3(\.|$)/.test(headers.accept ?? ""))
    return error(406, "The Accept header names no version of the API.");
  if (headers["user-agent"] === undefined) return error(400, "There is no User-Agent header.");
  if (heroku.left <= 0)
    return error(429, "Your account reached the API rate limit\nPlease wait a few minutes before making new requests");
  heroku.left -= 1;
  const asked = { heroku, user, call };
  const [, name, beneath = ""] = /^\/apps\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  const own = {
    "oauth-scope": user.scopes.join(" "),
    ...(heroku.left === Infinity ? {} : { "ratelimit-remaining": String(heroku.left) }),
    "request-id": randomUUID(),
  };
  const reply =
    name === undefined
      ? within(ROUTES[`${method} ${url.pathname}`], asked)
      : beneathApp(APP_ROUTES[`${method} ${beneath}`], asked, name);
  return { ...reply, headers: { ...own, ...reply.headers } };
}

/** By a route that there is, and that one of the user's scopes allows. */
function within<Of extends Asked>(route: Route<Of> | undefined, asked: Of): Reply {
  if (route === undefined) return error(404, "The requested API endpoint was not found.");
  const { scopes, answer: reply } = route;
  if (!asked.user.scopes.some((scope) => scopes.includes(scope)))
    return error(403, "The scope of this OAuth authorization does not allow access to this resource.");
  const given = reply(asked);
  return { ...given, headers: { "oauth-scope-accepted": scopes.join(" "), ...given.headers } };
}

function beneathApp(route: Route<Beneath> | undefined, asked: Asked, name: string): Reply {
  const { heroku, user, call } = asked;
  const app = heroku.apps.get(name);
  if (app === undefined) return error(404, "Couldn't find that app.");
  if (call.body !== "" && call.headers["content-type"] !== "application/json")
    return error(400, "The body is not said to be JSON.");
  const body = call.body === "" ? {} : (JSON.parse(call.body) as Beneath["body"]);
  const reply = within(route, { ...asked, app, body });
  if (call.method !== "GET" && reply.status < 300) heroku.effect(call, user);
  return reply;
}

function overview({ name, owner, team, maintenance }: App): object {
  return { id: name, name, owner: { id: owner, email: owner }, team, maintenance };
}

function listed({ call }: Asked, items: readonly object[], fields: readonly string[]): Reply {
  return page(items, { range: call.headers.range, fields });
}

function formationOf({ formation, hasOldSizes }: App): object[] {
  return formation.map(({ size, ...each }) => {
    return { ...each, ...(hasOldSizes ? { size } : {}), dyno_size: { id: size, name: size } };
  });
}

/** Of what can be updated this knows maintenance alone. */
function updated({ app, body }: Beneath): Reply {
  const { maintenance, ...others } = body;
  if (Object.keys(others).length > 0 || typeof maintenance !== "boolean")
    return error(422, "Maintenance must be a boolean.");
  if (app.isOfFir) return error(422, "Maintenance mode is not available for this app.");
  app.maintenance = maintenance;
  return { status: 200, body: overview(app) };
}

type Update = { readonly type?: string; readonly quantity?: number; readonly size?: string };
const ONE_ALONE = ["Eco", "Basic"];

/** All of them or none. */
function scaled({ app, body }: Beneath): Reply {
  const updates = body["updates"] as readonly Update[] | undefined;
  if (!Array.isArray(updates)) return error(400, "Invalid request: `updates` is missing.");
  const meant: [Formation, number][] = [];
  for (const { type, quantity } of updates as readonly Update[]) {
    const of = app.formation.find((each) => each.type === type);
    if (of === undefined) return error(404, `Couldn't find that process type (${type}).`);
    if (!Number.isInteger(quantity) || Number(quantity) < 0)
      return error(422, "Quantity must be an integer of at least 0.");
    if (Number(quantity) > 1 && ONE_ALONE.includes(of.size))
      return error(422, `Cannot update to more than 1 ${of.size} size dynos per process type.`);
    meant.push([of, Number(quantity)]);
  }
  for (const [of, quantity] of meant) scale(app, of, quantity);
  return { status: 200, body: formationOf(app) };
}

function rolledBack({ app, body }: Beneath): Reply {
  const to = app.releases.find(({ id }) => id === body["release"]);
  if (to === undefined) return error(404, "Couldn't find that release.");
  if (!to.eligible_for_rollback || to.status !== "succeeded")
    return error(422, `Release v${to.version} is not eligible for rollback.`);
  const { slug, version } = to;
  const description = `Rollback to v${version}`;
  return { status: 201, body: release(app, { description, slug, config: configOf(app, to) }) };
}
