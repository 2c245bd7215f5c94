import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import { moveOperation, type OperationMove } from "../domain/operation.ts";
import { account } from "../domain/sequence.ts";
import { recover } from "../items/lifecycle.ts";
import { leaveItems } from "./left-items.ts";
import { log, requesterOf, show, tellDirectly, wakeNext } from "./shared.ts";
import { lockItem } from "../store/items.ts";
import { saveOperation, type StoredOperation } from "../store/operations.ts";
import { saveStep, stepsOf, type Step } from "../store/steps.ts";

/** How an operation ends: one way for all of them, in a door's transaction, so that nothing of it stays behind. */

export type Ending = {
  readonly move: OperationMove;
  readonly outcome: string;
  /** Who ended it by what they did, as requests name them; absent where nobody did. */
  readonly by?: string;
};

/**
 * Ends an operation, whoever ends it and however: closes its step, writes the outcome, tells its item, leaves items for what
 * is still to be seen to, and wakes whoever waits for its target.
 */
export async function finish(app: App, change: Change, operation: StoredOperation, ending: Ending): Promise<void> {
  const went = await endStep(change, operation, ending);
  const next: StoredOperation = {
    ...operation,
    state: moveOperation(operation.id, operation.state, ending.move),
    outcome: outcomeOf(operation, went, ending),
    finishedAt: change.now,
  };
  await saveOperation(change.db, next);
  const event = await log(change, next, `operation.${next.state}`, { outcome: next.outcome });
  // Of what is tried again its item tells, once.
  const isHeard = !next.preview && !(next.reversalOf !== null && next.state === "expired");
  if (isHeard && ending.by !== next.requestedBy) await tellDirectly(change, event, requesterOf(app, next));
  await show(change, next);
  await leaveItems(app, change, next);
  await settleItem(change, next);
  await wakeNext(change, next);
}

/** Closes a step that is not over: nothing more is sent, and its target is free. Returns all steps that were begun. */
async function endStep(change: Change, { id }: StoredOperation, { outcome }: Ending): Promise<Step[]> {
  const went = await stepsOf(change.db, id);
  const last = went.at(-1);
  if (last === undefined || last.state === "done" || last.state === "failed") return went;
  const over: Step = { ...last, state: "failed", outcome, lookAskedAt: null };
  await saveStep(change.db, over);
  return [...went.slice(0, -1), over];
}

/** The outcome of a sequence that ends before its last step says how far it came. */
function outcomeOf({ plan, state }: StoredOperation, went: readonly Step[], { move, outcome }: Ending): string {
  if (plan?.steps === undefined || state !== "running" || move === "succeed") return outcome;
  const unknown = move === "close" ? (went.at(-1) ?? null) : null;
  const why = move === "fail" || move === "revert" ? null : outcome;
  return account(plan, went, why, unknown);
}

/** An item that looked well while this ran may be done now. */
async function settleItem(change: Change, operation: StoredOperation): Promise<void> {
  if (operation.item === null) return;
  const item = await lockItem(change.db, operation.item);
  if (item !== null && item.state !== "resolved" && item.recovered)
    await recover(change, item, `its check passes again after op-${operation.id}`);
}
