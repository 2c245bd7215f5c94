import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import { isFinal, type Operation } from "../domain/operation.ts";
import { targetsOf } from "../domain/plan.ts";
import { Invalid } from "../errors.ts";
import { accountsOf } from "../people.ts";
import { type StoredOperation, lockOperation } from "../store/operations.ts";
import { owe } from "../store/outbox.ts";
import { isWantedAt, place, redraw, wantAt } from "../store/postings.ts";
import { waitingFor } from "../store/steps.ts";

/**
 * What happens to an operation whoever causes it: the parts that its doors share. How it ends is in `ending.ts`. Everything
 * runs inside a door's transaction.
 */

/** Gives a job to whatever waits next for an operation's targets. */
export async function wakeNext(change: Change, { id, plan, target }: StoredOperation): Promise<void> {
  for (const each of plan === null ? [target] : targetsOf(plan)) {
    const [waiting] = await waitingFor(change.db, each, change.now);
    if (waiting !== undefined && waiting !== id) await owe(change.db, "operations", waiting, change.now);
  }
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
 * The account of whoever asked: they must hear of it directly, because a card that changes notifies nobody. Empty for
 * somebody who left the catalog.
 */
export function requesterOf(app: App, { requestedBy }: StoredOperation): string[] {
  return accountsOf([app.inForce().catalog.people[requestedBy]]);
}

/** Calls people who are needed: they get the card with its buttons, or where they have it already a line about it. */
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

/** @throws Invalid when there is none. */
export async function locked(change: Change, id: number): Promise<StoredOperation> {
  const operation = await lockOperation(change.db, id);
  if (operation === null)
    throw new Invalid(`There is no operation op-${id}.`, { hint: "`/day2` shows what waits for you." });
  return operation;
}

/** What an operation is to a permit. */
export function about({ id, service }: Operation): { operation: number; service: string } {
  return { operation: id, service };
}
