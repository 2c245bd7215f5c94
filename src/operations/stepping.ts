import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import type { Plan } from "../domain/action.ts";
import type { Aftermath } from "../domain/aftermath.ts";
import { dueOf, lasting, nextToTakeBack, stepName, targetOf } from "../domain/sequence.ts";
import { finish, type Ending } from "./ending.ts";
import { endDoubt } from "./left-items.ts";
import { log, show, wakeNext } from "./shared.ts";
import { canBeUndone, takeBack } from "./reversals.ts";
import type { StoredOperation } from "../store/operations.ts";
import { owe } from "../store/outbox.ts";
import { insertStep, saveStep, stepsOf, type Step } from "../store/steps.ts";

/**
 * What follows a step, in the transaction that ends it: the next step, taking back an earlier one where that is declared, or
 * the end of the operation. So after a worker dies there is one step under way and nothing to repeat.
 */

type Sequenced = StoredOperation & { readonly plan: Plan };

function isSequence(operation: StoredOperation): operation is Sequenced {
  return operation.plan?.steps !== undefined;
}

/** What the events of a step say of it; nothing where it is the only one. */
export function naming(
  { plan }: StoredOperation,
  { seq, undoes }: Pick<Step, "seq" | "undoes">,
): Readonly<Record<string, unknown>> {
  if (plan?.steps === undefined) return {};
  const of = undoes ?? seq;
  return {
    step: of,
    of: plan.steps.length,
    title: plan.steps[of - 1]?.title,
    ...(undoes === null ? {} : { back: true }),
  };
}

/** As sentences call a step: "step 2 of 3 (Restart shop)"; the only one "it". */
export function nameOfStep({ plan }: StoredOperation, { seq, undoes }: Pick<Step, "seq" | "undoes">): string {
  if (plan?.steps === undefined) return "it";
  return undoes === null ? stepName(plan, seq) : `the taking back of ${stepName(plan, undoes)}`;
}

/** What showed that a step is done, and how the checks of its service were then. `by`: the person who said so. */
export type Done = { readonly seen: string; readonly after: Aftermath; readonly by?: string };

/** Writes that a step is done, and begins what follows. */
export async function stepDone(
  app: App,
  change: Change,
  operation: StoredOperation,
  step: Step,
  { seen, after, by }: Done,
): Promise<void> {
  const done: Step = { ...step, state: "done", outcome: seen, lookAskedAt: null, doneAt: change.now };
  await saveStep(change.db, done);
  if (!isSequence(operation)) {
    const ending = await endingOf(app, change, operation, seen, after);
    return finish(app, change, operation, by === undefined ? ending : { ...ending, by });
  }
  await log(change, operation, "operation.step_done", { ...naming(operation, step), seen });
  if (step.undoes !== null) return goBack(app, change, operation);
  if (after.worse.length > 0) {
    await saveStep(change.db, { ...done, outcome: `${seen}, but it got worse: ${after.worse.join("; ")}` });
    return goBack(app, change, operation);
  }
  const { steps = [] } = operation.plan;
  if (step.seq === steps.length) {
    const ill = after.still.length === 0 ? "" : `; not well yet: ${after.still.join("; ")}`;
    const all = steps.length === 1 ? "its step is done" : `all ${steps.length} steps are done`;
    const outcome = `${all}: ${seen}${ill}`;
    return finish(app, change, operation, { move: "succeed", outcome, ...(by === undefined ? {} : { by }) });
  }
  if (operation.cancelRequestedAt !== null) return finish(app, change, operation, asAsked(operation.plan, step.seq));
  await begin(change, operation, { seq: step.seq + 1, undoes: null });
}

/** After a step that failed: takes back what was done before, where that is declared. */
export async function stepFailed(app: App, change: Change, operation: StoredOperation, ending: Ending): Promise<void> {
  if (!isSequence(operation) || ending.move !== "fail") return finish(app, change, operation, ending);
  await goBack(app, change, operation, ending);
}

/** Takes back the last step that is to be and was not yet; ends where there is none, or where one could not be. */
async function goBack(app: App, change: Change, operation: Sequenced, ending?: Ending): Promise<void> {
  const went = await stepsOf(change.db, operation.id);
  const isStuck = went.some(({ undoes, state }) => undoes !== null && state === "failed");
  const undoes = isStuck || operation.cancelRequestedAt !== null ? null : nextToTakeBack(operation.plan, went);
  if (undoes !== null) return begin(change, operation, { seq: went.length + 1, undoes });
  const isBack = went.every(({ state }) => state === "done") && lasting(went).length === 0;
  await finish(app, change, operation, { ...ending, move: isBack ? "revert" : "fail", outcome: "" });
}

async function begin(change: Change, operation: Sequenced, next: Pick<Step, "seq" | "undoes">): Promise<void> {
  const target = targetOf(dueOf(operation.plan, next));
  await insertStep(change.db, { operation: operation.id, target, ...next });
  if (next.undoes !== null) await log(change, operation, "operation.step_back", naming(operation, next));
  await endDoubt(change, operation, "it goes on");
  await owe(change.db, "operations", operation.id, change.now);
  await show(change, operation);
  await wakeNext(change, operation); // between two steps a rollback may go before
}

/** How an operation ends before its next step is sent: because somebody asked, or because something is missing. */
export function stopping(operation: StoredOperation, missing: string | null): Ending {
  const isBetween = operation.plan?.steps !== undefined && operation.state === "running";
  if (missing === null && isBetween) return { move: "cancel", outcome: "stopped as it was asked to" };
  if (missing === null) return { move: "cancel", outcome: "cancelled before anything was sent" };
  return { move: operation.state === "running" ? "fail" : "refuse", outcome: missing };
}

/** The same for what never began. A taking back that nobody stopped is owed all the same: it expires, and another one is tried. */
export function nothingCame(
  { reversalOf, cancelRequestedAt }: Pick<StoredOperation, "reversalOf" | "cancelRequestedAt">,
  ending: Ending,
): Ending {
  if (reversalOf === null || cancelRequestedAt !== null) return ending;
  return { move: "expire", outcome: ending.outcome.replace(/; ask again.*$/, "") }; // nobody has to
}

/** A person asked for the end, and this step was the last that was done. */
function asAsked(plan: Plan, seq: number): Ending {
  return { move: "cancel", outcome: `stopped as it was asked to, after ${stepName(plan, seq)}` };
}

/**
 * How an operation of one step ends whose effect shows. Where the service's checks got worse by it, a change of size or
 * release that can be taken back is taken back at once; anything else stays as it is and is for a person.
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
