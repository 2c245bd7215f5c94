import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { told } from "../facts.ts";
import { INSTANCES } from "./kind.ts";
import { isUp, scalesItself, troubleOf, versionOf, type Group } from "./group-see.ts";

/** A look at a managed instance group, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  autoscaler: "Autoscaler",
  update: "An update",
  turns: "At once",
  under: "Under way",
  canary: "Also",
  trouble: "Google says",
} as const;

export function observation(target: Target, group: Group): Observation {
  const running = group.instances.filter(({ instanceStatus }) => instanceStatus === "RUNNING").length;
  const healthy = group.instances.filter(isUp).length;
  const trouble = troubleOf(group);
  // In the middle of an update so many are away as the group's policy lets be, unless something stops it.
  const { calculated: away = 0 } = group.updatePolicy.maxUnavailable ?? {};
  const isShort = healthy < group.targetSize - (group.status.isStable || trouble !== null ? 0 : away);
  const short = running === 0 ? "down" : "degraded";
  const [template] = group.versions;
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(group),
    health: isShort ? short : "ok",
    ...(isShort && trouble !== null ? { problem: "instances do not come about" } : {}),
    ...(template === undefined ? {} : { release: lastOf(template.instanceTemplate) }),
    releases: [],
    sizes: [{ process: INSTANCES, wanted: group.targetSize, running, healthy }],
    certificates: [],
    facts: { ...factsOf(group, trouble), ...group.unseen },
  };
}

function lastOf(address: string): string {
  return address.slice(address.lastIndexOf("/") + 1);
}

function factsOf(group: Group, trouble: string | null): Observation["facts"] {
  const { autoscaler, updatePolicy, status } = group;
  const canary = group.versions.slice(1).map(({ instanceTemplate }) => lastOf(instanceTemplate));
  const bounds = `from ${autoscaler?.minNumReplicas ?? 0} to ${autoscaler?.maxNumReplicas ?? 0}`;
  const surge = updatePolicy.maxSurge?.calculated;
  const away = updatePolicy.maxUnavailable?.calculated;
  return told([
    [FACT.autoscaler, scalesItself(group) && bounds],
    [FACT.update, updateOf(group)],
    [FACT.turns, surge !== undefined && away !== undefined && `up to ${away} away and ${surge} more than there are`],
    [FACT.under, !status.isStable && "instances are being changed"],
    [FACT.canary, canary.join(", ")],
    [FACT.trouble, trouble ?? undefined],
  ]);
}

/** By the least that an update does to an instance: none goes on as it is. */
export const UPDATES = { RESTART: "restarts each", REPLACE: "replaces each" } as const;

function updateOf({ updatePolicy }: Group): string | undefined {
  const { type, minimalAction: action = "REPLACE", mostDisruptiveAllowedAction: most = "REPLACE" } = updatePolicy;
  if (type !== "PROACTIVE" || (action !== "RESTART" && action !== "REPLACE")) return undefined;
  return most === "REPLACE" || most === action ? UPDATES[action] : undefined;
}
