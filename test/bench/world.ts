import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Pool } from "pg";
import { spawnGuarded } from "../../src/local/guard.ts";
import { makeHome } from "../support/home.ts";
import { at, prepare } from "../support/own-database.ts";
import { freePort } from "../support/free-port.ts";

/** Private servers for one run, with the durability that they have in production; gone at the end. */
export type World = {
  readonly postgres: { readonly pid: number; readonly version: string };
  readonly redis: { readonly pid: number; readonly url: string; readonly version: string };
  /** A database with our schema in it; its URL. */
  database(): Promise<string>;
  /** Runs before the servers stop. */
  atEnd(work: () => Promise<unknown>): void;
  /** Empties Redis. */
  forget(): Promise<void>;
  close(): Promise<void>;
};

/** @throws Error when no redis-server is installed */
export async function openWorld(): Promise<World> {
  const home = await makeHome("bench");
  const postgres = await spawnGuarded<{ url: string }>(new URL("../../src/local/postgres.ts", import.meta.url), {
    dataDir: `${home}/postgres`,
    databases: ["daytwo_template"],
    settings: { shared_buffers: "1GB", synchronous_commit: "on" },
  });
  const redis = await startRedis(home);
  const admin = new Pool({ connectionString: at(postgres.ready.url, "postgres"), max: 1 });
  await prepare(at(postgres.ready.url, "daytwo_template"));
  const last: (() => Promise<unknown>)[] = [];
  const { rows } = await admin.query<{ version: string }>("select current_setting('server_version') as version");
  return {
    postgres: { pid: postgres.pid, version: rows[0]?.version ?? "" },
    redis,
    async database() {
      const name = `bench_${randomBytes(6).toString("hex")}`;
      await admin.query(`create database ${name} template daytwo_template`);
      return at(postgres.ready.url, name);
    },
    atEnd: (work) => void last.push(work),
    forget: () => redis.forget(),
    async close() {
      for (const work of [...last, () => admin.end()]) await work();
      await redis.stop();
      await postgres.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function startRedis(folder: string) {
  const port = await freePort();
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const durable = ["--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"];
  const server = spawn("redis-server", [...settings, ...durable], { stdio: ["ignore", "pipe", "ignore"] });
  const missing = once(server, "error").then(() => {
    throw new Error(
      "redis-server is not installed, and most of these figures are about it (apt-get install redis-server)",
    );
  });
  const version = await Promise.race([missing, readyVersion(server.stdout)]);
  server.stdout.resume();
  const url = `redis://127.0.0.1:${port}`;
  return {
    pid: server.pid ?? 0,
    url,
    version,
    async forget() {
      const { Redis } = await import("ioredis");
      const redis = new Redis(url);
      await redis.flushall();
      await redis.quit();
    },
    async stop() {
      server.kill("SIGTERM");
      await once(server, "exit");
    },
  };
}

async function readyVersion(stdout: AsyncIterable<Buffer>): Promise<string> {
  let said = "";
  for await (const chunk of stdout) {
    said += chunk.toString();
    if (said.includes("Ready to accept connections")) break;
  }
  return /Redis version=(\S+),/.exec(said)?.[1] ?? "";
}
