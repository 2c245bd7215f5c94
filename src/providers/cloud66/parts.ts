import { z } from "zod";
import { list, type Settings } from "./api.ts";
import { tagOf } from "./images.ts";

/** What a stack is made of: processes, or services of containers. */

const onServers = z.object({ name: z.string(), servers: z.record(z.string(), z.int()).nullish() });
/** Of an image: where it has another shape, the rest is seen all the same. */
const word = z.string().nullish().catch(undefined);
const inContainers = z.object({
  name: z.string(),
  containers: z.array(z.object({ health_state: z.int().nullish(), image: word })).nullish(),
  desired_count: z.int().nullish(),
  source_type: word,
  image_tag: word,
});

/** A process, or a service of containers. */
export type Part = {
  readonly name: string;
  readonly wanted: number;
  readonly running: number;
  readonly healthy: number;
  /** How many there are on each server, by the servers' names; empty for containers. */
  readonly servers: Readonly<Record<string, number>>;
  /** The tag of the image that it runs; undefined where it is built from git, and where nobody tells. */
  readonly tag?: string | undefined;
};

export async function processesOf(where: Settings, signal: AbortSignal): Promise<Part[]> {
  const processes = await list(where, "/processes", onServers, { signal });
  return processes.map(({ name, servers: on }) => {
    const servers = on ?? {};
    const count = Object.values(servers).reduce((sum, each) => sum + each, 0);
    // Cloud 66 tells how many there are to be, and nothing of how each one is.
    return { name, servers, wanted: count, running: count, healthy: count };
  });
}

const DOWN = 2; // of a container's health; it may be unverified, which says nothing

export async function servicesOf(where: Settings, signal: AbortSignal): Promise<Part[]> {
  const services = await list(where, "/services", inContainers, { signal });
  return services.map((service) => {
    const { name, desired_count: desired } = service;
    const there = service.containers ?? [];
    const healthy = there.filter((each) => each.health_state !== DOWN).length;
    const counts = { wanted: desired ?? there.length, running: there.length, healthy };
    // Only on Kubernetes it tells how many there are to be.
    return { name, servers: {}, ...counts, tag: tagIn(service) };
  });
}

/** What its containers were made from; where they do not agree, or do not say, the tag that the service has. */
function tagIn({ source_type: source, containers, image_tag: tag }: z.infer<typeof inContainers>): string | undefined {
  if (source !== "image") return undefined;
  const made = new Set((containers ?? []).map(({ image }) => tagOf(image ?? "")));
  return (made.size === 1 ? [...made][0] : undefined) ?? tagOf(`:${tag ?? ""}`);
}
