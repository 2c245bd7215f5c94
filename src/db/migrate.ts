import { readdir, readFile } from "node:fs/promises";
import type { Pool, PoolClient } from "pg";
import { Invalid } from "../errors.ts";

const FOLDER = new URL("migrations/", import.meta.url);
const LOCK = 7_239_410; // advisory lock shared by every process that may migrate this database

/**
 * Brings schema `daytwo` up to date: numbered files, each once, in order, under an advisory lock, each in its own
 * transaction. Safe to run from several processes at once and beside a running previous release.
 *
 * @throws Invalid when the database holds only other people's tables (`here` says that it is meant), or when a newer release has changed the schema already.
 */
export async function migrate(pool: Pool, options: { here?: boolean } = {}): Promise<readonly string[]> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    await refuseStrangers(client, options.here ?? false);
    await client.query("create schema if not exists daytwo");
    await client.query("set search_path to daytwo");
    await client.query(
      "create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())",
    );
    return await applyMissing(client);
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCK]).catch(() => undefined);
    client.release();
  }
}

/** The names of this release's migrations, in order. */
export async function migrationFiles(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((file) => file.endsWith(".sql")).toSorted();
}

async function applyMissing(client: PoolClient): Promise<string[]> {
  const files = await migrationFiles();
  const { rows } = await client.query<{ name: string }>("select name from migrations");
  const applied = new Set(rows.map((row) => row.name));
  const ahead = [...applied].filter((name) => !files.includes(name));
  if (ahead.length > 0) {
    throw new Invalid(`The database was changed by a newer release of Daytwo (${ahead.join(", ")}).`, {
      hint: "Start the newer release, or restore the backup that was made before the upgrade.",
    });
  }
  const missing = files.filter((file) => !applied.has(file));
  for (const file of missing) await apply(client, file);
  return missing;
}

async function apply(client: PoolClient, file: string): Promise<void> {
  const statements = await readFile(new URL(file, FOLDER), "utf8");
  await client.query("begin");
  try {
    await client.query(statements);
    await client.query("insert into migrations (name) values ($1)", [file]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new Error(`migration ${file} failed`, { cause: error });
  }
}

async function refuseStrangers(client: PoolClient, here: boolean): Promise<void> {
  if (here) return;
  const { rows } = await client.query<{ ours: boolean; others: number }>(`
    select to_regnamespace('daytwo') is not null as ours,
           (select count(*)::int from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'bullmq')) as others`);
  const [seen] = rows;
  if (seen === undefined || seen.ours || seen.others === 0) return;
  throw new Invalid(`This database holds ${seen.others} tables and none of them is Daytwo's.`, {
    hint: "If it is the right one, run `npx daytwo migrate --here` once; else set DATABASE_URL to a database of its own.",
  });
}
