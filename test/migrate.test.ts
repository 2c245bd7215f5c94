import { readdir, readFile } from "node:fs/promises";
import type { Pool } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { applyWithin, makeSchema, migrate } from "../src/db/migrate.ts";
import { dumpSchema, SCHEMA_FILE } from "../src/db/write-schema.ts";
import { Invalid } from "../src/errors.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { daytwo, type Ended } from "./support/daytwo.ts";
import { openPool } from "./support/pool.ts";

/** The schema: what the migrations make, how they are applied, and whom they refuse. */

const FILES = (await readdir(new URL("../src/db/migrations/", import.meta.url))).toSorted();

let database: TestDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await cloneDatabase();
  pool = openPool(database.url, { options: "" });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

async function emptied(): Promise<void> {
  await pool.query("drop schema daytwo cascade");
  await pool.query("drop schema bullmq cascade");
}

test("schema.sql is what the migrations add up to; `npm run schema` writes it", async () => {
  expect(await dumpSchema(pool)).toBe(await readFile(SCHEMA_FILE, "utf8"));
});

test("the dump sees every kind of difference", async () => {
  const before = await dumpSchema(pool);
  const differences = [
    "alter table daytwo.outbox add column note text",
    "alter table daytwo.outbox alter column queue drop not null",
    "alter table daytwo.outbox alter column queue set default 'checks'",
    "alter table daytwo.outbox add constraint extra check (subject > 0)",
    "create index extra_index on daytwo.outbox (subject)",
    "create sequence daytwo.extra_sequence",
    "create function daytwo.extra() returns integer language sql as 'select 1'",
    "create trigger extra before update on daytwo.outbox for each row execute function daytwo.refuse_change()",
    "drop table daytwo.outbox",
  ];
  const seen = new Set([before]);
  for (const difference of differences) {
    await pool.query(difference);
    seen.add(await dumpSchema(pool));
  }
  expect(seen.size).toBe(1 + differences.length);
});

test("an empty database gets every migration once, in order; a second run finds nothing to do", async () => {
  await emptied();
  expect(await migrate(pool)).toEqual(FILES);
  expect(await migrate(pool)).toEqual([]);
  expect(await dumpSchema(pool)).toBe(await readFile(SCHEMA_FILE, "utf8"));
});

test("two processes that start together migrate once", async () => {
  await emptied();
  const said = await Promise.all([migrateCommand(), migrateCommand()]);
  expect(said.map(({ stdout }) => stdout).toSorted()).toEqual([
    `Applied ${FILES.join(", ")}.\n`,
    "The schema is up to date.\n",
  ]);
  expect(await dumpSchema(pool)).toBe(await readFile(SCHEMA_FILE, "utf8"));
});

test("a database with only other people's tables is refused until somebody says that it is meant", async () => {
  await emptied();
  await pool.query("create table invoices (id integer); create table customers (id integer)");
  await expect(migrate(pool)).rejects.toThrow("This database holds 2 tables and none of them is Daytwo's.");
  expect(await migrateCommand()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("npx daytwo migrate --here") as string,
  });
  const { rows } = await pool.query("select to_regnamespace('daytwo') as ours");
  expect(rows).toEqual([{ ours: null }]);

  expect(await migrateCommand("--here")).toMatchObject({ code: 0, stdout: `Applied ${FILES.join(", ")}.\n` });
  expect(await migrate(pool)).toEqual([]); // once said is said
});

test("what a newer release only added stops nobody: this one starts, and brings what is its own", async () => {
  await emptied();
  const [last = "", ...before] = FILES.toReversed();
  const client = await pool.connect();
  await client.query("begin");
  await makeSchema(client);
  for (const file of before.toReversed()) await applyWithin(client, file);
  await client.query("alter table items add column mood text not null default 'calm'");
  await client.query("commit");
  client.release();
  await pool.query("insert into daytwo.migrations (name) values ('9999_from_the_future.sql')");
  expect(await migrate(pool)).toEqual([last]);
  expect((await migrateCommand()).stdout).toBe("The schema is up to date.\n");
});

test("a schema that this release cannot work on is refused, and what it takes is named", async () => {
  for (const [name, min] of [
    ["9998_future.sql", null],
    ["9999_far_future.sql", "9.10.0"],
    ["9999_future.sql", "9.9.0"],
    ["9999_past.sql", "0.0.1"],
  ])
    await pool.query("insert into daytwo.migrations (name, min_release) values ($1, $2)", [name, min]);
  const refused = await migrate(pool).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Invalid);
  expect((refused as Invalid).message).toContain("9999_far_future.sql");
  expect((refused as Invalid).message).toContain("it takes 9.10.0 or newer");
  expect((refused as Invalid).hint).toContain("Start that release");
});

test("nobody is left waiting for the lock after a refusal", async () => {
  await pool.query("insert into daytwo.migrations (name, min_release) values ('9999_from_the_future.sql', '99.0.0')");
  await expect(migrate(pool)).rejects.toThrow(Invalid);
  await pool.query("delete from daytwo.migrations where name like '9999%'");
  const other = openPool(database.url, { options: "" });
  other.on("error", () => undefined);
  expect(await migrate(other)).toEqual([]);
  await other.end();
});

test.each([
  ["update", "update daytwo.events set kind = 'nothing'"],
  ["delete", "delete from daytwo.events"],
  ["truncate", "truncate daytwo.events"],
])("events refuse %s", async (_verb, statement) => {
  await pool.query("insert into daytwo.events (at, kind, surface) values (now(), 'item.opened', 'bot')");
  await expect(pool.query(statement)).rejects.toThrow("events are append-only");
  const { rows } = await pool.query("select kind from daytwo.events");
  expect(rows).toEqual([{ kind: "item.opened" }]);
});

function migrateCommand(...words: string[]): Promise<Ended> {
  return daytwo(["migrate", ...words], { env: { DATABASE_URL: database.url } });
}
