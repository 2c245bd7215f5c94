import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { runMigrations } from "bullmq";
import type { TestProject } from "vitest/node";
import { migrate } from "../../src/db/migrate.ts";
import { spawnGuarded } from "../../src/local/guard.ts";
import { copyCluster } from "./cluster.ts";
import { makeHome, memoryFolder } from "./home.ts";
import { openPool } from "./pool.ts";
import { whatIsMissing } from "./real-programs.ts";
import { openRedis, whyNoRedis } from "./server.ts";

/** One PostgreSQL and, where it is installed, one Redis for the whole run: real servers, private, gone at the end. */

const POSTGRES = new URL("../../src/local/postgres.ts", import.meta.url);

declare module "vitest" {
  export interface ProvidedContext {
    /** Server URL whose path is to be replaced; its database `template` holds our schema and the queue's. */
    postgres: string;
    /** A folder as the first start of a PostgreSQL server leaves it. */
    cluster: string;
    /** Null where no redis-server is installed. */
    redis: string | null;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const sentence of whatIsMissing()) process.stderr.write(`${sentence}: what needs it is skipped\n`);
  // A database is cloned for every bot that a test starts: a few hundred files each, of which none is to outlive the run.
  const folder = await makeHome("test", await memoryFolder(2 * 2 ** 30));
  const cluster = await makeCluster(join(folder, "cluster"));
  await mkdir(join(folder, "postgres"));
  await copyCluster(cluster, join(folder, "postgres"));
  const postgres = await spawnGuarded<{ url: string }>(POSTGRES, {
    dataDir: join(folder, "postgres"),
    databases: ["daytwo_template"],
    // The driver leaves a connection open whose password is missing, and until the server gives such a one up no database is dropped.
    settings: {
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      // What is planned once a session is not planned five times first: most sessions of a test end before that.
      plan_cache_mode: "force_generic_plan",
      jit: "off",
      autovacuum: "off",
      // A bot opens up to twenty of them, each of six workers may have two bots, and a test looks past them.
      max_connections: 300,
      // Others would do the reading, and be woken for each page of a new clone.
      io_method: "sync",
      max_wal_size: "128MB",
      authentication_timeout: "3s",
    },
  });
  await prepareTemplate(postgres.ready.url);
  const redis = whyNoRedis === "" ? await openRedis() : null;
  project.provide("cluster", cluster);
  project.provide("postgres", postgres.ready.url);
  project.provide("redis", redis?.url ?? null);
  return async () => {
    await redis?.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function makeCluster(dataDir: string): Promise<string> {
  const server = await spawnGuarded(POSTGRES, { dataDir, databases: [] });
  await server.stop();
  return dataDir;
}

async function prepareTemplate(url: string): Promise<void> {
  const pool = openPool(url, { options: "" });
  await migrate(pool);
  const client = await pool.connect();
  await runMigrations(client, "bullmq");
  // A bot opens twenty connections, and a third of what each costs it are the usual 4096 rounds for the password.
  await client.query("set scram_iterations = 1");
  await client.query(
    `alter role ${client.escapeIdentifier(client.user ?? "")} password ${client.escapeLiteral(new URL(url).password)}`,
  );
  client.release();
  await pool.end();
}
