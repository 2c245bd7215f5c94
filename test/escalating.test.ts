import type { Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../src/app.ts";
import { changeUnasked } from "../src/caller.ts";
import { importText } from "../src/in-force/import.ts";
import { close, openItem, type Sighting } from "../src/items/lifecycle.ts";
import { escalate, keepChains } from "../src/on-call/escalating.ts";
import type { StoredItem } from "../src/store/items.ts";
import { claimWakes } from "../src/store/wakes.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";
import { openSlack, type Slack } from "./support/slack.ts";

/** Whom an item tells, by what its rows say. Nothing is delivered here, and time passes as a test says. */

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: operator }
rotations:
  web: { members: [ana, ben], handover: mon 09:00, zone: UTC, from: "2026-11-23" }
services:
  shop: { responsibilities: { on-call: rotation-web }, checks: { ownership: off }, channel: "#shop" }
`;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Sunday night: Ana's turn ends at nine. */
const NIGHT = Date.UTC(2026, 10, 30, 2, 0);

const clock = { now: NIGHT };
let slack: Slack;
let database: TestDatabase;
let db: Pool;
let app: App;

beforeAll(async () => {
  slack = await openSlack({ now: () => clock.now });
  database = await cloneDatabase();
  db = openPool(database.url);
  app = await openAppAlone(database.url, slack, { now: () => new Date(clock.now) });
  await importText(app, "daytwo.yaml", CATALOG);
});
afterAll(async () => {
  await app.close();
  await db.end();
  await slack.close();
  await database.drop();
});

function opens(fingerprint: string, more: Partial<Sighting> = {}): Promise<StoredItem> {
  return changeUnasked(app, (change) =>
    openItem(change, app.inForce(), {
      fingerprint,
      origin: "check",
      service: "shop",
      responsibility: "on-call",
      severity: "critical",
      summary: "it does not answer",
      evidence: {},
      since: change.now,
      ...more,
    }),
  );
}

async function passes(ms: number): Promise<void> {
  clock.now += ms;
  await keepChains(app);
  await escalate(app);
}

/** Whom an item told, each time. */
async function told({ id }: StoredItem): Promise<unknown[]> {
  const { rows } = await db.query<{ people: unknown }>(
    "select detail->'people' as people from events where kind = 'item.told' and item = $1 order by id",
    [id],
  );
  return rows.map(({ people }) => people);
}

/** Ana runs something on the item, whose step is in that state. */
async function runs({ id }: StoredItem, step: "intent" | "needs_human"): Promise<void> {
  await db.query(
    `with o as (
       insert into operations (item, service, environment, target, action, arguments, state, requested_by, requested_at, plan, plan_hash)
       values ($1, 'shop', 'production', 'shop/web', 'restart', '{}', 'running', 'ana', $2, '{}', '') returning id)
     insert into steps (operation, seq, target, state, token, fence, intent_at, settle_until)
       select id, 1, 'shop/web', $3, gen_random_uuid(), 1, $2, $2 from o`,
    [id, new Date(clock.now), step],
  );
}

test("while an operation is under way nobody else is told; once only a person can say how it ended, they are", async () => {
  const item = await opens("shop/slow");
  await runs(item, "intent");
  await passes(1_000);
  await passes(20 * MINUTE);
  expect(await told(item)).toEqual([]);
  await db.query("update steps set state = 'needs_human'");
  await passes(20 * MINUTE);
  expect(await told(item)).toEqual([["ana"]]);
  await changeUnasked(app, (change) => close(change, item, { by: null, how: "it is fast" }));
});

test("a request that nobody approves keeps others from being told for twenty minutes, however long it may wait", async () => {
  const item = await opens("shop/asked");
  await db.query(
    `insert into operations (item, service, environment, target, action, arguments, state, requested_by, requested_at, expires_at, plan, plan_hash, approvals)
     values ($1, 'shop', 'production', 'shop/web', 'restart', '{}', 'awaiting_approval', 'ben', $2, $3, '{}', '', 1)`,
    [item.id, new Date(clock.now), new Date(clock.now + 24 * HOUR)],
  );
  await passes(19 * MINUTE);
  expect(await told(item)).toEqual([]);
  await passes(11 * MINUTE);
  expect(await told(item)).toEqual([["ana"]]);
  await changeUnasked(app, (change) => close(change, item, { by: null, how: "it is fast" }));
});

test("what looks well meanwhile calls nobody, whoever has to say how its operation ended", async () => {
  const item = await opens("shop/well");
  await db.query("update steps set state = 'failed'");
  await runs(item, "needs_human");
  await db.query("update items set recovered = true where id = $1", [item.id]);
  await passes(1_000);
  await passes(20 * MINUTE);
  expect(await told(item)).toEqual([]);
});

test("what comes back is whoever's is on call by then; what somebody took is theirs still", async () => {
  const item = await opens("shop/http");
  expect(item.owner).toEqual({ person: "ana" });
  await changeUnasked(app, (change) => close(change, item, { by: null, how: "it answers" }));
  clock.now += 8 * HOUR;
  expect(await opens("shop/http")).toMatchObject({ id: item.id, owner: { person: "ben" } });
  await passes(1_000);
  expect(await told(item)).toEqual([["ben"]]);

  const over = "state = 'resolved', resolved_at = $1 where fingerprint = 'shop/http'";
  await db.query(`update items set owner_person = 'ana', owned_since = $1, ${over}`, [new Date(clock.now)]);
  expect((await opens("shop/http")).owner).toEqual({ person: "ana" });
  const theirs = { owner: { person: "ben" }, ownedSince: new Date(clock.now) };
  await db.query(`update items set ${over}`, [new Date(clock.now)]);
  expect(await opens("shop/http", theirs)).toMatchObject(theirs);
});

test("an item that somebody changes meanwhile keeps nobody from being told of the others", async () => {
  const [held, other] = [await opens("shop/held"), await opens("shop/other")];
  await keepChains(app);
  const somebody = await db.connect();
  try {
    await somebody.query("begin");
    await somebody.query("select from items where id = $1 for update", [held.id]);
    await escalate(app);
    expect([await told(held), await told(other)]).toEqual([[], [["ben"]]]);
    expect(app.memory.broken.size).toBe(0); // nothing was waited for in vain
  } finally {
    await somebody.query("rollback");
    somebody.release();
  }
  await escalate(app);
  expect(await told(held)).toEqual([["ben"]]);
});

test("who is to be woken for the first time comes before all who could not be woken", async () => {
  const { id } = await opens("shop/loud");
  const all = "insert into wakes (item, via, person, wanted, asked_at, due_at, attempts)";
  const now = new Date(clock.now);
  await db.query(`${all} select $1, 'person:' || n, 'ana', 'trigger', $2, $2, 3 from generate_series(1, 20) n`, [
    id,
    now,
  ]);
  await db.query(`${all} values ($1, 'person:ben', 'ben', 'trigger', $2, $2, 0)`, [id, now]);
  const claimed = await claimWakes(app.db, 10, now, new Date(clock.now + MINUTE));
  expect(claimed.map(({ person }) => person)).toContain("ben");
});
