import type { Call, Reply } from "../json-server.ts";
import type { Given } from "./tokens.ts";

/** Who asks, and whether they may: the same for every API of Google's. */

export type World = {
  readonly given: ReadonlyMap<string, Given>;
  /** What each account may. */
  readonly permissions: ReadonlyMap<string, ReadonlySet<string>>;
  /** What was asked for, allowed or not. */
  readonly demanded: Set<string>;
  /** Regions that cannot be reached at the moment. */
  readonly unreached: ReadonlySet<string>;
  effect(email: string, what: string, token: string): void;
};

export type Asked<Thing> = {
  readonly world: World;
  readonly call: Call;
  readonly email: string;
  readonly thing: Thing;
};
export type Route<Thing> = {
  readonly permissions: readonly string[];
  answer(asked: Asked<Thing>): Reply;
};

const STATUSES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ABORTED",
  412: "FAILED_PRECONDITION",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

export function error(code: number, message: string, status = STATUSES[code] ?? "UNKNOWN"): Reply {
  return { status: code, body: { error: { code, message, status } } };
}

/** As everything answers where an API is switched off: "compute.googleapis.com". */
export function switchedOff(api: string): Reply {
  const message = `The API ${api} has not been used in project 482910573364 before or it is disabled. Enable it by visiting https://console.developers.google.com then retry.`;
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "SERVICE_DISABLED",
    domain: "googleapis.com",
    metadata: { service: api, consumer: "projects/482910573364" },
  };
  return { status: 403, body: { error: { code: 403, message, status: "PERMISSION_DENIED", details: [info] } } };
}

/** All that there is, by its path, as the one thing that a list of a project is about. */
export function everything<Thing>(project: string, things: ReadonlyMap<string, Thing>): ReadonlyMap<string, Thing[]> {
  return new Map([[project, [...things].flatMap(([path, thing]) => (path.startsWith(`${project}/`) ? [thing] : []))]]);
}

/** `things`: what there is, by its path. */
export function answer<Thing>(
  world: World,
  call: Call,
  { path, route, things }: { path: string; route: Route<Thing> | undefined; things: ReadonlyMap<string, Thing> },
): Reply {
  const { "content-length": length, "transfer-encoding": coding } = call.headers;
  if (call.method === "POST" && length === undefined && coding === undefined)
    return error(411, "POST requests require a Content-length header.");
  if (route === undefined) return error(404, "The requested URL was not found on this server.");
  const given = world.given.get(/^Bearer (\S+)$/.exec(call.headers.authorization ?? "")?.[1] ?? "");
  if (given === undefined || given.until < Date.now())
    return error(
      401,
      "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    );
  const { email } = given;
  for (const permission of route.permissions) {
    world.demanded.add(permission);
    if (world.permissions.get(email)?.has(permission) !== true)
      return error(403, `Permission '${permission}' denied on resource '${path}' (or resource may not exist).`);
  }
  if (call.body !== "" && call.headers["content-type"] !== "application/json")
    return error(400, "The body is not said to be JSON.");
  const thing = things.get(path);
  if (thing === undefined) return error(404, `The resource '${path}' was not found.`);
  return route.answer({ world, call, email, thing });
}
