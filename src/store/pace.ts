import {
  execute,
  integer,
  nullable,
  query,
  queryOne,
  queryRow,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";

/**
 * When the next call may be made, for each limit of Slack's: `chat.update`, another method, or a channel. What is free is
 * taken in one statement, so that no two processes take the same.
 */
export type Limit = {
  readonly key: string;
  /** ms between two calls. */
  readonly every: number;
  /** How many more may go at once after a rest. */
  readonly burst: number;
};

const KEY = new Row({ key: text });

/** Takes those of the limits that are free now, each for `calls` calls; their keys. */
export async function takeAll(
  db: Db,
  limits: readonly (Limit & { readonly calls?: number })[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const sorted = limits.toSorted((a, b) => (a.key < b.key ? -1 : 1)); // one order for all, so that no two takers wait for each other
  const taken = await query(
    db,
    KEY,
    sql`insert into pace as p (key, full_at, next_at)
        select l.key, ${now}::timestamptz + l.spent, ${now}::timestamptz + l.spent - l.rest
        from (select key, calls * every * interval '1 ms' as spent, burst * every * interval '1 ms' as rest
              from unnest(${sorted.map(({ key }) => key)}::text[], ${sorted.map(({ every }) => every)}::int[],
                          ${sorted.map(({ burst }) => burst)}::int[], ${sorted.map(({ calls }) => calls ?? 1)}::int[]) as l (key, every, burst, calls)) l
        order by l.key
        on conflict (key) do update set
          full_at = greatest(p.full_at, ${now}) + (excluded.full_at - ${now}),
          next_at = greatest(p.full_at, ${now}) + (excluded.next_at - ${now})
        where p.next_at <= ${now}
        returning p.key`,
  );
  return new Set(taken.map(({ key }) => key));
}

const NEXT = new Row({ nextAt: timestamp });

/** Takes one limit. Null when it was free, else when to come back. */
export async function take(db: Db, limit: Limit, now: Date): Promise<Date | null> {
  if ((await takeAll(db, [limit], now)).has(limit.key)) return null;
  const row = await queryOne(db, NEXT, sql`select next_at from pace where key = ${limit.key}`);
  return row?.nextAt ?? now;
}

/** What was taken at `takenAt` was not used, so the next may go at once, unless somebody has taken or held it since. */
export async function giveBack(db: Db, { key, every }: Limit, takenAt: Date): Promise<void> {
  const full = new Date(takenAt.getTime() + every);
  await execute(
    db,
    sql`update pace set next_at = ${takenAt}, full_at = ${takenAt} where key = ${key} and next_at = ${full}`,
  );
}

/** Holds a key back: Slack said until when, or what was taken is only used now. What could go in a burst is spent. */
export async function hold(db: Db, { key, every, burst }: Limit, until: Date): Promise<void> {
  const full = new Date(until.getTime() + burst * every);
  await execute(
    db,
    sql`insert into pace as p (key, next_at, full_at) values (${key}, ${until}, ${full})
        on conflict (key) do update set next_at = greatest(p.next_at, ${until}), full_at = greatest(p.full_at, ${full})`,
  );
}

const LIMITED = new Row({ limited: integer });

/** One more answer 429 of a method; how many there were without another answer between them. */
export async function countLimited(db: Db, method: string, now: Date): Promise<number> {
  const row = await queryRow(
    db,
    LIMITED,
    sql`insert into pace as p (key, next_at, limited) values (${method}, ${now}, 1)
        on conflict (key) do update set limited = p.limited + 1 returning limited`,
  );
  return row.limited;
}

/** A method answered otherwise than with 429. */
export async function forgetLimited(db: Db, method: string): Promise<void> {
  await execute(db, sql`update pace set limited = 0 where key = ${method} and limited > 0`);
}

const WAS = new Row({ was: nullable(text) });

/** Notes that nothing can be sent to a channel until it is tried again at `until`. Returns whether that is news. */
export async function shut(db: Db, key: string, problem: string, now: Date, until: Date): Promise<boolean> {
  const row = await queryRow(
    db,
    WAS,
    sql`with before as (select problem from pace where key = ${key})
        insert into pace as p (key, next_at, problem, since) values (${key}, ${until}, ${problem}, ${now})
        on conflict (key) do update set next_at = greatest(p.next_at, ${until}), problem = ${problem}, since = coalesce(p.since, ${now})
        returning (select problem from before) as was`,
  );
  return row.was === null;
}

/** Notes that messages reach a channel again. Returns whether they did not before. */
export async function unshut(db: Db, keys: readonly string[]): Promise<boolean> {
  return (
    (await execute(
      db,
      sql`update pace set problem = null, since = null where key = any(${keys}) and problem is not null`,
    )) > 0
  );
}

const SHUT = new Row({ place: text, problem: text, since: timestamp, waiting: integer });

/** The channels that nothing can be sent to, as the catalog calls them where it does, and how many messages wait for each. */
export async function shutChannels(db: Db): Promise<RowOf<typeof SHUT>[]> {
  return query(
    db,
    SHUT,
    sql`select coalesce((select r.place from postings r where 'channel:' || r.channel = c.key and r.place like 'channel:%' order by r.id desc limit 1), c.key) as place,
               c.problem, c.since,
               (select count(*) from postings p where p.shown < p.wanted and c.key in (p.place, 'channel:' || p.channel)) as waiting
        from pace c where c.problem is not null order by c.since`,
  );
}
