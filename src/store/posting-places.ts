import { execute, integer, nullable, query, Row, sql, text, type Db } from "../db/sql.ts";
import { channelOf } from "./postings.ts";

/** Where in Slack the postings of a place go, once that is known, and when it becomes another channel. */

/** All postings that wait at a place go to this channel; their claims end, so that anybody may take them. */
export async function settleAt(db: Db, where: string, channel: string): Promise<void> {
  await execute(
    db,
    sql`update postings set channel = ${channel}, claimed_until = null where place = ${where} and channel is null and shown < wanted`,
  );
}

/**
 * What waits for a channel that is gone goes to the one that has its name now, as new messages. A line of a thread takes
 * the card that the thread is under along.
 */
export async function moveTo(db: Db, where: string, from: string, to: string): Promise<void> {
  await execute(
    db,
    sql`update postings p set channel = ${to}, message_ts = null, claimed_until = null, not_before = null, wanted = greatest(wanted, shown + 1)
        where channel = ${from}
          and (place = ${where} and (shown < wanted or exists (select from postings l where l.place = 'thread:' || p.id and l.shown < l.wanted))
               or shown < wanted and exists (select from postings r where r.place = ${where} and p.place = 'thread:' || r.id))`,
  );
}

const HOMELESS = new Row({ id: integer, service: nullable(text) });

/** Items whose new card waits for a place, and their services. */
export async function waitingAt(db: Db, where: string): Promise<{ id: number; service: string | null }[]> {
  return query(
    db,
    HOMELESS,
    sql`select p.id, i.service from postings p join items i on i.id = p.subject
        where p.subject_kind = 'item' and p.place = ${where} and p.message_ts is null and p.shown < p.wanted`,
  );
}

/** A card that waits is for another place now, unless the item has one there already. */
export async function rehome(db: Db, id: number, where: string): Promise<void> {
  await execute(
    db,
    sql`update postings p set place = ${where}, channel = ${channelOf(sql`${where}::text`)}, not_before = null
        where id = ${id} and not exists (select from postings o where o.subject_kind = p.subject_kind and o.subject = p.subject and o.place = ${where})`,
  );
}

/** Lines of threads whose root another process posted without telling them where. */
export async function joinRoots(db: Db): Promise<void> {
  await execute(
    db,
    sql`update postings p set channel = r.channel from postings r
        where p.shown < p.wanted and p.channel is null and p.place like 'thread:%'
          and r.id = substr(p.place, 8)::bigint and r.message_ts is not null`,
  );
}
