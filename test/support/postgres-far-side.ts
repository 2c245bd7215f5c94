import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";
import type { Target } from "../../src/domain/catalog.ts";
import { postgres } from "../../src/providers/postgres/index.ts";
import type { Provider } from "../../src/providers/provider.ts";
import type { FarSide } from "./far-side.ts";
import { freePort } from "./free-port.ts";
import { openPostgresProxy } from "./postgres-proxy.ts";
import { onDatabase } from "./server.ts";

/** A database of one's own on the run's server, with a role that can do what Daytwo needs, and one of an application. */
type Place = { readonly server: URL; readonly database: string; url(role: string, port?: number): string };

const PASSWORD = "a-word-nobody-knows";
let made: Promise<Place> | undefined;

async function makePlace(): Promise<Place> {
  const server = new URL(inject("postgres"));
  const database = `far_${randomBytes(6).toString("hex")}`;
  const on = new URL(server);
  on.pathname = "/postgres";
  await onDatabase(on.href, `create database ${database}`);
  await onDatabase(
    on.href,
    `set scram_iterations = 1; create role ${database} login password '${PASSWORD}' in role pg_monitor, pg_signal_backend;
     create role ${database}_shop login password '${PASSWORD}'`,
  );
  function url(role: string, port = Number(server.port)): string {
    return `postgres://${role}:${PASSWORD}@${server.hostname}:${port}/${database}`;
  }
  return { server, database, url };
}

type Somebody = { readonly client: Client; readonly pid: number };

/** An application's session, with its transaction open or not. */
async function connect(url: string, application_name: string, begins: boolean): Promise<Somebody> {
  const client = new Client({ connectionString: url, application_name });
  client.on("error", () => undefined); // it is to be ended
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  if (begins) await client.query("begin");
  return { client, pid: rows[0]?.pid ?? 0 };
}

/** A database with two sessions in the way, as the suite for every provider has it. */
export async function openPostgresFarSide(): Promise<FarSide> {
  const { server, database, url } = await (made ??= makePlace());
  const proxy = await openPostgresProxy({ host: server.hostname, port: Number(server.port) });
  const shop = url(`${database}_shop`);
  const [web, report, other] = await Promise.all([
    connect(shop, "web v142", true),
    connect(shop, "report", true),
    connect(shop, "worker", false),
  ]);
  const right = url(database, proxy.port);
  const urls = {
    FAR_DATABASE: right,
    FAR_NOWHERE: url(database, await freePort()),
    FAR_MISSING: right.replace(/\/[^/]*$/, "/nothing"),
    FAR_STRANGER: right.replace(PASSWORD, "another-word"),
  };
  Object.assign(process.env, urls);
  let isStopped = false;
  let moving: Promise<unknown> = Promise.resolve();

  function target(env: string): Target {
    const settings = { url: { env }, long_transaction: "0s" };
    return { key: "shop/db", service: "shop", name: "db", provider: "postgres", settings };
  }
  function stop(): void {
    isStopped = true;
    process.kill(web.pid, "SIGSTOP");
  }
  function goOn(): void {
    if (isStopped) process.kill(web.pid, "SIGCONT");
    isStopped = false;
  }
  return {
    provider: after(() => moving),
    target: target("FAR_DATABASE"),
    wrong: {
      nowhere: target("FAR_NOWHERE"),
      missing: target("FAR_MISSING"),
      stranger: target("FAR_STRANGER"),
      unarmed: target("NO_SUCH_DATABASE"),
    },
    change: { action: "end", arguments: { session: String(web.pid) } },
    other: { action: "end", arguments: { session: String(report.pid) } },
    nonsense: { action: "end", arguments: { session: "1" }, possible: /\d+ \(web v142, idle in transaction\)/ },
    secrets: [PASSWORD, "another-word"],
    changes: (ending) => proxy.changes(ending),
    looks: (ending) => proxy.looks(ending),
    isHolding: () => proxy.isHolding(),
    release: () => proxy.release(),
    moves: () => void (moving = other.client.query("begin")),
    // Its process is told, and cannot hear it.
    takesLong: stop,
    finishes: goOn,
    fails: stop,
    effects: () => proxy.told(),
    async close() {
      goOn();
      await proxy.close();
      await Promise.all([web, report, other].map(({ client }) => client.end().catch(() => undefined)));
      for (const name of Object.keys(urls)) delete process.env[name];
    },
  };
}

/** The provider, that looks and acts only once something is through. */
function after(through: () => Promise<unknown>): Provider {
  return {
    ...postgres,
    observe: async (...given) => through().then(() => postgres.observe(...given)),
    apply: async (...given) => through().then(() => postgres.apply(...given)),
    verify: async (...given) => through().then(() => postgres.verify(...given)),
  };
}
