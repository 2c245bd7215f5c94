import type { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Db } from "../src/db/sql.ts";
import { held } from "../src/domain/posting.ts";
import { claimBehind, endClaim, nextFree } from "../src/store/due-postings.ts";
import { hold, take } from "../src/store/pace.ts";
import { limitOf } from "../src/delivery/lanes.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";

/** What shares one of Slack's limits waits in one lane, and holds up nothing in another. */

const NOW = new Date("2026-11-26T02:00:00Z");

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
beforeEach(async () => {
  await pool.query("truncate postings, pace");
});

function later(ms: number): Date {
  return new Date(NOW.getTime() + ms);
}

/** Cards that wait: `count` of them at one place, asked for one second after the other, the first `asked` seconds ago. */
async function wait(
  place: string,
  count: number,
  more: { shown?: boolean; final?: boolean; asked?: number } = {},
): Promise<void> {
  await pool.query(
    `insert into postings (subject_kind, subject, place, channel, message_ts, asked_at, final)
     select 'item', n + (select count(*) from postings), $1, substr($1, 9), $2, $3::timestamptz + n * interval '1 s', $4 from generate_series(1, $5) n`,
    [place, more.shown === true ? "1.000001" : null, later(-1000 * (more.asked ?? count)), more.final ?? false, count],
  );
}

async function claimed(now = NOW, fair = false, db: Db = pool): Promise<string[]> {
  const some = await claimBehind(db, { limit: 50, now, claimedUntil: later(30_000), fair });
  return some.map(
    ({ place, final, messageTs }) => `${place}${final ? " final" : ""}${messageTs === null ? "" : " change"}`,
  );
}

/** Postings that this session has read so far. */
async function rowsRead(session: Db): Promise<number> {
  const { rows } = await session.query<{ read: number }>(
    "select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables where relname = 'postings'",
  );
  return rows[0]?.read ?? 0;
}

test("however many wait in one channel, a round takes one of each lane", async () => {
  await wait("channel:C1", 20_000);
  await wait("channel:C2", 2);
  await wait("channel:C1", 5_000, { shown: true });
  await pool.query("analyze postings");
  const client = await pool.connect();
  await client.query("begin"); // what was counted is kept until it ends
  const before = await rowsRead(client);
  expect((await claimed(NOW, false, client)).toSorted()).toEqual(["channel:C1", "channel:C1 change", "channel:C2"]);
  expect((await rowsRead(client)) - before).toBeLessThan(100);
  await client.query("rollback");
  client.release();
});

test("an answer 429 holds its channel or its method, and nothing else", async () => {
  await wait("channel:C1", 3);
  await wait("channel:C2", 3);
  await wait("channel:C1", 3, { shown: true });
  await hold(pool, limitOf("channel:C1"), later(20_000));
  await hold(pool, limitOf("chat.update"), later(10_000));
  expect(await claimed()).toEqual(["channel:C2"]);
  expect(await nextFree(pool, NOW)).toEqual(NOW);
  await hold(pool, limitOf("channel:C2"), later(30_000));
  expect(await nextFree(pool, NOW)).toEqual(later(10_000));
  expect(await claimed(later(10_000))).toEqual(["channel:C1 change"]);
  await hold(pool, limitOf("chat.postMessage"), later(60_000));
  expect(await claimed(later(40_000))).toEqual(["channel:C1 change"]);
  await hold(pool, limitOf("chat.update"), later(70_000));
  expect(await claimed(later(40_000))).toEqual([]);
  expect(await nextFree(pool, later(40_000))).toEqual(later(60_000));
});

test("final states go first, and what waits longest at every fair turn", async () => {
  await wait("channel:C1", 1, { shown: true, asked: 500 });
  await wait("channel:C2", 3, { shown: true, final: true, asked: 10 });
  expect(await claimed()).toEqual(["channel:C2 final change"]);
  expect(await claimed(NOW, true)).toEqual(["channel:C1 change"]);
  expect(await claimed(NOW, true)).toEqual(["channel:C2 final change"]);
});

test("a burst that was saved up may go at once, and then each waits for its time", async () => {
  const limit = { key: "conversations.open", every: 1_000, burst: 2 };
  const at = [0, 0, 0, 0, 1_000, 1_500].map((ms) => later(ms));
  const waits = [];
  for (const now of at) waits.push(await take(pool, limit, now));
  expect(waits).toEqual([null, null, null, later(1_000), null, later(2_000)]);
  await hold(pool, limit, later(60_000));
  expect(await take(pool, limit, later(59_999))).toEqual(later(60_000));
  expect(await take(pool, limit, later(60_000))).toBeNull();
  expect(await take(pool, limit, later(60_000))).toEqual(later(61_000));
});

test("a call that ends after its claim ran out leaves the claim to whoever has it by then", async () => {
  await wait("channel:C1", 1);
  const [late] = await claimBehind(pool, { limit: 1, now: NOW, claimedUntil: later(30_000), fair: false });
  const next = { limit: 1, now: later(31_000), claimedUntil: later(61_000), fair: false };
  const [holder] = await claimBehind(pool, next);
  if (late === undefined || holder === undefined) throw new Error("nothing was claimed");
  await endClaim(pool, late, held(late, null));
  expect(await claimed(later(32_000))).toEqual([]);
  await endClaim(pool, holder, held(holder, null));
  expect(await claimed(later(32_000))).toEqual(["channel:C1"]);
});
