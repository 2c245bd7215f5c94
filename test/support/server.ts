import { spawn } from "node:child_process";
import { once } from "node:events";
import { Client } from "pg";
import { freePort } from "./free-port.ts";
import { pathOf, whyWithout } from "./real-programs.ts";

/** What happens to the servers that the bot stands on: they go away, forget, and come back. */

/** One statement on a connection of its own; its rows. */
export async function onDatabase(url: string, statement: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined); // the server may end the session once the statement is through
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

/** Runs a statement that locks rows and holds them; the returned function lets go. */
export async function holdRows(url: string, statement: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined); // the server may be taken away meanwhile
  await client.connect();
  await client.query("begin");
  await client.query(statement);
  return () => client.end();
}

/** Ends every connection to the database and refuses new ones; the returned function lets them in again. */
export async function takeAway(url: string): Promise<() => Promise<void>> {
  const name = new URL(url).pathname.slice(1);
  const server = new URL(url);
  server.pathname = "/postgres";
  await onDatabase(server.href, `alter database ${name} allow_connections false`);
  await onDatabase(server.href, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  return async () => void (await onDatabase(server.href, `alter database ${name} allow_connections true`));
}

/**
 * From here on whoever connects finds a server that takes no changes, as one that stands by since a failover. Once it takes
 * them again, connections that were made meanwhile still do not.
 */
export async function standsBy(url: string): Promise<() => Promise<void>> {
  const name = new URL(url).pathname.slice(1);
  const server = new URL(url);
  server.pathname = "/postgres";
  await onDatabase(server.href, `alter database ${name} set default_transaction_read_only = on`);
  await onDatabase(server.href, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  return async () => void (await onDatabase(server.href, `alter database ${name} reset default_transaction_read_only`));
}

export const whyNoRedis = whyWithout("redis-server");

/** A Redis of one's own, which forgets everything when it stops. */
export type TestRedis = { readonly url: string; start(): Promise<void>; stop(): Promise<void> };

export async function openRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const port = await freePort();
  let server: ReturnType<typeof launch> | null = null;
  async function start(): Promise<void> {
    server = launch(port, settings);
    for await (const chunk of server.stdout as AsyncIterable<Buffer>)
      if (chunk.toString().includes("Ready to accept connections")) break;
  }
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    async stop() {
      const stopping = server;
      server = null;
      if (stopping === null) return;
      stopping.kill("SIGKILL");
      await once(stopping, "exit");
    },
  };
}

function launch(port: number, more: readonly string[]) {
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  return spawn(pathOf("redis-server"), [...settings, ...more], { stdio: ["ignore", "pipe", "ignore"] });
}
