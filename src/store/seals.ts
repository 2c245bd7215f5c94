import {
  boolean,
  countOf,
  execute,
  integer,
  nullable,
  query,
  queryOne,
  queryRow,
  raw,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";
import { GENESIS } from "../domain/seal.ts";

/** The chain over the events. Every column is read as text: what was forged need not be a number that JavaScript can hold. */

const EVENT = {
  id: text,
  at: text,
  kind: text,
  item: nullable(text),
  operation: nullable(text),
  service: nullable(text),
  person: nullable(text),
  account: nullable(text),
  surface: text,
  detail: text,
};
const OWED_EVENT = new Row(EVENT);
const SEALED = new Row({ ...EVENT, id: nullable(text), seq: text, event: text, sealedAt: text, hash: text });
export type SealedEvent = RowOf<typeof SEALED>;

function microseconds(column: string): string {
  return `trim_scale(extract(epoch from ${column}) * 1000000)::text`;
}

const EVENT_TEXT = raw(
  `e.id::text as id, ${microseconds("e.at")} as at, e.kind, e.item::text as item, e.operation::text as operation,
   e.service, e.person, e.account, e.surface, e.detail::text as detail`,
);

const LOCK = 7_239_411; // advisory lock of the one sealer
const TAKEN = new Row({ taken: boolean });

/** Whether this transaction is now the one sealer; false while another one is. */
export async function becomeSealer(db: Db): Promise<boolean> {
  return (await queryRow(db, TAKEN, sql`select pg_try_advisory_xact_lock(${LOCK}) as taken`)).taken;
}

/**
 * Takes up to `limit` events that the chain owes, oldest first; they are owed again if the transaction does not commit. They are
 * looked for once, as an array: joined, they would be looked for again for each that waits, once the planner has seen that none does.
 */
export async function takeUnsealed(db: Db, limit: number): Promise<RowOf<typeof OWED_EVENT>[]> {
  return query(
    db,
    OWED_EVENT,
    sql`with taken as (
          delete from events_to_seal where event = any(array(
            select w.event from events_to_seal w join events e on e.id = w.event order by w.event limit ${limit})) returning event)
        select ${EVENT_TEXT} from taken join events e on e.id = taken.event order by e.id`,
  );
}

const HEAD = new Row({ seq: integer, hash: text, sealedAt: nullable(timestamp) });
export type Head = RowOf<typeof HEAD>;

/** The newest seal; before the first, number 0 with the hash that everything starts from. */
export async function headOf(db: Db): Promise<Head> {
  const head = await queryOne(db, HEAD, sql`select ${HEAD} from event_seals order by seq desc limit 1`);
  return head ?? { seq: 0, hash: GENESIS, sealedAt: null };
}

export type NewSeal = { readonly seq: number; readonly event: string; readonly hash: string };

export async function insertSeals(db: Db, seals: readonly NewSeal[], sealedAt: Date): Promise<void> {
  await execute(
    db,
    sql`insert into event_seals (seq, event, sealed_at, hash)
        select seq, event, ${sealedAt}, hash
        from unnest(${seals.map((seal) => seal.seq)}::bigint[], ${seals.map((seal) => seal.event)}::bigint[],
                    ${seals.map((seal) => seal.hash)}::text[]) as seal (seq, event, hash)`,
  );
}

/** The next links after a number, with their events; an event that is gone has id null. */
export async function linksAfter(db: Db, seq: string | null, limit: number): Promise<SealedEvent[]> {
  return query(
    db,
    SEALED,
    sql`select s.seq::text as seq, s.event::text as event, ${raw(microseconds("s.sealed_at"))} as sealed_at, s.hash, ${EVENT_TEXT}
        from event_seals s left join events e on e.id = s.event
        where ${seq}::bigint is null or s.seq > ${seq}::bigint order by s.seq limit ${limit}`,
  );
}

const OWED = new Row({ behind: integer, since: nullable(timestamp) });

/** How many events wait for their seal, and when the first of them happened. */
export async function unsealed(db: Db): Promise<RowOf<typeof OWED>> {
  return queryRow(
    db,
    OWED,
    sql`select count(*) as behind, min(e.at) as since from events_to_seal w left join events e on e.id = w.event`,
  );
}

/** How many events wait for their seal. */
export async function countUnsealed(db: Db): Promise<number> {
  return countOf(db, sql`select count(*) as count from events_to_seal`);
}

const STRAY = new Row({ id: text });

/** The first event that has no seal and waits for none: nobody wrote it through the log, or its seal was taken away. */
export async function strayEvent(db: Db): Promise<string | null> {
  const row = await queryOne(
    db,
    STRAY,
    sql`select e.id::text as id from events e
        where not exists (select from event_seals s where s.event = e.id)
          and not exists (select from events_to_seal w where w.event = e.id)
        order by e.id limit 1`,
  );
  return row?.id ?? null;
}

/** The first event that waits for its seal and is no more. */
export async function lostEvent(db: Db): Promise<string | null> {
  const row = await queryOne(
    db,
    STRAY,
    sql`select w.event::text as id from events_to_seal w
        where not exists (select from events e where e.id = w.event) order by w.event limit 1`,
  );
  return row?.id ?? null;
}

/** From here on this transaction sees one moment, whatever others commit. */
export async function holdStill(db: Db): Promise<void> {
  await execute(db, sql`set transaction isolation level repeatable read, read only`);
}
