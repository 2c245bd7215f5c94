import { runMigrations } from "bullmq";
import { Pool } from "pg";
import { migrate } from "../../src/db/migrate.ts";

/** Databases on a server of one's own, for benches and chaos. */

export function at(url: string, database: string): string {
  const there = new URL(url);
  there.pathname = `/${database}`;
  return there.href;
}

/** Our schema and the queue's. */
export async function prepare(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url });
  await migrate(pool);
  const client = await pool.connect();
  await runMigrations(client, "bullmq");
  client.release();
  await pool.end();
}
