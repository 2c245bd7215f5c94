import { createHash } from "node:crypto";
import { z } from "zod";
import { canonical } from "../../domain/canonical.ts";
import { look, pathOf, shortened, type Settings } from "./api.ts";
import { openSight, type Unseen } from "../sight.ts";

/** What there is of a managed instance group. */

const count = z.object({ fixed: z.int().optional(), percent: z.int().optional(), calculated: z.int().optional() });

const group = z.object({
  fingerprint: z.string(),
  targetSize: z.int().default(0),
  instanceTemplate: z.string().default(""),
  versions: z
    .array(
      z.object({ name: z.string().optional(), instanceTemplate: z.string().default(""), targetSize: count.optional() }),
    )
    .default([]),
  updatePolicy: z
    .object({
      type: z.string().optional(),
      minimalAction: z.string().optional(),
      mostDisruptiveAllowedAction: z.string().optional(),
      maxSurge: count.optional(),
      maxUnavailable: count.optional(),
    })
    .default({}),
  status: z
    .object({
      isStable: z.boolean().default(false),
      autoscaler: z.string().optional(),
    })
    .default({ isStable: false }),
});

const autoscaler = z.object({
  autoscalingPolicy: z.object({
    mode: z.string().default("ON"),
    minNumReplicas: z.int().default(0),
    maxNumReplicas: z.int().default(0),
  }),
});

const instance = z.object({
  instanceStatus: z.string().optional(),
  currentAction: z.string().default("NONE"),
  version: z.object({ name: z.string().optional() }).default({}),
  instanceHealth: z.array(z.object({ detailedHealthState: z.string().optional() })).default([]),
  lastAttempt: z
    .object({
      errors: z.object({ errors: z.array(z.object({ message: z.string().default("") })).default([]) }).optional(),
    })
    .optional(),
});
export type Instance = z.infer<typeof instance>;

export type Group = z.infer<typeof group> & {
  readonly autoscaler: z.infer<typeof autoscaler>["autoscalingPolicy"] | null;
  readonly instances: readonly Instance[];
  readonly unseen: Unseen;
};

export const UNSEEN = "Autoscaler not seen";

/** @throws Unavailable | Invalid */
export async function groupOf(where: Settings, signal: AbortSignal): Promise<Group> {
  const sees = openSight();
  const [own, instances] = await Promise.all([
    look(where, { path: pathOf(where) }, group, signal),
    instancesOf(where, signal),
  ]);
  const versions = own.versions.length > 0 ? own.versions : [{ instanceTemplate: own.instanceTemplate }];
  const found = await sees.of(UNSEEN, autoscalerOf(where, own.status.autoscaler, signal), null);
  return { ...own, versions, instances, autoscaler: found, unseen: sees.unseen };
}

const page = z.object({ managedInstances: z.array(instance).default([]), nextPageToken: z.string().default("") });

/** It is a POST, and changes nothing. */
async function instancesOf(where: Settings, signal: AbortSignal): Promise<Instance[]> {
  const all: Instance[] = [];
  let pageToken = "";
  do {
    const query: Record<string, string> = pageToken === "" ? {} : { pageToken };
    const asked = { method: "POST", path: pathOf(where, "/listManagedInstances"), query };
    const { managedInstances, nextPageToken } = await look(where, asked, page, signal);
    all.push(...managedInstances);
    pageToken = nextPageToken;
  } while (pageToken !== "");
  return all;
}

/** `address` is its whole one, of which nothing but the name is gone by. */
async function autoscalerOf(where: Settings, address: string | undefined, signal: AbortSignal) {
  if (address === undefined) return null;
  const name = encodeURIComponent(address.slice(address.lastIndexOf("/") + 1));
  const path = pathOf(where).replace(/instanceGroupManagers\/.*$/, `autoscalers/${name}`);
  return (await look(where, { path }, autoscaler, signal)).autoscalingPolicy;
}

/** Whether somebody else decides the number of instances. */
export function scalesItself({ autoscaler: policy }: Group): boolean {
  return policy !== null && policy.mode !== "OFF";
}

export function isUp({ instanceStatus, currentAction, instanceHealth }: Instance): boolean {
  return (
    instanceStatus === "RUNNING" &&
    currentAction === "NONE" &&
    instanceHealth.every(({ detailedHealthState: health }) => health === undefined || health === "HEALTHY")
  );
}

/** What went wrong with the first one that did not come about. */
export function troubleOf({ instances }: Group): string | null {
  for (const { currentAction, lastAttempt } of instances)
    if (currentAction !== "NONE")
      for (const { message } of lastAttempt?.errors?.errors ?? []) if (message !== "") return shortened(message);
  return null;
}

/** What somebody wants of it; no number that an autoscaler decides. */
export function versionOf(of: Group): string {
  const { versions, targetSize, autoscaler: policy, updatePolicy } = of;
  const isUnseen = UNSEEN in of.unseen;
  const text = canonical({
    versions: versions.map(({ name, instanceTemplate }) => [name ?? null, instanceTemplate]),
    size: isUnseen || scalesItself(of) ? null : targetSize,
    policy,
    ...(isUnseen ? { isUnseen } : {}),
    type: updatePolicy.type ?? null,
    action: updatePolicy.minimalAction ?? null,
  });
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Each attempt of one operation asks under the same id, which Compute Engine knows again. */
export function requestIdOf(token: string): string {
  const hex = createHash("sha256").update(token).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
