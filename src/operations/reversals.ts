import { addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { changeFor, type Caller, type Change } from "../caller.ts";
import type { Action } from "../domain/action.ts";
import { authorise } from "../domain/permit.ts";
import { policyFor } from "../domain/policy.ts";
import { actorKey } from "../domain/actor.ts";
import { Conflict, Invalid } from "../errors.ts";
import { awake, close } from "../items/lifecycle.ts";
import { channelOf, show, tell } from "../items/card-and-thread.ts";
import { refuseBeingTakenBack } from "../items/change.ts";
import { log } from "./shared.ts";
import { serviceNamed } from "../ownership.ts";
import { groundOf } from "../people.ts";
import { lockItem, saveItem, type StoredItem } from "../store/items.ts";
import { insertOperation, operationById, type StoredOperation } from "../store/operations.ts";
import { owe } from "../store/outbox.ts";
import { place, rootOf, wantAt } from "../store/postings.ts";

/**
 * Temporary changes are owed back: each is an item that acts by itself when it is due. Until then, and also after a reversal
 * that failed, whoever may ask for such a change may move the moment or keep what was changed.
 */

const UNDONE_BY_ITSELF: ReadonlySet<Action> = new Set(["scale", "rollback"]);
const HOUR = 3_600_000;

/** Whether the bot may take an operation back without asking: its plan says how, and it is no taking back itself. */
export function canBeUndone({ action, plan, reversalOf }: StoredOperation): boolean {
  return UNDONE_BY_ITSELF.has(action) && plan?.undo !== undefined && reversalOf === null;
}

/** The operation that takes `parent` back, approved with it; on its item's thread, or where its service is talked about. */
export async function takeBack(
  app: App,
  change: Change,
  parent: StoredOperation,
  item: number | null,
): Promise<StoredOperation> {
  const undo = parent.plan?.undo;
  if (undo === undefined) throw new Error(`op-${parent.id} cannot be taken back`);
  const operation = await insertOperation(change.db, {
    item,
    service: parent.service,
    environment: parent.environment,
    target: parent.target,
    action: undo.action,
    arguments: undo.arguments,
    requestedBy: parent.requestedBy,
    requestedAt: change.now,
    catalogVersion: app.inForce().version,
    expiresAt: addMilliseconds(change.now, HOUR),
    reversalOf: parent.id,
    preview: false,
    despite: null,
  });
  await log(change, operation, "operation.reversal_started", { of: parent.id });
  const root = item === null ? null : await rootOf(change.db, "item", item);
  const where = root === null ? place.channel(channelOf(app.inForce(), operation.service)) : place.thread(root.id);
  await wantAt(change.db, "operation", operation.id, where, change.now);
  await owe(change.db, "operations", operation.id, change.now);
  return operation;
}

/** The longest that a temporary change may still last from now on, in ms. */
const LONGEST = 7 * 24 * HOUR;

/** Leaves a temporary change for so many more ms from now. */
export async function extend(app: App, caller: Caller, id: number, ms: number): Promise<void> {
  if (ms < 60_000 || ms > LONGEST) throw new Invalid("It can stay for 1 minute to 7 days more.");
  await changeReversal(app, caller, id, (change, item) => stayUntil(change, item, addMilliseconds(change.now, ms)));
}

/** A temporary change is taken back then and not before. */
export async function stayUntil(change: Change, item: StoredItem, dueAt: Date, why?: string): Promise<void> {
  const next = await saveItem(change.db, item, { ...awake(item), dueAt });
  await tell(change, next, "item.extended", { until: dueAt.toISOString(), ...(why === undefined ? {} : { why }) });
  await show(change, next);
}

/** A temporary change stays for good, with a reason: nothing takes it back any more. */
export async function keep(app: App, caller: Caller, id: number, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("Keeping what was meant to be temporary needs a reason.");
  await changeReversal(app, caller, id, (change, item) =>
    close(change, item, { by: actorKey(caller.actor), how: `kept: ${reason}` }),
  );
}

/** A temporary change is taken back now instead of when it is due. The operation. */
export async function takeBackNow(app: App, caller: Caller, id: number): Promise<StoredOperation> {
  return changeReversal(app, caller, id, async (change, item, parent) => {
    const next = await saveItem(change.db, item, { ...awake(item), dueAt: change.now });
    await show(change, next);
    return takeBack(app, change, parent, item.id);
  });
}

/** @throws Conflict when it is not temporary any more, Denied for whoever may not ask for such a change. */
async function changeReversal<Result>(
  app: App,
  caller: Caller,
  id: number,
  work: (change: Change, item: StoredItem, parent: StoredOperation) => Promise<Result>,
): Promise<Result> {
  return changeFor(app, caller, async (change) => {
    const item = await lockItem(change.db, id);
    const parent = typeof item?.reverses === "number" ? await operationById(change.db, item.reverses) : null;
    if (item === null || parent === null) throw new Invalid(`#${id} is no temporary change.`);
    const { catalog } = app.inForce();
    const service = serviceNamed(catalog, parent.service);
    const policy = policyFor(catalog, parent.action, service, parent.plan?.risk ?? "low");
    authorise("request", caller.actor, groundOf(app.inForce(), { service: service.key, item: id, policy }));
    if (item.state === "resolved")
      throw new Conflict(`#${id} is resolved already.`, { hint: `\`/day2 audit #${id}\` shows how it went.` });
    await refuseBeingTakenBack(change, item);
    return work(change, item, parent);
  });
}
