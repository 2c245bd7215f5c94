import { Expected } from "../../../errors.ts";
import { z } from "zod";
import { look, type ServicePlace } from "../api.ts";
import { ecs } from "../client.ts";
import type { Deployment } from "./objects.ts";

/** Why tasks stopped: ECS tells of each for about an hour. */

const task = z.object({
  startedBy: z.string().optional(),
  stoppedAt: z.date().optional(),
  stoppedReason: z.string().optional(),
  containers: z.array(z.object({ reason: z.string().optional(), exitCode: z.int().optional() })).default([]),
});
type Task = z.infer<typeof task>;

/** What the last task of this deployment that did not come up says; null where none does, or it may not be seen. */
export async function stoppedOf(
  where: ServicePlace,
  { id }: Deployment,
  signal: AbortSignal,
): Promise<{ readonly words: string | null; readonly said: string } | null> {
  const { cluster, service: serviceName } = where;
  try {
    const { taskArns } = await look(
      where,
      ecs((api) => api.listTasks({ cluster, serviceName, desiredStatus: "STOPPED" })),
      z.object({ taskArns: z.array(z.string()).default([]) }),
      signal,
    );
    if (taskArns.length === 0) return null;
    const { tasks } = await look(
      where,
      ecs((api) => api.describeTasks({ cluster, tasks: taskArns })),
      z.object({ tasks: z.array(task).default([]) }),
      signal,
    );
    const own = tasks.filter(({ startedBy, stoppedAt }) => startedBy === id && stoppedAt !== undefined);
    const last = own.toSorted((a, b) => Number(b.stoppedAt) - Number(a.stoppedAt))[0];
    return last === undefined ? null : told(last);
  } catch (error) {
    if (error instanceof Expected) return null;
    throw error;
  }
}

/** What ECS says with, in words. */
const WORDS: readonly (readonly [said: RegExp, words: string])[] = [
  [/CannotPull\w*Error/, "its image cannot be pulled"],
  [/ResourceInitializationError/, "what it needs before it starts cannot be had"],
  [/OutOfMemory/, "it runs out of memory"],
  [/ELB health checks/, "it fails the load balancer's health checks"],
  [/health checks?/, "it fails its health check"],
  [/CannotStartContainerError/, "its container cannot be started"],
  [/Essential container in task exited/, "its program ends"],
];

function told({ stoppedReason = "", containers }: Task): { words: string | null; said: string } {
  const reasons = [stoppedReason, ...containers.map(({ reason }) => reason)].filter((each) => each !== undefined);
  const [, words = null] = WORDS.find(([said]) => reasons.some((each) => said.test(each))) ?? [];
  const code = containers.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0)?.exitCode;
  const said = [...new Set(reasons), ...(code === undefined ? [] : [`exit code ${code}`])];
  return { words, said: said.filter((each) => each !== "").join("; ") };
}
