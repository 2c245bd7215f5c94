import { addSeconds, subMinutes, subSeconds } from "./domain/time.ts";
import type { App } from "./app.ts";
import { alone } from "./broken.ts";
import { changeUnasked } from "./caller.ts";
import type { DigestPlan } from "./domain/catalog.ts";
import { digestDue } from "./domain/digest.ts";
import { keepsVisitorsOut } from "./domain/plan.ts";
import { changeDue, nameOfItem, nameOfOperation } from "./due.ts";
import { awake, UNACKNOWLEDGED } from "./items/lifecycle.ts";
import { show, tell } from "./items/card-and-thread.ts";
import { finish, type Ending } from "./operations/ending.ts";
import { nothingCame } from "./operations/stepping.ts";
import { ownerOf } from "./ownership.ts";
import { stayUntil, takeBack } from "./operations/reversals.ts";
import { claimDue, giveBack } from "./store/checks.ts";
import { insertDigest } from "./store/digests.ts";
import { saveItem } from "./store/items.ts";
import { lockDueItems, lockDueReversals } from "./store/locked-items.ts";
import { forgotten, lockExpired, touch } from "./store/operations-due.ts";
import { operationById } from "./store/operations.ts";
import { owe } from "./store/outbox.ts";
import { place, wantAt } from "./store/postings.ts";
import { windowOver } from "./store/windows.ts";
import { carried } from "./telemetry/trace.ts";

/** What time does on its own. Each sweep is safe to run twice, and beside itself in another process. */

const SHARD = 100; // checks that go through one job
const MOST = 20 * SHARD; // checks that one tick claims
const TOGETHER = 45; // ms within which checks that fall due wait for each other
const CLAIM = 60; // seconds after which a claimed check that brought no reading is due again

/**
 * Claims what is due and gives the queue one job a batch. True when there may be more, else ms until the next is due. The
 * queue is owed nothing: a claim whose job is lost runs out, and the checks are due again.
 */
export async function tickChecks(app: App): Promise<boolean | number> {
  const now = app.now();
  const { batches, size, nextDueAt } = await claimDue(app.db, { most: MOST, size: SHARD }, now, addSeconds(now, CLAIM));
  if (batches.length > 0) {
    const trace = carried();
    await app.queues
      .add(
        "checks",
        batches.map((id) => ({ id, trace })),
      )
      .catch(async (error: unknown) => {
        await giveBack(app.db, batches);
        throw error;
      });
  }
  return size === MOST || (nextDueAt !== null && Math.max(nextDueAt.getTime() - app.now().getTime(), TOGETHER));
}

/** A snooze that ended opens the item and calls its owner. */
export async function wakeSnoozed(app: App): Promise<void> {
  await changeDue(app, {
    what: "waking snoozed items",
    most: 50,
    rows: (db, now, limit) => lockDueItems(db, "snooze", now, limit),
    nameOf: nameOfItem,
    async work(change, item) {
      const next = await saveItem(change.db, item, awake(item));
      const to = next.owner ?? ownerOf(app.inForce(), next.service, next.responsibility, change.now);
      await tell(change, next, "item.woke", to === null ? {} : { to });
      await show(change, next);
    },
  });
}

/** An acknowledgement that ran out asks again; of what was snoozed it may have done so meanwhile. */
export async function endAcknowledgements(app: App): Promise<void> {
  await changeDue(app, {
    what: "ending acknowledgements",
    most: 50,
    rows: (db, now, limit) => lockDueItems(db, "acknowledgement", now, limit),
    nameOf: nameOfItem,
    async work(change, item) {
      const next = await saveItem(change.db, item, UNACKNOWLEDGED);
      await tell(change, next, "item.acknowledgement_ended", {
        was: item.acknowledgedBy,
        ...(item.askedStill === null ? {} : { asked: true }),
      });
      await show(change, next);
    },
  });
}

const NO_PLAN: Ending = { move: "refuse", outcome: "its plan could not be drawn in time" };
const NOT_APPROVED: Ending = { move: "expire", outcome: "it was not approved in time" };

/** Requests whose time is over before they could be queued. */
export async function expireRequests(app: App): Promise<void> {
  await changeDue(app, {
    what: "ending requests whose time is over",
    most: 50,
    rows: lockExpired,
    nameOf: nameOfOperation,
    work: (change, operation) =>
      finish(app, change, operation, operation.state === "planning" ? nothingCame(operation, NO_PLAN) : NOT_APPROVED),
  });
}

/** Asks again for operations that the queue seems to have forgotten. */
export async function remindQueue(app: App): Promise<void> {
  await changeDue(app, {
    what: "going on with operations",
    most: 100,
    rows: (db, now, limit) => forgotten(db, subSeconds(now, 10), now, limit),
    nameOf: (id) => nameOfOperation({ id }),
    async work({ db, now }, id) {
      await touch(db, id, now);
      await owe(db, "operations", id, now);
    },
  });
}

const TRIED_AGAIN = 2; // minutes after a taking back of which nothing came

/** Temporary changes whose time is over become operations that take them back. */
export async function startReversals(app: App): Promise<void> {
  await changeDue(app, {
    what: "taking back temporary changes",
    most: 20,
    rows: (db, now, limit) => lockDueReversals(db, now, subMinutes(now, TRIED_AGAIN), limit),
    nameOf: nameOfItem,
    async work(change, item) {
      const parent = item.reverses === null ? null : await operationById(change.db, item.reverses);
      if (parent?.plan?.undo === undefined) throw new Error("nothing says how it is taken back");
      const { plan } = parent;
      // Whoever is kept out is let in again whatever stands still meanwhile.
      const freeze = keepsVisitorsOut(plan)
        ? null
        : await windowOver(change.db, "freeze", { ...parent, action: parent.plan.undo.action }, change.now);
      if (freeze === null) await takeBack(app, change, parent, item.id);
      else await stayUntil(change, item, freeze.endsAt, `"${freeze.name}" is on`);
    },
  });
}

/** Digests that are due: once per channel and local date, up to six hours late. */
export async function makeDigests(app: App): Promise<void> {
  const { catalog } = app.inForce();
  for (const plan of catalog.digests)
    await alone(app, { what: "making digests" }, plan.channel, () => makeDigest(app, plan));
}

async function makeDigest(app: App, plan: DigestPlan): Promise<void> {
  const due = digestDue(plan, app.now());
  if (due === null) return;
  await changeUnasked(app, async ({ db, now }) => {
    const made = await insertDigest(db, {
      channel: plan.channel,
      localDate: due.localDate,
      zone: plan.zone,
      dueAt: due.dueAt,
      madeAt: now,
    });
    if (made !== null) await wantAt(db, "digest", made.id, place.channel(plan.channel), now);
  });
}
