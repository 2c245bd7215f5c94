import { z } from "zod";
import type { Found } from "../../domain/found.ts";
import { listAll, look, place, settings, type Place } from "./api.ts";
import type { Discovery } from "../provider.ts";

/** Every service of a cluster. */
export const discovery: Discovery = {
  place,
  async list(where, signal) {
    const there = place.parse(where);
    const arns = await arnsIn(there, signal);
    const found: Found[] = [];
    for (let at = 0; at < arns.length; at += AT_ONCE)
      found.push(...(await described(there, arns.slice(at, at + AT_ONCE), signal)));
    return found.toSorted((a, b) => a.name.localeCompare(b.name));
  },
  isSame(one, other) {
    const [a, b] = [settings.parse(one), settings.parse(other)];
    const isElsewhere = a.role !== undefined && b.role !== undefined && accountOf(a.role) !== accountOf(b.role);
    return a.service === b.service && a.cluster === b.cluster && a.region === b.region && !isElsewhere;
  },
};

/** "arn:aws:iam::123456789012:role/daytwo" → "123456789012" */
function accountOf(role: string): string | undefined {
  return role.split(":")[4];
}

const AT_ONCE = 10; // services that ECS describes at once

function arnsIn(where: Place, signal: AbortSignal): Promise<string[]> {
  return listAll(
    where,
    (page) =>
      async ({ ecs }) => {
        const { nextToken, serviceArns: items } = await ecs.listServices({ cluster: where.cluster, ...page });
        return { nextToken, items };
      },
    z.string(),
    signal,
  );
}

const tags = z.array(z.object({ key: z.string(), value: z.string() })).default([]);
const services = z.object({ services: z.array(z.object({ serviceName: z.string(), status: z.string(), tags })) });

async function described(where: Place, arns: readonly string[], signal: AbortSignal): Promise<Found[]> {
  const { cluster } = where;
  const found = await look(
    where,
    ({ ecs }) => ecs.describeServices({ cluster, services: [...arns], include: ["TAGS"] }),
    services,
    signal,
  );
  return found.services
    .filter(({ status }) => status === "ACTIVE")
    .map(({ serviceName: name, tags: noted }) => ({
      name,
      settings: { service: name, ...where },
      partOf: valueOf(noted, "application"),
      owner: valueOf(noted, "owner") ?? valueOf(noted, "team"),
    }));
}

/** The value of a tag of that name, however it is written and whatever its prefix: `Team`, `acme:team`. */
function valueOf(all: z.infer<typeof tags>, name: string): string | undefined {
  return all.find(({ key }) => key.toLowerCase().split(/[:/]/).at(-1) === name)?.value;
}
