import { addMilliseconds } from "date-fns/addMilliseconds";
import type { App } from "./app.ts";
import { changeAlone, type Change } from "./caller.ts";
import type { Plan } from "./domain/action.ts";
import type { Target } from "./domain/catalog.ts";
import { moveOperation } from "./domain/operation.ts";
import { failpoint } from "./failpoint.ts";
import { missingAuthority } from "./authority.ts";
import type { Aftermath } from "./domain/aftermath.ts";
import { freezeOn, frozen } from "./freezes.ts";
import { callEach, finish, log, requesterOf, show, showProgress, type Ending } from "./operation-life.ts";
import { canBeUndone, takeBack } from "./reversals.ts";
import type { Outcome, Verdict } from "./providers/provider.ts";
import { decisionsOf, heartbeat, lockOperation, saveOperation, type StoredOperation } from "./store/operations.ts";
import { unwell } from "./store/checks.ts";
import { owe } from "./store/outbox.ts";
import { holderOf, nextFence, saveStep, stepOf, stillHolds, waitingFor, type Step } from "./store/steps.ts";

/**
 * The operations door for workers. An effect is applied once or not at all: the intent is committed before the first
 * byte is sent, fenced and checked again immediately before; an outcome that is not known waits until it must have
 * settled, then somebody looks, and only what is surely untouched is tried again.
 */

export type Work =
  | { readonly kind: "nothing" }
  | { readonly kind: "plan"; readonly operation: StoredOperation; readonly target: Target }
  | { readonly kind: "run"; readonly operation: StoredOperation; readonly plan: Plan; readonly target: Target }
  | {
      readonly kind: "settle";
      readonly operation: StoredOperation;
      readonly plan: Plan;
      readonly target: Target;
      readonly step: Step;
    };

/** What is to be done about an operation now, read from the truth. Asking twice is harmless. */
export async function workOn(app: App, id: number): Promise<Work> {
  return changeAlone(app, async (change): Promise<Work> => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || operation.finishedAt !== null) return NOTHING;
    const target = app
      .inForce()
      .catalog.services[operation.service]?.targets.find((each) => each.key === operation.target);
    if (target === undefined) {
      await finish(app, change, operation, {
        move: operation.state === "running" ? "fail" : "refuse",
        outcome: `${operation.target} is no longer in the catalog`,
      });
      return NOTHING;
    }
    if (operation.state === "planning") return { kind: "plan", operation, target };
    if (operation.plan === null) return NOTHING;
    if (operation.state === "queued") return toRun(app, change, { ...operation, plan: operation.plan }, target);
    return operation.state === "running" ? toSettle(change, { ...operation, plan: operation.plan }, target) : NOTHING;
  });
}

const NOTHING: Work = { kind: "nothing" };
type Planned = StoredOperation & { readonly plan: Plan };

async function toRun(app: App, change: Change, operation: Planned, target: Target): Promise<Work> {
  if (operation.expiresAt !== null && operation.expiresAt <= change.now) {
    await finish(app, change, operation, { move: "expire", outcome: "it could not be started in time" });
    return NOTHING;
  }
  const missing = missingAuthority(app, operation, await decisionsOf(change.db, operation.id));
  if (missing !== null) {
    await finish(app, change, operation, { move: "refuse", outcome: missing });
    return NOTHING;
  }
  const [first] = await waitingFor(change.db, operation.target);
  const free = (await holderOf(change.db, operation.target)) === null;
  return free && first === operation.id ? { kind: "run", operation, plan: operation.plan, target } : NOTHING;
}

async function toSettle(change: Change, operation: Planned, target: Target): Promise<Work> {
  const step = await stepOf(change.db, operation.id, operation.target);
  if (step.state === "ready") return { kind: "run", operation, plan: operation.plan, target };
  const open = step.state === "intent" || step.state === "unknown";
  const settled = step.settleUntil !== null && step.settleUntil <= change.now;
  return (open && settled) || step.lookAskedAt !== null
    ? { kind: "settle", operation, plan: operation.plan, target, step }
    : NOTHING;
}

/**
 * Commits the intent: from here on the effect may have happened. Null when the operation may not run any more.
 * `deadline` is ms that the call may take, `settles` ms by which an unanswered one has surely been applied or lost.
 */
export async function intend(app: App, id: number, times: { deadline: number; settles: number }): Promise<Step | null> {
  return changeAlone(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || (operation.state !== "queued" && operation.state !== "running")) return null;
    const step = await stepOf(change.db, id, operation.target);
    const fence = await nextFence(change.db, operation.target);
    const holder = await holderOf(change.db, operation.target);
    if (step.state !== "ready" || holder !== null) return null;
    const missing =
      missingAuthority(app, operation, await decisionsOf(change.db, id)) ?? (await begunFreeze(change, operation));
    if (missing !== null || operation.cancelRequestedAt !== null) {
      await finish(app, change, operation, stopping(operation, missing));
      return null;
    }
    const settleUntil = addMilliseconds(change.now, times.deadline + times.settles);
    const intent: Step = {
      ...step,
      state: "intent",
      attempt: step.attempt + 1,
      fence,
      intentAt: change.now,
      settleUntil,
      failingBefore: step.attempt === 0 ? await unwell(change.db, operation.service) : step.failingBefore,
    };
    await saveStep(change.db, intent);
    const next: StoredOperation =
      operation.state === "running"
        ? operation
        : {
            ...operation,
            state: moveOperation(id, operation.state, "start"),
            startedAt: change.now,
            heartbeatAt: change.now,
          };
    await saveOperation(change.db, next);
    await log(change, next, "operation.started", { attempt: intent.attempt });
    await show(change, next);
    return intent;
  });
}

/** A freeze that began after the plan was drawn, as a sentence. */
async function begunFreeze(change: Change, operation: StoredOperation): Promise<string | null> {
  if (operation.reversalOf !== null || operation.despite !== null) return null;
  const freeze = await freezeOn(change, operation);
  return freeze === null ? null : frozen(freeze, operation.service, change.now).message;
}

function stopping(
  operation: StoredOperation,
  missing: string | null,
): { move: "cancel" | "refuse" | "fail"; outcome: string } {
  if (missing === null) return { move: "cancel", outcome: "cancelled before anything was sent" };
  return { move: operation.state === "running" ? "fail" : "refuse", outcome: missing };
}

/** Asked immediately before the first byte: whether this attempt still holds its target, and still may. */
export async function holds(app: App, operation: StoredOperation, step: Step): Promise<boolean> {
  if (!(await stillHolds(app.db, step))) return false;
  const missing = missingAuthority(app, operation, await decisionsOf(app.db, operation.id));
  if (missing === null) return true;
  await record(app, step, { kind: "refused", reason: missing });
  return false;
}

/** A sign of life of whoever applies; `cancelled` when somebody asked to stop. */
export async function beat(app: App, id: number): Promise<{ cancelled: boolean }> {
  return heartbeat(app.db, id, app.now());
}

/** One line of progress for the card. */
export async function progress(app: App, id: number, line: string): Promise<void> {
  await changeAlone(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || operation.state !== "running") return;
    await log(change, operation, "operation.progress", { text: line });
    await showProgress(change, operation);
  });
}

/** What became of an attempt. `done` still has to be verified; the others end it, put it back, or leave it to settle. */
export async function record(app: App, step: Step, outcome: Exclude<Outcome, { kind: "done" }>): Promise<void> {
  await changeStep(app, step, async (change, operation) => {
    if (outcome.kind === "failed") {
      await saveStep(change.db, { ...step, state: "failed", outcome: outcome.reason });
      return finish(app, change, operation, withoutSuccess(operation, outcome.reason));
    }
    await log(change, operation, `operation.${outcome.kind}`, { reason: outcome.reason });
    if (outcome.kind === "unknown") {
      await saveStep(change.db, { ...step, state: "unknown", outcome: outcome.reason });
      return show(change, operation);
    }
    if (outcome.kind === "later") {
      await saveStep(change.db, { ...step, state: "ready", outcome: outcome.reason });
      await saveOperation(change.db, { ...operation, heartbeatAt: addMilliseconds(change.now, outcome.after) });
      return show(change, operation);
    }
    await saveStep(change.db, { ...step, state: "failed", outcome: outcome.reason });
    const cancelled = operation.cancelRequestedAt !== null;
    return finish(
      app,
      change,
      operation,
      cancelled
        ? { move: "cancel", outcome: "stopped before it had an effect" }
        : { move: "fail", outcome: outcome.reason },
    );
  });
}

/** What was begun and ended without success stays as it is; where a person asked for the end, that is how it ends. */
function withoutSuccess({ cancelRequestedAt }: StoredOperation, outcome: string): Ending {
  return { move: cancelRequestedAt === null ? "fail" : "cancel", outcome };
}

/**
 * What a look at the target says. It holds: done. Surely untouched after a silent attempt: tried again. Anything else is
 * for a person, and the target waits for them; once it does, nothing is sent again by itself whatever a look says.
 */
export async function judged(app: App, step: Step, verdict: Verdict, after: Aftermath): Promise<void> {
  await changeStep(app, step, async (change, operation) => {
    if (verdict.kind === "holds") {
      await saveStep(change.db, { ...step, state: "done", outcome: verdict.seen, lookAskedAt: null });
      return finish(app, change, operation, await endingOf(app, change, operation, verdict.seen, after));
    }
    if (verdict.kind === "failed") {
      await saveStep(change.db, { ...step, state: "failed", outcome: verdict.seen, lookAskedAt: null });
      return finish(app, change, operation, withoutSuccess(operation, verdict.seen));
    }
    if (verdict.kind === "untouched" && step.state === "unknown") {
      await saveStep(change.db, { ...step, state: "ready", outcome: verdict.seen });
      await log(change, operation, "operation.untouched", { seen: verdict.seen });
      await owe(change.db, "operations", operation.id, change.now);
      return show(change, operation);
    }
    await saveStep(change.db, { ...step, state: "needs_human", outcome: verdict.seen, lookAskedAt: null });
    const event = await log(change, operation, "operation.needs_person", { seen: verdict.seen });
    await failpoint("C15");
    await callEach(change, operation, event, requesterOf(app, operation));
    return show(change, operation);
  });
}

/**
 * How an operation ends whose effect shows. Where the service's checks got worse by it, a change of size or release that
 * can be taken back is taken back at once; anything else stays as it is and is for a person.
 */
async function endingOf(
  app: App,
  change: Change,
  operation: StoredOperation,
  seen: string,
  { worse, still }: Aftermath,
): Promise<Ending> {
  // What is as it was before cannot be worse than then: a taking back is done when its target shows it.
  const ill = operation.reversalOf === null ? still : [...worse, ...still];
  if (worse.length === 0 || operation.reversalOf !== null)
    return { move: "succeed", outcome: ill.length === 0 ? seen : `${seen}; not well yet: ${ill.join("; ")}` };
  const got = `${seen}, but it got worse: ${worse.join("; ")}`;
  if (!canBeUndone(operation)) return { move: "fail", outcome: `${got}. It stays as it is now` };
  const back = await takeBack(app, change, operation, operation.item);
  return { move: "revert", outcome: `${got}. op-${back.id} takes it back` };
}

/** A worker that died left its intent open: once settled, it counts as unknown. */
export async function abandon(app: App, step: Step): Promise<Step> {
  if (step.state !== "intent") return step;
  const unknown: Step = { ...step, state: "unknown", outcome: "whoever sent it did not come back" };
  await changeStep(app, step, async (change, operation) => {
    await saveStep(change.db, unknown);
    await log(change, operation, "operation.unknown", { reason: unknown.outcome });
    await show(change, operation);
  });
  return unknown;
}

/** Only the attempt that holds the step may change it: a worker that lost it changes nothing. */
async function changeStep(
  app: App,
  step: Step,
  work: (change: Change, operation: StoredOperation) => Promise<void>,
): Promise<void> {
  await changeAlone(app, async (change) => {
    const operation = await lockOperation(change.db, step.operation);
    if (operation === null || operation.state !== "running") return;
    const current = await stepOf(change.db, step.operation, step.target);
    if (current.attempt === step.attempt && current.fence === step.fence && current.state === step.state)
      await work(change, operation);
  });
}
