import { escapeIdentifier } from "pg";
import { boolean, countOf, execute, integer, query, queryOne, raw, Row, sql, text, textArray, type Db } from "./sql.ts";

/** What schema `daytwo` consists of, as the database itself says, and how it is taken apart to be filled. */

const TABLE = new Row({ table: text, columns: textArray });

/** Every table that holds rows of ours, with its columns in order. */
export async function tablesOf(db: Db): Promise<{ table: string; columns: readonly string[] }[]> {
  return query(
    db,
    TABLE,
    sql`select t.relname::text as table, array_agg(c.attname::text order by c.attnum) as columns
        from pg_class t
        join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped and c.attgenerated = ''
        where t.relnamespace = to_regnamespace('daytwo') and t.relkind = 'r' and t.relname <> 'migrations'
        group by t.relname order by t.relname`,
  );
}

const SEQUENCE = new Row({ name: text });
const VALUE = new Row({ last: text, called: boolean });

/** Where every sequence stands. It is no part of a snapshot: asked after the rows, it is past all of them. */
export async function sequencesOf(db: Db): Promise<Record<string, { last: string; called: boolean }>> {
  const found = await query(
    db,
    SEQUENCE,
    sql`select relname::text as name from pg_class
        where relnamespace = to_regnamespace('daytwo') and relkind = 'S' order by relname`,
  );
  const values: Record<string, { last: string; called: boolean }> = {};
  for (const { name } of found) {
    const sequence = raw(`daytwo.${escapeIdentifier(name)}`);
    const value = await queryOne(db, VALUE, sql`select last_value::text as last, is_called as called from ${sequence}`);
    if (value !== null) values[name] = value;
  }
  return values;
}

/** Sets those that are there. */
export async function setSequences(
  db: Db,
  values: Readonly<Record<string, { last: string; called: boolean }>>,
): Promise<void> {
  for (const [name, { last, called }] of Object.entries(values)) {
    await execute(
      db,
      sql`select setval(oid::regclass, ${last}::bigint, ${called}) from pg_class
          where relnamespace = to_regnamespace('daytwo') and relkind = 'S' and relname = ${name}`,
    );
  }
}

export async function countRows(db: Db, table: string): Promise<number> {
  return countOf(db, sql`select count(*) as count from ${raw(`daytwo.${escapeIdentifier(table)}`)}`);
}

const PART = new Row({ away: text, back: text });

/**
 * From here on, in the caller's transaction, no trigger of ours fires and no row has to be there before another. The
 * returned function puts everything back, and checks the references of all rows at once.
 */
export async function takeApart(db: Db): Promise<() => Promise<void>> {
  const parts = [...(await query(db, PART, TRIGGERS)), ...(await query(db, PART, REFERENCES))];
  for (const { away } of parts) await db.query(away);
  return async () => {
    for (const { back } of parts) await db.query(back);
    for (const { table } of await tablesOf(db)) await db.query(`analyze daytwo.${escapeIdentifier(table)}`);
  };
}

const TRIGGERS = sql`
  select format('alter table %s disable trigger %I', g.tgrelid::regclass, g.tgname) as away,
    format('alter table %s enable %s trigger %I', g.tgrelid::regclass, case g.tgenabled when 'A' then 'always' else '' end, g.tgname) as back
  from pg_trigger g join pg_class t on t.oid = g.tgrelid
  where t.relnamespace = to_regnamespace('daytwo') and not g.tgisinternal and g.tgenabled in ('O', 'A')
  order by away`;

const REFERENCES = sql`
  select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) as away,
    format('alter table %s add constraint %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) as back
  from pg_constraint k
  where k.connamespace = to_regnamespace('daytwo') and k.contype = 'f' order by away`;

const SESSION = new Row({ sessions: integer });

/** How many sessions running Daytwos have in this database, as far as they still go by their names. */
export async function countRunning(db: Db): Promise<number> {
  const row = await queryOne(
    db,
    SESSION,
    sql`select count(*) as sessions from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name in ('daytwo', 'daytwo-queue')`,
  );
  return row?.sessions ?? 0;
}

const SOME = new Row({ some: boolean });

export async function tableHasRows(db: Db, table: string): Promise<boolean> {
  const row = await queryOne(
    db,
    SOME,
    sql`select exists (select from ${raw(`daytwo.${escapeIdentifier(table)}`)}) as some`,
  );
  return row?.some === true;
}

export async function dropSchema(db: Db): Promise<void> {
  await execute(db, sql`drop schema if exists daytwo cascade`);
}
