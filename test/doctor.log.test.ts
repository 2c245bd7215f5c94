import { randomBytes } from "node:crypto";
import type { Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addMinutes } from "date-fns/addMinutes";
import { openPool } from "../src/db/open.ts";
import { judgeServer } from "../src/cli/doctor/database.ts";
import { examineLog, judgeRole, judgeSealer } from "../src/cli/doctor/log.ts";
import { migrate } from "../src/db/migrate.ts";
import { openLog } from "../src/log.ts";
import { sealed, sealEvents } from "../src/record.ts";
import { ownedDatabase, type TestDatabase } from "./support/database.ts";

/** What the doctor says of the log: what keeps it, and how far its chain is. */

const NOW = new Date("2026-03-02T10:00:00.000Z");
const owner = `plain_${randomBytes(6).toString("hex")}`;

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await ownedDatabase(owner);
  pool = openPool(database.url, openLog("silent"), "daytwo-migrate");
  await migrate(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function write(minutesAgo: number): Promise<void> {
  const at = addMinutes(NOW, -minutesAgo);
  await pool.query("insert into events (at, kind, surface) values ($1, 'item.note', 'card')", [at]);
}

test("where roles may not be made, that is a thought, with the statement that would change it", async () => {
  const [triggers, role] = await examineLog(pool, NOW);
  expect(triggers).toMatchObject({ verdict: "well" });
  expect(role).toMatchObject({ verdict: "doubtful" });
  expect(role?.sentence).toContain(`it works as their owner, ${owner}, which may make no other role.`);
  expect(role?.next).toMatch(
    new RegExp(`\`create role (daytwo_bot_[0-9a-f]{16}) nologin; grant \\1 to "${owner}"\`, and start Daytwo again`),
  );
});

test("a role of the bot's that is not made yet, is there, or may too much", () => {
  const role = { database: "shop", owner: "app", name: "daytwo_bot_1", known: false, mayCreate: true, taken: false };
  expect(judgeRole({ ...role, changes: [] })).toMatchObject({ verdict: "unexamined" });
  expect(judgeRole({ ...role, known: true, taken: true, changes: [] })).toEqual({
    verdict: "well",
    sentence: "The bot works as a role that may only read and add to the log: daytwo_bot_1.",
  });
  const changes = ["own events", "update events"];
  expect(judgeRole({ ...role, known: true, taken: true, changes })).toMatchObject({
    verdict: "ill",
    sentence: "The bot's own role, daytwo_bot_1, may do more than read and add to the log: own events, update events.",
  });
  expect(judgeRole({ ...role, known: true, mayCreate: false, changes: [] }).next).toContain(
    'run `grant daytwo_bot_1 to "app"`',
  );
});

test("the sealer is told how far it is behind", async () => {
  expect(judgeSealer(await sealed(pool), NOW).sentence).toBe("There is no event to seal yet.");
  await write(1);
  expect(judgeSealer(await sealed(pool), NOW)).toEqual({
    verdict: "well",
    sentence: "The log is sealed but for the newest: 1 event waits for a seal.",
  });
  await write(42);
  expect(judgeSealer(await sealed(pool), NOW)).toMatchObject({
    verdict: "doubtful",
    sentence: "The sealer is behind: 2 events wait for a seal, the oldest for 42 minutes.",
  });
  while (await sealEvents({ db: pool, now: () => NOW }));
  const { head } = await sealed(pool);
  expect(judgeSealer(await sealed(pool), NOW).sentence).toBe(`Every event is sealed: head ${head.hash.slice(0, 12)}.`);
  await pool.query("insert into events_to_seal values (999)");
  expect(judgeSealer(await sealed(pool), NOW)).toMatchObject({
    verdict: "ill",
    sentence: "Events were removed before they were sealed.",
  });
});

test("a server that is too old, one that only follows, and one where we may do nothing", () => {
  const server = { version: 15, encoding: "UTF8", readOnly: false, mayCreate: true, ours: true };
  expect(judgeServer(server)).toEqual([{ verdict: "well", sentence: "The database answers: PostgreSQL 15." }]);
  expect(judgeServer({ ...server, version: 14 })).toEqual([
    {
      verdict: "ill",
      sentence: "The database is PostgreSQL 14; Daytwo needs 15 or newer.",
      next: "Upgrade the server, or leave DATABASE_URL unset to use the embedded one.",
    },
  ]);
  expect(judgeServer({ ...server, readOnly: true })[1]).toMatchObject({ verdict: "ill" });
  expect(judgeServer({ ...server, ours: false })[1]).toMatchObject({ verdict: "doubtful" });
  expect(judgeServer({ ...server, ours: false, mayCreate: false })[1]).toMatchObject({
    verdict: "ill",
    next: "Grant our role CREATE on the database.",
  });
});
