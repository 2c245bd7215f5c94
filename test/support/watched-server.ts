import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Client } from "pg";
import { expect } from "vitest";
import { spawnGuarded } from "../../src/local/guard.ts";
import { putCluster } from "./cluster.ts";
import { makeHome } from "./home.ts";

/** A database server with room for few, that somebody else runs and Daytwo watches. */

const POSTGRES = new URL("../../src/local/postgres.ts", import.meta.url);
/** Of these, three are the superuser's. */
export const MAX_CONNECTIONS = 23;

export type WatchedServer = {
  readonly port: number;
  /** The superuser's address of the shop's database. */
  readonly superuser: string;
  /** A superuser's session, which counts as one of its clients. */
  readonly admin: Client;
  /** An address on it; the role with its password. */
  url(role?: string, database?: string): string;
  /** So many sessions of the shop, seen by the server. */
  connect(count: number, application: string): Promise<Client[]>;
  /** Ends all sessions of the shop. */
  leave(): Promise<void>;
  /** Waits until what an earlier test opened is gone from the server. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
};

export async function openWatchedServer(more: Readonly<Record<string, number>> = {}): Promise<WatchedServer> {
  const folder = await makeHome("postgres-check");
  await chmod(folder, 0o755);
  await putCluster(folder);
  const settings = { max_connections: MAX_CONNECTIONS, fsync: "off", ...more };
  const server = await spawnGuarded<{ url: string; port: number }>(POSTGRES, {
    dataDir: folder,
    databases: ["shop"],
    settings,
  });
  const admin = new Client({ connectionString: server.ready.url, application_name: "psql" });
  const opened: Client[] = [];
  await admin.connect();
  await admin.query(`create role daytwo login password 'hush-hush' in role pg_monitor`);
  await admin.query(`create role shop login password 'shop'`);
  await admin.query(`create role blind login password 'blind'`);
  function url(role = "daytwo:hush-hush", database = "shop"): string {
    return `postgres://${role}@127.0.0.1:${server.ready.port}/${database}`;
  }
  return {
    port: server.ready.port,
    superuser: server.ready.url,
    admin,
    url,
    async connect(count, application_name) {
      const clients = Array.from(
        { length: count },
        () => new Client({ connectionString: url("shop:shop"), application_name }),
      );
      opened.push(...clients);
      await Promise.all(clients.map((client) => client.connect()));
      return clients;
    },
    async leave() {
      await Promise.all(opened.splice(0).map((client) => client.end()));
    },
    async quiet() {
      await expect
        .poll(
          async () =>
            (await admin.query("select 1 from pg_stat_activity where usename in ('shop', 'daytwo', 'blind')")).rowCount,
        )
        .toBe(0);
    },
    async stop() {
      await admin.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const listening: { server: Server; sockets: Set<Socket> }[] = [];

/** Something at a port that is no PostgreSQL; its address. */
export async function pretend(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const each = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    answer(socket);
  });
  listening.push({ server: each, sockets });
  each.listen(0, "127.0.0.1");
  await once(each, "listening");
  return `postgres://daytwo:hush-hush@127.0.0.1:${(each.address() as AddressInfo).port}/shop`;
}

export async function stopPretending(): Promise<void> {
  for (const { server, sockets } of listening.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
