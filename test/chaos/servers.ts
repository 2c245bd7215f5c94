import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { spawnGuarded, type Guarded } from "../../src/local/guard.ts";
import { onDatabase } from "../support/server.ts";
import { openRedis, type TestRedis } from "../support/server.ts";
import { at, prepare } from "../support/own-database.ts";
import { makeHome } from "../support/home.ts";

/** The servers that a run stands on, and how they are taken away. */
export type Servers = {
  readonly redis: TestRedis;
  readonly postgresPort: number;
  /** A database with our schema in it; its URL. */
  database(): Promise<string>;
  /** kill -9 of the postmaster, and a new one on the same data. */
  killPostgres(): Promise<void>;
  close(): Promise<void>;
};

type Ready = { readonly url: string; readonly port: number; readonly movedTo?: string };

export async function openServers(): Promise<Servers> {
  const home = await makeHome("chaos");
  const dataDir = `${home}/postgres`;
  const [first, redis] = await Promise.all([startPostgres(dataDir), openRedis()]);
  let postgres = first;
  const { url, port, movedTo = dataDir } = first.ready;
  await prepare(at(url, "daytwo_template"));
  return {
    redis,
    postgresPort: port,
    async database() {
      const name = `chaos_${randomBytes(6).toString("hex")}`;
      await onDatabase(at(url, "postgres"), `create database ${name} template daytwo_template`);
      return at(url, name);
    },
    async killPostgres() {
      const [pid = ""] = (await readFile(`${movedTo}/cluster/postmaster.pid`, "utf8")).split("\n");
      process.kill(Number(pid), "SIGKILL");
      await postgres.gone;
      postgres = await again(() => startPostgres(dataDir, port));
    },
    async close() {
      await redis.stop();
      await postgres.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Without fsync a commit survives the death of every process, which is all that is taken away here, and costs little. */
function startPostgres(dataDir: string, port?: number): Promise<Guarded<Ready>> {
  return spawnGuarded<Ready>(new URL("../../src/local/postgres.ts", import.meta.url), {
    dataDir,
    databases: ["daytwo_template"],
    ...(port === undefined ? {} : { port }),
    settings: {
      fsync: "off",
      full_page_writes: "off",
      synchronous_commit: "on",
      track_commit_timestamp: "on",
      max_connections: 400,
    },
  });
}

/** Sessions of the killed server may hold its memory for a moment. */
async function again<T>(work: () => Promise<T>, tries = 120): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left <= 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
