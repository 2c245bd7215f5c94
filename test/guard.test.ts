import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { spawnGuarded } from "../src/local/guard.ts";
import { commandOf } from "../src/local/processes.ts";
import { putCluster } from "./support/cluster.ts";
import { makeHome } from "./support/home.ts";
import { onDatabase } from "./support/server.ts";
import { until } from "./support/until.ts";

const POSTGRES = new URL("../src/local/postgres.ts", import.meta.url);
const asRoot = process.getuid?.() === 0;

type Ready = { url: string; port: number; movedTo?: string };

let home: string;
let started: { stop(this: void): Promise<void> }[];

beforeEach(async () => {
  home = await makeHome("guard");
  await chmod(home, 0o755);
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map((guarded) => guarded.stop()));
  await rm(home, { recursive: true, force: true });
});

async function startPostgres(dataDir: string, more: object = {}) {
  const guarded = await spawnGuarded<Ready>(POSTGRES, { dataDir, databases: ["daytwo"], ...more });
  started.push(guarded);
  return guarded;
}

async function postmasterPid(folder: string): Promise<number> {
  return Number.parseInt(await readFile(join(folder, "cluster/postmaster.pid"), "utf8"), 10);
}

test("a database starts, serves, keeps its data over a restart, and leaves nothing running", async () => {
  const first = await startPostgres(home);
  expect(await onDatabase(first.ready.url, "show fsync")).toEqual([{ fsync: "on" }]);
  expect(await onDatabase(first.ready.url, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  expect(await onDatabase(first.ready.url, "show max_connections")).toEqual([{ max_connections: "200" }]);
  expect(await onDatabase(first.ready.url, "show server_encoding")).toEqual([{ server_encoding: "UTF8" }]);
  expect((await stat(join(home, "password"))).mode & 0o777).toBe(0o600);
  await onDatabase(first.ready.url, "create table kept as select 7 as n");
  const postmaster = await postmasterPid(home);
  await first.stop();
  expect(commandOf(first.pid)).toBeUndefined();
  expect(commandOf(postmaster)).toBeUndefined();

  const second = await startPostgres(home, { databases: ["daytwo", "other"], settings: { max_connections: 33 } });
  expect(await onDatabase(second.ready.url, "select n from kept")).toEqual([{ n: 7 }]);
  expect(await onDatabase(second.ready.url.replace("/daytwo", "/other"), "show max_connections")).toEqual([
    { max_connections: "33" },
  ]);
});

test("a second start on a folder in use says who uses it", async () => {
  await putCluster(home);
  const first = await startPostgres(home);
  await expect(startPostgres(home)).rejects.toThrow(
    `${home} is in use by process ${first.pid}. Stop that one first, or choose another folder.`,
  );
  expect(await onDatabase(first.ready.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a port that was asked for and is busy is an error, and the folder is free again", async () => {
  await putCluster(home);
  const busy = createServer().listen(0, "127.0.0.1");
  await once(busy, "listening");
  const { port } = busy.address() as AddressInfo;
  await expect(startPostgres(home, { port })).rejects.toThrow(/Address already in use/);
  busy.close();
  expect((await startPostgres(home, { port })).ready.port).toBe(port);
});

test("when the parent is killed, guard and server stop", async () => {
  await putCluster(join(home, "data"));
  const script = join(home, "parent.ts");
  await writeFile(
    script,
    `import { spawnGuarded } from ${JSON.stringify(new URL("../src/local/guard.ts", import.meta.url).href)};
     const guarded = await spawnGuarded(${JSON.stringify(POSTGRES.pathname)}, { dataDir: ${JSON.stringify(join(home, "data"))}, databases: ["daytwo"] });
     console.log(guarded.pid);`,
  );
  const parent = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  const guard = Number(line);
  const postmaster = await postmasterPid(join(home, "data"));
  expect(commandOf(postmaster)).toContain("postgres");
  parent.kill("SIGKILL");
  await until("both to be gone", () => commandOf(guard) === undefined && commandOf(postmaster) === undefined);
  // The next start finds a folder that was left in order.
  await startPostgres(join(home, "data"));
});

test("a server that outlived its killed guard is ended by the next start, and nothing is lost", async () => {
  await putCluster(home);
  const first = await startPostgres(home);
  await onDatabase(first.ready.url, "create table kept as select 7 as n");
  const postmaster = await postmasterPid(home);
  process.kill(first.pid, "SIGKILL");
  await first.gone;
  expect(commandOf(postmaster)).toContain("postgres");

  const second = await startPostgres(home);
  expect(await onDatabase(second.ready.url, "select n from kept")).toEqual([{ n: 7 }]);
  expect(commandOf(postmaster)).toBeUndefined();
});

test("a pid file that names somebody else's process, and a first start that was interrupted, are no obstacles", async () => {
  await mkdir(join(home, "cluster.new"));
  await writeFile(join(home, "cluster.new/PG_VERSION"), "half");
  await (await startPostgres(home)).stop();
  await writeFile(join(home, "cluster/postmaster.pid"), `${process.pid}\n`);
  await startPostgres(home);
  expect(commandOf(process.pid)).toBeDefined();
});

test("data of another PostgreSQL version is left alone", async () => {
  await putCluster(home);
  await writeFile(join(home, "cluster/PG_VERSION"), "11\n");
  await expect(startPostgres(home)).rejects.toThrow(/was made by PostgreSQL 11, this is PostgreSQL 18/);
});

test.runIf(asRoot)(
  "for root, data under a folder closed to others moves to where the server can reach it",
  async () => {
    const closed = join(home, "closed");
    await mkdir(closed, { mode: 0o700 });
    const { ready, stop } = await startPostgres(join(closed, "data"));
    const moved = ready.movedTo ?? "";
    try {
      expect(moved).toMatch(/^\/var\/lib\/daytwo\/[0-9a-f]{12}$/);
      await onDatabase(ready.url, "create table kept as select 7 as n");
      await stop();
      const again = await startPostgres(join(closed, "data"));
      expect(again.ready.movedTo).toBe(moved);
      expect(await onDatabase(again.ready.url, "select n from kept")).toEqual([{ n: 7 }]);
      await again.stop();
    } finally {
      await rm(moved, { recursive: true, force: true });
    }
  },
);

test("a module that cannot start is quoted, and one that only crashes shows its last words", async () => {
  const crash = join(home, "crash.ts");
  await writeFile(crash, `throw new Error("no luck today");`);
  await expect(spawnGuarded(crash, {})).rejects.toThrow(/ended before it was ready[\s\S]*no luck today/);
  const silent = join(home, "silent.ts");
  await writeFile(silent, `setInterval(() => {}, 1000);`);
  await expect(spawnGuarded(silent, {}, { startWithin: 300, stopWithin: 100 })).rejects.toThrow(
    "did not start within 0.3 s",
  );
});
