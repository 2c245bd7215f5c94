import { addHours, addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import type { Responsibility } from "../domain/duty.ts";
import type { Severity } from "../domain/item.ts";
import { doesUndo } from "../domain/plan.ts";
import { close, closeIfOpen, openItem, UNACKNOWLEDGED, type Sighting } from "../items/lifecycle.ts";
import { show as showItem, tell } from "../items/card-and-thread.ts";
import { show } from "./shared.ts";
import { followSuspensions } from "./suspensions.ts";
import { makeDue } from "../store/checks.ts";
import { itemById, saveItem } from "../store/items.ts";
import { lockOwedBack } from "../store/locked-items.ts";
import { operationById, saveOperation, type StoredOperation } from "../store/operations.ts";

/** The items that an operation leaves when it has ended, for whoever asked for it, and those that it closes. */

export async function leaveItems(app: App, change: Change, operation: StoredOperation): Promise<void> {
  if (operation.state === "succeeded") await succeeded(app, change, operation);
  else if (operation.reversalOf !== null) await notTakenBack(app, change, operation, operation.reversalOf);
  else if (operation.state === "failed" || operation.state === "closed_unknown") await failed(app, change, operation);
}

async function succeeded(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const service = app.inForce().catalog.services[operation.service];
  await makeDue(change.db, service?.checks.map((check) => check.key) ?? [], change.now);
  await followSuspensions(app, change, operation, ownedByWhoAsked(app, change, operation));
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
    fingerprint: `freeze/${operation.id}`,
    origin: "operation",
    service: operation.service,
    responsibility: "releases",
    severity: "warning",
    summary: `op-${operation.id} went through "${through.freeze}": look whether it may stay`,
    evidence: { reason: operation.despite ?? "", change: operation.plan?.title ?? "" },
    since: change.now,
    ...ownedByWhoAsked(app, change, operation),
    dueAt: until < day ? until : day,
  });
}

/** A temporary change is owed back: an item, owned by who asked for it, that acts by itself when it is due. */
async function leaveReversal(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const { plan } = operation;
  const { temporary } = operation.arguments;
  if (temporary === undefined || plan?.undo === undefined) return;
  const back = Object.entries(plan.changes).map(([what, [before, after]]) => `${what} ${after} → ${before}`);
  await openItem(change, app.inForce(), {
    ...owedBack(app, change, operation),
    severity: "warning",
    summary: `temporary: ${back.join(", ")} goes back by itself`,
    dueAt: addMilliseconds(change.now, temporary),
  });
}

function owedBack(app: App, change: Change, operation: StoredOperation): Omit<Sighting, "severity" | "summary"> {
  return {
    fingerprint: `reversal/${operation.id}`,
    origin: "reversal",
    service: operation.service,
    responsibility: responsibilityOf(operation),
    evidence: { "asked as": `op-${operation.id}` },
    since: change.now,
    ...ownedByWhoAsked(app, change, operation),
    reverses: operation.id,
  };
}

/**
 * A reversal ended without taking back what it was to take back: nothing tries again by itself, and its item waits for its
 * owner. Where the parent counted as reverted, it failed instead.
 */
async function notTakenBack(app: App, change: Change, reversal: StoredOperation, of: number): Promise<void> {
  const parent = await operationById(change.db, of);
  if (parent === null) throw new Error(`op-${reversal.id} takes back op-${of}, which is not there`);
  const why = reversal.outcome ?? "no reason known";
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
  const item = await openItem(change, app.inForce(), {
    ...owedBack(app, change, parent),
    severity: parent.arguments.temporary === undefined ? severityOf(parent) : "warning",
    summary: `op-${of} ${words}: ${why}`,
  });
  const waiting = await saveItem(change.db, item, { ...UNACKNOWLEDGED, dueAt: null });
  await tell(change, waiting, "item.reversal_refused", { why });
  await showItem(change, waiting);
}

/** Closes reversal items whose change this operation took back before they were due. */
async function closeWhatIsBack(change: Change, { id, plan, target, requestedBy }: StoredOperation): Promise<void> {
  for (const item of await lockOwedBack(change.db, target)) {
    const parent = item.reverses === null ? null : await operationById(change.db, item.reverses);
    const undo = parent?.plan?.undo;
    if (plan !== null && undo !== undefined && doesUndo(plan, undo))
      await close(change, item, { by: requestedBy, how: `taken back by op-${id}` });
  }
}

/** A failure becomes an item, unless it has one that is open: somebody has to see to it. */
async function failed(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const item = operation.item === null ? null : await itemById(change.db, operation.item);
  if (item !== null && item.state !== "resolved") return;
  await openItem(change, app.inForce(), {
    fingerprint: `operation/${operation.id}`,
    origin: "operation",
    service: operation.service,
    responsibility: responsibilityOf(operation),
    severity: severityOf(operation),
    summary: `op-${operation.id} (${calledBy(operation)}) ended without success: ${operation.outcome ?? "no reason known"}`,
    evidence: {},
    since: change.now,
    ...ownedByWhoAsked(app, change, operation),
  });
}

function responsibilityOf({ action }: StoredOperation): Responsibility {
  return action === "scale" ? "scaling" : "releases";
}

function severityOf({ environment }: StoredOperation): Severity {
  return environment === "production" ? "critical" : "warning";
}

/** "scale"; of a sequence "run make-room". */
function calledBy({ action, arguments: { sequence } }: StoredOperation): string {
  return sequence === undefined ? action : `${action} ${sequence}`;
}

/** Who asked for a change answers for what became of it; somebody who left does not. */
function ownedByWhoAsked(
  app: App,
  change: Change,
  { requestedBy }: StoredOperation,
): Pick<Sighting, "owner" | "ownedSince"> {
  const known = app.inForce().catalog.people[requestedBy] !== undefined;
  return known ? { owner: { person: requestedBy }, ownedSince: change.now } : {};
}
