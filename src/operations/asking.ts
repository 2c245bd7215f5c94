import { addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { quietAccounts } from "./do-not-disturb.ts";
import type { Change } from "../caller.ts";
import { approversOf, askingOrder, type Approvable } from "../domain/approving.ts";
import type { Person } from "../domain/catalog.ts";
import { changeDue, nameOfOperation } from "../due.ts";
import { log, sendTo, show } from "./shared.ts";
import { onCallOf } from "../ownership.ts";
import { accountsOf } from "../people.ts";
import { askedOf, insertAsked } from "../store/approvals.ts";
import { lockWithRest } from "../store/operations-due.ts";
import { saveOperation, type StoredOperation } from "../store/operations.ts";

/**
 * Who is asked to approve, and when. A reply in a thread notifies nobody new, so a request goes to people directly, plan
 * and buttons included: to whoever is on call and awake first, to all others who may approve when nothing came of that.
 */

const REST_AFTER = 120_000; // ms that whoever is on call has to answer before the rest is asked

/** Person keys of approvers on call who are not to be disturbed now. Asks Slack, so it is found out before the transaction. */
export async function asleepOf(app: App, operation: Approvable): Promise<ReadonlySet<string>> {
  const onCall = onCallOf(app.inForce(), operation.service, app.now());
  const asked = approversOf(app.inForce().catalog, operation).filter((person) => onCall.includes(person.key));
  const quiet = await quietAccounts(app, accountsOf(asked));
  return new Set(asked.filter(({ slack }) => quiet.has(slack[0] ?? "")).map(({ key }) => key));
}

/** Asks those whose turn it is. Returns the operation with the moment when the rest is asked. */
export async function askApprovers(
  app: App,
  change: Change,
  operation: StoredOperation,
  asleep: ReadonlySet<string>,
): Promise<StoredOperation> {
  const onCall = onCallOf(app.inForce(), operation.service, change.now);
  const approvers = approversOf(app.inForce().catalog, operation);
  const { first, rest } = askingOrder(approvers, { onCall, asleep, needed: operation.approvals });
  await askEach(change, operation, first);
  return { ...operation, restAt: rest.length === 0 ? null : addMilliseconds(change.now, REST_AFTER) };
}

/** Asks everybody else where those who were asked first did not decide it. */
export async function askTheRest(app: App): Promise<void> {
  await changeDue(app, {
    what: "asking more people to approve",
    most: 20,
    rows: lockWithRest,
    nameOf: nameOfOperation,
    async work(change, operation) {
      const asked = new Set((await askedOf(change.db, operation.id)).map(({ person }) => person));
      const rest = approversOf(app.inForce().catalog, operation).filter((person) => !asked.has(person.key));
      const next: StoredOperation = { ...operation, restAt: null };
      await askEach(change, next, rest);
      await saveOperation(change.db, next);
      await show(change, next);
    },
  });
}

async function askEach(change: Change, operation: StoredOperation, people: readonly Person[]): Promise<void> {
  const reached = people.flatMap(({ key, slack }) => slack.slice(0, 1).map((account) => ({ person: key, account })));
  if (reached.length === 0) return;
  await insertAsked(change.db, operation.id, reached, change.now);
  await log(change, operation, "operation.asked", { people: reached.map(({ person }) => person) });
  await sendTo(
    change,
    operation,
    reached.map(({ account }) => account),
  );
}
