import {
  execute,
  nullable,
  oneOf,
  query,
  queryOne,
  queryRow,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
  type Sql,
} from "../db/sql.ts";
import { POSTING, type Posting } from "./postings.ts";

/** How far the nightly comparison of each channel is. */

const COMPARISON = new Row({
  channel: text,
  /** When the one under way began; null: none is. */
  beganAt: nullable(timestamp),
  by: nullable(oneOf(["metadata", "permalink"])),
  cursor: nullable(text),
});
export type Comparison = RowOf<typeof COMPARISON>;

/** The channel that has been due longest. */
export async function claimComparison(db: Db, now: Date, claimedUntil: Date): Promise<Comparison | null> {
  return queryOne(
    db,
    COMPARISON,
    sql`update comparisons set claimed_until = ${claimedUntil}
        where channel = (select channel from comparisons where due_at <= ${now} and (claimed_until is null or claimed_until <= ${now})
                         order by due_at limit 1 for update skip locked)
        returning ${COMPARISON}`,
  );
}

/** Where it goes on, and when. */
export async function saveComparison(db: Db, { channel, beganAt, by, cursor }: Comparison, dueAt: Date): Promise<void> {
  await execute(
    db,
    sql`update comparisons set began_at = ${beganAt}, by = ${by}, cursor = ${cursor}, due_at = ${dueAt}, claimed_until = null
        where channel = ${channel}`,
  );
}

/** What somebody still looks at: the cards of items and operations that are not over. */
const OPEN = sql`((p.subject_kind = 'item' and exists (select from items i where i.id = p.subject and i.state <> 'resolved'))
                  or (p.subject_kind = 'operation' and exists (select from operations o where o.id = p.subject and o.finished_at is null)))`;

/** Open postings of a channel whose message is older than `before` and was not found since `beganAt`. */
function uncompared(channel: string, beganAt: Date, before: string): Sql {
  return sql`p.channel = ${channel} and p.message_ts < ${before} and (p.compared_at is null or p.compared_at < ${beganAt}) and ${OPEN}`;
}

export type Uncompared = { readonly channel: string; readonly beganAt: Date; readonly before: string };

export async function uncomparedIn(
  db: Db,
  { channel, beganAt, before }: Uncompared,
  limit: number,
): Promise<Posting[]> {
  return query(
    db,
    POSTING,
    sql`select ${POSTING} from postings p where ${uncompared(channel, beganAt, before)} order by p.id limit ${limit}`,
  );
}

/** The same of those that are no thread's line: what a channel's own history has to hold. */
export async function uncomparedRoots(db: Db, { channel, beganAt, before }: Uncompared): Promise<Posting[]> {
  return query(
    db,
    POSTING,
    sql`select ${POSTING} from postings p where ${uncompared(channel, beganAt, before)} and p.place not like 'thread:%' order by p.id`,
  );
}

const OLDEST = new Row({ oldest: nullable(text) });

/** The oldest message that a channel's history has to hold; null: none. */
export async function oldestRoot(db: Db, channel: string): Promise<string | null> {
  const row = await queryRow(
    db,
    OLDEST,
    sql`select min(p.message_ts) as oldest from postings p where p.channel = ${channel} and p.place not like 'thread:%' and ${OPEN}`,
  );
  return row.oldest;
}

export async function postingsById(db: Db, ids: readonly number[]): Promise<Posting[]> {
  return query(db, POSTING, sql`select ${POSTING} from postings where id = any(${ids}::bigint[])`);
}

export async function markCompared(db: Db, ids: readonly number[], at: Date): Promise<void> {
  await execute(db, sql`update postings set compared_at = ${at} where id = any(${ids}::bigint[])`);
}
