import { boolean, nullable, queryRow, Row, sql, timestamp, type Db, type RowOf } from "../db/sql.ts";
import { lateSince } from "./due-postings.ts";

/** Whether what time and people ask for gets done, read from what is still to do. */

const WAITING = new Row({
  checkDueAt: nullable(timestamp),
  postingReadyAt: nullable(timestamp),
  stepDueAt: nullable(timestamp),
});

/**
 * Since when the longest-waiting check has been due, claimed or not, and since when the longest-waiting posting that
 * nothing holds back and Slack has not refused could have gone, and the longest-waiting step of an item's chain
 * could have been taken; null where none waits.
 */
export type Waiting = RowOf<typeof WAITING>;

export async function longestWaiting(db: Db, now: Date): Promise<Waiting> {
  return queryRow(
    db,
    WAITING,
    sql`select (select min(due_at) from checks where left_at is null and due_at <= ${now}) as check_due_at,
               ${lateSince(now)} as posting_ready_at,
               (select min(due_at) from escalations where due_at <= ${now}) as step_due_at`,
  );
}

const CHANGES = new Row({ takesChanges: boolean });

/** Whether the database takes changes: one that only stands by for another answers, and can keep nothing. @throws when it does not answer */
export async function takesChanges(db: Db): Promise<boolean> {
  const statement = sql`select current_setting('transaction_read_only') = 'off' as takes_changes`;
  return (await queryRow(db, CHANGES, statement)).takesChanges;
}
