import { z } from "zod";
import type { Call, Reply } from "../json-server.ts";
import { background, isOfContainers, reboot, redeploy, type Action, type Stack } from "./stack.ts";

/** The API of Cloud 66: who may ask for what, and what is answered. */

export type User = {
  readonly email: string;
  readonly scopes: readonly string[];
  /** The account whose stacks it sees, where none is named. */
  readonly account: number;
};
export type Cloud66 = {
  readonly stacks: Map<string, { readonly stack: Stack; readonly account: number }>;
  /** By their tokens. */
  readonly users: ReadonlyMap<string, User>;
  /** Requests that are left for this hour. */
  left: number;
  /** How lists are sorted: the API does not promise it. */
  isOldestFirst: boolean;
  effect(call: Call, user: User): void;
};

/** What each error is called. */
const ERRORS: Readonly<Record<number, string>> = {
  400: "bad_request",
  401: "unauthenticated",
  402: "trial_expired",
  403: "forbidden",
  404: "not_found",
  408: "time_out",
  409: "conflict",
  503: "throttled",
};

export function error(status: number, description: string, name = ERRORS[status] ?? "error"): Reply {
  return { status, body: { error: name, error_description: description } };
}

function one(response: unknown): Reply {
  return { status: 200, body: { response } };
}

type Asked = {
  readonly cloud66: Cloud66;
  readonly stack: Stack;
  readonly user: User;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
};
type Route = { readonly scope: string; answer(asked: Asked): Reply };

const PAGE = 30;

function listed(
  { cloud66, query }: Pick<Asked, "cloud66" | "query">,
  items: readonly object[],
  isSorted = false,
): Reply {
  const page = Number(query.get("page") ?? 1);
  const pages = Math.max(1, Math.ceil(items.length / PAGE));
  const sorted = isSorted && !cloud66.isOldestFirst ? items.toReversed() : items;
  const pagination = {
    previous: page > 1 ? page - 1 : null,
    next: page < pages ? page + 1 : null,
    current: page,
    per_page: PAGE,
    count: items.length,
    pages,
  };
  const response = sorted.slice((page - 1) * PAGE, page * PAGE);
  return { status: 200, body: { response, count: items.length, pagination } };
}

/** By method and what is beneath a stack. */
const ROUTES: Readonly<Record<string, Route>> = {
  "GET ": { scope: "public", answer: ({ stack }) => one(shown(stack)) },
  "GET deployments": { scope: "public", answer: (asked) => listed(asked, asked.stack.deployments, true) },
  "POST deployments": { scope: "redeploy", answer: deployed },
  "GET actions": { scope: "public", answer: (asked) => listed(asked, asked.stack.actions, true) },
  "POST actions": { scope: "redeploy", answer: acted },
  "GET processes": {
    scope: "public",
    answer: (asked) => listed(asked, processesOf(asked.stack)),
  },
  "POST processes": { scope: "admin", answer: scaled },
  "GET services": { scope: "public", answer: (asked) => listed(asked, servicesOf(asked.stack)) },
  "POST services": { scope: "admin", answer: placed },
  "GET servers": { scope: "public", answer: (asked) => listed(asked, asked.stack.servers) },
  "POST reboot_servers": { scope: "reboot", answer: rebooted },
  "GET backups": { scope: "public", answer: (asked) => listed(asked, asked.stack.backups, true) },
  "GET ssl_certificates": { scope: "public", answer: (asked) => listed(asked, asked.stack.certificates) },
};

export function answer(cloud66: Cloud66, call: Call): Reply {
  const { method, url, headers } = call;
  const user = cloud66.users.get(/^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "");
  if (user === undefined) return error(401, "No authentication token was passed in the request.");
  if (cloud66.left <= 0) return error(503, "You have reached the maximum rate limit.");
  cloud66.left -= 1;
  const own = { "x-ratelimit-limit": "3600", "x-ratelimit-remaining": String(cloud66.left) };
  const path = url.pathname.replace(/\.json$/, "");
  const [, api, version, root, uid = "", beneath = "", ...more] = path.split("/");
  const isKnown = api === "api" && version === "3" && root === "stacks" && more.length === 0;
  const account = Number(headers["x-account"] ?? user.account);
  const query = url.searchParams;
  if (isKnown && method === "GET" && uid === "") {
    const seen = [...cloud66.stacks.values()].filter((each) => each.account === account);
    return {
      ...listed(
        { cloud66, query },
        seen.map(({ stack }) => shown(stack)),
      ),
      headers: own,
    };
  }
  const found = cloud66.stacks.get(uid);
  const route = isKnown ? ROUTES[`${method} ${beneath}`] : undefined;
  if (route === undefined || found?.account !== account) return error(404, "Resource not found.");
  if (!user.scopes.includes(route.scope)) return error(403, `This needs the scope ${route.scope}.`);
  if (call.body !== "" && headers["content-type"] !== "application/json") return error(400, "The body is no JSON.");
  const body = call.body === "" ? {} : (JSON.parse(call.body) as Asked["body"]);
  const reply = route.answer({ cloud66, stack: found.stack, user, query, body });
  if (method !== "GET" && reply.status < 300) cloud66.effect(call, user);
  return { ...reply, headers: own };
}

function shown(stack: Stack): object {
  const { uid, name, environment, framework, backend, status, health, maintenance_mode } = stack;
  return {
    uid,
    name,
    environment,
    is_cluster: framework === "kubernetes",
    git_branch: "main",
    framework,
    backend,
    status,
    health,
    maintenance_mode,
    is_busy: status === 5 || status === 6 || stack.work.length > 0,
    redeploy_hook: "https://hooks.example.com/stacks/redeploy/a-secret-of-the-hook",
  };
}

function deployed({ stack, body, user }: Asked): Reply {
  const { git_ref: ref, services } = body;
  if (ref !== undefined && isOfContainers(stack)) return error(400, "git_ref is for stacks without Docker only.");
  if (services !== undefined && !isOfContainers(stack)) return error(400, "services is for stacks with Docker only.");
  const refs = z
    .array(z.string().min(1))
    .min(1)
    .safeParse(services ?? [ref]).data;
  if (refs === undefined) return error(400, "The double deploys nothing but a git_ref, or some services.");
  const strange = services === undefined ? undefined : refs.find((each) => !isImage(stack, each));
  if (strange !== undefined) return error(400, `${strange} is no service with the tag of its image.`);
  const { id } = redeploy(stack, refs, user.email);
  return one({ ok: true, message: "Stack queued for redeployment", queued: true, async_action_id: id });
}

/** Whether it is a service of an image, with a tag: "web:v1". */
function isImage({ services }: Stack, ref: string): boolean {
  const [, name] = /^([^:]+):[\w.-]+$/.exec(ref) ?? [];
  return services.some((each) => each.name === name && each.source_type === "image");
}

function acted({ stack, body, user }: Asked): Reply {
  const { command, service_name: name, value } = body;
  if (command === "maintenance_mode") {
    if (value !== 0 && value !== 1) return error(400, "value is 1 to enable or 0 to disable.");
    return one(
      begun(
        background(stack, {
          name: command,
          by: user.email,
          does: () => void (stack.maintenance_mode = value === 1),
        }),
      ),
    );
  }
  if (command === "service_restart" && !stack.services.some((each) => each.name === name))
    return error(400, "There is no such service.");
  if (command !== "restart" && command !== "service_restart") return error(400, "Unknown command.");
  return one(begun(background(stack, { name: command, by: user.email, does: () => undefined })));
}

function rebooted({ stack, body, user }: Asked): Reply {
  const { strategy, group = "web" } = body;
  if (strategy !== "serial" && strategy !== "parallel") return error(400, "strategy is parallel or serial.");
  const servers = stack.servers.filter((each) => group === "all" || each.server_roles.includes(String(group)));
  return one(begun(reboot(stack, { name: "stack_reboot", by: user.email, servers })));
}

/** As the API shows it, without what it keeps for itself. */
function begun(action: Action): object {
  return { ...action, resource_type: "stack", resource_id: "283", started_via: "api" };
}

function processesOf({ processes }: Stack): object[] {
  return [...processes].map(([name, servers]) => ({ name, md5: name, command: `bin/${name}`, servers }));
}

function scaled({ stack, body, user }: Asked): Reply {
  const { process_name: name, server_count: counts } = body;
  const now = stack.processes.get(String(name));
  if (now === undefined || isOfContainers(stack)) return error(400, "There is no such process.");
  const wanted = Object.entries((counts ?? {}) as Record<string, unknown>).map(([uid, count]) => ({
    server: stack.servers.find((each) => each.uid === uid)?.name,
    count: Number(count),
  }));
  if (wanted.length === 0 || wanted.some(({ server, count }) => server === undefined || !(count >= 0)))
    return error(400, "server_count is a hash of server UIDs and counts.");
  const action = background(stack, {
    name: "Process_scale",
    by: user.email,
    does: () => void Object.assign(now, Object.fromEntries(wanted.map((each) => [each.server, each.count]))),
  });
  return one([begun(action)]);
}

function servicesOf(stack: Stack): object[] {
  return stack.services.map(({ desired_count: wanted, ...service }) => ({
    ...service,
    git_ref: service.source_type === "git" ? "main" : null,
    ...(stack.backend === "kubernetes" ? { desired_count: wanted } : {}),
  }));
}

function placed({ stack, body, user }: Asked): Reply {
  const { service_name: name, server_group_count: counts } = body;
  const service = stack.services.find((each) => each.name === name);
  if (service === undefined) return error(400, "There is no such service.");
  const count = Number(((counts ?? {}) as Record<string, unknown>)["web"]);
  if (!(count >= 0)) return error(400, "server_group_count is a hash of web and a count.");
  const action = background(stack, {
    name: "service_scale",
    by: user.email,
    does: () => void (service.desired_count = count),
  });
  return one(begun(action));
}
