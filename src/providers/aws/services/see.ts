import { z } from "zod";
import { Invalid } from "../../../errors.ts";
import { listAll, look, type ServicePlace } from "../api.ts";
import { ecs, scaling } from "../client.ts";
import * as objects from "./objects.ts";
import type { Deployment, Service } from "./objects.ts";
import { openSight, type Unseen } from "../../sight.ts";
import { stoppedOf } from "./tasks.ts";

/** What there is of a service in its cluster. */

/** What was deployed at a time, as ECS remembers it: one release may have been deployed more than once. */
export type Revision = {
  readonly arn: string;
  readonly release: string;
  readonly createdAt: Date;
  readonly images: readonly string[];
};

/** The last time that something was deployed, and how that stands. */
export type Latest = {
  readonly arn: string;
  /** PENDING IN_PROGRESS SUCCESSFUL STOP_REQUESTED STOPPED ROLLBACK_REQUESTED ROLLBACK_IN_PROGRESS ROLLBACK_SUCCESSFUL ROLLBACK_FAILED */
  readonly status: string;
  readonly reason: string | undefined;
  readonly to: Revision;
  /** What ran before it. */
  readonly from: readonly Revision[];
};

/** All that a change rests on. */
export type Core = {
  readonly where: ServicePlace;
  readonly service: Service;
  readonly latest: Latest | null;
  /** Why tasks of the newest deployment do not come up, where it tells; `words` where they are known. */
  readonly stopped: { readonly words: string | null; readonly said: string } | null;
  /** Within which service auto scaling decides the number of tasks; null where nothing does. */
  readonly bounds: { readonly min: number; readonly max: number } | null;
  readonly unseen: Unseen;
};

/** What may be out of sight, under these names; plans go by some of them. */
export const UNSEEN = {
  bounds: "Autoscaler not seen",
  latest: "Deployment not seen",
  releases: "Releases not seen",
} as const;

/** @throws Unavailable | Invalid */
export async function coreOf(where: ServicePlace, signal: AbortSignal): Promise<Core> {
  const sees = openSight();
  const found = await serviceOf(where, signal);
  const primary = primaryOf(found);
  const [latest, bounds, stopped] = await Promise.all([
    sees.of(UNSEEN.latest, latestOf(where, found, signal), null),
    sees.of(UNSEEN.bounds, boundsOf(where, found, signal), null),
    primary !== undefined && isInTrouble(primary) ? stoppedOf(where, primary, signal) : null,
  ]);
  return { where, service: found, latest, bounds, stopped, unseen: sees.unseen };
}

async function serviceOf(where: ServicePlace, signal: AbortSignal): Promise<Service> {
  const { cluster, service: wanted, region } = where;
  const shape = z.object({ services: z.array(objects.service) });
  const { services } = await look(
    where,
    ecs((api) => api.describeServices({ cluster, services: [wanted] })),
    shape,
    signal,
  );
  const [found] = services;
  if (found === undefined || found.status === "INACTIVE")
    throw new Invalid(`There is no service called ${wanted} in the cluster ${cluster} in ${region}.`, {
      hint: `\`aws ecs list-services --cluster ${cluster} --region ${region}\` shows what there is.`,
    });
  return found;
}

async function latestOf(
  where: ServicePlace,
  { currentServiceDeployment: arn }: Service,
  signal: AbortSignal,
): Promise<Latest | null> {
  if (arn === undefined) return null;
  const shape = z.object({ serviceDeployments: z.array(objects.serviceDeployment) });
  const { serviceDeployments } = await look(
    where,
    ecs((api) => api.describeServiceDeployments({ serviceDeploymentArns: [arn] })),
    shape,
    signal,
  );
  const [found] = serviceDeployments;
  if (found === undefined) return null;
  const sources = found.sourceServiceRevisions.map((each) => each.arn);
  const target = found.targetServiceRevision.arn;
  const revisions = await revisionsCalled(where, [...new Set([target, ...sources])], signal);
  const to = revisions.find((each) => each.arn === target);
  if (to === undefined) return null;
  const from = revisions.filter((each) => sources.includes(each.arn));
  return { arn, status: found.status, reason: found.statusReason, to, from };
}

const NAMESPACE = { ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount" } as const;

/** How service auto scaling calls a service. */
export function scalableOf({ clusterArn, serviceName }: Service): typeof NAMESPACE & { readonly ResourceId: string } {
  return { ...NAMESPACE, ResourceId: `service/${clusterArn.replace(/^.*\//, "")}/${serviceName}` };
}

async function boundsOf(where: ServicePlace, found: Service, signal: AbortSignal): Promise<Core["bounds"]> {
  if (found.schedulingStrategy === "DAEMON") return null;
  const { ResourceId, ...rest } = scalableOf(found);
  const shape = z.object({ ScalableTargets: z.array(objects.scalableTarget).default([]) });
  const { ScalableTargets } = await look(
    where,
    scaling((api) => api.describeScalableTargets({ ...rest, ResourceIds: [ResourceId] })),
    shape,
    signal,
  );
  const [own] = ScalableTargets;
  return own === undefined ? null : { min: own.MinCapacity, max: own.MaxCapacity };
}

const AT_ONCE = 20; // revisions that ECS describes at once

async function revisionsCalled(where: ServicePlace, arns: readonly string[], signal: AbortSignal): Promise<Revision[]> {
  const shape = z.object({ serviceRevisions: z.array(objects.serviceRevision) });
  const { serviceRevisions } = await look(
    where,
    ecs((api) => api.describeServiceRevisions({ serviceRevisionArns: [...arns] })),
    shape,
    signal,
  );
  return serviceRevisions.map(({ serviceRevisionArn: arn, taskDefinition, createdAt, containerImages }) => ({
    arn,
    release: releaseOf(taskDefinition),
    createdAt,
    images: containerImages.map(({ image }) => image),
  }));
}

/** What a release is called: its task definition, "shop-web:141". */
export function releaseOf(taskDefinition: string): string {
  return taskDefinition.replace(/^.*\//, "");
}

/**
 * What surely ran: what ECS deployed to the end in the 90 days that it remembers, the last twenty of it, and what a
 * deployment that is under way would go back to. The newest first. @throws Unavailable | Invalid
 */
export async function ranBefore({ where, service, latest }: Core, signal: AbortSignal): Promise<Revision[]> {
  if (service.deploymentController.type !== "ECS") return [];
  const finished = (await finishedOf(where, signal)).toSorted(byAge);
  const arns = [...new Set(finished.map((each) => each.targetServiceRevisionArn))].slice(0, AT_ONCE);
  const ran = arns.length === 0 ? [] : await revisionsCalled(where, arns, signal);
  const before = goesBackTo(latest);
  return [...ran, ...(before === null ? [] : [before])].toSorted(byAge);
}

function finishedOf(where: ServicePlace, signal: AbortSignal): Promise<z.infer<typeof objects.deploymentBrief>[]> {
  const asked = { cluster: where.cluster, service: where.service, status: ["SUCCESSFUL" as const] };
  return listAll(
    where,
    (page) =>
      ecs(async (api) => {
        const { nextToken, serviceDeployments: items } = await api.listServiceDeployments({ ...asked, ...page });
        return { nextToken, items };
      }),
    objects.deploymentBrief,
    signal,
  );
}

function byAge(one: { readonly createdAt: Date }, other: { readonly createdAt: Date }): number {
  return other.createdAt.getTime() - one.createdAt.getTime();
}

/**
 * What a deployment that is under way takes the place of, and ECS would go back to if it is stopped. Where more than one
 * ran before it, none of which may have come up, nobody knows.
 */
export function goesBackTo(latest: Latest | null): Revision | null {
  if (latest?.status !== "PENDING" && latest?.status !== "IN_PROGRESS") return null;
  const [before = null, ...more] = latest.from;
  return more.length === 0 ? before : null;
}

/** Whether ECS is about to bring back what ran before. */
export function isGoingBack(latest: Latest | null): latest is Latest {
  return latest?.status === "ROLLBACK_REQUESTED" || latest?.status === "ROLLBACK_IN_PROGRESS";
}

/** The newest deployment; none where something else than ECS deploys. */
export function primaryOf({ deployments }: Service): Deployment | undefined {
  return deployments.find(({ status }) => status === "PRIMARY");
}

export function isInTrouble({ rolloutState, failedTasks }: Deployment): boolean {
  return rolloutState === "FAILED" || failedTasks > 0;
}

export function currentRelease({ service: own }: Core): string | undefined {
  const current = primaryOf(own)?.taskDefinition ?? own.taskDefinition;
  return current === undefined ? undefined : releaseOf(current);
}
