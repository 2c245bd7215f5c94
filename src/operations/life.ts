import { addHours, addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import type { Action } from "../domain/action.ts";
import { isFinal, moveOperation, type OperationMove } from "../domain/operation.ts";
import { doesUndo, keepsVisitorsOut, targetsOf } from "../domain/plan.ts";
import { close, openItem, recover, type Sighting } from "../items/life.ts";
import { itemById, lockItem, lockNewest, lockOwedBack } from "../store/items.ts";
import { makeDue } from "../store/checks.ts";
import { operationById, saveOperation, type StoredOperation } from "../store/operations.ts";
import { owe } from "../store/outbox.ts";
import { isWantedAt, place, redraw, wantAt } from "../store/postings.ts";
import { waitingFor } from "../store/steps.ts";

/** What happens to an operation whoever causes it: the parts that its doors share. Everything runs inside a door's transaction. */

export type Ending = {
  readonly move: OperationMove;
  readonly outcome: string;
  /** Who ended it by what they did, as requests name them; absent where nobody did. */
  readonly by?: string;
};

/** Ends an operation: the outcome, what it means for its item, what it leaves to be taken back, and who is next on the target. */
export async function finish(app: App, change: Change, operation: StoredOperation, ending: Ending): Promise<void> {
  const next: StoredOperation = {
    ...operation,
    state: moveOperation(operation.id, operation.state, ending.move),
    outcome: ending.outcome,
    finishedAt: change.now,
  };
  await saveOperation(change.db, next);
  const event = await log(change, next, `operation.${next.state}`, { outcome: ending.outcome });
  if (!next.preview && ending.by !== next.requestedBy) await tellDirectly(change, event, requesterOf(app, next));
  await show(change, next);
  if (next.state === "succeeded") await succeeded(app, change, next);
  else if (next.state === "failed" || next.state === "closed_unknown") await failed(app, change, next);
  await settleItem(change, next);
  await wakeNext(change, next);
}

/** Whoever is next on what an operation had for itself gets a job. */
export async function wakeNext(change: Change, { id, plan, target }: StoredOperation): Promise<void> {
  for (const each of plan === null ? [target] : targetsOf(plan)) {
    const [waiting] = await waitingFor(change.db, each);
    if (waiting !== undefined && waiting !== id) await owe(change.db, "operations", waiting, change.now);
  }
}

async function succeeded(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const service = app.inForce().catalog.services[operation.service];
  await makeDue(change.db, service?.checks.map((check) => check.key) ?? [], change.now);
  await closeLasting(change, operation);
  if (operation.reversalOf !== null) return closeReversal(change, operation.reversalOf, "taken back as planned");
  await closeWhatIsBack(change, operation);
  await leaveReversal(app, change, operation);
  await leaveLasting(app, change, operation);
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
    responsibility: operation.action === "scale" ? "scaling" : "releases",
    severity: "warning",
    summary: `temporary: ${back.join(", ")} goes back by itself`,
    evidence: { "asked as": `op-${operation.id}` },
    since: change.now,
    ...ownedByWhoAsked(app, change, operation),
    dueAt: addMilliseconds(change.now, temporary),
    reverses: operation.id,
  });
}

/** What lasts until somebody ends it. */
type Lasting = {
  readonly summary: string;
  /** The command that ends it. */
  readonly end: string;
  /** After which it is overdue that it ends, in hours. */
  readonly due: number;
};

/** Null of what does not last, or of which somebody said for how long. */
function lastingOf({ plan, target, arguments: { temporary } }: StoredOperation): Lasting | null {
  if (plan === null || temporary !== undefined) return null;
  if (keepsVisitorsOut(plan))
    return {
      summary: `${target} is in maintenance mode until somebody turns it off`,
      end: `/day2 maintenance ${target} off`,
      due: 4,
    };
  if (plan.action === "pause")
    return {
      summary: `rollouts of ${target} are held back until somebody resumes them`,
      end: `/day2 resume ${target}`,
      due: 24,
    };
  return null;
}

/** Where nobody said for how long, whoever asked for it has it before their eyes until it ends. */
async function leaveLasting(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const lasting = lastingOf(operation);
  if (lasting === null) return;
  const { summary, end, due } = lasting;
  await openItem(change, app.inForce(), {
    fingerprint: `${operation.action}/${operation.target}`,
    origin: "operation",
    service: operation.service,
    responsibility: "releases",
    severity: "warning",
    summary,
    evidence: { "asked as": `op-${operation.id}`, "end it": end },
    since: change.now,
    ...ownedByWhoAsked(app, change, operation),
    dueAt: addHours(change.now, due),
  });
}

async function closeLasting(change: Change, { id, plan, target, requestedBy }: StoredOperation): Promise<void> {
  if (plan === null || keepsVisitorsOut(plan)) return;
  const ended = ENDS[plan.action];
  if (ended === undefined) return;
  const item = await lockNewest(change.db, `${ended.action}/${target}`);
  if (item !== null && item.state !== "resolved")
    await close(change, item, { by: requestedBy, how: `${ended.how} by op-${id}` });
}

/** Whose lasting an action ends; maintenance mode is turned off by the action that turns it on. */
const ENDS: Readonly<Partial<Record<Action, { readonly action: Action; readonly how: string }>>> = {
  maintenance: { action: "maintenance", how: "turned off" },
  resume: { action: "pause", how: "resumed" },
};

/** What was owed back, and this operation did before it was due, is owed no more. */
async function closeWhatIsBack(change: Change, { id, plan, target, requestedBy }: StoredOperation): Promise<void> {
  for (const item of await lockOwedBack(change.db, target)) {
    const parent = item.reverses === null ? null : await operationById(change.db, item.reverses);
    const undo = parent?.plan?.undo;
    if (plan !== null && undo !== undefined && doesUndo(plan, undo))
      await close(change, item, { by: requestedBy, how: `taken back by op-${id}` });
  }
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

/** An item that looked well while this ran may be done now. */
async function settleItem(change: Change, operation: StoredOperation): Promise<void> {
  if (operation.item === null) return;
  const item = await lockItem(change.db, operation.item);
  if (item !== null && item.state !== "resolved" && item.recovered)
    await recover(change, item, `its check passes again after op-${operation.id}`);
}

export async function log(
  change: Change,
  operation: StoredOperation,
  kind: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  return change.log({ kind, operation: operation.id, item: operation.item, service: operation.service, detail });
}

/** Wants the operation's card redrawn wherever it is, and its item's card, which has a line about it. */
export async function show(change: Change, operation: StoredOperation): Promise<void> {
  await showProgress(change, operation);
  if (operation.item !== null) await redraw(change.db, "item", operation.item, null, change.now);
}

/** Wants only the operation's own card redrawn. */
export async function showProgress(change: Change, operation: StoredOperation): Promise<void> {
  await redraw(change.db, "operation", operation.id, isFinal(operation.state), change.now);
}

/** Shows an operation to people directly, as a copy of its card. */
export async function sendTo(change: Change, operation: StoredOperation, accounts: readonly string[]): Promise<void> {
  for (const account of accounts) await wantAt(change.db, "operation", operation.id, place.person(account), change.now);
}

/** Has people hear of an event directly, once. */
export async function tellDirectly(change: Change, event: number, accounts: readonly string[]): Promise<void> {
  for (const account of accounts) await wantAt(change.db, "event", event, place.person(account), change.now);
}

/**
 * Where whoever asked reads messages of their own: they must hear, and a card that changes tells nobody. Nowhere for
 * somebody who left: what they are called in the catalog is no account.
 */
export function requesterOf(app: App, { requestedBy }: StoredOperation): string[] {
  return app.inForce().catalog.people[requestedBy]?.slack.slice(0, 1) ?? [];
}

/** People are needed: they get the card with what they can do, and where they have it already a line about it. */
export async function callEach(
  change: Change,
  operation: StoredOperation,
  event: number,
  accounts: readonly string[],
): Promise<void> {
  for (const account of accounts) {
    const has = await isWantedAt(change.db, "operation", operation.id, place.person(account));
    await (has ? tellDirectly(change, event, [account]) : sendTo(change, operation, [account]));
  }
}
