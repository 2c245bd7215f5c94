import { addSeconds, subDays, subSeconds } from "./domain/time.ts";
import type { App } from "./app.ts";
import { inOneStatement } from "./db/sql.ts";
import type { Caller } from "./caller.ts";
import type { Denied } from "./errors.ts";
import { redactedIn } from "./redaction.ts";
import { insertEvent } from "./store/events.ts";
import {
  forgetBodies,
  isHandled,
  markHandled,
  noteProblem,
  record,
  removeUndone,
  renewClaim,
  takeUnhandled,
  type Claim,
  type Received,
} from "./store/inbox.ts";
import { groupCommit } from "./group-commit.ts";

/** The inbox door: every request that Slack was told we have is kept until it is done. */

export type { Claim, Received } from "./store/inbox.ts";

const MOMENT = 50; // ms

/**
 * Records requests durably, many in one statement: what arrives while a flush is under way goes with the next one. The
 * answer says whether the request is new; a repeat is not.
 */
export function openInbox(app: Pick<App, "db" | "now">): {
  record(received: Received): Promise<boolean>;
  /** How many requests came in the last moment, or are not recorded yet. */
  pressure(): number;
} {
  let open = 0;
  let last = { size: 0, at: 0 };
  const recordTogether = groupCommit(async (batch: readonly Received[]) => {
    const firsts = new Map(batch.map((each) => [each.key, each]));
    const fresh = await inOneStatement(app.db, (db) => record(db, [...firsts.values()], app.now()));
    last = { size: batch.length, at: performance.now() };
    return batch.map(({ key }) => fresh.delete(key));
  });
  return {
    async record(received) {
      open += 1;
      try {
        return await recordTogether(received);
      } finally {
        open -= 1;
      }
    },
    pressure: () => open + (performance.now() - last.at < MOMENT ? last.size : 0),
  };
}

const GIVEN_UP_AFTER = 15; // seconds that a request may take before somebody else picks it up
const CALL = 10; // seconds of these that are left to telling its sender

/** What is recorded from now on is its receiver's first. */
export function firstClaim({ now }: Pick<App, "now">, key: string): Claim {
  return { key, attempts: 0, claimedUntil: addSeconds(now(), GIVEN_UP_AFTER), problem: null };
}

/**
 * Whether its sender may be told anything now, or somebody else has taken it up and does. Nobody has while enough is left of
 * the claim; later on that is asked, and what is still ours stays so for another while.
 */
export async function isOurs(app: App, claim: Claim): Promise<boolean> {
  const now = app.now();
  if (now < subSeconds(claim.claimedUntil, CALL)) return true;
  return renewClaim(app.db, claim, addSeconds(now, GIVEN_UP_AFTER));
}

/** Marks a request as done which changed nothing, so that no change marked it. */
export async function done(app: App, claim: Claim): Promise<void> {
  await markHandled(app.db, claim, app.now());
}

/** Whether it is done; false also where it is not there. */
export async function isDone(app: App, key: string): Promise<boolean> {
  return isHandled(app.db, key);
}

/** Nothing came of it and the person was asked to put it right: the same request again counts as new. */
export async function release(app: App, claim: Claim): Promise<void> {
  await removeUndone(app.db, claim);
}

/** It cannot be done, and why; it is not tried again. */
export async function failed(app: App, claim: Claim, problem: string): Promise<void> {
  await noteProblem(app.db, claim, problem, app.now());
}

/** It broke, as its sender is told this once; it is tried again, since an outage may have been why. */
export async function broke(app: App, claim: Claim, problem: string): Promise<void> {
  await noteProblem(app.db, claim, problem, null);
}

/** Logs an attempt that was refused: who wanted what, and why not. */
export async function refused(app: App, caller: Caller, what: string, { message, on }: Denied): Promise<void> {
  await insertEvent(app.db, {
    at: app.now(),
    kind: "refused",
    item: on.item ?? null,
    operation: on.operation ?? null,
    service: on.service ?? null,
    person: caller.actor.person,
    account: caller.actor.account,
    surface: caller.surface,
    detail: redactedIn({ what, why: message }),
  });
}

/**
 * A request that was acknowledged and never finished: the process that had it died. It is given out again and again, ever
 * less often, for as long as its body is kept: what somebody was told that we have is not dropped.
 */
export async function nextUnfinished(app: App): Promise<(Received & Claim) | null> {
  return takeUnhandled(app.db, app.now(), GIVEN_UP_AFTER);
}

/** Bodies are kept for a day, keys for a week. */
export async function forget(app: App): Promise<void> {
  const now = app.now();
  await forgetBodies(app.db, subDays(now, 1), subDays(now, 8));
}
