import { randomBytes } from "node:crypto";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { openPool } from "../src/db/open.ts";
import { botRoleName, examineBotRole, prepareBotRole, worksAs } from "../src/db/bot-role.ts";
import { migrate } from "../src/db/migrate.ts";
import { openLog } from "../src/log.ts";
import { sealEvents, verify } from "../src/record.ts";
import { ownedDatabase, type TestDatabase } from "./support/database.ts";
import { close, open, openItem, type Open } from "./support/open.ts";
import { onDatabase } from "./support/server.ts";

/** The bot's own role: whatever its SQL says, the log can only be read and added to. */

const LOG = openLog("silent");

/** All that would undo the log, and in what words it is refused. */
const FORBIDDEN: readonly (readonly [statement: string, refusal: string])[] = ["events", "event_seals"].flatMap(
  (table) => [
    [`update ${table} set ${table === "events" ? "kind" : "hash"} = ''`, `permission denied for table ${table}`],
    [`delete from ${table}`, `permission denied for table ${table}`],
    [`truncate ${table}`, `permission denied for table ${table}`],
    [`truncate ${table} cascade`, `permission denied for table ${table}`],
    [`alter table ${table} disable trigger all`, `must be owner of table ${table}`],
    [`alter table ${table} disable trigger ${table}_append_only`, `must be owner of table ${table}`],
    [`drop trigger ${table}_append_only on ${table}`, `must be owner of`],
    [`drop table ${table}`, `must be owner of table ${table}`],
  ],
);
const FORBIDDEN_TOO: readonly (readonly [statement: string, refusal: string])[] = [
  ["create or replace function refuse_change() returns trigger language sql as 'select 1'", "permission denied"],
  ["drop function refuse_change() cascade", "must be owner of function"],
  ["drop schema daytwo cascade", "must be owner of schema"],
  ["create table more (id integer)", "permission denied for schema"],
  ["insert into migrations (name) values ('9999.sql')", "permission denied for table migrations"],
  ["set session_replication_role = replica", "permission denied to set parameter"],
];

test("the name is that of one database and owner, and fits", () => {
  const name = botRoleName("d".repeat(63), "o".repeat(63));
  expect(name).toMatch(/^daytwo_bot_[0-9a-f]{16}$/);
  expect(botRoleName("a", "bc")).not.toBe(botRoleName("ab", "c"));
});

describe("a running bot", () => {
  let opened: Open;
  beforeAll(async () => {
    opened = await open("socket");
  });
  afterAll(() => close(opened));

  test("works as the role, and is refused all that would undo the log", async () => {
    const { db } = opened.bot.bot.app;
    await openItem(opened.bot, "the disk is nearly full");
    await opened.bot.settle();
    while (await sealEvents({ db, now: opened.bot.now }));
    expect(await notRefused(db, [...FORBIDDEN, ...FORBIDDEN_TOO])).toEqual([]);
    await db.query("reset role"); // the role is the connection's own, not something laid over it
    await expect(db.query("delete from events")).rejects.toThrow("permission denied");
    expect(await verify(opened.pool)).toMatchObject({ behind: 0, problem: null });
  });

  test("goes on beside the next release, which makes tables that this one's triggers write to", async () => {
    const { db } = opened.bot.bot.app;
    await opened.pool.query("create table noted (id bigint generated always as identity, event bigint not null)");
    await opened.pool.query("create sequence notes");
    await db.query("insert into noted (event) values (nextval('notes'))");
    await db.query("update noted set event = 2");
    expect((await db.query("delete from noted")).rowCount).toBe(1);
  });
});

describe("where roles may not be made", () => {
  const owner = `plain_${randomBytes(6).toString("hex")}`;
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await ownedDatabase(owner);
    pool = openPool(database.url, LOG, "daytwo-migrate");
    await migrate(pool);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  test("the bot goes on as the owner, and the triggers alone keep the log", async () => {
    expect(await prepareBotRole(pool, LOG)).toBeNull();
    expect(await examineBotRole(pool)).toMatchObject({ owner, known: false, mayCreate: false, taken: false });
    await pool.query("insert into events (at, kind, surface) values (now(), 'item.note', 'card')");
    await expect(pool.query("delete from events")).rejects.toThrow("events are append-only");
  });

  test("somebody who may makes the role, and the next start takes it", async () => {
    const { name } = await examineBotRole(pool);
    await onServer(`create role ${name} nologin`);
    expect(await prepareBotRole(pool, LOG)).toBe(name);
    const refused = openPool(database.url, LOG, "daytwo", name);
    expect(await worksAs(refused, name, LOG)).toBe(false); // it is there, and not ours to take
    await refused.end();
    expect(await examineBotRole(pool)).toMatchObject({ known: true, taken: false });
    await onServer(`grant ${name} to ${owner}`);
    const bot = openPool(database.url, LOG, "daytwo", await prepareBotRole(pool, LOG).then(String));
    expect(await worksAs(bot, name, LOG)).toBe(true);
    expect(await notRefused(bot, FORBIDDEN)).toEqual([]);
    await bot.end();
  });
});

describe("an owner that may make roles, and is no superuser", () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await ownedDatabase(`maker_${randomBytes(6).toString("hex")}`, "createrole");
    pool = openPool(database.url, LOG, "daytwo-migrate");
    await migrate(pool);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  test("makes it once, from however many processes", async () => {
    const [one, other] = await Promise.all([prepareBotRole(pool, LOG), prepareBotRole(pool, LOG)]);
    expect(one).toMatch(/^daytwo_bot_/);
    expect(other).toBe(one);
    expect(await examineBotRole(pool)).toMatchObject({ name: one, known: true, taken: true, changes: [] });
  });

  test("what somebody granted to it beyond that is told, and taken back at the next start", async () => {
    const { name } = await examineBotRole(pool);
    await pool.query(`grant update, truncate on events to ${name}; grant delete on event_seals to ${name}`);
    expect(await examineBotRole(pool)).toMatchObject({
      changes: ["delete event_seals", "truncate events", "update events"],
    });
    await prepareBotRole(pool, LOG);
    expect(await examineBotRole(pool)).toMatchObject({ changes: [] });
  });

  test("a schema that was dropped and comes back is the role's again", async () => {
    await pool.query("drop schema daytwo cascade");
    await migrate(pool);
    const name = String(await prepareBotRole(pool, LOG));
    const bot = openPool(database.url, LOG, "daytwo", name);
    await bot.query("insert into events (at, kind, surface) values (now(), 'item.note', 'card')");
    while (await sealEvents({ db: bot, now: () => new Date("2026-03-02T10:00:00Z") }));
    expect(await verify(bot)).toMatchObject({ good: 1, behind: 0, problem: null });
    await bot.end();
  });
});

async function onServer(statement: string): Promise<void> {
  await onDatabase(inject("postgres"), statement);
}

/** What went through, or was refused in other words than these. */
async function notRefused(db: Pool, forbidden: typeof FORBIDDEN): Promise<string[]> {
  const found: string[] = [];
  for (const [statement, refusal] of forbidden) {
    const said = await db.query(statement).then(
      () => "done",
      (error: unknown) => String(error),
    );
    if (!said.includes(refusal)) found.push(`${statement}: ${said}`);
  }
  return found;
}
