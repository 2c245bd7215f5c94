import {
  boolean,
  execute,
  integer,
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
import { carried } from "../telemetry/trace.ts";
import { notify } from "./events.ts";

const SUBJECTS = ["item", "operation", "event", "digest", "tour"] as const;
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
  /** Since when a post may or may not have reached Slack. */
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
  const { id } = await queryRow(
    db,
    ID,
    sql`insert into postings (subject_kind, subject, place, channel, asked_at, trace)
        values (${subjectKind}, ${subject}, ${where}, ${channelOf(sql`${where}::text`)}, ${now}, ${carried()})
        on conflict (subject_kind, subject, place) do update set wanted = postings.wanted + 1, asked_at = ${askedBy(now)}, trace = excluded.trace
        returning id`,
  );
  await notify(db, "daytwo_delivery");
  return id;
}

/** What changes again and again while it waits keeps its place in the queue. */
function askedBy(now: Date): Sql {
  return sql`case when postings.shown < postings.wanted then least(postings.asked_at, ${now}) else ${now} end`;
}

/**
 * The channel of a place, as far as it is known: a thread's is its root's, the others' that of the newest message there,
 * or what Slack told of a channel's name.
 */
export function channelOf(where: Sql): Sql {
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
  await redrawAll(db, subjectKind, [subject], final, now);
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

/** Has a message shown anew: changed where it is, or posted again where it `vanished`. Not where the posting has another one by now. */
export async function wantAgain(
  db: Db,
  { id, messageTs }: Pick<Posting, "id" | "messageTs">,
  now: Date,
  vanished: boolean,
): Promise<void> {
  const wanted = await execute(
    db,
    sql`update postings set wanted = wanted + 1, asked_at = case when shown < wanted then asked_at else ${now} end,
          message_ts = case when ${vanished} then null else message_ts end
        where id = ${id} and message_ts = ${messageTs}`,
  );
  if (wanted > 0) await notify(db, "daytwo_delivery");
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
