import type { EventLine } from "../domain/board/event-line.ts";
import {
  countOf,
  execute,
  integer,
  json,
  nullable,
  query,
  queryRow,
  Row,
  sql,
  text,
  timestamp,
  type Db,
} from "../db/sql.ts";
import { asJson } from "../db/json.ts";

const EVENT = new Row({
  id: integer,
  at: timestamp,
  kind: text,
  person: nullable(text),
  account: nullable(text),
  surface: text,
  item: nullable(integer),
  operation: nullable(integer),
  detail: json<Readonly<Record<string, unknown>>>(),
});

export type NewEvent = {
  readonly at: Date;
  readonly kind: string;
  readonly item?: number | null;
  readonly operation?: number | null;
  readonly service?: string | null;
  readonly person?: string | null;
  readonly account?: string | null;
  readonly surface: string;
  readonly detail?: Readonly<Record<string, unknown>>;
};

const ID = new Row({ id: integer });

export async function insertEvent(db: Db, event: NewEvent): Promise<number> {
  const row = await queryRow(
    db,
    ID,
    sql`insert into events (at, kind, item, operation, service, person, account, surface, detail)
        values (${event.at}, ${event.kind}, ${event.item ?? null}, ${event.operation ?? null}, ${event.service ?? null},
                ${event.person ?? null}, ${event.account ?? null}, ${event.surface}, ${asJson(event.detail ?? {})})
        returning id`,
  );
  return row.id;
}

/** Many in one statement; their ids, in this order. */
export async function insertEvents(db: Db, events: readonly NewEvent[]): Promise<number[]> {
  if (events.length === 0) return [];
  const given = events.map((event, place) => ({ place, ...event, detail: event.detail ?? {} }));
  const rows = await query(
    db,
    ID,
    sql`insert into events (at, kind, item, operation, service, person, account, surface, detail)
        select at, kind, item, operation, service, person, account, surface, detail
        from json_to_recordset(${asJson(given)}::json)
          as e (place integer, at timestamptz, kind text, item bigint, operation bigint, service text, person text, account text, surface text, detail jsonb)
        order by place returning id`,
  );
  return rows.map(({ id }) => id).toSorted((a, b) => a - b);
}

export type EventFilter =
  | "all"
  | { readonly item: number }
  | { readonly operation: number }
  | { readonly service: string };

/** Newest last; at most the newest `limit`. An item's events include those of its operations. */
export async function eventsOf(db: Db, filter: EventFilter, limit: number): Promise<EventLine[]> {
  const lines = await query(
    db,
    EVENT,
    sql`select ${EVENT} from events where ${condition(filter)} order by id desc limit ${limit}`,
  );
  return lines.toReversed();
}

/** How many there are, counted up to `most`. */
export async function countEvents(db: Db, filter: EventFilter, most: number): Promise<number> {
  return countOf(
    db,
    sql`select count(*) as count from (select from events where ${condition(filter)} limit ${most}) as counted`,
  );
}

function condition(filter: EventFilter) {
  if (filter === "all") return sql`kind <> 'operation.progress'`;
  if ("item" in filter)
    // As an array, so that both sides have an index.
    return sql`item = ${filter.item} or operation = any(array(select id from operations where item = ${filter.item}))`;
  if ("operation" in filter) return sql`operation = ${filter.operation}`;
  return sql`service = ${filter.service}`;
}

export async function eventById(db: Db, id: number): Promise<EventLine | null> {
  const [line] = await query(db, EVENT, sql`select ${EVENT} from events where id = ${id}`);
  return line ?? null;
}

/** The first event of an item after another one that is of one of these kinds. */
export async function firstAfter(
  db: Db,
  item: number,
  after: number,
  kinds: readonly string[],
): Promise<EventLine | null> {
  const which = sql`item = ${item} and id > ${after} and kind = any(${kinds})`;
  const [line] = await query(db, EVENT, sql`select ${EVENT} from events where ${which} order by id limit 1`);
  return line ?? null;
}

/** What the bot did by itself in a span: resolved by re-check, reversed, expired. What a person asked for is not done by itself. */
export async function eventsByNobody(
  db: Db,
  since: Date,
  kinds: readonly string[],
  services: readonly string[] | undefined,
): Promise<EventLine[]> {
  const which = services === undefined ? sql`` : sql`and service = any(${services})`;
  return query(
    db,
    EVENT,
    sql`select ${EVENT} from events
        where at >= ${since} and person is null and account is null and kind = any(${kinds}) ${which}
          and (kind <> 'operation.succeeded'
               or not exists (select from events asked where asked.operation = events.operation and asked.person is not null))
        order by at desc, id desc limit 20`,
  );
}

/** Whether an operation's log has an event of this kind with this among its detail. */
export async function hasEvent(db: Db, operation: number, kind: string, detail: object): Promise<boolean> {
  const which = sql`operation = ${operation} and kind = ${kind} and detail @> ${JSON.stringify(detail)}::jsonb`;
  return (await query(db, ID, sql`select id from events where ${which} limit 1`)).length > 0;
}

const PROGRESS = new Row({ at: timestamp, text });

export async function progressOf(db: Db, operation: number, limit: number): Promise<{ at: Date; text: string }[]> {
  const lines = await query(
    db,
    PROGRESS,
    sql`select at, detail->>'text' as text from events
        where operation = ${operation} and kind = 'operation.progress' order by id desc limit ${limit}`,
  );
  return lines.toReversed();
}

/** Wakes the loops of every process that listen; delivered when the transaction commits. */
export async function notify(
  db: Db,
  channel: "daytwo_outbox" | "daytwo_delivery" | "daytwo_cancel" | "daytwo_alarm" | "daytwo_wakes" | "daytwo_silences",
): Promise<void> {
  await execute(db, sql`select pg_notify(${channel}, '')`);
}

/** 0 while nothing was written down. */
export async function newestEvent(db: Db): Promise<number> {
  return (await queryRow(db, ID, sql`select coalesce(max(id), 0) as id from events`)).id;
}
