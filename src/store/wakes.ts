import {
  countOf,
  execute,
  integer,
  nullable,
  often,
  oneOf,
  query,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";
import { WAKE_STATES } from "../domain/wake.ts";
import { WAITS } from "./escalations.ts";
import { notify } from "./events.ts";

const WAKE = new Row({
  id: integer,
  item: integer,
  via: text,
  person: text,
  wanted: oneOf(WAKE_STATES),
  version: integer,
  sent: integer,
  askedAt: timestamp,
  attempts: integer,
  problem: nullable(text),
});
/** One alarm, kept as its row wants it: `version` counts what was wanted, `sent` is the last of these that was taken. */
export type StoredWake = RowOf<typeof WAKE>;
/** One that is somebody's to make a call for, until then. */
export type ClaimedWake = StoredWake & { readonly claimedUntil: Date };

/** Wants an alarm to sound; one that sounds already sounds again. */
export async function wantWake(
  db: Db,
  { item, via, person }: { readonly item: number; readonly via: string; readonly person: string },
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`insert into wakes (item, via, person, wanted, asked_at, due_at) values (${item}, ${via}, ${person}, 'trigger', ${now}, ${now})
        on conflict (item, via) do update set wanted = 'trigger', person = excluded.person, version = wakes.version + 1,
          asked_at = ${now}, due_at = ${now}, attempts = 0, problem = null`,
  );
  await notify(db, "daytwo_wakes");
}

/** How many alarms of other items sound by that way now. */
export async function countSounding(db: Db, via: string, except: number): Promise<number> {
  return countOf(
    db,
    sql`select count(*) as count from wakes where via = ${via} and wanted = 'trigger' and item <> ${except}`,
  );
}

/**
 * Alarms of items that wait for nobody any more are to stop: for now where the item is still open, for good where it is
 * resolved. -1 attempts: nobody ever tried to raise it.
 */
export async function stopWakes(db: Db, now: Date): Promise<void> {
  const stopped = await execute(
    db,
    sql`update wakes w set wanted = case when i.state = 'resolved' then 'resolve' else 'acknowledge' end, version = w.version + 1,
          asked_at = ${now}, due_at = ${now}, attempts = case when w.sent = 0 and w.attempts = 0 and w.claimed_until is null then -1 else 0 end, problem = null
        from items i
        where i.id = w.item and w.wanted <> 'resolve'
          and (i.state = 'resolved' or (w.wanted = 'trigger' and not (${WAITS})))`,
  );
  if (stopped > 0) await notify(db, "daytwo_wakes");
}

/** Claims alarms that are not as wanted, one call in flight for each; those that were tried in vain come last. */
export async function claimWakes(db: Db, limit: number, now: Date, claimedUntil: Date): Promise<ClaimedWake[]> {
  const claimed = await query(
    db,
    WAKE,
    often(
      "wakes.claim",
      sql`update wakes set claimed_until = ${claimedUntil}
        where id = any(array(select id from wakes where sent < version and due_at <= ${now} and (claimed_until is null or claimed_until <= ${now})
                             order by attempts > 0, due_at, id limit ${limit} for update skip locked))
        returning ${WAKE}`,
    ),
  );
  return claimed.map((wake) => ({ ...wake, claimedUntil }));
}

/**
 * What was wanted then is done, or given up. What was wanted since stays to be done. False where the claim ran out meanwhile and
 * somebody else has it: their call decides.
 */
export async function settleWake(
  db: Db,
  { id, version, claimedUntil }: ClaimedWake,
  problem: string | null,
): Promise<boolean> {
  const settled = await execute(
    db,
    sql`update wakes set sent = greatest(sent, ${version}), claimed_until = null, problem = ${problem},
          attempts = case when version = ${version} then 0 else attempts end
        where id = ${id} and claimed_until = ${claimedUntil}`,
  );
  return settled > 0;
}

/** It is tried again then, unless something else is wanted by now. False as with `settleWake`. */
export async function putOffWake(
  db: Db,
  { id, version, claimedUntil }: ClaimedWake,
  until: Date,
  problem: string,
): Promise<boolean> {
  const isPutOff = await execute(
    db,
    sql`update wakes set claimed_until = null, problem = ${problem},
          attempts = case when version = ${version} then attempts + 1 else attempts end,
          due_at = case when version = ${version} then ${until} else due_at end
        where id = ${id} and claimed_until = ${claimedUntil}`,
  );
  return isPutOff > 0;
}
