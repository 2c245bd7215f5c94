import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { spawnGuarded } from "../local/guard.ts";
import { migrate } from "./migrate.ts";
import { query, Row, sql, text, type Db, type Sql } from "./sql.ts";

/**
 * `npm run schema`: writes schema.sql, what the migrations add up to, for people to read and for a test to compare. It is
 * asked of the catalogs with functions whose words are the same on every PostgreSQL from 15 on.
 */
export const SCHEMA_FILE = new URL("schema.sql", import.meta.url);

const STATEMENT = new Row({ statement: text });

/** One statement for each thing in schema `daytwo`, sorted by kind and name. Identity columns bring their own sequences. */
export async function dumpSchema(db: Db): Promise<string> {
  const statements: string[] = [];
  for (const kind of [TABLES, CONSTRAINTS, INDEXES, SEQUENCES, FUNCTIONS, TRIGGERS]) {
    const rows = await query(db, STATEMENT, kind);
    statements.push(...rows.map((row) => row.statement.replaceAll("daytwo.", "")));
  }
  return `${HEAD}\n${statements.join("\n")}\n`;
}

const HEAD = "-- What src/db/migrations/ add up to. Written by `npm run schema`; to change it, add a migration.\n";

const TABLES: Sql = sql`
  select format(E'create table %I (\n%s\n);\n', t.relname, string_agg(
      format('  %I %s', c.attname, format_type(c.atttypid, c.atttypmod))
        || case when c.attidentity = 'a' then ' generated always as identity' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        || case when c.attnotnull then ' not null' else '' end,
      E',\n' order by c.attnum)) as statement
  from pg_class t
  join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
  left join pg_attrdef d on d.adrelid = t.oid and d.adnum = c.attnum
  where t.relnamespace = 'daytwo'::regnamespace and t.relkind = 'r'
  group by t.relname order by t.relname`;

// PostgreSQL 18 lists every NOT NULL as a constraint; it stands with its column already.
const CONSTRAINTS: Sql = sql`
  select format('alter table %I add constraint %I %s;', t.relname, k.conname, pg_get_constraintdef(k.oid)) as statement
  from pg_constraint k join pg_class t on t.oid = k.conrelid
  where t.relnamespace = 'daytwo'::regnamespace and k.contype <> 'n'
  order by t.relname, k.conname`;

const INDEXES: Sql = sql`
  select pg_get_indexdef(i.indexrelid) || ';' as statement
  from pg_index i join pg_class t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
  where t.relnamespace = 'daytwo'::regnamespace and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype <> 'f')
  order by t.relname, x.relname`;

const SEQUENCES: Sql = sql`
  select format('create sequence %I as %s;', s.relname, format_type(q.seqtypid, null)) as statement
  from pg_class s join pg_sequence q on q.seqrelid = s.oid
  where s.relnamespace = 'daytwo'::regnamespace
    and not exists (select from pg_depend d where d.objid = s.oid and d.classid = 'pg_class'::regclass and d.deptype = 'i')
  order by s.relname`;

const FUNCTIONS: Sql = sql`
  select E'\n' || rtrim(pg_get_functiondef(f.oid), E'\n') || E';\n' as statement
  from pg_proc f where f.pronamespace = 'daytwo'::regnamespace order by f.proname, f.oid`;

const TRIGGERS: Sql = sql`
  select pg_get_triggerdef(g.oid) || ';' as statement
  from pg_trigger g join pg_class t on t.oid = g.tgrelid
  where t.relnamespace = 'daytwo'::regnamespace and not g.tgisinternal
  order by t.relname, g.tgname`;

async function writeSchema(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "daytwo-schema-"));
  const options = { dataDir: join(folder, "postgres"), databases: ["schema"] };
  const postgres = await spawnGuarded<{ url: string }>(new URL("../local/postgres.ts", import.meta.url), options);
  const pool = new Pool({ connectionString: postgres.ready.url });
  pool.on("error", () => undefined); // what the server says to a connection that is closing already
  try {
    await migrate(pool);
    await writeFile(SCHEMA_FILE, await dumpSchema(pool));
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await writeSchema();
