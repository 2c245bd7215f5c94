import { addSeconds } from "date-fns/addSeconds";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { beginAlarm, claimUntold, endAlarm, markTold } from "../src/store/alarms.ts";
import { beginChains, dueEscalations, saveEscalation, withoutChain } from "../src/store/escalations.ts";
import { claimSilences, settleSilence } from "../src/store/silences.ts";
import { claimWakes, putOffWake, settleWake } from "../src/store/wakes.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";

/** A process that was held up for longer than its claim lasts: another one has the row by then, and what that one finds counts. */

const BEGAN = new Date("2036-11-28T01:10:00Z");
const CLAIM = 30; // seconds
const LATER = addSeconds(BEGAN, CLAIM + 1);

let database: TestDatabase;
let db: Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  db = openPool(database.url);
  await db.query(`
    insert into items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at)
    values ('x', 'check', 'on-call', 'critical', 's', '${BEGAN.toISOString()}', '${BEGAN.toISOString()}', '${BEGAN.toISOString()}')`);
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

/** Claims the only row there is at a moment. */
async function only<Row>(claim: (now: Date, until: Date) => Promise<Row[]>, at: Date): Promise<Row> {
  const [row, ...more] = await claim(at, addSeconds(at, CLAIM));
  expect(more).toEqual([]);
  if (row === undefined) throw new Error("nothing could be claimed");
  return row;
}

async function rows(statement: string): Promise<unknown[]> {
  return (await db.query(statement)).rows;
}

describe("the late one changes nothing, the other one what it was to", () => {
  test("an alarm outside Slack", async () => {
    await db.query(
      `insert into wakes (item, via, person, wanted, asked_at, due_at)
                    select id, 'person:ana', 'ana', 'trigger', $1, $1 from items`,
      [BEGAN],
    );
    function claim(now: Date, until: Date) {
      return claimWakes(db, 10, now, until);
    }
    const late = await only(claim, BEGAN);
    const other = await only(claim, LATER);
    expect(await putOffWake(db, late, addSeconds(LATER, 600), "no answer")).toBe(false);
    expect(await settleWake(db, late, null)).toBe(false);
    expect(await claim(LATER, addSeconds(LATER, CLAIM))).toEqual([]); // it is the other one's still
    expect(await putOffWake(db, other, LATER, "busy")).toBe(true);
    expect(await rows("select sent, attempts, problem from wakes")).toEqual([
      { sent: 0, attempts: 1, problem: "busy" },
    ]);
    const again = await only(claim, LATER);
    expect(await settleWake(db, again, null)).toBe(true);
    expect(await rows("select sent, attempts, problem from wakes")).toEqual([{ sent: 1, attempts: 0, problem: null }]);
  });

  test("a silence at the source", async () => {
    await db.query(
      `insert into silences (item, source, token, matchers, reason, made_by, asked_at, ends_at, state, due_at)
       select id, 'prometheus', 't', '[]', 'r', 'ana', $1, $2, 'asked', $1 from items`,
      [BEGAN, addSeconds(BEGAN, 3_600)],
    );
    function claim(now: Date, until: Date) {
      return claimSilences(db, 10, now, until);
    }
    const late = await only(claim, BEGAN);
    const other = await only(claim, LATER);
    const refused = { state: "refused", dueAt: LATER, attempts: 1, problem: "no" } as const;
    expect(await settleSilence(db, late, refused)).toBe(false);
    expect(await claim(LATER, addSeconds(LATER, CLAIM))).toEqual([]);
    expect(await settleSilence(db, other, { state: "on", dueAt: LATER, attempts: 0, problem: null })).toBe(true);
    expect(await rows("select state, problem from silences")).toEqual([{ state: "on", problem: null }]);
  });

  test("what somebody has to hear of Slack: what began anew is told anew", async () => {
    function claim(now: Date, until: Date) {
      return claimUntold(db, now, until);
    }
    await beginAlarm(db, "token", "Slack refuses the token.", BEGAN);
    const late = await only(claim, BEGAN);
    await markTold(db, await only(claim, LATER));
    await endAlarm(db, "token", LATER);
    await markTold(db, await only(claim, LATER));
    await beginAlarm(db, "token", "Slack refuses the token.", LATER);
    await markTold(db, late);
    expect(await only(claim, LATER)).toMatchObject({ about: "token", over: false });
  });

  test("a chain that two begin: whoever was told by the first is not told by the second", async () => {
    async function found() {
      return (await withoutChain(db, 10)).map((waiting) => ({ ...waiting, dueAt: BEGAN }));
    }
    const late = await found();
    await beginChains(db, await found(), BEGAN);
    const [item = 0] = await dueEscalations(db, BEGAN, 10);
    await saveEscalation(db, { item, position: 1, told: ["ana"], toldAt: BEGAN, dueAt: LATER });
    await beginChains(db, late, LATER);
    expect(await rows("select position, told from escalations")).toEqual([{ position: 1, told: ["ana"] }]);
    await db.query("update items set owner_person = 'ben'");
    await beginChains(db, late, LATER); // it knows of no owner yet
    expect(await rows("select position, told from escalations")).toEqual([{ position: 1, told: ["ana"] }]);
    await beginChains(db, await found(), LATER);
    expect(await rows("select position, told, owner from escalations")).toEqual([
      { position: 0, told: [], owner: "ben" },
    ]);
  });
});
