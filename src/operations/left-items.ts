import { addHours } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import { personOf } from "../domain/duty.ts";
import { goesBackByItself } from "../domain/item.ts";
import { closeIfOpen, openItem } from "../items/lifecycle.ts";
import { itemFrom } from "./item-from.ts";
import { closeWhatIsBack, leaveReversal, notTakenBack } from "./owed-back.ts";
import { ownerKnows } from "../on-call/escalating.ts";
import { followSuspensions } from "./suspensions.ts";
import { makeDue } from "../store/checks.ts";
import { itemById, type StoredItem } from "../store/items.ts";
import type { StoredOperation } from "../store/operations.ts";

/** The items that an operation leaves when it has ended, for whoever asked for it, and those that it closes. */

export async function leaveItems(app: App, change: Change, operation: StoredOperation): Promise<void> {
  if (operation.state === "succeeded") await succeeded(app, change, operation);
  else if (operation.reversalOf !== null) await notTakenBack(app, change, operation, operation.reversalOf);
  await leaveFailure(app, change, operation);
}

async function succeeded(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const service = app.inForce().catalog.services[operation.service];
  await makeDue(change.db, service?.checks.map((check) => check.key) ?? [], change.now);
  await followSuspensions(app, change, operation);
  if (operation.reversalOf !== null)
    return closeIfOpen(change, `reversal/${operation.reversalOf}`, { by: null, how: "taken back as planned" });
  await closeWhatIsBack(change, operation);
  await leaveReversal(app, change, operation);
  await leaveReview(app, change, operation);
}

/** What went through a freeze is looked at again by who asked for it, a day later or when the freeze ends. */
async function leaveReview(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const through = operation.plan?.through;
  if (through === undefined) return;
  const [until, day] = [new Date(through.until), addHours(change.now, 24)];
  await openItem(change, app.inForce(), {
    ...itemFrom(app, change, operation),
    fingerprint: `freeze/${operation.id}`,
    responsibility: "releases",
    severity: "warning",
    summary: `op-${operation.id} went through "${through.freeze}": look whether it may stay`,
    evidence: { reason: operation.despite ?? "", change: operation.plan?.title ?? "" },
    dueAt: until < day ? until : day,
  });
}

/** A failure becomes an item, unless it has one that is open: somebody has to see to it. */
async function leaveFailure(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const isFailure = operation.state === "failed" || operation.state === "closed_unknown";
  const item = await itemOf(change, operation);
  if (!isFailure || operation.reversalOf !== null || (item !== null && item.state !== "resolved"))
    return endDoubt(change, operation, operation.outcome ?? "it has ended");
  await openItem(change, app.inForce(), {
    ...itemFrom(app, change, operation),
    fingerprint: fingerprintOf(operation),
    summary: `op-${operation.id} (${calledBy(operation)}) ended without success: ${operation.outcome ?? "no reason known"}`,
  });
}

/**
 * Nobody knows what became of an operation, and whoever was called to look, by these accounts, may not: an item calls on, unless
 * it has one that does. What goes back by itself calls nobody.
 */
export async function leaveDoubt(
  app: App,
  change: Change,
  operation: StoredOperation,
  { seen, called }: { readonly seen: string; readonly called: readonly string[] },
): Promise<void> {
  const before = await itemOf(change, operation);
  if (before !== null && before.state !== "resolved" && !goesBackByItself(before)) return;
  const item = await openItem(change, app.inForce(), {
    ...itemFrom(app, change, operation),
    fingerprint: fingerprintOf(operation),
    summary: `nobody knows how op-${operation.id} (${calledBy(operation)}) ended, and its target waits: say so on its card`,
    evidence: { "what is seen": seen },
  });
  const owner = app.inForce().catalog.people[personOf(item.owner) ?? ""];
  const isCalled = owner?.slack.some((account) => called.includes(account)) ?? false;
  if (isCalled && item.seen === 1) await ownerKnows(app, change, item);
}

/** Somebody knows by now. */
export async function endDoubt(change: Change, operation: StoredOperation, how: string): Promise<void> {
  await closeIfOpen(change, fingerprintOf(operation), { by: null, how });
}

function fingerprintOf({ id }: StoredOperation): string {
  return `operation/${id}`;
}

async function itemOf(change: Change, { item }: StoredOperation): Promise<StoredItem | null> {
  return item === null ? null : itemById(change.db, item);
}

/** "scale"; of a sequence "run make-room". */
function calledBy({ action, arguments: { sequence } }: StoredOperation): string {
  return sequence === undefined ? action : `${action} ${sequence}`;
}
