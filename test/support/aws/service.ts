import { randomBytes } from "node:crypto";

/** A service of ECS and what ECS does with it by itself, one step at a time. */

export const ACCOUNT = "123456789012";
export const REGION = "eu-west-1";
export const CLUSTER = "shop";
export const IMAGES = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;

export type Revision = {
  readonly arn: string;
  readonly taskDefinition: string;
  readonly images: readonly string[];
  readonly createdAt: Date;
};

export type Deployment = {
  readonly id: string;
  readonly revision: Revision;
  readonly createdAt: Date;
  running: number;
  starting: number;
  failed: number;
  state: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  /** What ECS says of it with its state. */
  reason: string;
};

export type ServiceDeployment = {
  readonly arn: string;
  readonly to: Revision;
  readonly from: readonly Revision[];
  readonly createdAt: Date;
  finishedAt?: Date;
  status: string;
  reason?: string;
};

export type Service = {
  readonly name: string;
  readonly controller: string;
  readonly scheduling: string;
  readonly tags: Readonly<Record<string, string>>;
  /** After how many failed tasks it gives up, and whether it then goes back; null: never. */
  breaker: { readonly after: number; readonly rollback: boolean } | null;
  wanted: number;
  /** The newest first. */
  deployments: Deployment[];
  /** The oldest first. */
  history: ServiceDeployment[];
  events: { readonly id: string; readonly at: Date; readonly message: string }[];
  /** The newest first. */
  stopped: Stopped[];
  bounds: { min: number; max: number; demand: number | null } | null;
};

/** One that was started and did not come up. */
export type Stopped = {
  readonly arn: string;
  readonly startedBy: string;
  readonly at: Date;
  readonly reason: string;
  readonly exitCode?: number;
};

/** What ECS says of the tasks of a release that do not come up. */
export type Troubles = ReadonlyMap<string, { readonly reason: string; readonly exitCode?: number }>;

export function arnOf(kind: string, ...path: readonly string[]): string {
  return `arn:aws:ecs:${REGION}:${ACCOUNT}:${[kind, ...path].join("/")}`;
}

export function id(): string {
  return randomBytes(8).toString("hex");
}

export function releaseOf({ taskDefinition }: Revision): string {
  return taskDefinition.replace(/^.*\//, "");
}

export function tells(service: Service, message: string): void {
  service.events.unshift({ id: id(), at: new Date(), message: `(service ${service.name}) ${message}` });
}

export function latestOf({ history }: Service): ServiceDeployment | undefined {
  return history.at(-1);
}

/** What somebody asks for takes the place of what was under way. */
export function deploys(service: Service, taskDefinition: string, images: readonly string[]): void {
  const createdAt = new Date();
  const own = arnOf("service-revision", CLUSTER, service.name, id());
  const to: Revision = { arn: own, taskDefinition, images, createdAt };
  const last = latestOf(service);
  if (last !== undefined && /^(PENDING|IN_PROGRESS|ROLLBACK_(REQUESTED|IN_PROGRESS))$/.test(last.status)) {
    last.status = "STOPPED";
    last.reason = "Service deployment was stopped by a newer one.";
  }
  const from = service.deployments.filter(({ running }) => running > 0).map(({ revision }) => revision);
  service.history.push({
    arn: arnOf("service-deployment", CLUSTER, service.name, id()),
    to,
    from,
    createdAt,
    status: "IN_PROGRESS",
  });
  begins(service, to);
}

function begins(service: Service, revision: Revision): void {
  const own = `ecs-svc/${BigInt(`0x${id()}`)}`;
  const rest = { createdAt: new Date(), running: 0, starting: 0, failed: 0 };
  const reason = `ECS deployment ${own} in progress.`;
  service.deployments.unshift({ id: own, revision, ...rest, state: "IN_PROGRESS", reason });
}

/** Brings back what ran before the last service deployment. */
function goesBack(service: Service, last: ServiceDeployment): void {
  const [before] = last.from;
  if (before === undefined) return;
  last.status = "ROLLBACK_IN_PROGRESS";
  begins(service, before);
}

export function stepService(service: Service, troubles: Troubles): void {
  const { bounds } = service;
  if (bounds?.demand !== null && bounds !== null)
    service.wanted = Math.min(Math.max(bounds.demand, bounds.min), bounds.max);
  const last = latestOf(service);
  if (last?.status === "ROLLBACK_REQUESTED") return goesBack(service, last);
  const [primary, ...older] = service.deployments;
  if (primary === undefined) return;
  starts(service, primary, troubles.get(releaseOf(primary.revision)));
  // It was given up, and what ran before begins again.
  if (service.deployments[0] !== primary) return;
  const all = service.deployments.reduce((sum, { running }) => sum + running, 0);
  const leaving = older.findLast(({ running }) => running > 0);
  if (primary.running > service.wanted) primary.running -= 1;
  else if (leaving !== undefined && primary.state !== "FAILED" && all > service.wanted) leaving.running -= 1;
  service.deployments = [primary, ...older.filter(({ running }) => running > 0)];
  const isThere = primary.running === service.wanted && primary.starting === 0 && service.deployments.length === 1;
  if (isThere && primary.state === "IN_PROGRESS") ends(service, primary);
}

/** One task at a time: it starts, and a step later it runs or has failed. */
function starts(
  service: Service,
  primary: Deployment,
  trouble: { readonly reason: string; readonly exitCode?: number } | undefined,
): void {
  if (primary.state === "FAILED") return;
  if (primary.starting === 0) {
    if (primary.running < service.wanted) primary.starting = 1;
    return;
  }
  primary.starting = 0;
  if (trouble === undefined) {
    primary.running += 1;
    primary.failed = 0;
    return;
  }
  primary.failed += 1;
  const task = arnOf("task", CLUSTER, id());
  service.stopped.unshift({ arn: task, startedBy: primary.id, at: new Date(), ...trouble });
  tells(service, `has started 1 tasks: (task ${task.replace(/^.*\//, "")}).`);
  if (service.breaker !== null && primary.failed >= service.breaker.after) givesUp(service, primary);
}

function givesUp(service: Service, primary: Deployment): void {
  const reason = "ECS deployment circuit breaker: tasks failed to start.";
  primary.state = "FAILED";
  primary.reason = reason;
  tells(service, `(deployment ${primary.id}) deployment failed: tasks failed to start.`);
  const last = latestOf(service);
  if (last === undefined) return;
  last.reason = reason;
  if (last.status === "ROLLBACK_IN_PROGRESS") last.status = "ROLLBACK_FAILED";
  else if (service.breaker?.rollback === true) goesBack(service, last);
  else last.status = "STOPPED";
}

function ends(service: Service, primary: Deployment): void {
  primary.state = "COMPLETED";
  primary.reason = `ECS deployment ${primary.id} completed.`;
  tells(service, "has reached a steady state.");
  const last = latestOf(service);
  if (last === undefined) return;
  last.status = last.status === "ROLLBACK_IN_PROGRESS" ? "ROLLBACK_SUCCESSFUL" : "SUCCESSFUL";
  last.finishedAt = new Date();
}

export function isAtRest(service: Service): boolean {
  const [primary, ...older] = service.deployments;
  if (latestOf(service)?.status === "ROLLBACK_REQUESTED") return false;
  if (primary?.state === "FAILED") return true;
  return primary?.state === "COMPLETED" && primary.running === service.wanted && older.length === 0;
}
