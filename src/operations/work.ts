import { addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { changeUnasked, type Change } from "../caller.ts";
import type { Plan } from "../domain/action.ts";
import type { Target } from "../domain/catalog.ts";
import { targetsOf } from "../domain/plan.ts";
import { dueOf, targetOf, type Due } from "../domain/sequence.ts";
import { missingAuthority } from "./authority.ts";
import { finish, type Ending } from "./ending.ts";
import { nameOfStep, nothingCame, stopping } from "./stepping.ts";
import { placeOf } from "./place.ts";
import { lockOperation, type StoredOperation } from "../store/operations.ts";
import { decisionsOf } from "../store/approvals.ts";
import { holderOf, stepOf, waitingFor, type Step } from "../store/steps.ts";

/** What a worker is to do about an operation now; what comes of it is in `running.ts`. */

export type Work =
  | { readonly kind: "nothing" }
  | { readonly kind: "plan"; readonly operation: StoredOperation }
  | {
      readonly kind: "run";
      readonly operation: StoredOperation;
      readonly seq: number;
      readonly due: Due;
      readonly target: Target;
    }
  | {
      readonly kind: "settle";
      readonly operation: StoredOperation;
      readonly plan: Plan;
      readonly target: Target;
      readonly step: Step;
    };

/** What is to be done about an operation now, read from the truth. Asking twice is harmless. */
export async function workOn(app: App, id: number): Promise<Work> {
  return changeUnasked(app, async (change): Promise<Work> => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || operation.finishedAt !== null) return NOTHING;
    if (operation.state === "planning")
      return (await targetToAct(app, change, operation, operation.target)) === null
        ? NOTHING
        : { kind: "plan", operation };
    if (operation.plan === null) return NOTHING;
    if (operation.state === "queued") return toRun(app, change, { ...operation, plan: operation.plan });
    return operation.state === "running" ? toSettle(app, change, { ...operation, plan: operation.plan }) : NOTHING;
  });
}

/** The target as the catalog has it; an operation whose target is gone ends. `sent` is its step that may have had an effect. */
async function targetAt(
  app: App,
  change: Change,
  operation: StoredOperation,
  key: string,
  sent: Step | null = null,
): Promise<Target | null> {
  const target = app.inForce().catalog.services[operation.service]?.targets.find((each) => each.key === key);
  if (target !== undefined) return target;
  const gone = `${key} is no longer in the catalog`;
  const ending: Ending =
    sent === null
      ? stopping(operation, gone)
      : { move: "close", outcome: `${gone}, and nobody knows whether ${nameOfStep(operation, sent)} happened` };
  await finish(app, change, operation, ending);
  return null;
}

/** The same, for what is still to be sent there: one that may be another place by now ends the operation too. */
async function targetToAct(app: App, change: Change, operation: StoredOperation, key: string): Promise<Target | null> {
  const target = await targetAt(app, change, operation, key);
  if (target === null || (await placeOf(app, change.db, operation, target)) === target) return target;
  const moved = `the catalog means another place by ${key} than when its plan was drawn, so nothing is sent there; ask again`;
  await finish(app, change, operation, stopping(operation, moved));
  return null;
}

const NOTHING: Work = { kind: "nothing" };
type Planned = StoredOperation & { readonly plan: Plan };

async function toRun(app: App, change: Change, operation: Planned): Promise<Work> {
  if (operation.expiresAt !== null && operation.expiresAt <= change.now) {
    await finish(app, change, operation, { move: "expire", outcome: "it could not be started in time" });
    return NOTHING;
  }
  const missing = missingAuthority(app, operation, await decisionsOf(change.db, operation.id), change.now);
  if (missing !== null) {
    await finish(app, change, operation, stopping(operation, missing));
    return NOTHING;
  }
  for (const each of targetsOf(operation.plan)) if (!(await hasTurn(change, operation, each))) return NOTHING;
  return runWork(app, change, operation, { seq: 1, undoes: null });
}

/** Whether a target is free, and this operation's turn on it. */
async function hasTurn(change: Change, { id }: StoredOperation, target: string): Promise<boolean> {
  const waiting = await waitingFor(change.db, target, change.now);
  const isFirst = waiting[0] === id || !waiting.includes(id);
  return isFirst && (await holderOf(change.db, target)) === null;
}

async function runWork(
  app: App,
  change: Change,
  operation: Planned,
  step: Pick<Step, "seq" | "undoes">,
): Promise<Work> {
  const due = dueOf(operation.plan, step);
  const target = await targetToAct(app, change, operation, targetOf(due));
  return target === null ? NOTHING : { kind: "run", operation, seq: step.seq, due, target };
}

/** An approval is not for any later time: what nothing came of so long after it began is not begun any more. */
const BEGUN_WITHIN = 3_600_000; // ms

function isTooLate({ startedAt }: StoredOperation, { seq }: Step, now: Date): boolean {
  return seq === 1 && startedAt !== null && addMilliseconds(startedAt, BEGUN_WITHIN) <= now;
}

async function toSettle(app: App, change: Change, operation: Planned): Promise<Work> {
  const step = await stepOf(change.db, operation.id, operation.target);
  if (step.state === "ready") {
    if (operation.cancelRequestedAt !== null) {
      await finish(app, change, operation, stopping(operation, null));
      return NOTHING;
    }
    if (isTooLate(operation, step, change.now)) {
      const why = "for an hour it could not be begun, so nothing was done; ask again";
      await finish(app, change, operation, nothingCame(operation, stopping(operation, why)));
      return NOTHING;
    }
    if (!(await hasTurn(change, operation, step.target))) return NOTHING;
    return runWork(app, change, operation, step);
  }
  const open = step.state === "intent" || step.state === "unknown";
  const settled = step.settleUntil !== null && step.settleUntil <= change.now;
  if (!(open && settled) && step.lookAskedAt === null) return NOTHING;
  const due = dueOf(operation.plan, step);
  const plan = step.plan ?? (due.kind === "onward" ? due.plan : null);
  const now = await targetAt(app, change, operation, step.target, step);
  if (now === null || plan === null) return NOTHING;
  const target = await placeOf(app, change.db, operation, now); // whatever became of it, it did where it was sent
  return { kind: "settle", operation, plan, target, step };
}
