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
import { carried } from "../trace.ts";
import { notify } from "./events.ts";

export const SUBJECTS = ["item", "operation", "event", "digest", "tour"] as const;
export type SubjectKind = (typeof SUBJECTS)[number];

const POSTING = new Row({
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
    sql`insert into postings (subject_kind, subject, place, asked_at, trace) values (${subjectKind}, ${subject}, ${where}, ${now}, ${carried()})
        on conflict (subject_kind, subject, place) do update set wanted = postings.wanted + 1, asked_at = ${now}, trace = excluded.trace
        returning id`,
  );
  await notify(db, "daytwo_delivery");
  if (row === null) throw new Error("an upsert returned no row");
  return row.id;
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
    sql`insert into postings (subject_kind, subject, place, asked_at, trace)
        select ${subjectKind}, subject, place, ${now}, ${carried()}
        from unnest(${wanted.map((each) => each.subject)}::bigint[], ${wanted.map((each) => each.place)}::text[]) as w (subject, place)
        order by subject, place
        on conflict (subject_kind, subject, place) do update set wanted = postings.wanted + 1, asked_at = ${now}, trace = excluded.trace`,
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
    sql`update postings set wanted = wanted + 1, final = coalesce(${final}, final), asked_at = ${now}, trace = ${carried()}
        where subject_kind = ${subjectKind} and subject = ${subject}`,
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

/** Wants every posting of these subjects redrawn, as `redraw` does for one. */
export async function redrawAll(
  db: Db,
  subjectKind: SubjectKind,
  subjects: readonly number[],
  final: boolean | null,
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`update postings set wanted = wanted + 1, final = coalesce(${final}, final), asked_at = ${now}, trace = ${carried()}
        where subject_kind = ${subjectKind} and subject = any(${subjects})`,
  );
  await notify(db, "daytwo_delivery");
}

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

const CHANNEL = new Row({ channel: text });

/** The channel id that the newest message at this place went to; null before the first. */
export async function channelAt(db: Db, where: string): Promise<string | null> {
  const row = await queryOne(
    db,
    CHANNEL,
    sql`select channel from postings where place = ${where} and channel is not null order by id desc limit 1`,
  );
  return row?.channel ?? null;
}

/** So often a line of a thread may fail before the ones behind it go ahead. */
const PATIENCE = 3;

/**
 * Whether posting `p` is behind and nothing but us holds it back: a thread waits until its root is out and tells its
 * lines in their order, and what was put off waits for its time.
 */
export function ready(now: Date): Sql {
  return sql`p.shown < p.wanted and (p.not_before is null or p.not_before <= ${now})
            and (p.place not like 'thread:%'
                 or exists (select from postings r where r.id = substr(p.place, 8)::bigint and r.message_ts is not null))
            and (p.place not like 'thread:%' or p.message_ts is not null
                 or not exists (select from postings e where e.place = p.place and e.id < p.id and e.message_ts is null
                                and e.shown < e.wanted and e.attempts < ${PATIENCE}))`;
}

/** Claims postings that are behind and ready, final states first: one call in flight per posting. */
export async function claimBehind(db: Db, limit: number, now: Date, claimedUntil: Date): Promise<Posting[]> {
  return query(
    db,
    POSTING,
    sql`update postings set claimed_until = ${claimedUntil}
        where id in (
          select p.id from postings p
          where ${ready(now)} and (p.claimed_until is null or p.claimed_until <= ${now})
          order by p.final desc, p.asked_at, p.id limit ${limit} for update of p skip locked)
        returning ${POSTING}`,
  );
}

export async function markShown(
  db: Db,
  id: number,
  shown: { version: number; channel: string; messageTs: string | null },
): Promise<void> {
  await execute(
    db,
    sql`update postings set shown = ${shown.version}, channel = ${shown.channel}, message_ts = ${shown.messageTs}, claimed_until = null,
          not_before = null, attempts = 0, problem = null
        where id = ${id}`,
  );
}

/** Puts a posting off; the message that vanished, if it did, is forgotten so that the next try posts anew. */
export async function putOff(db: Db, id: number, until: Date, problem: string | null, vanished = false): Promise<void> {
  await execute(
    db,
    sql`update postings set claimed_until = null, not_before = ${until}, problem = coalesce(${problem}, problem),
          attempts = attempts + case when ${problem}::text is null then 0 else 1 end,
          message_ts = case when ${vanished} then null else message_ts end
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

const BEHIND = new Row({ now: integer, later: integer });

/** How many postings are behind: ready now, and put off. */
export async function countBehind(db: Db, now: Date): Promise<{ now: number; later: number }> {
  const row = await queryOne(
    db,
    BEHIND,
    sql`select count(*) filter (where not_before is null or not_before <= ${now}) as now, count(*) filter (where not_before > ${now}) as later
        from postings where shown < wanted`,
  );
  return row ?? { now: 0, later: 0 };
}

const NEXT = new Row({ nextAt: timestamp });

/**
 * Takes the next free moment for all of `keys` at once. Null when it is now (and the keys are moved on), else when to
 * come back. `every` is ms between two calls of that key.
 */
export async function takePace(
  db: Db,
  keys: readonly { key: string; every: number }[],
  now: Date,
): Promise<Date | null> {
  const sorted = keys.toSorted((a, b) => (a.key < b.key ? -1 : 1)); // one order for all, so that two takers never wait for each other
  await execute(
    db,
    sql`insert into pace (key, next_at) select unnest(${sorted.map((each) => each.key)}::text[]), ${now} on conflict do nothing`,
  );
  const rows = await query(
    db,
    NEXT,
    sql`select next_at from pace where key = any(${sorted.map((each) => each.key)}) order by key for update`,
  );
  const latest = rows.reduce((so, row) => Math.max(so, row.nextAt.getTime()), 0);
  if (latest > now.getTime()) return new Date(latest);
  await execute(
    db,
    sql`update pace set next_at = n.next_at from unnest(${sorted.map((each) => each.key)}::text[], ${sorted.map((each) => new Date(now.getTime() + each.every))}::timestamptz[])
          as n (key, next_at) where pace.key = n.key`,
  );
  return null;
}

/** Holds a key back: Slack said when. */
export async function holdPace(db: Db, key: string, until: Date): Promise<void> {
  await execute(
    db,
    sql`insert into pace (key, next_at) values (${key}, ${until}) on conflict (key) do update set next_at = greatest(pace.next_at, excluded.next_at)`,
  );
}
