import { randomBytes } from "node:crypto";

/** A stack as Cloud 66 moves it on: what is asked for is queued, takes a moment, and can fail. */

export type Deployment = {
  readonly id: number;
  /** Null of containers. */
  readonly git_hash: string | null;
  readonly triggered_by: string;
  readonly started_at: string;
  finished_at: string | null;
  outcome: { readonly code: number; readonly meaning: string };
  is_live: boolean;
  is_head: boolean;
  is_deploying: boolean;
};
/** Whatever is done in the background. */
export type Action = {
  readonly id: number;
  readonly user: string;
  readonly action: string;
  readonly started_at: string;
  finished_at: string | null;
  finished_success: boolean | null;
  finished_message: string | null;
};
export type Server = {
  readonly uid: string;
  readonly name: string;
  readonly server_roles: readonly string[];
  health_state: number;
  /** How often it was rebooted; what it says of itself is looked up long after. */
  reboots: number;
  notifications: Record<string, { value: unknown; reason: string; asof: string }>;
};
export type Container = {
  readonly uid: string;
  readonly server_name: string;
  readonly image: string;
  health_state: number;
};
/** Built from git, or of an image by its tag. */
export type Service = {
  readonly name: string;
  readonly source_type: "git" | "image";
  readonly image_name: string;
  image_tag: string;
  desired_count: number;
  containers: Container[];
};

type Work = { readonly action: Action; readonly does: () => void };
/** `refs`: a commit, or services with the tags of their images, "web:v1". */
type Queued = { readonly action: Action; readonly refs: readonly string[]; readonly by: string };

export type Stack = {
  readonly uid: string;
  readonly name: string;
  readonly environment: string;
  framework: string;
  backend: string;
  status: number;
  health: number;
  maintenance_mode: boolean;
  /** The oldest first. */
  readonly deployments: Deployment[];
  readonly actions: Action[];
  readonly processes: Map<string, Record<string, number>>;
  readonly services: Service[];
  readonly servers: Server[];
  readonly backups: object[];
  readonly certificates: object[];
  /** Commits, and images of services as "web:v1", that can be fetched; those whose deployment fails, and those that run badly. */
  readonly commits: Set<string>;
  readonly failing: Set<string>;
  readonly sick: Set<string>;
  /** Whether whatever else is done in the background fails. */
  isJammed: boolean;
  queue: Queued[];
  work: Work[];
  /** What its log says next. */
  readonly lines: string[];
};

/** Every moment is a second after the one before. */
let moment = Date.parse("2026-11-30T08:00:00Z");
function now(): string {
  moment += 1_000;
  return new Date(moment).toISOString().replace(".000Z", "Z");
}

const SUCCESS = { code: 1, meaning: "success" };
const FAILED = { code: 2, meaning: "failed" };
const PENDING = { code: 0, meaning: "pending" };

export function newStack(uid: string, name = "Shop", environment = "production"): Stack {
  return {
    uid,
    name,
    environment,
    framework: "rails",
    backend: "default",
    status: 1,
    health: 3,
    maintenance_mode: false,
    deployments: [],
    actions: [],
    processes: new Map([
      ["scheduler", { Caribou: 1 }],
      ["worker", { Caribou: 1, Jackal: 1 }],
    ]),
    services: [],
    servers: ["Caribou", "Jackal"].map((name) => ({
      uid: randomBytes(16).toString("hex"),
      name,
      server_roles: ["app", "web"],
      health_state: 3,
      reboots: 0,
      notifications: {},
    })),
    backups: [],
    certificates: [],
    commits: new Set(),
    failing: new Set(),
    sick: new Set(),
    isJammed: false,
    queue: [],
    work: [],
    lines: [],
  };
}

export function isOfContainers({ framework, backend }: Stack): boolean {
  return framework === "docker" || backend === "kubernetes";
}

function begin(stack: Stack, action: string, by: string): Action {
  const begun: Action = {
    id: 1_000 + stack.actions.length,
    user: by,
    action,
    started_at: now(),
    finished_at: null,
    finished_success: null,
    finished_message: null,
  };
  stack.actions.push(begun);
  return begun;
}

function end(stack: Stack, action: Action, why: string | null): void {
  stack.lines.push(why === null ? `${action.action} done` : `${action.action} failed: ${why}`);
  Object.assign(action, { finished_at: now(), finished_success: why === null, finished_message: why });
}

/** Put behind what is under way, as the API does. */
export function redeploy(stack: Stack, refs: string | readonly string[], by: string): Action {
  const action = begin(stack, "deploy", by);
  stack.queue.push({ action, refs: [refs].flat(), by });
  if (stack.status !== 6) stack.status = 5;
  return action;
}

/** Done in a moment. */
export function background(stack: Stack, { name, by, does }: { name: string; by: string; does(): void }): Action {
  const action = begin(stack, name, by);
  stack.work.push({ action, does });
  return action;
}

export function reboot(
  stack: Stack,
  { name, by, servers }: { name: string; by: string; servers: readonly Server[] },
): Action {
  return background(stack, {
    name,
    by,
    does() {
      for (const each of servers) each.reboots += 1;
    },
  });
}

export function containerOf({ servers: [server] }: Stack, { image_name: name, image_tag: tag }: Service): Container {
  return {
    uid: randomBytes(32).toString("hex"),
    server_name: server?.name ?? "",
    image: `${name}:${tag}`,
    health_state: 1,
  };
}

/** One moment: work that is begun ends; a deployment begins, or ends; a container comes or goes. */
export function step(stack: Stack): void {
  for (const { action, does } of stack.work.splice(0)) {
    if (!stack.isJammed) does();
    end(stack, action, stack.isJammed ? "Timed out waiting for an agent" : null);
  }
  for (const service of stack.services) {
    const { desired_count: wanted, containers } = service;
    if (containers.length < wanted) containers.push(containerOf(stack, service));
    if (containers.length > wanted) containers.pop();
  }
  const running = stack.deployments.find((each) => each.is_deploying);
  const [next] = stack.queue;
  if (next === undefined) return;
  if (running !== undefined) finish(stack, running, next);
  else start(stack, next);
}

function start(stack: Stack, { action, refs, by }: Queued): void {
  const missing = refs.find((ref) => !stack.commits.has(ref));
  if (missing !== undefined) {
    stack.queue.shift();
    end(stack, action, `Could not find ${isOfContainers(stack) ? "image" : "git reference"} ${missing}`);
    stack.status = stack.queue.length > 0 ? 5 : 1;
    return;
  }
  for (const each of stack.deployments) each.is_head = false;
  stack.deployments.push({
    id: 100 + stack.deployments.length,
    git_hash: isOfContainers(stack) ? null : refs.join(),
    triggered_by: by,
    started_at: now(),
    finished_at: null,
    outcome: PENDING,
    is_live: false,
    is_head: true,
    is_deploying: true,
  });
  stack.status = 6;
  stack.lines.push(`Deploying ${refs.join(", ")}`, "Migrating the database\nRestarting");
}

function finish(stack: Stack, running: Deployment, { action, refs }: Queued): void {
  stack.queue.shift();
  const isGood = refs.every((ref) => !stack.failing.has(ref));
  if (isGood) for (const each of stack.deployments) each.is_live = each === running;
  Object.assign(running, { is_deploying: false, finished_at: now(), outcome: isGood ? SUCCESS : FAILED });
  end(stack, action, isGood ? null : "Deployment failed");
  if (isGood) stack.health = refs.some((ref) => stack.sick.has(ref)) ? 4 : 3;
  for (const service of isGood && isOfContainers(stack) ? stack.services : []) runImage(stack, service, refs);
  const ended = isGood ? 1 : 2;
  stack.status = stack.queue.length > 0 ? 5 : ended;
}

/** Its containers are made anew from the image that was deployed; those of other services stay. */
function runImage(stack: Stack, service: Service, refs: readonly string[]): void {
  const ref = refs.find((each) => each.startsWith(`${service.name}:`));
  if (ref === undefined) return;
  service.image_tag = ref.slice(service.name.length + 1);
  service.containers = service.containers.map(() => containerOf(stack, service));
}

export function isAtRest({ queue, work, deployments, services }: Stack): boolean {
  const isIdle = queue.length === 0 && work.length === 0 && deployments.every((each) => !each.is_deploying);
  return isIdle && services.every(({ desired_count: wanted, containers }) => containers.length === wanted);
}
