import { asJson } from "../db/json.ts";
import { execute, integer, json, often, query, queryOne, Row, sql, text, timestamp, type Db } from "../db/sql.ts";

export type Received = {
  readonly key: string;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
};

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

/** Marks a request as handled in the transaction of what it changed; false when it was handled before. */
export async function markHandled(db: Db, key: string, now: Date): Promise<boolean> {
  const statement = sql`update inbox set handled_at = ${now} where key = ${key} and handled_at is null`;
  return (await execute(db, often("inbox.handled", statement))) === 1;
}

export async function isHandled(db: Db, key: string): Promise<boolean> {
  return (await queryOne(db, KEY, sql`select key from inbox where key = ${key} and handled_at is not null`)) !== null;
}

const WAITING = new Row({
  key: text,
  kind: text,
  body: json<Readonly<Record<string, unknown>>>(),
  attempts: integer,
  receivedAt: timestamp,
});

/**
 * The oldest request that nobody finished within `after` seconds of its coming, then 4, 16, 64 and 256 times that, and from
 * then on every 256 times; one, so that a process that dies meanwhile has cost no other request a try.
 */
export async function takeUnhandled(
  db: Db,
  now: Date,
  after: number,
): Promise<(Received & { attempts: number; receivedAt: Date }) | null> {
  return queryOne(
    db,
    WAITING,
    sql`update inbox set attempts = attempts + 1
        where key in (select key from inbox
                      where handled_at is null and body is not null
                        and received_at <= ${now}::timestamptz - make_interval(secs => ${after} * power(4, least(attempts, 4)) * greatest(1, attempts - 3))
                      order by received_at limit 1 for update skip locked)
        returning ${WAITING}`,
  );
}

/** Forgets a request, unless it was carried out. */
export async function removeUndone(db: Db, key: string): Promise<void> {
  await execute(db, sql`delete from inbox where key = ${key} and (handled_at is null or problem is not null)`);
}

export async function noteProblem(db: Db, key: string, problem: string, now: Date): Promise<void> {
  await execute(
    db,
    often(
      "inbox.problem",
      sql`update inbox set problem = ${problem}, handled_at = ${now} where key = ${key} and handled_at is null`,
    ),
  );
}

/** Bodies go after `before`; keys stay a week longer, so that a late repeat is still known. */
export async function forgetBodies(db: Db, before: Date, keysBefore: Date): Promise<void> {
  await execute(db, sql`update inbox set body = null where body is not null and received_at < ${before}`);
  await execute(db, sql`delete from inbox where received_at < ${keysBefore}`);
}
