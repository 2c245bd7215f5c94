import type { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { beginAlarm, claimUntold, endAlarm, markTold } from "../src/store/alarms.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";

/** What begins and ends while somebody outside is being told: the last that they hear is how it is. */

const NOW = new Date("2026-11-30T02:00:00Z");

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = openPool(database.url);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => pool.query("delete from alarms"));

/** What a process is to tell now, while `meanwhile` happens. */
async function tells(meanwhile: () => Promise<void> = async () => {}): Promise<string[]> {
  const claimed = await claimUntold(pool, NOW, new Date(NOW.getTime() + 30_000));
  await meanwhile();
  for (const alarm of claimed) await markTold(pool, alarm);
  return claimed.map(({ sentence, over }) => `${over ? "over: " : ""}${sentence}`);
}

test("what begins anew while they are told that it is over is told as new", async () => {
  await beginAlarm(pool, "token", "token_revoked", NOW);
  expect(await tells()).toEqual(["token_revoked"]);
  await endAlarm(pool, "token", NOW);
  expect(await tells(() => beginAlarm(pool, "token", "account_inactive", NOW))).toEqual(["over: token_revoked"]);
  expect(await tells()).toEqual(["account_inactive"]);
  expect(await tells()).toEqual([]);
});

test("what is over while they are told that it began is told to be over, whoever looks meanwhile", async () => {
  await beginAlarm(pool, "token", "token_revoked", NOW);
  const told = await tells(async () => {
    await endAlarm(pool, "token", NOW);
    expect(await tells()).toEqual([]);
  });
  expect(told).toEqual(["token_revoked"]);
  expect(await tells()).toEqual(["over: token_revoked"]);
  expect(await tells()).toEqual([]);
});

test("what is over before anybody was told is told to nobody", async () => {
  await beginAlarm(pool, "token", "token_revoked", NOW);
  await endAlarm(pool, "token", NOW);
  expect(await tells()).toEqual([]);
});
