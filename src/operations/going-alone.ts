import { addHours } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Caller, Change } from "../caller.ts";
import { aloneIsOpen, approversOf, asActor, stateAfter } from "../domain/approving.ts";
import type { Person } from "../domain/catalog.ts";
import { personOf, type Party } from "../domain/duty.ts";
import { nextDigestAt } from "../domain/digest.ts";
import { reviewOf } from "../domain/item.ts";
import { may } from "../domain/permit.ts";
import { actorKey } from "../domain/actor.ts";
import { changeDue, nameOfOperation } from "../due.ts";
import { Invalid } from "../errors.ts";
import { openItem } from "../items/lifecycle.ts";
import { channelOf } from "../items/card-and-thread.ts";
import { callEach, log, sendTo, show, tellDirectly } from "./shared.ts";
import { decide, groundFor } from "./deciding.ts";
import { onCallOf, ownerOf } from "../ownership.ts";
import { accountsOf } from "../people.ts";
import { lockForAlone } from "../store/operations-due.ts";
import { saveOperation, type StoredOperation } from "../store/operations.ts";
import { decisionsOf } from "../store/approvals.ts";
import { owe } from "../store/outbox.ts";

/**
 * The one way without an approval: nobody who may give one answers, and whoever is on call goes alone, with a reason, back
 * to what ran well. All approvers are told, and somebody else looks at it on the next working day.
 */

/** Goes alone with the plan that was on the card. @throws Denied | Conflict | Invalid */
export async function goAlone(
  app: App,
  caller: Caller,
  id: number,
  { reason, seenHash }: { readonly reason: string; readonly seenHash: string | null },
): Promise<void> {
  if (reason.trim() === "") throw new Invalid("Going alone needs a reason.");
  await decide(app, caller, id, { verdict: "alone", reason, seenHash }, async (change, operation, decisions) => {
    const event = await log(change, operation, "operation.gone_alone", { reason });
    const next = { ...operation, state: stateAfter(app.inForce().catalog, operation, decisions) };
    await saveOperation(change.db, next);
    await owe(change.db, "operations", id, change.now);
    const others = approversOf(app.inForce().catalog, operation).filter(({ key }) => key !== actorKey(caller.actor));
    const accounts = accountsOf(others);
    await sendTo(change, next, accounts);
    await tellDirectly(change, event, accounts);
    await openReview(app, change, caller, { operation: next, reason, others });
    await show(change, next);
  });
}

type Review = {
  readonly operation: StoredOperation;
  readonly reason: string;
  /** Who may approve it beside the one who went alone. */
  readonly others: readonly Person[];
};

/**
 * The review belongs to whoever answers for releases or sizes, since they live with what was done. Where that is whoever went
 * alone, an approver has it: nobody reviews themselves.
 */
async function openReview(
  app: App,
  change: Change,
  caller: Caller,
  { operation, reason, others }: Review,
): Promise<void> {
  const responsibility = operation.action === "scale" ? "scaling" : "releases";
  const answers = ownerOf(app.inForce(), operation.service, responsibility, change.now);
  const [approver] = others;
  const isTheirs = answers === null || personOf(answers) === actorKey(caller.actor);
  const owner: Party | null = isTheirs && approver !== undefined ? { person: approver.key } : answers;
  await openItem(change, app.inForce(), {
    fingerprint: reviewOf(operation.id),
    origin: "operation",
    service: operation.service,
    responsibility,
    severity: "warning",
    summary: `review: ${caller.actor.name} went alone with op-${operation.id}, ${operation.plan?.title ?? operation.action}`,
    evidence: { reason },
    since: change.now,
    owner,
    dueAt: reviewDue(app, operation.service, change.now),
  });
}

const WORKDAYS = [1, 2, 3, 4, 5];

/** The end of the next working day in the zone of the service's digest; what happens at night is due on the day after. */
function reviewDue(app: App, service: string, now: Date): Date {
  const { digests } = app.inForce().catalog;
  const plan = digests.find((each) => each.channel === channelOf(app.inForce(), service)) ?? digests[0];
  const zone = plan?.zone ?? "UTC";
  return nextDigestAt({ at: "17:00", zone, days: WORKDAYS }, addHours(now, 12))?.dueAt ?? addHours(now, 24);
}

/** Tells whoever is on call that nobody answers, and that they may go alone; their cards have the button from then on. */
export async function offerAlone(app: App): Promise<void> {
  await changeDue(app, {
    what: "offering to go alone",
    most: 20,
    rows: lockForAlone,
    nameOf: nameOfOperation,
    async work(change, locked) {
      const operation: StoredOperation = { ...locked, aloneOfferedAt: change.now };
      await saveOperation(change.db, operation);
      const people = aloneBy(app, operation);
      if (people.length === 0 || !aloneIsOpen(operation, await decisionsOf(change.db, operation.id), change.now))
        return;
      const event = await log(change, operation, "operation.alone_offered", { people: people.map(({ key }) => key) });
      await callEach(change, operation, event, accountsOf(people));
      await show(change, operation);
    },
  });
}

/** Who is on call and may go alone with an operation. */
export function aloneBy(app: App, operation: StoredOperation): Person[] {
  const { people } = app.inForce().catalog;
  return onCallOf(app.inForce(), operation.service, app.now()).flatMap((key) => {
    const person = people[key];
    return person !== undefined && may("goAlone", asActor(person), groundFor(app, operation, asActor(person)))
      ? [person]
      : [];
  });
}
