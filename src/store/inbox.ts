import { asJson } from "../db/json.ts";
import {
  execute,
  inSlices,
  integer,
  json,
  nullable,
  often,
  query,
  queryOne,
  Row,
  SLICE,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";

export type Received = {
  readonly key: string;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
};

const CLAIM = { key: text, attempts: integer, claimedUntil: timestamp, problem: nullable(text) } as const;

/**
 * A request that is somebody's to do: nobody else takes it up before `claimedUntil`, and whoever does later counts one attempt
 * more, so that what is written under an older claim finds nothing. `problem`: it broke before, and its sender was told so.
 */
export type Claim = RowOf<Row<typeof CLAIM>>;

const KEY = new Row({ key: text });

/**
 * Records requests in one statement; the keys that are new. A key that was there already is a repeat; it is looked for first, since
 * a conflict would wait for whoever is at work on it, and all others with it. Each is looked for by itself: of `not exists` the
 * planner makes a join with the whole table, which it may have seen last when that was small. All of them are one parameter: an
 * array of JSON would be escaped a second time.
 */
export async function record(db: Db, received: readonly Received[], now: Date): Promise<Set<string>> {
  const rows = await query(
    db,
    KEY,
    often(
      "inbox.record",
      sql`insert into inbox (key, kind, body, received_at)
          select r->>'key', r->>'kind', r->'body', ${now}::timestamptz
          from jsonb_array_elements(${asJson(received)}::jsonb) as r
          where (select i.key from inbox i where i.key = r->>'key') is null
          on conflict (key) do nothing
          returning key`,
    ),
  );
  return new Set(rows.map((row) => row.key));
}

/** Marks a request as handled in the transaction of what it changed; false when it was handled before, or is somebody else's. */
export async function markHandled(db: Db, { key, attempts }: Claim, now: Date): Promise<boolean> {
  const statement = sql`update inbox set handled_at = ${now} where key = ${key} and attempts = ${attempts} and handled_at is null`;
  return (await execute(db, often("inbox.handled", statement))) === 1;
}

export async function isHandled(db: Db, key: string): Promise<boolean> {
  return (await queryOne(db, KEY, sql`select key from inbox where key = ${key} and handled_at is not null`)) !== null;
}

const WAITING = new Row({ ...CLAIM, kind: text, body: json<Received["body"]>() });

/**
 * Claims for `after` seconds the oldest request that is nobody's and that nobody finished within as many seconds of its coming,
 * then 4, 16, 64 and 256 times that, and from then on every 256 times; one, so that a process that dies meanwhile has cost no
 * other request a try.
 */
export async function takeUnhandled(db: Db, now: Date, after: number): Promise<(Received & Claim) | null> {
  return queryOne(
    db,
    WAITING,
    sql`update inbox set attempts = attempts + 1, claimed_until = ${now}::timestamptz + make_interval(secs => ${after})
        where key in (select key from inbox
                      where handled_at is null and body is not null and (claimed_until is null or claimed_until <= ${now})
                        and received_at <= ${now}::timestamptz - make_interval(secs => ${after} * power(4, least(attempts, 4)) * greatest(1, attempts - 3))
                      order by received_at limit 1 for update skip locked)
        returning ${WAITING}`,
  );
}

/** False: somebody else took it up. */
export async function renewClaim(db: Db, { key, attempts }: Claim, until: Date): Promise<boolean> {
  const statement = sql`update inbox set claimed_until = ${until} where key = ${key} and attempts = ${attempts}`;
  return (await execute(db, statement)) === 1;
}

/** Forgets a request, unless it was carried out or is somebody else's. */
export async function removeUndone(db: Db, { key, attempts }: Claim): Promise<void> {
  await execute(
    db,
    sql`delete from inbox where key = ${key} and attempts = ${attempts} and (handled_at is null or problem is not null)`,
  );
}

/** What went wrong; with null for `handledAt` it is tried again. */
export async function noteProblem(
  db: Db,
  { key, attempts }: Claim,
  problem: string,
  handledAt: Date | null,
): Promise<void> {
  await execute(
    db,
    often(
      "inbox.problem",
      sql`update inbox set problem = ${problem}, handled_at = ${handledAt}
          where key = ${key} and attempts = ${attempts} and handled_at is null`,
    ),
  );
}

/** Bodies go after `before`; keys stay a week longer, so that a late repeat is still known. */
export async function forgetBodies(db: Db, before: Date, keysBefore: Date): Promise<void> {
  await inSlices(
    db,
    sql`update inbox set body = null
        where ctid = any(array(select ctid from inbox where body is not null and received_at < ${before} limit ${SLICE}))`,
  );
  await inSlices(
    db,
    sql`delete from inbox where ctid = any(array(select ctid from inbox where received_at < ${keysBefore} limit ${SLICE}))`,
  );
}
