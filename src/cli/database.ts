import { join, resolve } from "node:path";
import type { Pool } from "pg";
import { openPool, reach } from "../db/open.ts";
import type { Config } from "../config.ts";
import { Invalid, Unavailable } from "../errors.ts";
import { spawnGuarded } from "../local/guard.ts";
import { findPostgres } from "../local/postgres-running.ts";
import { openLog, type Log } from "../log.ts";
import { makeHome } from "./home.ts";

type Name = Parameters<typeof openPool>[2];

/** Lends out connections to a database that answers. @throws Unavailable */
export async function withPool<T>(url: string, log: Log, name: Name, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool(url, log, name);
  try {
    await reach(pool);
    return await work(pool);
  } finally {
    await pool.end();
  }
}

type Use = {
  readonly name: "daytwo-backup" | "daytwo-restore";
  /** Whether an embedded database that never was is made. */
  readonly make: boolean;
};

/** Lends out Daytwo's database: DATABASE_URL, else the embedded one, which is started for as long as nobody else runs it. */
export async function withOwnDatabase<T>(config: Config, use: Use, work: (pool: Pool) => Promise<T>): Promise<T> {
  const { url, stop } = await serve(config, use.make);
  try {
    return await withPool(url, openLog(config.logLevel), use.name, work);
  } finally {
    await stop();
  }
}

async function serve(config: Config, make: boolean): Promise<{ url: string; stop(): Promise<void> }> {
  if (config.database !== "embedded") return { url: config.database.url, stop: () => Promise.resolve() };
  const dataDir = join(resolve(config.home), "postgres");
  const found = await findPostgres(dataDir, "daytwo");
  if (found.url !== null) return { url: found.url, stop: () => Promise.resolve() };
  if (!found.exists && !make)
    throw new Invalid(`There is no DATABASE_URL, and no Daytwo has run in ${resolve(config.home)} yet.`, {
      hint: "Set DATABASE_URL or DAYTWO_HOME as they are where it runs.",
    });
  makeHome(resolve(config.home));
  try {
    const options = { dataDir, databases: ["daytwo"] };
    const guarded = await spawnGuarded<{ url: string }>(new URL("../local/postgres.ts", import.meta.url), options);
    return { url: guarded.ready.url, stop: guarded.stop };
  } catch (cause) {
    throw new Unavailable(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
