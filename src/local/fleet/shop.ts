import { createServer } from "node:http";
import { Client, Pool } from "pg";
import { runGuarded } from "../guard.ts";
import { openDebugLog } from "./debug-log.ts";
import { listenNear } from "../ports.ts";

/** One process of the demo web shop. The release decides how it behaves: v142 is the bad one. */

type Options = {
  readonly process: string;
  readonly release: string;
  readonly databaseUrl: string;
  readonly logs: string;
};

type Behaviour = {
  /** The share of page requests that fail. */
  readonly failing: number;
  /** How many connections all its processes together forget in the middle of a transaction. */
  readonly forgotten: number;
};

const WELL: Behaviour = { failing: 0, forgotten: 0 };
const RELEASES: Readonly<Record<string, Behaviour>> = {
  v140: WELL,
  v141: WELL,
  v142: { failing: 0.38, forgotten: 61 },
};

const ORDERS_KEPT = 1_000;

runGuarded(async (options: Options) => {
  const behaviour = RELEASES[options.release];
  if (behaviour === undefined) throw new Error(`There is no build of shop ${options.release}.`);
  const name = `shop ${options.process} ${options.release}`;
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: 3,
    application_name: name,
    connectionTimeoutMillis: 3_000,
  });
  pool.on("error", () => {}); // The pool replaces a connection that the database closed; /healthz tells when it cannot.
  const stops = [
    await serve(pool, behaviour),
    options.process === "worker"
      ? ship(pool, options.logs)
      : forgetConnections(options.databaseUrl, name, behaviour.forgotten),
  ];
  return {
    ready: { port: stops[0]?.port },
    async close() {
      await Promise.all(stops.map((part) => part.stop()));
    },
  };
});

type Part = { readonly port?: number; stop(): Promise<void> };

async function serve(pool: Pool, behaviour: Behaviour): Promise<Part> {
  let requests = 0;
  const server = createServer((request, response) => {
    response.setHeader("served-by", process.pid);
    answer(request.method ?? "GET", request.url ?? "/").then(
      ([status, body]) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  async function answer(method: string, path: string): Promise<[status: number, body: unknown]> {
    if (path === "/healthz") return [200, (await pool.query("select true as well")).rows];
    requests += 1;
    // Spread evenly, so that any hundred requests in a row hold the whole share.
    const fails = Math.floor(requests * behaviour.failing) > Math.floor((requests - 1) * behaviour.failing);
    if (fails) return [500, { error: "Checkout is not defined." }];
    if (method === "POST")
      return [201, (await pool.query("insert into orders (amount) values (9.90) returning id")).rows];
    const { rows } = await pool.query(
      "select id, amount, ordered_at, shipped_at from orders order by id desc limit 20",
    );
    return [200, { shop: "open", orders: rows }];
  }
  return {
    port: await listenNear(server, 0),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The worker's job: orders are shipped, old ones go, and a debug log was left switched on. */
function ship(pool: Pool, logs: string): Part {
  const debugLog = openDebugLog(logs);
  const timer = setInterval(() => {
    pool
      .query(
        "with shipped as (update orders set shipped_at = now() where shipped_at is null returning id) select max(id) as newest from shipped",
      )
      .then(() => pool.query("delete from orders where id <= (select max(id) from orders) - $1", [ORDERS_KEPT]))
      .catch((error: unknown) => process.stderr.write(`shop worker: ${String(error)}\n`));
  }, 1_000);
  return {
    async stop() {
      clearInterval(timer);
      debugLog.stop();
    },
  };
}

/** What makes v142 bad for its neighbours: it opens transactions and never comes back to them. */
function forgetConnections(databaseUrl: string, name: string, most: number): Part {
  const forgotten = new Set<Client>();
  const timer = setInterval(() => {
    if (most > 0) void forgetOne().catch(() => {}); // A database that is full has nothing left to forget.
  }, 250);
  async function forgetOne(): Promise<void> {
    const client = new Client({
      connectionString: databaseUrl,
      application_name: name,
      connectionTimeoutMillis: 2_000,
    });
    client.on("error", () => forgotten.delete(client));
    await client.connect();
    await client.query("begin");
    const { rows } = await client.query<{ open: number }>(
      "select count(*)::int as open from pg_stat_activity where application_name = $1 and (state like 'idle in transaction%' or pid = pg_backend_pid())",
      [name],
    );
    if ((rows[0]?.open ?? 0) > most) await client.end();
    else forgotten.add(client);
  }
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all([...forgotten].map((client) => client.end().catch(() => {})));
    },
  };
}
