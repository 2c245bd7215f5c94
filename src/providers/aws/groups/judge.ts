import { createHash } from "node:crypto";
import type { Plan } from "../../../domain/action.ts";
import { canonical } from "../../../domain/canonical.ts";
import { broughtBy, isInService, isMoving, isUp, ownRelease, phaseOf, unitsOf, UNSEEN, type Core } from "./see.ts";
import type { Refresh } from "./objects.ts";
import { boundOf } from "../../bounds.ts";
import { mustSee } from "../../sight.ts";
import type { Verdict } from "../../provider.ts";

/** How far a group is, and what that says of a plan that was, or may have been, applied: AWS keeps no token. */

/** What somebody wants of it, the last refresh first; no number that a policy decides. */
export function versionOf(core: Core): string {
  const { group, policies, refreshes } = core;
  const [last] = refreshes;
  const unseen = [UNSEEN.policies, UNSEEN.refreshes].filter((label) => label in core.unseen);
  const isDecided = policies.length > 0 || UNSEEN.policies in core.unseen;
  const text = canonical({
    size: isDecided ? null : group.DesiredCapacity,
    min: group.MinSize,
    max: group.MaxSize,
    release: ownRelease(core) ?? null,
    phase: last === undefined ? null : phaseOf(last),
    ...(unseen.length === 0 ? {} : { unseen }),
  });
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return [last?.InstanceRefreshId ?? "none", hash].join(" ");
}

function isOfThen({ InstanceRefreshId }: Refresh, version: string): boolean {
  return version.startsWith(`${InstanceRefreshId} `);
}

export type Standing = {
  readonly isThere: boolean;
  /** "2 of 4 instances up, 1 on its way" */
  readonly words: string;
};

export function standingOf({ group, trouble }: Core): Standing {
  const { DesiredCapacity: wanted, Instances } = group;
  const running = unitsOf(Instances.filter(isInService));
  const up = unitsOf(Instances.filter(isUp));
  const moving = Instances.filter(isMoving).length;
  // A size in weights is met by the next instance that goes beyond it.
  const heaviest = Math.max(1, ...Instances.map(({ WeightedCapacity }) => Number(WeightedCapacity)));
  const words = [
    `${up} of ${wanted} instances up`,
    ...(moving === 0 ? [] : [`${moving} on ${moving === 1 ? "its" : "their"} way`]),
    ...(trouble === null ? [] : [`AWS says: ${trouble}`]),
  ].join("; ");
  return { isThere: up >= wanted && running - wanted < heaviest && moving === 0, words };
}

/** "40 % replaced, 3 still to go" */
export function progressOf({ Status, PercentageComplete, InstancesToUpdate: left, StatusReason }: Refresh): string {
  if (Status === "Baking") return "all replaced, and watched for a while";
  if (Status === "RollbackInProgress") return `AWS goes back, ${PercentageComplete} % are still replaced`;
  const words = `${PercentageComplete} % replaced${left === undefined ? "" : `, ${left} still to go`}`;
  return StatusReason === undefined ? words : `${words}; AWS says: ${StatusReason}`;
}

export function judge(core: Core, plan: Plan): Verdict {
  const isAsItWas = versionOf(core) === plan.version;
  const verdict = plan.action === "scale" ? ofSizes(core, plan) : ofRefresh(core, plan);
  return verdict.kind === "differs" && isAsItWas ? { kind: "untouched", seen: "nothing was applied" } : verdict;
}

function ofSizes(core: Core, { arguments: { sizes = {} } }: Plan): Verdict {
  const { DesiredCapacity, MinSize, MaxSize } = core.group;
  const isMeant =
    (numberOf(sizes) ?? DesiredCapacity) === DesiredCapacity &&
    (boundOf(sizes, "min") ?? MinSize) === MinSize &&
    (boundOf(sizes, "max") ?? MaxSize) === MaxSize;
  const now = `${DesiredCapacity} are wanted, from ${MinSize} to ${MaxSize}`;
  if (!isMeant) return { kind: "differs", seen: now };
  const { isThere, words } = standingOf(core);
  return { kind: isThere ? "holds" : "pending", seen: `${words}; ${now}` };
}

/** The size that a plan sets, where it sets more than bounds. */
export function numberOf(sizes: Readonly<Record<string, number>>): number | undefined {
  return Object.entries(sizes).find(([process]) => !/\.(min|max)$/.test(process))?.[1];
}

/** Of a rollback, and of a restart, which is a refresh that brings nothing else. */
function ofRefresh(core: Core, { version, arguments: { release } }: Plan): Verdict {
  mustSee(core, UNSEEN.refreshes);
  const wanted = release ?? null;
  const [last] = core.refreshes;
  const own = ownRelease(core) ?? "nothing";
  const differs: Verdict = { kind: "differs", seen: `instances are started from ${own}` };
  if (last === undefined) return differs;
  if (isOfThen(last, version)) return ofTakingBack(core, last, wanted) ?? differs;
  if (!isLikeOurs(core, last, wanted)) return { kind: "differs", seen: "somebody else refreshes its instances" };
  if (phaseOf(last) !== "ended") return { kind: "pending", seen: progressOf(last) };
  if (last.Status !== "Successful")
    return { kind: "failed", seen: `the instance refresh ended: ${last.StatusReason ?? last.Status}` };
  return wanted === null || own === wanted ? ofEnd(core) : differs;
}

/** Ours brings a template alone, or as a restart nothing. */
function isLikeOurs(core: Core, refresh: Refresh, wanted: string | null): boolean {
  const { DesiredConfiguration: brought } = refresh;
  if (wanted === null) return brought === undefined;
  return brought?.MixedInstancesPolicy === undefined && broughtBy(core, refresh) === wanted;
}

/** Of the refresh that was under way when the plan was drawn, and is to be taken back. */
function ofTakingBack(core: Core, last: Refresh, wanted: string | null): Verdict | null {
  if (wanted === null || ownRelease(core) !== wanted) return null;
  if (phaseOf(last) === "going back") return { kind: "pending", seen: progressOf(last) };
  if (last.Status === "RollbackSuccessful") return ofEnd(core);
  if (last.Status !== "RollbackFailed") return null;
  return { kind: "failed", seen: `going back to ${wanted} failed: ${last.StatusReason ?? "AWS does not say why"}` };
}

function ofEnd(core: Core): Verdict {
  const { isThere, words } = standingOf(core);
  return { kind: isThere ? "holds" : "pending", seen: `started from ${ownRelease(core) ?? "nothing"}, ${words}` };
}
