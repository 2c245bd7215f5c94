import { randomUUID } from "node:crypto";
import type { Call, Reply } from "../json-server.ts";
import { answer, error, everything, type Asked, type Route, type World } from "./api.ts";
import {
  BY_NAME,
  declare,
  lastOf,
  same,
  shown,
  shownByKnative,
  shownRevision,
  type Declared,
  type Service,
} from "./service.ts";

/** The Cloud Run Admin API, version 2, as its reference has it, and of version 1 the list of all regions, which that has not. */

type Body = {
  readonly etag?: string;
  readonly annotations?: Record<string, string>;
  readonly template?: Partial<Service["template"]>;
  readonly scaling?: Service["scaling"];
  readonly traffic?: Service["traffic"];
  readonly permissions?: readonly string[];
};

/** By method and what stands behind the name of a service. */
const ROUTES: Readonly<Record<string, Route<Service>>> = {
  "GET ": { permissions: ["run.services.get"], answer: ({ thing }) => ({ status: 200, body: shown(thing) }) },
  // Whoever changes a service acts as the account that it runs as.
  "PATCH ": { permissions: ["run.services.update", "iam.serviceAccounts.actAs"], answer: patch },
  "GET /revisions": { permissions: ["run.revisions.list"], answer: listed },
  "POST :testIamPermissions": { permissions: [], answer: tested },
};

const PATH = /^\/v2\/(projects\/[\w-]+\/locations\/[\w-]+\/services\/[\w-]+)(:\w+|\/\w+)?$/;

const EVERY = /^\/apis\/serving\.knative\.dev\/v1\/namespaces\/([\w-]+)\/services$/;

export function answerRun(world: World, call: Call, things: ReadonlyMap<string, Service>): Reply {
  const [, project] = EVERY.exec(call.url.pathname) ?? [];
  if (project !== undefined) {
    const path = `projects/${project}`;
    const route = call.method === "GET" ? { permissions: ["run.services.list"], answer: listedEverywhere } : undefined;
    return answer(world, call, { path, route, things: everything(path, things) });
  }
  const [, path = "", beneath = ""] = PATH.exec(call.url.pathname) ?? [];
  return answer(world, call, { path, route: ROUTES[`${call.method} ${beneath}`], things });
}

const MOST = 2; // of what is listed in one answer, however many are asked for

function listed({ call, thing: service }: Asked<Service>): Reply {
  const { searchParams: query } = call.url;
  const size = Number(query.get("pageSize") ?? MOST);
  if (!Number.isInteger(size) || size < 0) return error(400, "page_size must not be negative.");
  const from = Number(Buffer.from(query.get("pageToken") ?? "", "base64url").toString() || "0");
  if (!Number.isInteger(from)) return error(400, "page_token is invalid.");
  const until = from + Math.min(size === 0 ? MOST : size, MOST);
  const revisions = service.revisions.slice(from, until).map((each) => shownRevision(service, each));
  const nextPageToken = until < service.revisions.length ? Buffer.from(String(until)).toString("base64url") : undefined;
  return { status: 200, body: { ...(revisions.length === 0 ? {} : { revisions }), nextPageToken } };
}

/** Regions that are not reached are named, and what is in them is left out. */
function listedEverywhere({ world, call, thing: all }: Asked<Service[]>): Reply {
  const there = all.filter(
    ({ path }) => ![...world.unreached].some((region) => path.includes(`/locations/${region}/`)),
  );
  const from = Number(Buffer.from(call.url.searchParams.get("continue") ?? "", "base64url").toString() || "0");
  if (!Number.isInteger(from)) return error(400, "The continue token is invalid.");
  const until = from + MOST;
  const metadata = until < there.length ? { continue: Buffer.from(String(until)).toString("base64url") } : {};
  const items = there.slice(from, until).map(shownByKnative);
  const body = { apiVersion: "serving.knative.dev/v1", kind: "ServiceList", metadata };
  return {
    status: 200,
    body: {
      ...body,
      ...(items.length === 0 ? {} : { items }),
      ...(world.unreached.size === 0 ? {} : { unreachable: [...world.unreached] }),
    },
  };
}

/** What can be asked for of a service; another is no permission of one. */
const OF_A_SERVICE = ["run.services.get", "run.services.update", "run.services.delete", "run.routes.invoke"];

function tested({ world, call, email }: Asked<Service>): Reply {
  const { permissions: asked = [] } = JSON.parse(call.body) as Body;
  const foreign = asked.find((each) => !OF_A_SERVICE.includes(each));
  if (foreign !== undefined) return error(400, `Permission ${foreign} is not valid for this resource.`);
  const permissions = asked.filter((each) => world.permissions.get(email)?.has(each) === true);
  return { status: 200, body: permissions.length === 0 ? {} : { permissions } };
}

/** What may be set, by the name that a mask has for it. */
const FIELDS: Readonly<Record<string, (service: Service, body: Body) => Partial<Declared>>> = {
  annotations: (_, { annotations = {} }) => ({ annotations }),
  traffic: (_, { traffic = [] }) => ({ traffic }),
  "scaling.minInstanceCount": (service, body) => scaled(service, body, "minInstanceCount"),
  "scaling.manualInstanceCount": (service, body) => scaled(service, body, "manualInstanceCount"),
  "template.annotations": ({ template }, body) => ({
    template: { ...template, annotations: body.template?.annotations ?? {} },
  }),
  "template.revision": ({ template }, body) => ({ template: { ...template, revision: body.template?.revision } }),
};

function scaled({ scaling }: Service, body: Body, field: "minInstanceCount" | "manualInstanceCount") {
  return { scaling: { ...scaling, [field]: body.scaling?.[field] ?? 0 } };
}

function patch({ world, call, email, thing: service }: Asked<Service>): Reply {
  const body = JSON.parse(call.body) as Body;
  const mask = (call.url.searchParams.get("updateMask") ?? "").split(",");
  const foreign = mask.find((each) => FIELDS[each] === undefined);
  if (foreign !== undefined) return error(400, `Update mask path '${foreign}' does not match any resource fields.`);
  if (body.etag !== undefined && body.etag !== service.etag)
    return error(
      409,
      `Conflict for resource '${lastOf(service.path)}': version '${body.etag}' was specified but current version is '${service.etag}'.`,
    );
  const declared = mask.reduce<Declared>(
    (all, field) => ({ ...all, ...FIELDS[field]?.({ ...service, ...all }, body) }),
    service,
  );
  const wrong = wrongIn(service, declared);
  if (wrong !== null) return wrong;
  const { annotations, template, scaling, traffic } = declared;
  declare(service, { annotations, template, scaling, traffic }, email);
  world.effect(email, `PATCH ${mask.join(",")}`, body.annotations?.["daytwo.dev/operation"] ?? "");
  const [, location = ""] = /^(projects\/[^/]+\/locations\/[^/]+)/.exec(service.path) ?? [];
  const metadata = { "@type": "type.googleapis.com/google.cloud.run.v2.Service", ...shown(service) };
  return { status: 200, body: { name: `${location}/operations/${randomUUID()}`, metadata } };
}

function wrongIn({ revisions, template: before }: Service, { traffic, template, scaling, annotations }: Declared) {
  if (traffic.length > 0 && traffic.reduce((sum, { percent = 0 }) => sum + percent, 0) !== 100)
    return error(400, "spec.traffic: Traffic percentages must sum to 100.");
  const lost = traffic.find(
    ({ type, revision }) => type === BY_NAME && !revisions.some(({ name }) => name === revision),
  );
  if (lost !== undefined) return error(400, `Revision '${lost.revision}' does not exist.`);
  if (scaling.maxInstanceCount !== undefined && (scaling.minInstanceCount ?? 0) > scaling.maxInstanceCount)
    return error(400, "scaling.min_instance_count may not exceed scaling.max_instance_count.");
  const system = Object.keys({ ...annotations, ...template.annotations }).find((each) =>
    /^([\w-]+\.)?(run\.googleapis\.com|cloud\.googleapis\.com|serving\.knative\.dev)\//.test(each),
  );
  if (system !== undefined) return error(400, `metadata.annotations[${system}]: System annotations are not allowed.`);
  const { revision } = template;
  if (!same(before, template) && revision !== undefined && revisions.some(({ name }) => name === revision))
    return error(409, `Revision named '${revision}' with different configuration already exists.`, "ALREADY_EXISTS");
  return null;
}
