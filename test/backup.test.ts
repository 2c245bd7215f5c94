import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import { Client, type Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool } from "../src/db/open.ts";
import { restoreBackup, verifyFile, type Source } from "../src/backup/restore.ts";
import { writeBackup } from "../src/backup/write.ts";
import { canonical } from "../src/domain/canonical.ts";
import { applyWithin, makeSchema, migrationFiles } from "../src/db/migrate.ts";
import { dumpSchema } from "../src/db/write-schema.ts";
import { openLog } from "../src/log.ts";
import { sealEvents, verify } from "../src/record.ts";
import { daytwo, type Ended } from "./support/daytwo.ts";
import { startBot, type TestBot } from "./support/bot.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openItem } from "./support/open.ts";
import { onDatabase } from "./support/server.ts";

/** A backup holds everything, goes back whole or not at all, and the bot goes on from there. */

const CATALOG = `people:\n  ana: { name: Ana, slack: U0ANA, role: operator }\n`;
const HARD = `quote ' " \\ \\. tab\t cr\r line\n\\.\n end \u{1f525} \\N ${"x".repeat(200_000)}`;

let folder: string;
let bot: TestBot;
let pool: Pool;
let bytes: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "daytwo-backup-"));
  bot = await startBot({ transport: "socket", queue: "postgres" }, { catalog: CATALOG });
  for (const words of ["the disk is nearly full", 'it\'s "odd" \\. here']) await openItem(bot, words);
  await bot.settle();
  pool = openPool(bot.database, openLog("silent"), "daytwo-backup");
  await pool.query(
    `insert into events (at, kind, person, surface, detail) values (now(), 'item.note', $1, 'card', jsonb_build_object('text', $1::text)), (now(), 'item.note', '\\.', 'card', '{}')`,
    [HARD],
  );
  await pool.query("insert into inbox (key, kind, body, received_at) values ($1, 'x', $2, now())", [
    HARD.slice(0, 40),
    { a: HARD },
  ]);
  while (await sealEvents({ db: pool, now: bot.now }));
  await pool.query("insert into events (at, kind, surface) values (now(), 'item.note', 'card')");
});
afterAll(async () => {
  await pool.end();
  await bot.close();
  await rm(folder, { recursive: true, force: true });
});

async function backedUp(from = pool): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeBackup(from, destination, { release: "0.1.0" });
  return Buffer.concat(chunks);
}

function sourceOf(file: Buffer): Source {
  return async function* pieces() {
    for (let at = 0; at < file.length; at += 1_000) yield file.subarray(at, at + 1_000);
  };
}

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await cloneDatabase();
  await onDatabase(database.url, "drop schema daytwo cascade");
  return database;
}

async function restored(url: string, file: Buffer) {
  const into = openPool(url, openLog("silent"), "daytwo-restore");
  try {
    return await restoreBackup(into, sourceOf(file), { here: false, instead: "Take another." });
  } finally {
    await into.end();
  }
}

/** Every row of every table, in an order that the rows themselves give, and where the sequences stand. */
async function everything(url: string): Promise<Record<string, string[]>> {
  const client = new Client({ connectionString: url, options: "-c search_path=daytwo" });
  await client.connect();
  const { rows: names } = await client.query<{ name: string; kind: string }>(
    "select relname as name, relkind as kind from pg_class where relnamespace = 'daytwo'::regnamespace and relkind in ('r', 'S') and relname <> 'migrations'",
  );
  const found: Record<string, string[]> = {};
  for (const { name, kind } of names) {
    const row = kind === "S" ? "jsonb_build_array(last_value, is_called)" : "to_jsonb(t)";
    const { rows } = await client.query<Record<string, unknown>>(`select ${row} as row from ${name} t`);
    found[name] = rows.map((each) => canonical(each)).toSorted();
  }
  await client.end();
  return found;
}

test("every row comes back, quotes, newlines and all", async () => {
  await bot.stop();
  bytes = await backedUp();
  const target = await emptyDatabase();
  const { log, leftOut, migrated } = await restored(target.url, bytes);
  expect(log).toMatchObject({ problem: null, behind: 1 });
  expect({ leftOut, migrated }).toEqual({ leftOut: [], migrated: [] });
  const before = await everything(bot.database);
  expect(await everything(target.url)).toEqual(before);
  expect(before["items"]).toHaveLength(2);
  const client = openPool(target.url, openLog("silent"));
  expect(await dumpSchema(client)).toBe(await dumpSchema(pool));
  await expect(client.query("delete from events")).rejects.toThrow("append-only");
  await client.end();
  await target.drop();
});

test("the bot goes on where it was: its items are there, and the next one has the next number", async () => {
  await onDatabase(bot.database, "drop schema daytwo cascade");
  await restored(bot.database, bytes);
  const again = await startBot({ transport: "socket", queue: "postgres" }, { beside: bot });
  await openItem(again, "the backup went back");
  await again.settle();
  expect(await onDatabase(bot.database, "select id::int, state from daytwo.items order by id")).toEqual(
    [1, 2, 3].map((id) => ({ id, state: "open" })),
  );
  await expect(backedUp()).resolves.toBeInstanceOf(Buffer); // beside the running bot
  await expect(restored(bot.database, bytes)).rejects.toThrow("A Daytwo runs on this database");
  while (await sealEvents({ db: pool, now: bot.now }));
  expect((await verify(pool)).problem).toBeNull();
  await again.stop();
});

test("1,000 cuts and flips are all refused", async () => {
  let state = 20_261_124;
  function random(below: number): number {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  }
  await expect(verifyFile(sourceOf(bytes))).resolves.toBeUndefined();
  for (let trial = 0; trial < 1_000; trial += 1) {
    const at = random(bytes.length);
    const wrong = trial % 2 === 0 ? bytes.subarray(0, at) : Buffer.from(bytes);
    if (trial % 2 === 1) wrong[at] = (wrong[at] ?? 0) ^ (1 << random(8));
    await expect(verifyFile(sourceOf(wrong)), `trial ${trial} at ${at}`).rejects.toThrow(
      /damaged or cut off|not a backup/,
    );
  }
  await expect(verifyFile(sourceOf(Buffer.concat([bytes, Buffer.from("\n")])))).rejects.toThrow("damaged");
  await expect(verifyFile(sourceOf(gzipSync("select 1;")))).rejects.toThrow("not a backup of Daytwo");
});

test("what has rows, runs, or is other people's is left as it was", async () => {
  const target = await cloneDatabase();
  await onDatabase(target.url, "insert into daytwo.pace values ('x', now())");
  await expect(restored(target.url, bytes)).rejects.toThrow("there are rows in pace");
  expect(await onDatabase(target.url, "select key from daytwo.pace")).toEqual([{ key: "x" }]);
  await onDatabase(target.url, "delete from daytwo.pace");
  const running = new Client({ connectionString: target.url, application_name: "daytwo" });
  running.on("error", () => undefined);
  await running.connect();
  await expect(restored(target.url, bytes)).rejects.toThrow("A Daytwo runs on this database");
  await running.end();
  await onDatabase(target.url, "drop schema daytwo cascade");
  await onDatabase(target.url, "create table public.invoices (id integer)");
  await expect(restored(target.url, bytes)).rejects.toThrow("none of them is Daytwo's");
  expect(await onDatabase(target.url, "select to_regnamespace('daytwo') as ours")).toEqual([{ ours: null }]);
  await target.drop();
});

test("a newer Daytwo's is refused, an older one's is brought up to now, and strange tables are named", async () => {
  const source = await cloneDatabase();
  const older = openPool(source.url, openLog("silent"), "daytwo-backup");
  await onDatabase(source.url, "create table daytwo.notes (id integer)");
  const target = await cloneDatabase();
  expect(await restored(target.url, await backedUp(older))).toMatchObject({ leftOut: ["notes"] });
  await onDatabase(source.url, "insert into daytwo.migrations (name) values ('9999_future.sql')");
  await expect(restored(target.url, await backedUp(older))).rejects.toThrow(
    "of a newer Daytwo (0.1.0, with 9999_future.sql)",
  );
  await older.end();
  await source.drop();

  // As it was before the items were counted.
  const before = await emptyDatabase();
  const former = openPool(before.url, openLog("silent"), "daytwo-backup");
  const client = await former.connect();
  await makeSchema(client);
  for (const file of (await migrationFiles()).filter((each) => each < "0008")) await applyWithin(client, file);
  client.release();
  await onDatabase(
    before.url,
    `insert into daytwo.items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at)
     values ('f', 'person', 'on-call', 'critical', 's', now(), now(), now())`,
  );
  const again = await restored(target.url, await backedUp(former));
  expect(again.migrated[0]).toBe("0008_item_counts.sql");
  expect(await onDatabase(target.url, "select sum(count)::int as count from daytwo.item_counts")).toEqual([
    { count: 1 },
  ]);
  await former.end();
  await before.drop();
  await target.drop();
});

test("a log that was changed before the backup comes back as it is, and restore says so", async () => {
  const source = await cloneDatabase();
  const from = openPool(source.url, openLog("silent"), "daytwo-backup");
  await from.query(
    "insert into events (at, kind, surface) select now(), 'item.note', 'card' from generate_series(1, 3)",
  );
  while (await sealEvents({ db: from, now: bot.now }));
  await from.query("alter table events disable trigger events_append_only");
  await from.query("update events set person = 'otto' where id = 2");
  await writeFile(join(folder, "changed.gz"), await backedUp(from));
  await from.end();
  const target = await emptyDatabase();
  const said = await command({ DATABASE_URL: target.url }, "restore", join(folder, "changed.gz"));
  expect(said).toMatchObject({ code: 1, stderr: "" });
  expect(said.stdout).toMatch(/^Restored from .* 3 events .*\nThe log was changed: event 2 or its seal 2 was changed/);
  expect(await onDatabase(target.url, "select count(*)::int as count from daytwo.events")).toEqual([{ count: 3 }]);
  await rm(join(folder, "changed.gz"));
  await source.drop();
  await target.drop();
});

test("as people run it: a file of its owner's alone, whole or not there", async () => {
  const file = join(folder, "kept.gz");
  const made = await command({ DATABASE_URL: bot.database }, "backup", file);
  expect(made.stdout).toMatch(
    /^The backup is .*kept\.gz: 3 items, 0 operations and \d+ events as of .*Z, head [0-9a-f]{12}\.\n$/,
  );
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["kept.gz"]);
  const target = await emptyDatabase();
  const back = await command({ DATABASE_URL: target.url }, "restore", file);
  expect(back).toMatchObject({ code: 0, stderr: "" });
  expect(back.stdout).toMatch(/^Restored from Daytwo 0\.1\.0: 3 items.*\nNothing was changed: /);
  expect(await command({ DATABASE_URL: target.url }, "restore", file)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^This database holds a Daytwo already: .*\nSet DATABASE_URL to an empty database/,
    ) as string,
  });
  await writeFile(join(folder, "cut.gz"), (await readFile(file)).subarray(0, 5_000));
  expect(await command({ DATABASE_URL: target.url }, "restore", join(folder, "cut.gz"))).toMatchObject({
    code: 1,
    stderr: "The backup is damaged or cut off.\nFetch it again, or take another one.\n",
  });
  expect(await command({ DATABASE_URL: target.url }, "backup", join(folder, "no", "x.gz"))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("there is no such folder") as string,
  });
  await target.drop();
});

test("a database that does not answer is one sentence, from every command", async () => {
  for (const args of [["backup"], ["migrate"], ["audit", "verify"]])
    expect(await command({ DATABASE_URL: "postgres://127.0.0.1:1/x" }, ...args)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The database cannot be used: connection refused\.\nCheck DATABASE_URL.*\n$/,
      ) as string,
    });
});

function command(env: Record<string, string>, ...words: string[]): Promise<Ended> {
  return daytwo(words, { env, cwd: folder });
}
