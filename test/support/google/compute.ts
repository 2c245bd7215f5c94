import { randomUUID } from "node:crypto";
import type { Call, Reply } from "../json-server.ts";
import { answer, error, everything, type Asked, type Route, type World } from "./api.ts";
import { declare, shown, shownInstance, type Group, type Version } from "./group.ts";

/** The Compute Engine API, version 1, as its reference has it, as far as it is about managed instance groups. */

const GET = "compute.instanceGroupManagers.get";
const UPDATE = "compute.instanceGroupManagers.update";
/** Of whoever names a template, also the one that is there: the template itself, and the account that its machines run as. */
const NAMING = ["compute.instanceTemplates.useReadOnly", "iam.serviceAccounts.actAs"];

/** By method and what stands behind the name of a group. */
const ROUTES: Readonly<Record<string, Route<Group>>> = {
  "GET ": { permissions: [GET], answer: ({ thing }) => ({ status: 200, body: shown(thing) }) },
  "POST /listManagedInstances": { permissions: [GET], answer: listed },
  "POST /resize": { permissions: [UPDATE], answer: (asked) => once(asked, resize) },
  "PATCH ": { permissions: [GET, UPDATE, ...NAMING], answer: (asked) => once(asked, patch) },
};
const SCALER: Route<Group> = {
  permissions: ["compute.autoscalers.get"],
  answer: ({ thing: { autoscaler } }) =>
    autoscaler === null
      ? error(404, "The resource 'shop-scaler' was not found.")
      : { status: 200, body: { kind: "compute#autoscaler", autoscalingPolicy: autoscaler } },
};

const PATH = /^\/compute\/v1\/(projects\/[\w-]+\/(?:zones|regions)\/[\w-]+\/instanceGroupManagers\/[\w-]+)(\/\w+)?$/;
const SCALER_PATH = /^\/compute\/v1\/(projects\/[\w-]+\/(?:zones|regions)\/[\w-]+)\/autoscalers\/shop-scaler$/;

const EVERY = /^\/compute\/v1\/(projects\/[\w-]+)\/aggregated\/instanceGroupManagers$/;

export function answerCompute(world: World, call: Call, things: ReadonlyMap<string, Group>): Reply {
  const [, project] = EVERY.exec(call.url.pathname) ?? [];
  if (project !== undefined) {
    const permissions = ["compute.instanceGroupManagers.list"];
    const route = call.method === "GET" ? { permissions, answer: aggregated } : undefined;
    return answer(world, call, { path: project, route, things: everything(project, things) });
  }
  const place = SCALER_PATH.exec(call.url.pathname)?.[1];
  if (place !== undefined)
    return answer(world, call, { path: `${place}/instanceGroupManagers/shop`, route: SCALER, things });
  const [, path = "", beneath = ""] = PATH.exec(call.url.pathname) ?? [];
  return answer(world, call, { path, route: ROUTES[`${call.method} ${beneath}`], things });
}

export function isChange({ method, url }: Pick<Call, "method" | "url">): boolean {
  return method !== "GET" && !url.pathname.endsWith("/listManagedInstances");
}

const MOST = 2; // of what is listed in one answer

function listed({ call, thing: { instances } }: Asked<Group>): Reply {
  const from = Number(call.url.searchParams.get("pageToken") ?? "0");
  const managedInstances = instances.slice(from, from + MOST).map(shownInstance);
  const nextPageToken = from + MOST < instances.length ? String(from + MOST) : undefined;
  return { status: 200, body: { ...(managedInstances.length === 0 ? {} : { managedInstances }), nextPageToken } };
}

const EMPTY = { warning: { code: "NO_RESULTS_ON_PAGE", message: "There are no results for scope on this page." } };

/** By where they are; places without any are there too. */
function aggregated({ call, thing: all }: Asked<Group[]>): Reply {
  const from = Number(call.url.searchParams.get("pageToken") ?? "0");
  const items: Record<string, object> = { "regions/asia-east1": EMPTY };
  for (const group of all.slice(from, from + MOST)) {
    const [, scope = ""] = /^projects\/[\w-]+\/((?:zones|regions)\/[\w-]+)/.exec(group.path) ?? [];
    const { instanceGroupManagers = [] } = (items[scope] ?? {}) as { instanceGroupManagers?: object[] };
    items[scope] = { instanceGroupManagers: [...instanceGroupManagers, shown(group)] };
  }
  const nextPageToken = from + MOST < all.length ? String(from + MOST) : undefined;
  return { status: 200, body: { kind: "compute#instanceGroupManagerAggregatedList", items, nextPageToken } };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A request that was answered before gets that answer, and has no second effect. */
function once(asked: Asked<Group>, work: (asked: Asked<Group>) => Reply | null): Reply {
  const { call, thing, world, email } = asked;
  const id = call.url.searchParams.get("requestId") ?? "";
  if (id !== "" && !UUID.test(id)) return error(400, `Invalid value for field 'requestId': '${id}'. Must be a UUID.`);
  const before = thing.answered.get(id);
  if (before !== undefined) return { status: 200, body: before };
  const wrong = work(asked);
  if (wrong !== null) return wrong;
  const operation = {
    kind: "compute#operation",
    id: "5512",
    name: `operation-${randomUUID()}`,
    status: "RUNNING",
    progress: 0,
  };
  if (id !== "") thing.answered.set(id, operation);
  world.effect(email, `${call.method} ${call.url.pathname.endsWith("/resize") ? "resize" : "versions"}`, id);
  return { status: 200, body: operation };
}

function resize({ call, thing }: Asked<Group>): Reply | null {
  const size = Number(call.url.searchParams.get("size") ?? "");
  if (!Number.isInteger(size) || size < 0) return error(400, "Invalid value for field 'size'.");
  declare(thing, { targetSize: size });
  return null;
}

type Body = { readonly fingerprint?: string; readonly versions?: Version[] };

function patch({ call, thing }: Asked<Group>): Reply | null {
  const { fingerprint, versions, ...others } = JSON.parse(call.body) as Body;
  if (Object.keys(others).length > 0) return error(400, `Unknown field '${Object.keys(others).join()}'.`);
  if (fingerprint !== undefined && fingerprint !== thing.fingerprint) return error(412, "Invalid fingerprint.");
  if (versions === undefined) return null;
  const [first] = versions;
  if (versions.length === 0 || first?.instanceTemplate === undefined || first.targetSize?.calculated !== undefined)
    return error(400, "Invalid value for field 'resource.versions'.");
  declare(thing, { versions });
  return null;
}
