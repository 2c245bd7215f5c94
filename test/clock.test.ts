import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { databaseClock, type Clock } from "../src/db/clock.ts";
import { openLog } from "../src/log.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";

/** The clock that decides what is due is the database's, whatever becomes of this machine's. */

const HOUR = 3_600_000;

let database: TestDatabase;
let pool: ReturnType<typeof openPool>;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = openPool(database.url);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** ms by which a clock is off the database's. */
async function off(clock: Clock): Promise<number> {
  const before = clock.now().getTime();
  const { rows } = await pool.query<{ now: string }>("select extract(epoch from clock_timestamp()) * 1000 as now");
  const now = Number(rows[0]?.now);
  return Math.max(0, before - now, now - clock.now().getTime());
}

test.each([
  ["forward", HOUR],
  ["back", -HOUR],
])(
  "this machine's clock is set an hour %s: nothing falls due by that, and the database is asked at once",
  async (_, ms) => {
    const clock = await databaseClock(pool, openLog("silent"));
    onTestFinished(() => {
      vi.useRealTimers();
      clock.stop();
    });
    expect(await off(clock)).toBeLessThan(100);
    let asked = 0;
    pool.on("acquire", () => (asked += 1));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
    clock.now();
    await vi.waitFor(() => expect(asked).toBe(1));
    expect(await off(clock)).toBeLessThan(100);
  },
);

test("while the database is away it is asked, and that said, once a second at most", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const away = openPool(database.url);
  const lines: string[] = [];
  const clock = await databaseClock(away, openLog("warn", { write: (line) => void lines.push(line) }));
  onTestFinished(() => clock.stop());
  await away.end();
  vi.setSystemTime(Date.now() + HOUR);
  for (const said of [1, 2]) {
    for (let times = 0; times < 5; times += 1) {
      clock.now();
      await setImmediate();
    }
    expect(lines).toHaveLength(said);
    vi.advanceTimersByTime(1_001);
  }
});

test("an answer that took long moves nothing: the time that was counted on is nearer", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const clock = await databaseClock(pool, openLog("silent"));
  onTestFinished(() => clock.stop());
  const busy = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  vi.setSystemTime(Date.now() + HOUR);
  const before = clock.now().getTime();
  vi.advanceTimersByTime(10_000);
  for (const connection of busy) connection.release();
  await once(pool, "release");
  await setImmediate();
  expect(clock.now().getTime() - before).toBe(10_000);
});

test("the database's clock is set back an hour: that is said, and is the time from then on", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const lines: string[] = [];
  const clock = await databaseClock(pool, openLog("error", { write: (line) => void lines.push(line) }));
  onTestFinished(() => clock.stop());
  vi.advanceTimersByTime(HOUR); // as it counts, while the database's clock stays where it was
  vi.setSystemTime(Date.now() + HOUR);
  clock.now();
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(lines[0]).toContain("the database's clock went back");
  expect(await off(clock)).toBeLessThan(100);
});
