import { z } from "zod";
import type { Found } from "../../domain/discovered.ts";
import { KINDS, listAll, look, place, settings, type Place } from "./api.ts";
import { databases, ecs, groups } from "./client.ts";
import type { Discovery } from "../provider.ts";

/** Every service of a cluster; where no cluster is named, every Auto Scaling group and every database of the region. */
export const discovery: Discovery = {
  place,
  async list(where, signal) {
    const there = place.parse(where);
    const { cluster } = there;
    const found = await Promise.all(
      cluster === undefined
        ? [groupsIn(there, signal), databasesIn(there, signal)]
        : [servicesIn({ ...there, cluster }, signal)],
    );
    return found.flat().toSorted((a, b) => a.name.localeCompare(b.name));
  },
  isSame(one, other) {
    const [a, b] = [settings.parse(one), settings.parse(other)];
    const isElsewhere = a.role !== undefined && b.role !== undefined && accountOf(a.role) !== accountOf(b.role);
    return !isElsewhere && WHICH.every((part) => a[part] === b[part]);
  },
};
const WHICH = ["region", "cluster", ...KINDS] as const;

/** A name stands for another thing in each account. Where neither an ARN nor a role says which it is, the credentials do. */
export function whereabouts(written: Readonly<Record<string, unknown>>): unknown {
  const { certificate, role, profile, access_key: key, endpoint } = written;
  const account = typeof role === "string" ? accountOf(role) : { profile, key };
  const which = Object.fromEntries(WHICH.map((part) => [part, written[part]]));
  return { ...which, endpoint, account: certificate === undefined ? account : undefined };
}

/** "arn:aws:iam::123456789012:role/daytwo" → "123456789012" */
function accountOf(role: string): string | undefined {
  return role.split(":")[4];
}

type Tags = readonly { readonly key: string; readonly value: string }[];

function said(tags: Tags): Pick<Found, "owner" | "partOf"> {
  return { partOf: valueOf(tags, "application"), owner: valueOf(tags, "owner") ?? valueOf(tags, "team") };
}

/** The value of a tag of that name, however it is written and whatever its prefix: `Team`, `acme:team`. */
function valueOf(tags: Tags, name: string): string | undefined {
  return tags.find(({ key }) => key.toLowerCase().split(/[:/]/).at(-1) === name)?.value;
}

const AT_ONCE = 10; // services that ECS describes at once

async function servicesIn(where: Place & { readonly cluster: string }, signal: AbortSignal): Promise<Found[]> {
  const arns = await arnsIn(where, signal);
  const found: Found[] = [];
  for (let at = 0; at < arns.length; at += AT_ONCE)
    found.push(...(await described(where, arns.slice(at, at + AT_ONCE), signal)));
  return found;
}

function arnsIn(where: Place, signal: AbortSignal): Promise<string[]> {
  return listAll(
    where,
    (page) =>
      ecs(async (api) => {
        const { nextToken, serviceArns: items } = await api.listServices({ cluster: where.cluster, ...page });
        return { nextToken, items };
      }),
    z.string(),
    signal,
  );
}

const services = z.object({
  services: z.array(
    z.object({
      serviceName: z.string(),
      status: z.string(),
      tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
    }),
  ),
});

async function described(where: Place, arns: readonly string[], signal: AbortSignal): Promise<Found[]> {
  const { cluster } = where;
  const asked = ecs((api) => api.describeServices({ cluster, services: [...arns], include: ["TAGS"] }));
  return (await look(where, asked, services, signal)).services
    .filter(({ status }) => status === "ACTIVE")
    .map(({ serviceName: name, tags }) => ({ name, settings: { service: name, ...where }, ...said(tags) }));
}

const capitals = z
  .array(z.object({ Key: z.string(), Value: z.string().default("") }))
  .default([])
  .transform((tags) => tags.map(({ Key: key, Value: value }) => ({ key, value })));
const group = z.object({ AutoScalingGroupName: z.string(), Tags: capitals });

/** By these tags another service of AWS made it, which changes it itself: EKS, Elastic Beanstalk. */
const MADE_BY_AWS = /^(eks:nodegroup-name|elasticbeanstalk:environment-id)$/;

async function groupsIn(where: Place, signal: AbortSignal): Promise<Found[]> {
  const all = await listAll(
    where,
    ({ maxResults: MaxRecords, nextToken: NextToken }) =>
      groups(async (api) => {
        const page = await api.describeAutoScalingGroups({ MaxRecords, NextToken });
        return { items: page.AutoScalingGroups, nextToken: page.NextToken };
      }),
    group,
    signal,
  );
  return all
    .filter(({ Tags }) => !Tags.some(({ key }) => MADE_BY_AWS.test(key)))
    .map(({ AutoScalingGroupName: name, Tags }) => ({ name, settings: { group: name, ...where }, ...said(Tags) }));
}

const database = z.object({
  DBInstanceIdentifier: z.string(),
  TagList: capitals,
});

async function databasesIn(where: Place, signal: AbortSignal): Promise<Found[]> {
  const all = await listAll(
    where,
    ({ maxResults: MaxRecords, nextToken: Marker }) =>
      databases(async (api) => {
        const page = await api.describeDBInstances({ MaxRecords, Marker });
        return { items: page.DBInstances, nextToken: page.Marker };
      }),
    database,
    signal,
  );
  return all.map(({ DBInstanceIdentifier: name, TagList }) => ({
    name,
    settings: { database: name, ...where },
    ...said(TagList),
    checks: ["updates"],
  }));
}
