import type { Target } from "../../../domain/catalog.ts";
import type { Observation, Release } from "../../../domain/observation.ts";
import { progressOf, versionOf } from "./judge.ts";
import type { Refresh } from "./objects.ts";
import {
  broughtBy,
  currentRelease,
  goesBackTo,
  isFixed,
  isInService,
  isMoving,
  isUp,
  ownRelease,
  phaseOf,
  refreshNow,
  releaseOf,
  unitsOf,
  type Core,
} from "./see.ts";
import { short } from "../words.ts";
import { boundsAsSizes } from "../../bounds.ts";
import { told } from "../../facts.ts";

/** A look at an Auto Scaling group, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  trouble: "AWS says",
  refresh: "Instance refresh",
  failed: "Last refresh",
  goesBack: "Would go back to",
  policies: "Scaling policies",
  suspended: "Suspended",
  others: "Also",
  waits: "Waited for",
  mixed: "Mixed instances",
  warmup: "Warm-up",
  states: "Instances",
  group: "Group",
} as const;

export function observation(target: Target, core: Core): Observation {
  const { group } = core;
  const { DesiredCapacity: wanted, MinSize: min, MaxSize: max, Instances } = group;
  const running = unitsOf(Instances.filter(isInService));
  const healthy = unitsOf(Instances.filter(isUp));
  const release = currentRelease(core);
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(core),
    ...healthOf(core, healthy),
    ...(release === undefined ? {} : { release }),
    releases: releasesOf(core),
    sizes: [{ process: target.name, wanted, running, healthy }, ...boundsAsSizes(target.name, { min, max })],
    certificates: [],
    facts: { ...factsOf(core), ...core.unseen },
  };
}

function healthOf(core: Core, healthy: number): Pick<Observation, "health" | "problem"> {
  const { group, trouble } = core;
  if (group.DesiredCapacity > 0 && healthy === 0) return { health: "down", ...problemOf(trouble) };
  // In the middle of a refresh as many are away as its preferences let be, unless something stops it.
  const isShort = healthy < group.DesiredCapacity && (refreshNow(core) === undefined || trouble !== null);
  if (isShort) return { health: "degraded", ...problemOf(trouble) };
  if (failedBefore(core) !== undefined && othersOf(core) !== "")
    return { health: "degraded", problem: "an instance refresh failed and left instances of two versions" };
  return { health: "ok" };
}

/** The last refresh, where it ended without success. */
function failedBefore({ refreshes: [last] }: Core): Refresh | undefined {
  return last !== undefined && /^(Failed|RollbackFailed|Cancelled)$/.test(last.Status) ? last : undefined;
}

function problemOf(trouble: string | null): Pick<Observation, "problem"> {
  return trouble === null ? {} : { problem: "instances do not come about" };
}

/** What surely ran: what refreshes brought to the end, and what instances are started from now. The newest first. */
function releasesOf(core: Core): Release[] {
  const { group, refreshes } = core;
  const ended = new Map<string, Date>();
  for (const each of refreshes) {
    const brought = broughtBy(core, each);
    const isUnderWay = phaseOf(each) === "under way";
    if (brought !== null && isFixed(brought) && (each.Status === "Successful" || isUnderWay))
      ended.set(brought, each.EndTime ?? new Date()); // from the newest to the oldest
  }
  const own = ownRelease(core);
  if (own !== undefined && !ended.has(own)) ended.set(own, group.CreatedTime);
  const family = own === undefined ? "" : familyOf(own);
  return [...ended]
    .filter(([release]) => familyOf(release) === family)
    .toSorted(([one], [other]) => numberOf(other) - numberOf(one))
    .map(([release, at]) => ({ release, createdAt: at.toISOString() }));
}

function familyOf(release: string): string {
  return release.slice(0, release.lastIndexOf(":"));
}

/** Versions of a template are numbered as they are made; what always means the newest comes first. */
function numberOf(release: string): number {
  return isFixed(release) ? Number(release.slice(release.lastIndexOf(":") + 1)) : Infinity;
}

function factsOf(core: Core): Observation["facts"] {
  const { where, group, policies, trouble } = core;
  const refresh = refreshNow(core);
  const failed = failedBefore(core);
  return told([
    [FACT.trouble, trouble === null ? undefined : short(trouble)],
    [FACT.refresh, refresh === undefined ? undefined : short(progressOf(refresh))],
    [
      FACT.failed,
      failed === undefined ? undefined : short(`${failed.Status}: ${failed.StatusReason ?? "no reason told"}`),
    ],
    [FACT.goesBack, goesBackTo(core) ?? undefined],
    [FACT.policies, policies.join(", ")],
    [FACT.suspended, group.SuspendedProcesses.map(({ ProcessName }) => ProcessName).join(", ")],
    [FACT.others, othersOf(core)],
    [FACT.waits, waitsOf(core)],
    [FACT.mixed, group.MixedInstancesPolicy === undefined ? undefined : "of several types, by a policy"],
    [FACT.states, statesOf(core)],
    [FACT.warmup, `${group.DefaultInstanceWarmup ?? group.HealthCheckGracePeriod} s`],
    [FACT.group, `${where.group} in ${where.region}`],
  ]);
}

/** What runs beside what instances are started from, where its version is a number. */
function othersOf(core: Core): string {
  const current = currentRelease(core);
  if (current === undefined || !isFixed(current)) return "";
  const ran = core.group.Instances.flatMap(({ LaunchTemplate }) =>
    LaunchTemplate === undefined ? [] : [LaunchTemplate],
  );
  const others = ran.map(releaseOf).filter((release) => release !== current);
  return [...new Set(others)].map((each) => `${others.filter((other) => other === each).length} of ${each}`).join(", ");
}

/** What a refresh stands still for, an hour at most. */
function waitsOf({ group: { Instances } }: Core): string {
  const held = Instances.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn).length;
  const standby = Instances.filter(({ LifecycleState }) => LifecycleState === "Standby").length;
  return [
    ...(held === 0 ? [] : [`${held} protected from scale-in`]),
    ...(standby === 0 ? [] : [`${standby} in standby`]),
  ].join(", ");
}

/** "3 InService, 1 Pending, 1 unhealthy"; nothing where all are as they should be. */
function statesOf({ group: { Instances } }: Core): string | undefined {
  const isWell = Instances.every((each) => isUp(each) && !isMoving(each));
  if (isWell) return undefined;
  const states = [...new Set(Instances.map(({ LifecycleState }) => LifecycleState))];
  const counted = states.map((state) => `${Instances.filter((each) => each.LifecycleState === state).length} ${state}`);
  const ill = Instances.filter((each) => isInService(each) && !isUp(each)).length;
  return [...counted, ...(ill === 0 ? [] : [`${ill} unhealthy`])].join(", ");
}
