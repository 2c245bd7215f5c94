import { PHASES } from "../domain/hysteresis.ts";
import type { Reading } from "../domain/reading.ts";
import { asJson } from "../db/json.ts";
import {
  execute,
  integer,
  integers,
  json,
  nullable,
  often,
  oneOf,
  query,
  queryRow,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";

const CHECK = new Row({
  key: text,
  service: text,
  dueAt: timestamp,
  batch: nullable(integer),
  /** Until when its batch has it; a reading that comes later counts for nothing. */
  claimedUntil: nullable(timestamp),
  phase: oneOf(PHASES),
  believed: oneOf(["ok", "warning", "critical"]),
  streak: integer,
  unknownStreak: integer,
  reading: nullable(json<Reading>()),
  lookedAt: nullable(timestamp),
  turnedAt: nullable(timestamp),
  appearedAt: timestamp,
});
export type StoredCheck = RowOf<typeof CHECK>;

/**
 * Makes the table hold exactly the catalog's checks. A new one is due at `dueAt`; one that is gone is marked as left,
 * and one that came back starts afresh. Each keeps when the first check of its service appeared.
 */
export async function keepChecks(
  db: Db,
  specs: readonly { key: string; service: string; dueAt: Date }[],
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`insert into checks (key, service, due_at, appeared_at)
        select n.key, n.service, n.due_at, coalesce(known.since, ${now})
        from unnest(${specs.map((spec) => spec.key)}::text[], ${specs.map((spec) => spec.service)}::text[], ${specs.map((spec) => spec.dueAt)}::timestamptz[]) as n (key, service, due_at)
        left join (select service, min(appeared_at) as since from checks group by service) known using (service)
        on conflict (key) do update set left_at = null, due_at = excluded.due_at, phase = 'ok', believed = 'ok', streak = 0,
          unknown_streak = 0, reading = null, looked_at = null, turned_at = null
        where checks.left_at is not null`,
  );
  await execute(
    db,
    sql`update checks set left_at = ${now}, batch = null, claimed_until = null where left_at is null and key <> all(${specs.map((spec) => spec.key)})`,
  );
}

const KEY = new Row({ key: text });

/** The checks of a service that are not well, or on their way there. */
export async function unwell(db: Db, service: string): Promise<string[]> {
  const rows = await query(
    db,
    KEY,
    sql`select key from checks where service = ${service} and left_at is null and (phase <> 'ok' or believed <> 'ok') order by key`,
  );
  return rows.map((row) => row.key);
}

const CLAIM = new Row({ batches: integers, size: integer, nextDueAt: nullable(timestamp) });
/** Which batches were made, how many checks are in them, and when the next one is due. */
export type Claim = RowOf<typeof CLAIM>;

/**
 * Claims up to `most` due checks until `claimedUntil`, in batches of `size`, in one statement. A claim that ran out is due
 * again. Their rows are found as an array's: only joined, they would be looked for among all checks.
 */
export async function claimDue(
  db: Db,
  { most, size }: { readonly most: number; readonly size: number },
  now: Date,
  claimedUntil: Date,
): Promise<Claim> {
  return queryRow(
    db,
    CLAIM,
    often(
      "checks.claim",
      sql`with due as (
          select key from checks
          where left_at is null and due_at <= ${now} and (claimed_until is null or claimed_until <= ${now})
          order by due_at limit ${most} for update skip locked
        ), parts as (select key, (row_number() over () - 1) / ${size}::int as part from due),
        batches as (select part, nextval('check_batches') as batch from (select distinct part from parts) as each),
        claimed as (
          update checks c set batch = b.batch, claimed_until = ${claimedUntil}
          from parts p join batches b using (part) where c.key = any(array(select key from due)) and c.key = p.key
        )
        select array(select batch from batches order by part) as batches, (select count(*) from due) as size,
               (select min(due_at) from checks where left_at is null and claimed_until is null and due_at > ${now}) as next_due_at`,
    ),
  );
}

/** Gives claimed checks back: they are due at once. */
export async function giveBack(db: Db, batches: readonly number[]): Promise<void> {
  await execute(db, sql`update checks set batch = null, claimed_until = null where batch = any(${batches})`);
}

/** What these batches still have, in key order. */
export async function checksInBatches(db: Db, batches: readonly number[]): Promise<StoredCheck[]> {
  const statement = sql`select ${CHECK} from checks where batch = any(${batches}::bigint[]) and left_at is null order by key`;
  return query(db, CHECK, often("checks.batches", statement));
}

export async function checksOfService(db: Db, service: string): Promise<StoredCheck[]> {
  return checksOfServices(db, [service]);
}

export async function checksOfServices(db: Db, services: readonly string[]): Promise<StoredCheck[]> {
  return query(
    db,
    CHECK,
    sql`select ${CHECK} from checks where service = any(${services}) and left_at is null order by key`,
  );
}

/**
 * Writes what looks at claimed checks found, in one statement, and gives the checks back. Of those in `measured` the gravest
 * reading of every five minutes is kept beside it. The keys of those that their batch no longer has, of which nothing is
 * written.
 */
export async function saveChecks(
  db: Db,
  checks: readonly StoredCheck[],
  measured: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const lost = await query(
    db,
    KEY,
    often(
      "checks.save",
      sql`with n as (
          select * from unnest(${checks.map((each) => each.key)}::text[], ${checks.map((each) => each.batch)}::bigint[], ${checks.map((each) => each.dueAt)}::timestamptz[],
                    ${checks.map((each) => each.phase)}::text[], ${checks.map((each) => each.believed)}::text[], ${checks.map((each) => each.streak)}::int[],
                    ${checks.map((each) => each.unknownStreak)}::int[], ${checks.map((each) => asJson(each.reading))}::jsonb[], ${checks.map((each) => each.lookedAt)}::timestamptz[],
                    ${checks.map((each) => each.turnedAt)}::timestamptz[], ${checks.map((each) => measured.has(each.key))}::boolean[])
            as n (key, batch, due_at, phase, believed, streak, unknown_streak, reading, looked_at, turned_at, measured)
        ), saved as (
          update checks c set batch = null, claimed_until = null, due_at = n.due_at, phase = n.phase, believed = n.believed, streak = n.streak,
            unknown_streak = n.unknown_streak, reading = n.reading, looked_at = n.looked_at, turned_at = n.turned_at
          from n where c.key = n.key and c.batch = n.batch
          returning c.key
        ), kept as (
          insert into readings (check_key, at, level, value)
          select key, date_bin('5 minutes', looked_at, timestamptz 'epoch'), reading->>'level', (reading->>'value')::float8
          from n join saved using (key) where measured and reading->>'value' is not null
          on conflict (check_key, at) do update set level = excluded.level, value = excluded.value
          where array_position(array['unknown', 'ok', 'warning', 'critical'], excluded.level)
             >= array_position(array['unknown', 'ok', 'warning', 'critical'], readings.level)
        )
        select key from n except select key from saved`,
    ),
  );
  return new Set(lost.map(({ key }) => key));
}

/** Makes due what is not well of some services, or cannot be looked at. */
export async function makeSuspectsDue(db: Db, services: readonly string[], now: Date): Promise<void> {
  await execute(
    db,
    sql`update checks set due_at = ${now}, batch = null, claimed_until = null
        where service = any(${services}) and left_at is null and (phase <> 'ok' or unknown_streak > 0)`,
  );
}

/** Makes checks due at once: "look now". A look that is under way began before, and is taken out of its batch. */
export async function makeDue(db: Db, keys: readonly string[], now: Date): Promise<number> {
  return execute(
    db,
    sql`update checks set due_at = ${now}, batch = null, claimed_until = null where key = any(${keys}) and left_at is null`,
  );
}

/** Makes checks due now that are believed well and would be due later; of those that are being looked at nothing changes. */
export async function hasten(db: Db, keys: readonly string[], now: Date): Promise<void> {
  await execute(
    db,
    sql`update checks set due_at = ${now} where key = any(${keys}) and left_at is null and due_at > ${now} and believed = 'ok'`,
  );
}
