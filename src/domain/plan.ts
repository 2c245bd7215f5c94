import { createHash } from "node:crypto";
import type { Plan, Undo } from "./action.ts";
import { canonical } from "./canonical.ts";
import type { Observation } from "./observation.ts";

/**
 * What an approval binds to: action, merged arguments, resolved target, the observed version and the catalog version,
 * over JSON with sorted keys so that the same plan always has the same hash.
 */
export function planHash(plan: Plan, catalogVersion: number | null): string {
  const steps = plan.steps === undefined ? {} : { steps: plan.steps.map(bound) };
  return createHash("sha256")
    .update(canonical({ ...bound(plan), ...steps, catalogVersion }))
    .digest("hex");
}

function bound({ action, arguments: merged, target, version, changes, risk, undo, expects }: Plan): object {
  const inOrder = expects === undefined ? {} : { expects, undo: undo ?? null };
  return { action, arguments: merged, target, version, changes, risk, ...inOrder };
}

/** The plans of an operation's steps in order; a plan without steps is its only one. */
export function stepPlans(plan: Plan): readonly Plan[] {
  return plan.steps ?? [plan];
}

/** The keys of the targets that it changes. */
export function targetsOf(plan: Plan): readonly string[] {
  return [...new Set(stepPlans(plan).map(({ target }) => target))];
}

/** Whether a change of size only goes back to where the last one started from. */
export function goesBackToSize(plan: Plan, last: Plan | null): boolean {
  const before = last?.undo?.arguments.sizes ?? {};
  const wanted = plan.action === "scale" ? Object.entries(plan.arguments.sizes ?? {}) : [];
  return wanted.length > 0 && wanted.every(([process, size]) => before[process] === size);
}

/** Whether it keeps visitors out on purpose: that checks of what they see fail then is no sign of harm. */
export function keepsVisitorsOut({ action, arguments: { maintenance } }: Plan): boolean {
  return action === "maintenance" && maintenance === "on";
}

/** Whether a plan does what takes another one back. */
export function doesUndo({ action, arguments: given }: Plan, undo: Undo): boolean {
  return action === undo.action && canonical(given) === canonical(undo.arguments);
}

/** Whether a target that was seen like this is as what takes a plan back would leave it. */
export function isBack({ action, arguments: { sizes = {}, release, maintenance } }: Undo, seen: Observation): boolean {
  if (action === "maintenance") return seen.maintenance?.mode === maintenance;
  if (action === "rollback") return seen.release === release;
  const all = Object.entries(sizes);
  return (
    all.length > 0 && all.every(([name, size]) => seen.sizes.some((is) => is.process === name && is.wanted === size))
  );
}

/** What a plan that takes another one back finds changed since that one, as a sentence; null where all is as it was left. */
export function movedFrom(parent: Plan, back: Plan, by: string): string | null {
  for (const [what, [, left]] of Object.entries(parent.changes)) {
    const now = back.changes[what]?.[0];
    if (now !== left) return `${what} is ${now ?? "different"} and not ${left} as ${by} left it, so it stays as it is`;
  }
  return null;
}

const LEAST = 30_000;
const MARGIN = 15_000; // ms for a task that is stopped to end, and for us to hear of it

/** ms that applying a plan may take at most. */
export function deadlineOf({ arguments: { command }, takes = 0 }: Plan): number {
  return Math.max(LEAST, 3 * takes, command === undefined ? 0 : command.timeout + MARGIN);
}

/** The numbers of processes that a plan changes, from its "2" → "4" lines; for steps and cooldowns. */
export function sizeChanges(plan: Plan): { from: number; to: number }[] {
  if (plan.action !== "scale" || plan.unit !== undefined) return [];
  return Object.keys(plan.arguments.sizes ?? {}).flatMap((process) => {
    const change = plan.changes[process];
    return change === undefined ? [] : [{ from: Number.parseInt(change[0], 10), to: Number.parseInt(change[1], 10) }];
  });
}
