import { addHours, addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import { close, openItem, type Sighting } from "../items/life.ts";
import { makeDue } from "../store/checks.ts";
import { itemById, lockNewest } from "../store/items.ts";
import type { StoredOperation } from "../store/operations.ts";

/** What an operation leaves to be seen to when it has ended, each as an item of whoever asked for it. */

export async function leaveItems(app: App, change: Change, operation: StoredOperation): Promise<void> {
  if (operation.state === "succeeded") await succeeded(app, change, operation);
  else if (operation.state === "failed" || operation.state === "closed_unknown") await failed(app, change, operation);
}

async function succeeded(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const service = app.inForce().catalog.services[operation.service];
  await makeDue(change.db, service?.checks.map((check) => check.key) ?? [], change.now);
  if (operation.reversalOf !== null) return closeReversal(change, operation.reversalOf, "taken back as planned");
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
    fingerprint: `reversal/${operation.id}`,
    origin: "reversal",
    service: operation.service,
    responsibility: "scaling",
    severity: "warning",
    summary: `temporary: ${back.join(", ")} goes back by itself`,
    evidence: { "asked as": `op-${operation.id}` },
    since: change.now,
    ...ownedByWhoAsked(app, change, operation),
    dueAt: addMilliseconds(change.now, temporary),
    reverses: operation.id,
  });
}

async function closeReversal(change: Change, parent: number, how: string): Promise<void> {
  const item = await lockNewest(change.db, `reversal/${parent}`);
  if (item !== null && item.state !== "resolved") await close(change, item, { by: null, how });
}

/** A failure that no item tells about yet becomes one, so that somebody sees to it. */
async function failed(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const item = operation.item === null ? null : await itemById(change.db, operation.item);
  if (item !== null && item.state !== "resolved") return;
  await openItem(change, app.inForce(), {
    fingerprint: `operation/${operation.id}`,
    origin: "operation",
    service: operation.service,
    responsibility: operation.action === "scale" ? "scaling" : "releases",
    severity: operation.environment === "production" ? "critical" : "warning",
    summary: `op-${operation.id} (${calledBy(operation)}) ended without success: ${operation.outcome ?? "no reason known"}`,
    evidence: {},
    since: change.now,
    ...ownedByWhoAsked(app, change, operation),
  });
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
