import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";
import { pathOf } from "./real-programs.ts";
import { until } from "./until.ts";

/** Redis as large installations run it: a cluster, and a primary with its replica that a sentinel watches. */

const PRIMARIES = 3;
const SLOTS = 16_384;

export type RedisServers = {
  readonly url: string;
  /** Of the servers that hold the data. */
  readonly ports: readonly number[];
  /** Ports of the sentinels. */
  readonly watchers: readonly number[];
  /** Ends one of them at once. */
  kill(port: number): Promise<void>;
  /** Starts one again that was ended; it has forgotten what it held. */
  revive(port: number): Promise<void>;
  close(): Promise<void>;
};

/** One server. */
export async function openAlone(): Promise<RedisServers> {
  const servers = await openServers();
  const port = await servers.start([]);
  return { ...servers, ports: [port], watchers: [], url: `redis://127.0.0.1:${port}` };
}

/** Three primaries without replicas, which serve all slots. */
export async function openCluster(): Promise<RedisServers> {
  const servers = await openServers();
  const nodes: { port: number; bus: number }[] = [];
  for (let made = 0; made < PRIMARIES; made += 1) {
    const bus = await freePort();
    const settings = ["--cluster-enabled", "yes", "--cluster-port", `${bus}`, "--cluster-node-timeout", "2000"];
    nodes.push({ port: await servers.start([...settings, "--cluster-config-file", `nodes-${made}.conf`]), bus });
  }
  const ports = nodes.map(({ port }) => port);
  for (const [index, { port, bus }] of nodes.entries()) {
    const [from = 0, to = 0] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / PRIMARIES));
    await ask(port, "cluster", "addslotsrange", from, to - 1);
    if (index > 0) await ask(ports[0] ?? 0, "cluster", "meet", "127.0.0.1", port, bus);
  }
  for (const port of ports)
    await until("the cluster to be whole", async () => {
      const info = String(await ask(port, "cluster", "info"));
      return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${PRIMARIES}`);
    });
  return {
    ...servers,
    ports,
    watchers: [],
    url: `redis-cluster://${ports.map((port) => `127.0.0.1:${port}`).join(",")}`,
  };
}

/** A primary, a replica that has all of it, and a sentinel that knows them as `daytwo-main`. */
export async function openSentinel(): Promise<RedisServers> {
  const servers = await openServers();
  const primary = await servers.start(["--repl-diskless-sync-delay", "0"]);
  const replica = await servers.start(["--replicaof", "127.0.0.1", `${primary}`]);
  await until("the replica to have all", async () =>
    String(await ask(replica, "info", "replication")).includes("master_link_status:up"),
  );
  const sentinel = await servers.startSentinel(primary);
  await until("the sentinel to know the replica", async () => {
    const replicas = await ask(sentinel, "sentinel", "replicas", "daytwo-main");
    return Array.isArray(replicas) && replicas.length === 1;
  });
  return {
    ...servers,
    ports: [primary, replica],
    watchers: [sentinel],
    url: `redis-sentinel://127.0.0.1:${sentinel}/daytwo-main`,
  };
}

async function openServers() {
  const folder = await mkdtemp(join(tmpdir(), "daytwo-redis-"));
  const running = new Map<number, ChildProcess>();
  const launched = new Map<number, { args: readonly string[]; ready: string }>();
  async function launch(port: number, args: readonly string[], ready: string): Promise<number> {
    launched.set(port, { args, ready });
    const server = spawn(pathOf("redis-server"), args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
    running.set(port, server);
    for await (const chunk of server.stdout as AsyncIterable<Buffer>) if (chunk.toString().includes(ready)) return port;
    throw new Error("redis-server ended before it was ready");
  }
  async function end(port: number): Promise<void> {
    const server = running.get(port);
    if (server === undefined || !running.delete(port)) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  }
  return {
    async start(settings: readonly string[]): Promise<number> {
      const port = await freePort();
      const base = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
      return launch(port, [...base, ...settings], "Ready to accept connections");
    },
    async startSentinel(primary: number): Promise<number> {
      const port = await freePort();
      const file = join(folder, "sentinel.conf");
      const watched = [
        `port ${port}`,
        "bind 127.0.0.1",
        `sentinel monitor daytwo-main 127.0.0.1 ${primary} 1`,
        "sentinel down-after-milliseconds daytwo-main 1000",
        "sentinel failover-timeout daytwo-main 3000",
      ];
      await writeFile(file, watched.join("\n"));
      return launch(port, [file, "--sentinel"], "+monitor master daytwo-main");
    },
    kill: end,
    async revive(port: number): Promise<void> {
      const { args, ready } = launched.get(port) ?? { args: [], ready: "" };
      await launch(port, args, ready);
    },
    async close(): Promise<void> {
      await Promise.all([...running.keys()].map(end));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One command on a connection of its own. */
export async function ask(port: number, name: string, ...args: (string | number)[]): Promise<unknown> {
  const redis = new Redis({ port, host: "127.0.0.1", lazyConnect: true, enableReadyCheck: false, protocol: 2 });
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
}
