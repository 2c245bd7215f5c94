import { addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import type { Plan } from "../domain/action.ts";
import { doesUndo, isBack, keepsVisitorsOut } from "../domain/plan.ts";
import { close, closeIfOpen, openItem, UNACKNOWLEDGED, type Sighting } from "../items/lifecycle.ts";
import { show as showItem, tell } from "../items/card-and-thread.ts";
import { itemFrom } from "./item-from.ts";
import { requesterOf, show, tellDirectly } from "./shared.ts";
import { saveItem } from "../store/items.ts";
import { lockOwedBack } from "../store/locked-items.ts";
import { observationsOf } from "../store/observations.ts";
import { operationById, saveOperation, type StoredOperation } from "../store/operations.ts";

/** The item of what is to be taken back, from when it is owed until it is done; its doors are in `reversals.ts`. */

/** A temporary change is owed back: an item, owned by who asked for it, that acts by itself when it is due. */
export async function leaveReversal(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const { plan } = operation;
  const { temporary } = operation.arguments;
  if (temporary === undefined || plan?.undo === undefined) return;
  await openItem(change, app.inForce(), {
    ...owedBack(app, change, operation),
    severity: "warning",
    summary: `temporary: ${wayBack(plan)} goes back by itself`,
    dueAt: addMilliseconds(change.now, temporary),
  });
}

/** "maintenance mode on → off" */
function wayBack({ changes }: Plan): string {
  return Object.entries(changes)
    .map(([what, [before, after]]) => `${what} ${after} → ${before}`)
    .join(", ");
}

function owedBack(app: App, change: Change, operation: StoredOperation): Omit<Sighting, "summary"> {
  return {
    ...itemFrom(app, change, operation),
    fingerprint: `reversal/${operation.id}`,
    origin: "reversal",
    evidence: { "asked as": `op-${operation.id}` },
    reverses: operation.id,
  };
}

/**
 * A reversal ended without taking back what it was to take back, and its item waits for its owner; where nothing came of it, it
 * is tried again meanwhile. Where the parent counted as reverted, it failed instead. Nothing is left to be done where somebody
 * else has taken it back.
 */
export async function notTakenBack(app: App, change: Change, reversal: StoredOperation, of: number): Promise<void> {
  const parent = await operationById(change.db, of);
  if (parent === null) throw new Error(`op-${reversal.id} takes back op-${of}, which is not there`);
  if (await isSeenBack(change, reversal, parent))
    return closeIfOpen(change, `reversal/${of}`, { by: null, how: "it was taken back elsewhere" });
  const isTriedAgain = reversal.state === "expired";
  const why = `${reversal.outcome ?? "no reason known"}${isTriedAgain ? "; it is tried again" : ""}`;
  const isUnknown = reversal.state === "closed_unknown";
  const words = isUnknown ? "may not have been taken back" : "was not taken back";
  const { item: about, service } = parent;
  await change.log({
    kind: "operation.not_taken_back",
    operation: of,
    item: about,
    service,
    detail: { why, isUnknown },
  });
  if (parent.state === "reverted") {
    const outcome = `${parent.outcome ?? ""}. It ${words}: ${why}`;
    await saveOperation(change.db, { ...parent, state: "failed", outcome });
    await show(change, parent);
  }
  const owed = owedBack(app, change, parent);
  const item = await openItem(change, app.inForce(), {
    ...owed,
    severity: mayStay(parent, reversal) ? "warning" : owed.severity,
    summary: `op-${of} ${words}: ${why}`,
    ...(parent.plan === null ? {} : { evidence: { "asked as": `op-${of}`, "what is owed": wayBack(parent.plan) } }),
  });
  // While it is tried again and again, whoever has seen it knows.
  const isNews = item.dueAt !== null || !isTriedAgain;
  const waiting = await saveItem(change.db, item, { ...(isNews ? UNACKNOWLEDGED : {}), dueAt: null });
  if (isNews) {
    const event = await tell(change, waiting, "item.reversal_refused", { why });
    if (isTriedAgain) await tellDirectly(change, event, requesterOf(app, parent));
  }
  await showItem(change, waiting);
}

/** Whether the target was seen since the reversal began as it was before its parent. */
async function isSeenBack(
  { db }: Change,
  { requestedAt, state }: StoredOperation,
  { plan, target }: StoredOperation,
): Promise<boolean> {
  if (plan?.undo === undefined || (state !== "refused" && state !== "expired")) return false; // it was sent
  const [seen] = await observationsOf(db, [target]);
  if (seen === undefined || seen.body === null || seen.seenAt === null || seen.seenAt < requestedAt) return false;
  return isBack(plan.undo, seen.body);
}

/** What was to be temporary may stay for a while, unless it keeps visitors out against everybody's will. */
function mayStay(parent: StoredOperation, { state }: StoredOperation): boolean {
  const keepsOut = parent.plan !== null && keepsVisitorsOut(parent.plan);
  return parent.arguments.temporary !== undefined && (!keepsOut || state === "cancelled");
}

/** Closes reversal items whose change this operation took back before they were due. */
export async function closeWhatIsBack(
  change: Change,
  { id, plan, target, requestedBy }: StoredOperation,
): Promise<void> {
  for (const item of await lockOwedBack(change.db, target)) {
    const parent = item.reverses === null ? null : await operationById(change.db, item.reverses);
    const undo = parent?.plan?.undo;
    if (plan !== null && undo !== undefined && doesUndo(plan, undo))
      await close(change, item, { by: requestedBy, how: `taken back by op-${id}` });
  }
}
