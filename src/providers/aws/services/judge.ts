import { createHash } from "node:crypto";
import type { Plan } from "../../../domain/action.ts";
import { canonical } from "../../../domain/canonical.ts";
import { currentRelease, isGoingBack, isInTrouble, primaryOf, UNSEEN, type Core, type Latest } from "./see.ts";
import { short } from "../words.ts";
import { mustSee } from "../../sight.ts";
import type { Verdict } from "../../provider.ts";

/** How far ECS is with a service, and what that says of a plan that was, or may have been, applied: ECS keeps no token. */

/** All that matters of it, the newest deployment first; no number that service auto scaling decides. */
export function versionOf(core: Core): string {
  const { service, bounds, latest } = core;
  const isUnseen = UNSEEN.bounds in core.unseen;
  const text = canonical({
    wanted: bounds === null && !isUnseen ? service.desiredCount : null,
    bounds,
    ...(isUnseen ? { isUnseen } : {}),
    goingBack: isGoingBack(latest),
  });
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return [primaryOf(service)?.id ?? "none", currentRelease(core) ?? "none", hash].join(" ");
}

/** The newest deployment and its release, as they were at that version. */
function thenAt(version: string): { readonly id: string; readonly release: string } {
  const [id = "", release = ""] = version.split(" ");
  return { id, release };
}

export type Rollout = {
  readonly state: "complete" | "moving" | "failed";
  /** "2 of 4 running, 1 starting" */
  readonly words: string;
};

export function rolloutOf({ service }: Core): Rollout {
  const { desiredCount: wanted, runningCount: running, pendingCount: pending, deployments } = service;
  const primary = primaryOf(service);
  const replaced = deployments.filter(({ status }) => status === "ACTIVE").length > 0;
  const words = [
    `${running} of ${wanted} running`,
    ...(pending > 0 ? [`${pending} starting`] : []),
    ...(replaced ? ["earlier ones still there"] : []),
  ].join(", ");
  if (primary?.rolloutState === "FAILED") return { state: "failed", words };
  const isThere = running === wanted && pending === 0 && !replaced && primary?.rolloutState !== "IN_PROGRESS";
  return { state: isThere ? "complete" : "moving", words };
}

/** Why the newest deployment does not come up; null where nothing says so. */
export function troubleOf({ service, latest, stopped }: Core): string | null {
  const primary = primaryOf(service);
  if (primary === undefined || !isInTrouble(primary)) return null;
  const gaveUp = primary.rolloutState === "FAILED" ? [primary.rolloutStateReason, latest?.reason] : [];
  const said = [stopped?.said, ...gaveUp, service.events[0]?.message].find((each) => each !== undefined && each !== "");
  return short(said ?? `${primary.failedTasks} tasks failed`);
}

export function judge(core: Core, plan: Plan): Verdict {
  return plan.action === "scale" ? ofSizes(core, plan) : ofDeployment(core, plan);
}

const UNTOUCHED: Verdict = { kind: "untouched", seen: "nothing was applied" };

function ofSizes(core: Core, plan: Plan): Verdict {
  const { service, bounds } = core;
  const sizes = Object.entries(plan.arguments.sizes ?? {});
  const wrong = sizes.some(([process, count]) => count !== sizeNow(core, process));
  if (wrong && versionOf(core) === plan.version) return UNTOUCHED;
  if (wrong) {
    const seen =
      bounds === null ? `${service.desiredCount} are wanted` : `its autoscaler has ${bounds.min} to ${bounds.max}`;
    return { kind: "differs", seen };
  }
  const { state, words } = rolloutOf(core);
  const within = bounds === null ? "" : `; its autoscaler has ${bounds.min} to ${bounds.max}`;
  const isWithin = bounds === null || (service.desiredCount >= bounds.min && service.desiredCount <= bounds.max);
  // A deployment that failed before starts no task any more, and may run as many as are wanted now.
  const isThere = state === "complete" || (state === "failed" && service.runningCount === service.desiredCount);
  if (isThere && isWithin) return { kind: "holds", seen: `${words}${within}` };
  return { kind: state === "failed" ? "failed" : "pending", seen: `${troubleOf(core) ?? words}${within}` };
}

function sizeNow({ service, bounds }: Core, process: string): number | undefined {
  if (process.endsWith(".min")) return bounds?.min;
  return process.endsWith(".max") ? bounds?.max : service.desiredCount;
}

/** Of a rollback, and of a restart, which is another deployment of the same release. */
function ofDeployment(core: Core, plan: Plan): Verdict {
  mustSee(core, UNSEEN.latest);
  const then = thenAt(plan.version);
  const wanted = plan.arguments.release ?? then.release;
  const { latest } = core;
  const now = currentRelease(core) ?? "nothing";
  const isNew = primaryOf(core.service)?.id !== then.id;
  const rollout = now === wanted && isNew ? ofRollout(core, wanted) : null;
  if (rollout?.kind === "failed") return rollout;
  // What ECS took back itself is back by a deployment that is new as well: it is told by what was to be deployed.
  if (isNew && isTakenBack(latest, wanted))
    return { kind: "failed", seen: `${wanted} was not deployed, and ${now} runs: ${latest.reason ?? latest.status}` };
  if (rollout !== null) return rollout;
  if (versionOf(core) === plan.version) return UNTOUCHED;
  if (isGoingBack(latest) && latest.from.some(({ release }) => release === wanted))
    return { kind: "pending", seen: `ECS goes back to ${wanted}` };
  if (latest?.status === "ROLLBACK_FAILED")
    return { kind: "failed", seen: `going back to ${wanted} failed: ${latest.reason ?? "ECS does not say why"}` };
  return { kind: "differs", seen: now === wanted ? "it was not restarted, and changed" : `release ${now} runs` };
}

function ofRollout(core: Core, release: string): Verdict {
  const { state, words } = rolloutOf(core);
  const seen = `release ${release}, ${words}`;
  if (state === "complete") return { kind: "holds", seen };
  const trouble = troubleOf(core);
  const told = trouble === null ? seen : `${seen}; ${trouble}`;
  return { kind: state === "failed" ? "failed" : "pending", seen: told };
}

const ENDED = /^(STOP|ROLLBACK)/;

/** Whether it was to deploy this, and does not any more. */
function isTakenBack(latest: Latest | null, release: string): latest is Latest {
  return latest !== null && latest.to.release === release && ENDED.test(latest.status);
}
