import { z } from "zod";

/** What ECS and Application Auto Scaling say of a service, as far as it matters here. */

export const deployment = z.object({
  id: z.string(),
  /** PRIMARY: the newest; ACTIVE: one that still has tasks. */
  status: z.string(),
  taskDefinition: z.string(),
  failedTasks: z.int().default(0),
  createdAt: z.date(),
  /** COMPLETED, FAILED or IN_PROGRESS; said where ECS itself replaces tasks, and no classic load balancer is in front. */
  rolloutState: z.string().optional(),
  rolloutStateReason: z.string().optional(),
});
export type Deployment = z.infer<typeof deployment>;

export const service = z.object({
  serviceName: z.string(),
  clusterArn: z.string(),
  status: z.string(),
  desiredCount: z.int(),
  runningCount: z.int(),
  pendingCount: z.int(),
  taskDefinition: z.string().optional(),
  deployments: z.array(deployment).default([]),
  events: z.array(z.object({ message: z.string() })).default([]),
  /** REPLICA or DAEMON. */
  schedulingStrategy: z.string().default("REPLICA"),
  /** ECS, CODE_DEPLOY or EXTERNAL. */
  deploymentController: z.object({ type: z.string() }).default({ type: "ECS" }),
  currentServiceDeployment: z.string().optional(),
});
export type Service = z.infer<typeof service>;

const revisionArn = z.object({ arn: z.string() });
export const serviceDeployment = z.object({
  status: z.string(),
  statusReason: z.string().optional(),
  sourceServiceRevisions: z.array(revisionArn).default([]),
  targetServiceRevision: revisionArn,
});

export const deploymentBrief = z.object({ targetServiceRevisionArn: z.string(), createdAt: z.date() });

export const serviceRevision = z.object({
  serviceRevisionArn: z.string(),
  taskDefinition: z.string(),
  createdAt: z.date(),
  containerImages: z.array(z.object({ image: z.string() })).default([]),
});

export const scalableTarget = z.object({ MinCapacity: z.int(), MaxCapacity: z.int() });
