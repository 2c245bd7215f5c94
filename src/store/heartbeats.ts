import { execute, nullable, query, queryOne, Row, sql, text, timestamp, type Db, type RowOf } from "../db/sql.ts";
import type { Heartbeat } from "../domain/alert-source.ts";

const HEARTBEAT = new Row({
  name: text,
  appearedAt: timestamp,
  lastAt: nullable(timestamp),
  dueAt: timestamp,
});
export type StoredHeartbeat = RowOf<typeof HEARTBEAT>;

/**
 * Makes the table hold exactly the catalog's heartbeats. One that never called counts from when it appeared; one that
 * stands there with another interval is due by that one.
 */
export async function keepHeartbeats(db: Db, heartbeats: readonly Heartbeat[], now: Date): Promise<void> {
  const names = heartbeats.map(({ key }) => key);
  const patience = heartbeats.map(({ every, grace }) => every + grace);
  await execute(
    db,
    sql`insert into heartbeats as h (name, appeared_at, due_at)
        select n.name, ${now}, ${now}::timestamptz + n.patience * interval '1 millisecond'
        from unnest(${names}::text[], ${patience}::bigint[]) as n (name, patience)
        on conflict (name) do update set left_at = null,
          appeared_at = case when h.left_at is null then h.appeared_at else excluded.appeared_at end,
          last_at = case when h.left_at is null then h.last_at end,
          due_at = case when h.left_at is null
                        then coalesce(h.last_at, h.appeared_at) + (excluded.due_at - excluded.appeared_at) else excluded.due_at end`,
  );
  await execute(db, sql`update heartbeats set left_at = ${now} where left_at is null and name <> all(${names})`);
}

/** A call that is good, or one that says otherwise (`good` false): then its silence is told from now on as before. */
export async function noteBeat(db: Db, name: string, now: Date, due: Date, good: boolean): Promise<void> {
  await execute(
    db,
    sql`update heartbeats set last_at = case when ${good} then ${now} else last_at end, due_at = ${due} where name = ${name}`,
  );
}

export async function lockHeartbeat(db: Db, name: string): Promise<StoredHeartbeat | null> {
  return queryOne(
    db,
    HEARTBEAT,
    sql`select ${HEARTBEAT} from heartbeats where name = ${name} and left_at is null for update`,
  );
}

/** Heartbeats whose silence is to be told; locked. */
export async function lockSilent(db: Db, now: Date, limit: number): Promise<StoredHeartbeat[]> {
  return query(
    db,
    HEARTBEAT,
    sql`select ${HEARTBEAT} from heartbeats where left_at is null and due_at <= ${now}
        order by due_at limit ${limit} for update skip locked`,
  );
}

export async function putOffSilence(db: Db, name: string, until: Date): Promise<void> {
  await execute(db, sql`update heartbeats set due_at = ${until} where name = ${name}`);
}
