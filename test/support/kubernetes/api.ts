import { unknownIn, validateStatus } from "./cert-manager.ts";
import type { Call, Reply } from "../json-server.ts";
import { apiVersionOf, qualified, Refusal, RESOURCES, type Obj, type Resource } from "./object.ts";
import { patched } from "./patch.ts";
import { identified, permit, reviewed, type User } from "./rights.ts";
import { discovered } from "./discovery.ts";
import type { Store } from "./store.ts";
import { watch, type Watching } from "./watch.ts";
import { prune, validate } from "./validity.ts";

/** The HTTP API of the cluster: paths, verbs, patches, watches and refusals, as its documents have them. */

export type Cluster = {
  readonly store: Store;
  readonly users: ReadonlyMap<string, User>;
  /** Why an object may not be as it would be; a webhook's word. */
  admission: ((object: Obj) => string | null) | null;
  /** What a webhook makes of an object on its way in. */
  mutation: ((object: Obj) => void) | null;
  /** Groups of the API that nobody has installed. */
  readonly absent: Set<string>;
  /** The answers to those who watch. */
  readonly watching: Set<Watching>;
  /** Somebody's change took effect. */
  effect(user: User, before: Obj, after: Obj): void;
};

type Place = {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly sub: string | undefined;
};

export function answer(cluster: Cluster, call: Call): Reply | null {
  try {
    return route(cluster, call);
  } catch (error) {
    if (error instanceof Refusal) return { status: error.code, body: error.status };
    throw error;
  }
}

function route(cluster: Cluster, call: Call): Reply | null {
  const user = identified(cluster.users, { authorization: call.headers.authorization, person: call.person });
  const { pathname } = call.url;
  if (pathname === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && call.method === "POST")
    return { status: 201, body: reviewed(user, parsed(call.body)) };
  if (pathname === "/apis/authentication.k8s.io/v1/selfsubjectreviews" && call.method === "POST")
    return { status: 201, body: { ...parsed(call.body), status: { userInfo: { username: user.name, groups: [] } } } };
  const found = discovered(pathname, cluster.absent);
  if (found !== null) return { status: 200, body: found };
  const place = placeOf(cluster, pathname);
  if (place === null)
    return isKnown(cluster, pathname)
      ? {
          status: 404,
          body: new Refusal(404, "NotFound", "the server could not find the requested resource").status,
        }
      : { status: 404, body: "404 page not found\n", headers: { "content-type": "text/plain; charset=utf-8" } };
  const isWatch = ["1", "true"].includes(call.url.searchParams.get("watch") ?? "");
  const verb = verbOf(call.method, place, isWatch);
  const { resource, namespace, name, sub } = place;
  const wish = {
    verb,
    group: resource.group,
    resource: sub === undefined ? resource.plural : `${resource.plural}/${sub}`,
    namespace,
    name,
  };
  permit(user, wish, resource);
  if (verb === "watch") {
    const query = call.url.searchParams;
    return watch(cluster, resource, call, (object) => isIn(object, namespace) && selected(object, query));
  }
  if (verb === "list") return { status: 200, body: list(cluster, place, call.url.searchParams) };
  const object =
    namespace === undefined || name === undefined ? undefined : cluster.store.get(resource, namespace, name);
  if (object === undefined)
    throw new Refusal(404, "NotFound", `${qualified(resource)} "${name}" not found`, {
      name,
      group: resource.group,
      kind: resource.plural,
    });
  if (verb === "get") return { status: 200, body: sub === "scale" ? scaleOf(object) : object };
  if (verb === "patch" || verb === "update") return change(cluster, user, place, object, call);
  throw new Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

function verbOf(method: string, { name }: Place, isWatch: boolean): string {
  if (method === "GET" && name !== undefined) return "get";
  if (method === "GET") return isWatch ? "watch" : "list";
  return { PATCH: "patch", PUT: "update", POST: "create", DELETE: "delete" }[method] ?? method.toLowerCase();
}

/** Whether anybody answers for the group of a path. */
function isKnown({ absent }: Cluster, pathname: string): boolean {
  const [, group] = /^\/apis\/([\w.-]+)/.exec(pathname) ?? [];
  return group === undefined || (!absent.has(group) && RESOURCES.some((each) => each.group === group));
}

function placeOf({ absent }: Cluster, pathname: string): Place | null {
  const match =
    /^\/(?:api\/(v1)|apis\/([\w.-]+)\/(\w+))(?:\/namespaces\/([^/]+))?\/(\w+)(?:\/([^/]+))?(?:\/(\w+))?$/.exec(
      pathname,
    );
  if (match === null) return null;
  const [, core, group = "", version, namespace, plural, name, sub] = match;
  const resource = RESOURCES.find(
    (each) => each.group === group && each.version === (core ?? version) && each.plural === plural,
  );
  if (resource === undefined || absent.has(resource.group)) return null;
  if (sub !== undefined && !(sub === "scale" && resource.scale) && !(sub === "status" && resource.status)) return null;
  return { resource, namespace, name, sub };
}

function parsed(text: string): Obj {
  try {
    return JSON.parse(text) as Obj;
  } catch {
    throw new Refusal(400, "BadRequest", "the object provided is unrecognized: couldn't parse the body as JSON");
  }
}

function scaleOf({ metadata, spec, status }: Obj): Obj {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata as Obj;
  const selector = Object.entries(spec.selector.matchLabels as Obj).map(([key, value]) => `${key}=${String(value)}`);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas },
    status: { replicas: status.replicas ?? 0, selector: selector.join(",") },
  };
}

function change(cluster: Cluster, user: User, { resource, sub }: Place, object: Obj, call: Call): Reply {
  const query = call.url.searchParams;
  const dryRun = query.getAll("dryRun");
  if (dryRun.some((each) => each !== "All"))
    throw new Refusal(422, "Invalid", `dryRun: Unsupported value: "${dryRun.join()}": supported values: "All"`);
  const before = sub === "scale" ? scaleOf(object) : object;
  const sent = parsed(call.body);
  const wanted = call.method === "PUT" ? sent : patched(call.headers["content-type"] ?? "", before, sent);
  if (
    sub === "scale" &&
    wanted["spec"].replicas !== before["spec"].replicas &&
    call.method === "PUT" &&
    resource.scale !== true
  )
    throw new Refusal(405, "MethodNotAllowed", "not scalable");
  const version = wanted["metadata"].resourceVersion as string | undefined;
  const name = `${resource.kind}.${resource.group} "${object["metadata"].name as string}"`;
  if (version !== undefined && version !== object["metadata"].resourceVersion) throw conflict(resource, object);
  const after = structuredClone(sub === "scale" ? object : wanted);
  if (sub === "scale") after["spec"].replicas = wanted["spec"].replicas;
  if (sub === "status") Object.assign(after, { spec: structuredClone(object["spec"]) });
  const unknown = sub === "status" ? unknownIn(after) : prune(after);
  if (unknown.length > 0 && query.get("fieldValidation") === "Strict")
    throw new Refusal(
      400,
      "BadRequest",
      `strict decoding error: ${unknown.map((path) => `unknown field "${path}"`).join(", ")}`,
    );
  // What the server decides, no client does: a patch of the main resource leaves the status alone.
  if (sub !== "status") after["status"] = structuredClone(object["status"]);
  // Of what stands beside the status, a status that is written changes nothing.
  const { generation, resourceVersion } = object["metadata"] as Obj;
  if (sub === "status") after["metadata"] = structuredClone(object["metadata"]);
  else Object.assign(after["metadata"], { generation, resourceVersion });
  cluster.mutation?.(after);
  if (sub === "status") validateStatus(after, name);
  else validate(object, after, name);
  const denied = cluster.admission?.(after) ?? null;
  if (denied !== null)
    throw new Refusal(400, "BadRequest", `admission webhook "rules.example.com" denied the request: ${denied}`);
  // Others may have written while its rules were asked.
  const { namespace, name: key } = object["metadata"] as Obj;
  if (cluster.store.get(resource, namespace as string, key as string) !== object) throw conflict(resource, object);
  const headers = Object.fromEntries(unknown.map((path) => ["warning", `299 - "unknown field \\"${path}\\""`]));
  return {
    status: 200,
    headers,
    body: stored(cluster, user, resource, { object, after, call, dry: dryRun.length > 0 }, sub),
  };
}

function conflict(resource: Resource, { metadata: { name } }: Obj): Refusal {
  return new Refusal(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(resource)} "${name as string}": the object has been modified; please apply your changes to the latest version and try again`,
    { name, group: resource.group, kind: resource.plural },
  );
}

function stored(
  { store, effect }: Cluster,
  user: User,
  resource: Resource,
  { object, after, call, dry }: { object: Obj; after: Obj; call: Call; dry: boolean },
  sub: string | undefined,
): Obj {
  if (JSON.stringify(after) !== JSON.stringify(object)) {
    const manager =
      call.url.searchParams.get("fieldManager") ?? (call.headers["user-agent"] ?? "unknown").split("/")[0];
    const others = ((object["metadata"].managedFields ?? []) as Obj[]).filter((each) => each["manager"] !== manager);
    after["metadata"].managedFields = [
      ...others,
      {
        manager,
        operation: "Update",
        apiVersion: apiVersionOf(resource),
        time: store.now(),
        fieldsType: "FieldsV1",
        fieldsV1: {},
      },
    ];
    if (!dry) {
      store.put(resource, after);
      effect(user, object, after);
    }
  }
  return sub === "scale" ? scaleOf(after) : after;
}

function list({ store }: Cluster, { resource, namespace }: Place, query: URLSearchParams): Obj {
  if (resource.group === "metrics.k8s.io") return usage(store, namespace, query);
  const all = store.list(resource, namespace).filter((object) => selected(object, query));
  const from = Number(query.get("continue") ?? 0);
  const limit = Number(query.get("limit") ?? 0);
  const items = limit > 0 ? all.slice(from, from + limit) : all.slice(from);
  const isMore = from + items.length < all.length;
  return {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata: {
      resourceVersion: String(store.version()),
      ...(isMore ? { continue: String(from + items.length) } : {}),
    },
    // A list says once of what its items are.
    items: items.map(({ kind: _kind, apiVersion: _version, ...object }) => object),
  };
}

function isIn({ metadata }: Obj, namespace: string | undefined): boolean {
  return namespace === undefined || metadata.namespace === namespace;
}

/** Selectors of labels (`a=b`, `a in (b,c)`, `a`, `!a`) and of fields. @throws Refusal for what is neither */
function selected(object: Obj, query: URLSearchParams): boolean {
  const labels = (object["metadata"].labels ?? {}) as Obj;
  const byLabel = (query.get("labelSelector") ?? "").split(/,(?![^(]*\))/).filter(Boolean);
  const byField = (query.get("fieldSelector") ?? "").split(",").filter(Boolean);
  return (
    byLabel.every((term) => {
      const [, key = "", not, list] = /^([\w./-]+) (not)?in \(([^)]*)\)$/.exec(term) ?? [];
      if (key !== "") return (list ?? "").split(",").includes(String(labels[key])) !== (not !== undefined);
      const [, name = "", operator, value] = /^(!?[\w./-]+)(?:(==?|!=)([\w.-]*))?$/.exec(term) ?? [];
      if (name === "") throw new Refusal(400, "BadRequest", `unable to parse requirement: ${term}`);
      if (operator === undefined) return name.startsWith("!") ? !(name.slice(1) in labels) : name in labels;
      return (labels[name] === value) !== (operator === "!=");
    }) &&
    byField.every((term) => {
      const [, path = "", value] = /^([\w.]+)==?(.*)$/.exec(term) ?? [];
      const found: unknown = path.split(".").reduce<unknown>((inner, key) => (inner as Obj | undefined)?.[key], object);
      return found === value;
    })
  );
}

function usage(store: Store, namespace: string | undefined, query: URLSearchParams): Obj {
  const pods = RESOURCES.find((each) => each.plural === "pods" && each.group === "") as Resource;
  return {
    kind: "PodMetricsList",
    apiVersion: "metrics.k8s.io/v1beta1",
    metadata: {},
    items: store
      .list(pods, namespace)
      .filter((pod) => selected(pod, query))
      .map(({ metadata, spec }) => ({
        metadata: { name: metadata.name, namespace: metadata.namespace, labels: metadata.labels },
        timestamp: store.now(),
        window: "15s",
        containers: (spec.containers as Obj[]).map(({ name }) => ({
          name,
          usage: { cpu: "120500000n", memory: "65536Ki" },
        })),
      })),
  };
}
