import { addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { changeUnasked, type Change } from "../caller.ts";
import type { Plan } from "../domain/action.ts";
import { moveOperation } from "../domain/operation.ts";
import { failpoint } from "../failpoint.ts";
import { missingAuthority } from "./authority.ts";
import type { Aftermath } from "../domain/aftermath.ts";
import { freezeOn, frozen } from "./freezes.ts";
import { finish, type Ending } from "./ending.ts";
import { leaveDoubt } from "./left-items.ts";
import { callEach, log, requesterOf, show, showProgress } from "./shared.ts";
import { MOST_PEOPLE } from "../on-call/responders.ts";
import { onCallOf } from "../ownership.ts";
import { naming, stepDone, stepFailed, stopping } from "./stepping.ts";
import { accountsOf } from "../people.ts";
import type { Outcome, Verdict } from "../providers/provider.ts";
import { heartbeat, lockOperation, saveOperation, type StoredOperation } from "../store/operations.ts";
import { decisionsOf } from "../store/approvals.ts";
import { unwell } from "../store/checks.ts";
import { owe } from "../store/outbox.ts";
import { holderOf, nextFence, saveStep, stepOf, stillHolds, type Step } from "../store/steps.ts";

/**
 * The operations door for workers. An effect is applied once or not at all: the intent is committed before the first
 * byte is sent, fenced and checked again immediately before; an outcome that is not known waits until it must have
 * settled, then somebody looks, and only what is surely untouched is tried again.
 */

/**
 * Commits the intent: from here on the effect may have happened. Null when the operation may not run any more. `plan` is
 * what will be sent for the step `seq`, `deadline` ms that the call may take, `settles` ms by which an unanswered one has
 * surely been applied or lost.
 */
export async function intend(
  app: App,
  id: number,
  { seq, plan }: { seq: number; plan: Plan },
  times: { deadline: number; settles: number },
): Promise<Step | null> {
  return changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || (operation.state !== "queued" && operation.state !== "running")) return null;
    const own = await fenced(change, id, { seq, target: plan.target });
    if (own === null) return null;
    const missing =
      missingAuthority(app, operation, await decisionsOf(change.db, id), change.now) ??
      (await begunFreeze(change, operation, own));
    if (missing !== null || operation.cancelRequestedAt !== null) {
      await finish(app, change, operation, stopping(operation, missing));
      return null;
    }
    const intent: Step = {
      ...own,
      state: "intent",
      attempt: own.attempt + 1,
      intentAt: change.now,
      settleUntil: addMilliseconds(change.now, times.deadline + times.settles),
      plan,
      failingBefore: own.attempt === 0 ? await unwell(change.db, operation.service) : own.failingBefore,
    };
    await saveStep(change.db, intent);
    const next = begun(operation, change.now);
    await saveOperation(change.db, next);
    await log(change, next, "operation.started", { attempt: intent.attempt, ...naming(next, intent) });
    await show(change, next);
    return intent;
  });
}

/** The step that is to be sent, with a fence of its own; null when it is another one, or somebody else holds the target. */
async function fenced(
  change: Change,
  id: number,
  { seq, target }: { readonly seq: number; readonly target: string },
): Promise<Step | null> {
  const step = await stepOf(change.db, id, target);
  // Before the fence: whoever holds the target must not lose it to somebody who only asks.
  if (step.seq !== seq || (await holderOf(change.db, step.target)) !== null) return null;
  const fence = await nextFence(change.db, step.target);
  const holder = await holderOf(change.db, step.target);
  return step.state === "ready" && holder === null ? { ...step, fence } : null;
}

function begun(operation: StoredOperation, now: Date): StoredOperation {
  if (operation.state === "running") return operation;
  const state = moveOperation(operation.id, operation.state, "start");
  return { ...operation, state, startedAt: now, heartbeatAt: now };
}

/** A freeze that began after the plan was drawn, as a sentence. */
async function begunFreeze(change: Change, operation: StoredOperation, { undoes }: Step): Promise<string | null> {
  if (operation.reversalOf !== null || operation.despite !== null || undoes !== null) return null;
  const freeze = await freezeOn(change, operation);
  return freeze === null ? null : frozen(freeze, operation.service, change.now).message;
}

/** Asked immediately before the first byte: whether this attempt still holds its target, and still may. */
export async function holds(app: App, operation: StoredOperation, step: Step): Promise<boolean> {
  if (!(await stillHolds(app.db, step))) return false;
  const missing = missingAuthority(app, operation, await decisionsOf(app.db, operation.id), app.now());
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
  await changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || operation.state !== "running") return;
    await log(change, operation, "operation.progress", { text: line });
    await showProgress(change, operation);
  });
}

/** Redraws the card of an operation that runs: the time that it says grows even if nothing else happens. */
export async function redrawRunning(app: App, id: number): Promise<void> {
  await changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation?.state === "running") await showProgress(change, operation);
  });
}

/** What became of an attempt. `done` still has to be verified; the others end it, put it back, or leave it to settle. */
export async function record(app: App, step: Step, outcome: Exclude<Outcome, { kind: "done" }>): Promise<void> {
  await changeStep(app, step, async (change, operation) => {
    if (outcome.kind === "failed") {
      await saveStep(change.db, { ...step, state: "failed", outcome: outcome.reason });
      return stepFailed(app, change, operation, withoutSuccess(operation, outcome.reason));
    }
    await log(change, operation, `operation.${outcome.kind}`, { reason: outcome.reason, ...naming(operation, step) });
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
    return stepFailed(
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
      return stepDone(app, change, operation, step, { seen: verdict.seen, after });
    }
    if (verdict.kind === "failed") {
      await saveStep(change.db, { ...step, state: "failed", outcome: verdict.seen, lookAskedAt: null });
      return stepFailed(app, change, operation, withoutSuccess(operation, verdict.seen));
    }
    if (verdict.kind === "untouched" && step.state === "unknown") {
      await saveStep(change.db, { ...step, state: "ready", outcome: verdict.seen });
      await log(change, operation, "operation.untouched", { seen: verdict.seen, ...naming(operation, step) });
      await owe(change.db, "operations", operation.id, change.now);
      return show(change, operation);
    }
    await saveStep(change.db, { ...step, state: "needs_human", outcome: verdict.seen, lookAskedAt: null });
    const event = await log(change, operation, "operation.needs_person", {
      seen: verdict.seen,
      ...naming(operation, step),
    });
    await failpoint("C15");
    const called = whoLooks(app, operation, change.now);
    await callEach(change, operation, event, called);
    await leaveDoubt(app, change, operation, { seen: verdict.seen, called });
    return show(change, operation);
  });
}

/** The accounts of whoever is called to look: who asked; of what takes itself back, or where they left, whoever is on call too. */
function whoLooks(app: App, operation: StoredOperation, now: Date): string[] {
  const inForce = app.inForce();
  const asked = inForce.left.has(operation.requestedBy) ? [] : requesterOf(app, operation);
  if (asked.length > 0 && operation.reversalOf === null) return asked;
  const onCall = onCallOf(inForce, operation.service, now).slice(0, MOST_PEOPLE);
  return [...new Set([...asked, ...accountsOf(onCall.map((key) => inForce.catalog.people[key]))])];
}

/** A worker that died left its intent open: once settled, it counts as unknown. */
export async function abandon(app: App, step: Step): Promise<Step> {
  if (step.state !== "intent") return step;
  const unknown: Step = { ...step, state: "unknown", outcome: "whoever sent it did not come back" };
  await changeStep(app, step, async (change, operation) => {
    await saveStep(change.db, unknown);
    await log(change, operation, "operation.unknown", { reason: unknown.outcome, ...naming(operation, step) });
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
  await changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, step.operation);
    if (operation === null || operation.state !== "running") return;
    const current = await stepOf(change.db, step.operation, step.target);
    if (
      current.id === step.id &&
      current.attempt === step.attempt &&
      current.fence === step.fence &&
      current.state === step.state
    )
      await work(change, operation);
  });
}
