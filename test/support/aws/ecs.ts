import { onlyOf, Refusal } from "./refusal.ts";
import {
  ACCOUNT,
  arnOf,
  CLUSTER,
  deploys,
  latestOf,
  REGION,
  type Deployment,
  type Revision,
  type Service,
  type ServiceDeployment,
  type Stopped,
} from "./service.ts";

/** Amazon ECS as its API reference has it: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ */

export type TaskDefinition = { readonly images: readonly string[]; readonly isActive: boolean };

export type Ecs = {
  readonly services: Map<string, Service>;
  readonly taskDefinitions: Map<string, TaskDefinition>;
  /** How many of a list come at most, whatever was asked for. */
  page: number;
  /** Something was changed by a request. */
  effect(action: string): void;
};

type Input = Readonly<Record<string, unknown>>;
type Operation = (ecs: Ecs, input: Input) => object;

export const ECS: Readonly<Record<string, Operation>> = {
  DescribeServices(ecs, input) {
    onlyOf(input, { cluster: "string", services: "object", include: "object" });
    const names = listOf(input, "services", 10).map((name) => name.replace(/^.*\//, ""));
    const withTags = (input["include"] as string[] | undefined)?.includes("TAGS") === true;
    checkCluster(input);
    const found = names.flatMap((name) => ecs.services.get(name) ?? []);
    const missing = names.filter((name) => !ecs.services.has(name));
    return {
      services: found.map((each) => ({ ...serviceShown(each), ...(withTags ? { tags: tagsOf(each) } : {}) })),
      failures: missing.map((name) => ({ arn: arnOf("service", CLUSTER, name), reason: "MISSING" })),
    };
  },

  ListServices(ecs, input) {
    onlyOf(input, { cluster: "string", nextToken: "string", maxResults: "number" });
    checkCluster(input);
    const { items, ...more } = paged(ecs, input, { all: [...ecs.services.values()], otherwise: 10 });
    return { serviceArns: items.map(({ name }) => arnOf("service", CLUSTER, name)), ...more };
  },

  ListServiceDeployments(ecs, input) {
    onlyOf(input, {
      cluster: "string",
      service: "string",
      status: "object",
      createdAt: "object",
      nextToken: "string",
      maxResults: "number",
    });
    checkCluster(input);
    const { history, controller } = serviceIn(ecs, input);
    if (controller !== "ECS") throw invalid("Service deployments are of services that ECS itself deploys.");
    const statuses = input["status"] as string[] | undefined;
    const all = history.filter(({ status }) => statuses?.includes(status) ?? true);
    // In which order they come its reference does not say.
    const { items, ...more } = paged(ecs, input, { all, otherwise: 20 });
    return {
      serviceDeployments: items.map((each) => ({
        serviceDeploymentArn: each.arn,
        ...around(each),
        targetServiceRevisionArn: each.to.arn,
      })),
      ...more,
    };
  },

  DescribeServiceDeployments(ecs, input) {
    onlyOf(input, { serviceDeploymentArns: "object" });
    const arns = listOf(input, "serviceDeploymentArns", 20);
    const all = [...ecs.services.values()].flatMap(({ history }) => history);
    return {
      serviceDeployments: all.filter(({ arn }) => arns.includes(arn)).map(deploymentShown),
      failures: arns.filter((arn) => all.every((each) => each.arn !== arn)).map((arn) => ({ arn, reason: "MISSING" })),
    };
  },

  DescribeServiceRevisions(ecs, input) {
    onlyOf(input, { serviceRevisionArns: "object" });
    const arns = listOf(input, "serviceRevisionArns", 20);
    const all = [...ecs.services.values()].flatMap(({ history }) => history.flatMap(({ to, from }) => [to, ...from]));
    const found = new Map(all.filter(({ arn }) => arns.includes(arn)).map((each) => [each.arn, each]));
    return {
      serviceRevisions: [...found.values()].map(revisionShown),
      failures: arns.filter((arn) => !found.has(arn)).map((arn) => ({ arn, reason: "MISSING" })),
    };
  },

  ListTasks({ services }, input) {
    onlyOf(input, { cluster: "string", serviceName: "string", desiredStatus: "string", maxResults: "number" });
    checkCluster(input);
    const service = services.get(input["serviceName"] as string);
    if (input["desiredStatus"] !== "STOPPED") throw invalid("This double only knows tasks that have stopped.");
    return { taskArns: (service?.stopped ?? []).slice(0, 100).map(({ arn }) => arn) };
  },

  DescribeTasks({ services }, input) {
    onlyOf(input, { cluster: "string", tasks: "object" });
    checkCluster(input);
    const arns = listOf(input, "tasks", 100);
    const found = [...services.values()].flatMap(({ stopped }) => stopped.filter(({ arn }) => arns.includes(arn)));
    return { tasks: found.map(taskShown), failures: [] };
  },

  UpdateService(ecs, input) {
    onlyOf(input, {
      cluster: "string",
      service: "string",
      desiredCount: "number",
      taskDefinition: "string",
      forceNewDeployment: "boolean",
    });
    checkCluster(input);
    const service = serviceIn(ecs, input);
    const { desiredCount, taskDefinition, forceNewDeployment = false } = input;
    const [primary] = service.deployments;
    const now = primary?.revision.taskDefinition ?? "";
    const asked = taskDefinition === undefined ? now : definitionArn(ecs, taskDefinition as string);
    if (service.controller !== "ECS" && (taskDefinition !== undefined || forceNewDeployment === true))
      throw invalid(`Unable to update task definition on services with a ${service.controller} deployment controller.`);
    if (desiredCount !== undefined && (service.scheduling === "DAEMON" || (desiredCount as number) < 0))
      throw invalid("The desired count cannot be set to this.");
    if (desiredCount !== undefined && desiredCount !== service.wanted) {
      service.wanted = desiredCount as number;
      ecs.effect("UpdateService");
    }
    if (asked !== now || forceNewDeployment === true) {
      deploys(service, asked, ecs.taskDefinitions.get(asked.replace(/^.*\//, ""))?.images ?? []);
      ecs.effect("UpdateService");
    }
    return { service: serviceShown(service) };
  },

  StopServiceDeployment(ecs, input) {
    onlyOf(input, { serviceDeploymentArn: "string", stopType: "string" });
    if ((input["stopType"] ?? "ROLLBACK") !== "ROLLBACK") throw invalid("The stop type is not supported.");
    const { serviceDeploymentArn } = input;
    const found = [...ecs.services.values()]
      .flatMap(({ history }) => history)
      .find(({ arn }) => arn === serviceDeploymentArn);
    if (found === undefined)
      throw new Refusal(400, "ServiceDeploymentNotFoundException", "The service deployment was not found.");
    if (found.status === "PENDING" || found.status === "IN_PROGRESS") {
      found.status = "ROLLBACK_REQUESTED";
      found.reason = "Service deployment was stopped by a user.";
      ecs.effect("StopServiceDeployment");
    } else if (!/^(STOP_REQUESTED|ROLLBACK_REQUESTED|ROLLBACK_IN_PROGRESS)$/.test(found.status))
      throw new Refusal(400, "ConflictException", `The service deployment is ${found.status} and cannot be stopped.`);
    return { serviceDeploymentArn };
  },
};

/** One page, and the token of the next one. */
function paged<Item>(
  { page }: Ecs,
  { nextToken, maxResults }: Input,
  { all, otherwise }: { readonly all: readonly Item[]; readonly otherwise: number },
): { items: Item[]; nextToken?: string } {
  const from = nextToken === undefined ? 0 : Number(Buffer.from(nextToken as string, "base64"));
  const size = Math.min(page, (maxResults as number | undefined) ?? otherwise, 100);
  const next = from + size;
  const more = next < all.length ? { nextToken: Buffer.from(String(next)).toString("base64") } : {};
  return { items: all.slice(from, next), ...more };
}

function invalid(message: string): Refusal {
  return new Refusal(400, "InvalidParameterException", message);
}

function listOf(input: Input, name: string, most: number): readonly string[] {
  const list = input[name];
  if (!Array.isArray(list) || list.length === 0 || list.length > most) throw invalid(`${name} must have 1 to ${most}.`);
  return list as string[];
}

function checkCluster({ cluster = "default" }: Input): void {
  if (cluster !== CLUSTER) throw new Refusal(400, "ClusterNotFoundException", "Cluster not found.");
}

function serviceIn({ services }: Ecs, { service }: Input): Service {
  const found = services.get(service as string);
  if (found === undefined) throw new Refusal(400, "ServiceNotFoundException", "Service not found.");
  return found;
}

/** @throws Refusal as it answers for one that is not there, or was deregistered */
function definitionArn({ taskDefinitions }: Ecs, asked: string): string {
  const name = asked.replace(/^.*\//, "");
  const found = taskDefinitions.get(name);
  if (found === undefined) throw new Refusal(400, "ClientException", "Unable to describe task definition.");
  if (!found.isActive) throw new Refusal(400, "ClientException", "TaskDefinition is inactive");
  return arnOf("task-definition", name);
}

function seconds(date: Date): number {
  return date.getTime() / 1_000;
}

function serviceShown(service: Service): object {
  const { name, controller, scheduling, deployments, events, wanted } = service;
  const latest = latestOf(service);
  return {
    serviceArn: arnOf("service", CLUSTER, name),
    serviceName: name,
    clusterArn: arnOf("cluster", CLUSTER),
    status: "ACTIVE",
    desiredCount: wanted,
    runningCount: deployments.reduce((sum, each) => sum + each.running, 0),
    pendingCount: deployments.reduce((sum, each) => sum + each.starting, 0),
    launchType: "FARGATE",
    ...(deployments[0] === undefined ? {} : { taskDefinition: deployments[0].revision.taskDefinition }),
    deployments: controller === "ECS" ? deployments.map((each, index) => shown(each, index, wanted)) : [],
    events: events.map(({ id, at, message }) => ({ id, createdAt: seconds(at), message })),
    schedulingStrategy: scheduling,
    ...(controller === "ECS" ? {} : { deploymentController: { type: controller } }),
    ...(controller === "ECS" && latest !== undefined ? { currentServiceDeployment: latest.arn } : {}),
    createdBy: `arn:aws:iam::${ACCOUNT}:user/ana`,
    networkConfiguration: { awsvpcConfiguration: { subnets: [`subnet-${REGION}`], assignPublicIp: "DISABLED" } },
  };
}

function tagsOf({ tags }: Service): object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function shown(
  { id, revision, createdAt, running, starting, failed, ...rest }: Deployment,
  index: number,
  wanted: number,
) {
  return {
    id,
    status: index === 0 ? "PRIMARY" : "ACTIVE",
    taskDefinition: revision.taskDefinition,
    desiredCount: index === 0 ? wanted : 0,
    pendingCount: starting,
    runningCount: running,
    failedTasks: failed,
    createdAt: seconds(createdAt),
    updatedAt: seconds(createdAt),
    rolloutState: rest.state,
    rolloutStateReason: rest.reason,
  };
}

function taskShown({ arn, startedBy, at, reason, exitCode }: Stopped): object {
  return {
    taskArn: arn,
    clusterArn: arnOf("cluster", CLUSTER),
    desiredStatus: "STOPPED",
    lastStatus: "STOPPED",
    startedBy,
    stoppedAt: seconds(at),
    stoppedReason: reason,
    stopCode: exitCode === undefined ? "TaskFailedToStart" : "EssentialContainerExited",
    containers: [{ name: "web", lastStatus: "STOPPED", ...(exitCode === undefined ? {} : { exitCode }) }],
  };
}

function around({ createdAt, finishedAt, status, reason }: ServiceDeployment): object {
  return {
    serviceArn: arnOf("service", CLUSTER),
    clusterArn: arnOf("cluster", CLUSTER),
    createdAt: seconds(createdAt),
    startedAt: seconds(createdAt),
    ...(finishedAt === undefined ? {} : { finishedAt: seconds(finishedAt) }),
    status,
    ...(reason === undefined ? {} : { statusReason: reason }),
  };
}

function deploymentShown(each: ServiceDeployment): object {
  return {
    serviceDeploymentArn: each.arn,
    ...around(each),
    sourceServiceRevisions: each.from.map(({ arn }) => ({ arn, requestedTaskCount: 0, runningTaskCount: 0 })),
    targetServiceRevision: { arn: each.to.arn, requestedTaskCount: 0, runningTaskCount: 0 },
  };
}

function revisionShown({ arn, taskDefinition, images, createdAt }: Revision): object {
  return {
    serviceRevisionArn: arn,
    clusterArn: arnOf("cluster", CLUSTER),
    taskDefinition,
    launchType: "FARGATE",
    containerImages: images.map((image) => ({ containerName: "web", image, imageDigest: "sha256:0" })),
    createdAt: seconds(createdAt),
  };
}
