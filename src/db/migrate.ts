import { readdir, readFile } from "node:fs/promises";
import type { Pool, PoolClient } from "pg";
import { Invalid } from "../errors.ts";
import { releaseHere } from "../release.ts";
import type { Db } from "./sql.ts";

const FOLDER = new URL("migrations/", import.meta.url);
/** Advisory lock of everybody who changes the schema, or must not see it change. */
const SCHEMA_LOCK = 7_239_410;

/**
 * Brings schema `daytwo` up to date: numbered files, each once, in order, under an advisory lock, each in its own
 * transaction. Safe to run from several processes at once and beside a running previous release.
 *
 * @throws Invalid when the database holds only other people's tables (`here` says that it is meant), or when a newer release has
 *   changed the schema so that this one cannot work on it.
 */
export async function migrate(pool: Pool, options: { here?: boolean } = {}): Promise<readonly string[]> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [SCHEMA_LOCK]);
    await refuseStrangers(client, options.here ?? false);
    await makeSchema(client);
    return await applyMissing(client);
  } finally {
    await client.query("select pg_advisory_unlock($1)", [SCHEMA_LOCK]).catch(() => undefined);
    client.release();
  }
}

/** Until the transaction ends nobody else changes the schema; first waits for somebody who does. */
export async function holdSchema(db: Db): Promise<void> {
  await db.query("select pg_advisory_xact_lock($1)", [SCHEMA_LOCK]);
}

/** Runs `work` while nobody changes the schema; first waits for somebody who is about to. */
export async function whileSchemaStays<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  client.on("error", () => undefined); // `work` has a connection of its own, and hears of it there
  try {
    await client.query("set statement_timeout to 0");
    await client.query("select pg_advisory_lock_shared($1)", [SCHEMA_LOCK]);
    return await work();
  } finally {
    client.release(true); // and with it the lock
  }
}

/** The names of this release's migrations, in order. */
export async function migrationFiles(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((file) => file.endsWith(".sql")).toSorted();
}

/** How the schema stands to this release. */
export type Standing = {
  /** Migrations of this release that were not applied yet. */
  readonly missing: readonly string[];
  /** Migrations of newer releases. */
  readonly ahead: readonly string[];
  /** The release that it takes at least, where that is a newer one than this. */
  readonly needs: string | null;
};

export async function standingOf(db: Db): Promise<Standing> {
  const files = await migrationFiles();
  // The column came with a migration too.
  const { rows } = await db.query<{ name: string; min: string | null }>(
    "select name, to_jsonb(m) ->> 'min_release' as min from daytwo.migrations m order by name",
  );
  const ahead = rows.filter(({ name }) => !files.includes(name));
  const own = await releaseHere();
  const needs = ahead.flatMap(({ min }) => (min !== null && byRelease(min, own) > 0 ? [min] : []));
  return {
    missing: files.filter((file) => !rows.some(({ name }) => name === file)),
    ahead: ahead.map(({ name }) => name),
    needs: needs.toSorted(byRelease).at(-1) ?? null,
  };
}

/** "0.9.1" before "0.10.0" */
function byRelease(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

async function applyMissing(client: PoolClient): Promise<readonly string[]> {
  const { missing, ahead, needs } = await standingOf(client);
  if (needs !== null) {
    throw new Invalid(
      `The database was changed by a newer release of Daytwo (${ahead.join(", ")}); it takes ${needs} or newer.`,
      { hint: "Start that release, or restore the backup that was made before the upgrade." },
    );
  }
  for (const file of missing) await apply(client, file);
  return missing;
}

async function apply(client: PoolClient, file: string): Promise<void> {
  await client.query("begin");
  try {
    await applyWithin(client, file);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** How a migration says that older releases cannot work beside it: `-- min_release: 0.2.0`. One that only adds says nothing. */
const MIN_RELEASE = /^-- min_release: (\d+\.\d+\.\d+)$/m;

/** Applies one migration in the caller's transaction, on the schema of its search path. */
export async function applyWithin(db: Db, file: string): Promise<void> {
  const statements = await readFile(new URL(file, FOLDER), "utf8");
  const min = MIN_RELEASE.exec(statements)?.[1];
  try {
    await db.query(statements);
    await db.query("insert into migrations (name) values ($1)", [file]);
    if (min !== undefined) await db.query("update migrations set min_release = $1 where name = $2", [min, file]);
  } catch (error) {
    throw new Error(`migration ${file} failed`, { cause: error });
  }
}

/** The schema with nothing in it, for the first migration. */
export async function makeSchema(db: Db): Promise<void> {
  await db.query("create schema if not exists daytwo");
  await db.query("set search_path to daytwo");
  await db.query(
    "create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())",
  );
}

/** @throws Invalid when the database holds only other people's tables, unless somebody said that it is meant */
export async function refuseStrangers(db: Db, here: boolean): Promise<void> {
  if (here) return;
  const { rows } = await db.query<{ ours: boolean; others: number }>(`
    select to_regnamespace('daytwo') is not null as ours,
           (select count(*)::int from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'bullmq')) as others`);
  const [seen] = rows;
  if (seen === undefined || seen.ours || seen.others === 0) return;
  throw new Invalid(`This database holds ${seen.others} tables and none of them is Daytwo's.`, {
    hint: "If it is the right one, run `npx daytwo migrate --here` once; else set DATABASE_URL to a database of its own.",
  });
}
