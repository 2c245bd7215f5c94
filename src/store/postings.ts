import {
  execute,
  boolean,
  integer,
  nullable,
  oneOf,
  query,
  queryOne,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
  type Sql,
} from "../db/sql.ts";
import { addDays } from "../domain/time.ts";
import { carried } from "../telemetry/trace.ts";
import { notify } from "./events.ts";

export const SUBJECTS = ["item", "operation", "event", "digest", "tour"] as const;
export type SubjectKind = (typeof SUBJECTS)[number];

export const POSTING = new Row({
  id: integer,
  subjectKind: oneOf(SUBJECTS),
  subject: integer,
  place: text,
  channel: nullable(text),
  messageTs: nullable(text),
  wanted: integer,
  shown: integer,
  final: boolean,
  askedAt: timestamp,
  attempts: integer,
  problem: nullable(text),
  /** When a post began that may or may not have reached Slack. */
  unsureSince: nullable(timestamp),
  trace: nullable(text),
});
export type Posting = RowOf<typeof POSTING>;

/** A place is a channel (`#name` or id), the thread under another posting, or a person's direct messages. */
export const place = {
  channel: (channel: string) => `channel:${channel}`,
  thread: (posting: number) => `thread:${posting}`,
  person: (account: string) => `person:${account}`,
} as const;

const ID = new Row({ id: integer });

/** Wants a subject shown at a place: a new posting, or one more version of the one that is there. The posting's id. */
export async function wantAt(
  db: Db,
  subjectKind: SubjectKind,
  subject: number,
  where: string,
  now: Date,
): Promise<number> {
  const row = await queryOne(
    db,
    ID,
    sql`insert into postings (subject_kind, subject, place, channel, asked_at, trace)
        values (${subjectKind}, ${subject}, ${where}, ${channelOf(sql`${where}::text`)}, ${now}, ${carried()})
        on conflict (subject_kind, subject, place) do update set wanted = postings.wanted + 1, asked_at = ${askedBy(now)}, trace = excluded.trace
        returning id`,
  );
  await notify(db, "daytwo_delivery");
  if (row === null) throw new Error("an upsert returned no row");
  return row.id;
}

/** What changes again and again while it waits keeps its place in the queue. */
function askedBy(now: Date): Sql {
  return sql`case when postings.shown < postings.wanted then least(postings.asked_at, ${now}) else ${now} end`;
}

/**
 * The channel of a place, as far as it is known: a thread's is its root's, the others' that of the newest message there,
 * or what Slack told of a channel's name.
 */
function channelOf(where: Sql): Sql {
  return sql`case when ${where} like 'thread:%' then (select r.channel from postings r where r.id = substr(${where}, 8)::bigint)
                  when ${where} like 'channel:%' and ${where} not like 'channel:#%' then substr(${where}, 9)
                  else coalesce((select n.channel from postings n where n.place = ${where} and n.channel is not null order by n.id desc limit 1),
                                (select c.channel from channels c where ${where} like 'channel:#%' and c.name = substr(${where}, 10))) end`;
}

/** The same for many in one statement. */
export async function wantAllAt(
  db: Db,
  subjectKind: SubjectKind,
  wanted: readonly { readonly subject: number; readonly place: string }[],
  now: Date,
): Promise<void> {
  if (wanted.length === 0) return;
  await execute(
    db,
    sql`insert into postings (subject_kind, subject, place, channel, asked_at, trace)
        select ${subjectKind}, w.subject, w.place, ${channelOf(sql`w.place`)}, ${now}, ${carried()}
        from unnest(${wanted.map((each) => each.subject)}::bigint[], ${wanted.map((each) => each.place)}::text[]) as w (subject, place)
        order by subject, place
        on conflict (subject_kind, subject, place) do update set wanted = postings.wanted + 1, asked_at = ${askedBy(now)}, trace = excluded.trace`,
  );
  await notify(db, "daytwo_delivery");
}

/** Whether a subject is shown at a place, or is about to be. */
export async function isWantedAt(db: Db, subjectKind: SubjectKind, subject: number, where: string): Promise<boolean> {
  const found = sql`select id from postings where subject_kind = ${subjectKind} and subject = ${subject} and place = ${where}`;
  return (await query(db, ID, found)).length > 0;
}

/** Wants every posting of a subject redrawn; `final` ones go first in the queue, and null leaves that as it is. */
export async function redraw(
  db: Db,
  subjectKind: SubjectKind,
  subject: number,
  final: boolean | null,
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`update postings set wanted = wanted + 1, final = coalesce(${final}, final), asked_at = ${askedBy(now)}, trace = ${carried()}
        where subject_kind = ${subjectKind} and subject = ${subject}`,
  );
  await notify(db, "daytwo_delivery");
}

/** Wants every posting of these subjects redrawn, as `redraw` does for one. */
export async function redrawAll(
  db: Db,
  subjectKind: SubjectKind,
  subjects: readonly number[],
  final: boolean | null,
  now: Date,
): Promise<void> {
  if (subjects.length === 0) return;
  await execute(
    db,
    sql`update postings set wanted = wanted + 1, final = coalesce(${final}, final), asked_at = ${askedBy(now)}, trace = ${carried()}
        where subject_kind = ${subjectKind} and subject = any(${subjects})`,
  );
  await notify(db, "daytwo_delivery");
}

/** The root posting of a subject: the one in a channel. */
export async function rootOf(db: Db, subjectKind: SubjectKind, subject: number): Promise<Posting | null> {
  return queryOne(
    db,
    POSTING,
    sql`select ${POSTING} from postings where subject_kind = ${subjectKind} and subject = ${subject} and place like 'channel:%' order by id limit 1`,
  );
}

/** The message whose thread a posting is in; null: it is in none. */
export async function rootOfThread(db: Db, { place: where }: Pick<Posting, "place">): Promise<Posting | null> {
  const id = /^thread:(\d+)$/.exec(where)?.[1];
  return id === undefined ? null : postingById(db, Number(id));
}

/** The place that a posting is at, or that the thread is at which it is in. */
export async function placeOf(db: Db, posting: Pick<Posting, "place">): Promise<string> {
  return (await rootOfThread(db, posting))?.place ?? posting.place;
}

/** The root postings of many subjects: subject → posting. */
export async function rootsOf(
  db: Db,
  subjectKind: SubjectKind,
  subjects: readonly number[],
): Promise<Map<number, number>> {
  const rows = await query(
    db,
    ROOT,
    sql`select subject, min(id) as id from postings
        where subject_kind = ${subjectKind} and subject = any(${subjects}) and place like 'channel:%' group by subject`,
  );
  return new Map(rows.map(({ subject, id }) => [subject, id]));
}

const ROOT = new Row({ subject: integer, id: integer });

export async function postingById(db: Db, id: number): Promise<Posting | null> {
  return queryOne(db, POSTING, sql`select ${POSTING} from postings where id = ${id}`);
}

/** The item whose thread a message belongs to. */
export async function postingAt(db: Db, channel: string, messageTs: string): Promise<Posting | null> {
  return queryOne(
    db,
    POSTING,
    sql`select ${POSTING} from postings where channel = ${channel} and message_ts = ${messageTs} limit 1`,
  );
}

/** Slack shows this version there. A change that came meanwhile waits as if it were asked for now. */
export async function markShown(
  db: Db,
  posting: Posting,
  shown: { readonly version: number; readonly channel: string; readonly messageTs: string | null },
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`update postings set shown = ${shown.version}, channel = ${shown.channel}, message_ts = ${shown.messageTs}, claimed_until = null,
          not_before = null, attempts = 0, problem = null, unsure_since = null,
          asked_at = case when wanted > ${shown.version} then greatest(asked_at, ${now}) else asked_at end
        where id = ${posting.id}`,
  );
  if (posting.messageTs !== null || posting.place.startsWith("thread:")) return;
  // Its thread can begin now. And its channel has messages of ours, if it had none before.
  await execute(
    db,
    sql`update postings set channel = ${shown.channel} where place = ${place.thread(posting.id)} and message_ts is null`,
  );
  await execute(
    db,
    sql`insert into comparisons (channel, due_at) values (${shown.channel}, ${addDays(now, 1)}) on conflict do nothing`,
  );
}

/** A message that is there although nobody said so is this posting's: it shows that version, 0 where it does not tell. */
export async function adopt(
  db: Db,
  id: number,
  found: { readonly messageTs: string; readonly version: number },
): Promise<void> {
  await execute(
    db,
    sql`update postings set message_ts = ${found.messageTs}, shown = least(${found.version}::int, wanted), claimed_until = null, not_before = null,
          attempts = 0, problem = null, unsure_since = null
        where id = ${id}`,
  );
}

/** All postings that wait at a place go to this channel, and somebody else may take them. */
export async function settleAt(db: Db, where: string, channel: string): Promise<void> {
  await execute(
    db,
    sql`update postings set channel = ${channel}, claimed_until = null where place = ${where} and channel is null and shown < wanted`,
  );
}

/** What waits for a channel that is gone goes to the one that has its name now, as new messages. */
export async function moveTo(db: Db, where: string, from: string, to: string): Promise<void> {
  await execute(
    db,
    sql`update postings set channel = ${to}, message_ts = null, claimed_until = null, not_before = null
        where place = ${where} and channel = ${from} and shown < wanted`,
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

/** Lets go of a posting: nothing was sent, and it goes when its turn comes again. */
export async function release(db: Db, id: number, notBefore: Date | null = null): Promise<void> {
  await execute(db, sql`update postings set claimed_until = null, not_before = ${notBefore} where id = ${id}`);
}

export type Failure = {
  readonly until: Date;
  readonly problem: string;
  /** The message is gone: the next try posts anew. */
  readonly vanished?: boolean;
  /** When the post began that may be there. */
  readonly unsureSince?: Date;
};

/** Puts a posting off because a call did not work out. */
export async function putOff(db: Db, id: number, { until, problem, vanished, unsureSince }: Failure): Promise<void> {
  await execute(
    db,
    sql`update postings set claimed_until = null, not_before = ${until}, problem = ${problem}, attempts = attempts + 1,
          message_ts = case when ${vanished ?? false} then null else message_ts end,
          unsure_since = coalesce(unsure_since, ${unsureSince ?? null})
        where id = ${id}`,
  );
}

/** Gives up on showing the current version; the next change of the row tries again. */
export async function giveUp(db: Db, id: number, version: number, problem: string): Promise<void> {
  await execute(
    db,
    sql`update postings set shown = ${version}, claimed_until = null, not_before = null, problem = ${problem} where id = ${id}`,
  );
}
