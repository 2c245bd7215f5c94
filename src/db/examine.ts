import { boolean, integer, query, queryRow, Row, sql, text, timestamp, type Db, type RowOf } from "./sql.ts";

/** What can be learnt about a database without changing it. */

const SERVER = new Row({
  version: integer,
  encoding: text,
  now: timestamp,
  /** It only follows another server. */
  readOnly: boolean,
  mayCreate: boolean,
  ours: boolean,
  queues: boolean,
});

export type Server = RowOf<typeof SERVER>;

/** @throws what the driver throws when it does not answer */
export async function examineServer(db: Db): Promise<Server> {
  return queryRow(
    db,
    SERVER,
    sql`select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding, clock_timestamp() as now,
          (pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on') as read_only,
          has_database_privilege(current_database(), 'create') as may_create,
          to_regclass('daytwo.migrations') is not null as ours, to_regnamespace('bullmq') is not null as queues`,
  );
}

const NAME = new Row({ name: text });

/** The migrations that were applied, in order. */
export async function appliedMigrations(db: Db): Promise<string[]> {
  const rows = await query(db, NAME, sql`select name from daytwo.migrations order by name`);
  return rows.map((row) => row.name);
}

/** The enabled triggers that keep the log append-only. */
export async function logTriggers(db: Db): Promise<string[]> {
  const rows = await query(
    db,
    NAME,
    sql`select tgname::text as name from pg_trigger
        where tgrelid in (to_regclass('daytwo.events'), to_regclass('daytwo.event_seals')) and not tgisinternal and tgenabled in ('O', 'A') order by tgname`,
  );
  return rows.map((row) => row.name);
}
