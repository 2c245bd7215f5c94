import type { Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSweeps } from "../jobs/loops.ts";
import type { App } from "../src/app.ts";
import { importText } from "../src/in-force/import.ts";
import { subSeconds } from "../src/domain/time.ts";
import { endFlapping } from "../src/items/flapping.ts";
import { admitApproved } from "../src/operations.ts";
import { forgottenItems } from "../src/store/escalations.ts";
import { forgotten, touch } from "../src/store/operations-due.ts";
import { claimSilences } from "../src/store/silences.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";
import { openSlack, type Slack } from "./support/slack.ts";

/** However many rows cannot be done now, and however long one of them takes, all others have their turn. */

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  rae: { name: Rae, slack: U0RAE, role: reader }
services:
  shop: { owner: ana, checks: { ownership: off }, channel: "#shop" }
`;
const NOW = new Date(Date.UTC(2026, 10, 30, 2, 0));
const HOUR = 3_600_000;
const MANY = 120; // more than any sweep takes at once

let slack: Slack;
let database: TestDatabase;
let db: Pool;
let app: App;

beforeAll(async () => {
  slack = await openSlack({ now: () => NOW.getTime() });
  database = await cloneDatabase();
  db = openPool(database.url);
  app = await openAppAlone(database.url, slack, { now: () => NOW });
  await importText(app, "daytwo.yaml", CATALOG);
});
afterAll(async () => {
  await app.close();
  await db.end();
  await slack.close();
  await database.drop();
});

async function asked<T extends object>(statement: string, ...values: unknown[]): Promise<T[]> {
  return (await db.query<T>(statement, values)).rows;
}

/** So many items, numbered behind their name; what else is so of them is added. */
async function items(name: string, count: number, columns = "", values = ""): Promise<void> {
  await asked(
    `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at, owner_person${columns})
     select '${name}/' || n, 'check', 'shop', 'on-call', 'critical', 's', $1, $1, $1, 'ana'${values} from generate_series(1, ${count}) n`,
    NOW,
  );
}

/** An operation in this state for each of the items of that name, up to the `last` of them. */
async function operations(
  name: string,
  last: number,
  state: string,
  more = { columns: "", values: "" },
): Promise<void> {
  await asked(
    `insert into operations (item, service, environment, target, action, arguments, requested_by, requested_at, expires_at, plan, plan_hash, state${more.columns})
     select id, 'shop', 'test', 'shop/web', 'restart', '{}', 'ana', $1, $2, '{}', 'hash', '${state}'${more.values}
     from items where fingerprint like '${name}/%' order by id limit ${last}`,
    NOW,
    new Date(NOW.getTime() + HOUR),
  );
}

test("a flapping item that stays well is over, however many before it wait for their operations", async () => {
  await items("flaps", MANY, ", flapping_since, well_since", `, $1, $1::timestamptz - interval '1 hour'`);
  await operations("flaps", MANY - 1, "queued");
  await endFlapping(app);
  expect(await asked("select fingerprint from items where state = 'resolved'")).toEqual([
    { fingerprint: `flaps/${MANY}` },
  ]);
});

test("a request that has its approval goes on, however many before it have one that does not count", async () => {
  await items("asked", MANY);
  await operations("asked", MANY, "awaiting_approval", { columns: ", approvals", values: ", 1" });
  const approved = `insert into approvals (operation, person, account, verdict, plan_hash, at)
                    select id, $1, 'U', 'approved', 'hash', $2 from operations where state = 'awaiting_approval' and id`;
  const last = "(select max(id) from operations)";
  await asked(`${approved} < ${last}`, "rae", NOW);
  await asked(`${approved} = ${last}`, "ben", NOW);
  await admitApproved(app);
  expect(await asked(`select count(*)::int from operations where state = 'queued' and id = ${last}`)).toEqual([
    { count: 1 },
  ]);
});

test("what the queue forgot is asked for in turn, however much waits for a busy target", async () => {
  const heard = new Set<number>();
  const { count: all } = (
    await asked<{ count: number }>("select count(*)::int from operations where state = 'queued'")
  )[0] ?? { count: 0 };
  for (let second = 20; heard.size < all && second < 60; second += 20) {
    const now = new Date(NOW.getTime() + second * 1_000);
    for (const id of await forgotten(app.db, subSeconds(now, 10), now, MANY / 2)) {
      heard.add(id);
      await touch(app.db, id, now);
    }
  }
  expect(heard.size).toBe(all);
});

test("a source is asked for a new silence before all that it would not hear of", async () => {
  const made = `insert into silences (item, source, token, matchers, reason, made_by, asked_at, ends_at, state, attempts, due_at)
                select id, 'own', gen_random_uuid(), '[]', 'r', 'ana', $1, $1::timestamptz + interval '1 hour', 'asked'`;
  await items("silenced", 21);
  await asked(`${made}, 3, $1 from items where fingerprint like 'silenced/%' order by id limit 20`, NOW);
  await asked(`${made}, 0, $1 from items where fingerprint = 'silenced/21'`, NOW);
  const claimed = await claimSilences(app.db, 10, NOW, new Date(NOW.getTime() + 30_000));
  expect(claimed.map(({ attempts }) => attempts)).toContain(0);
});

test("who waits is called although a sweep before that, and the items of many others, are somebody else's", async () => {
  await asked("update items set state = 'resolved', resolved_at = $1", NOW);
  await items("held", MANY);
  await items("free", 1);
  const sweeps = openSweeps(app);
  const somebody = await db.connect();
  const told =
    "select i.fingerprint from events e join items i on i.id = e.item where e.kind = 'item.told' order by e.id";
  try {
    await sweeps.round();
    await sweeps.ended();
    await items("held/new", 1);
    await asked("update escalations set due_at = $1, told_at = null", NOW);
    const before = (await asked(told)).length;
    await somebody.query("begin");
    await somebody.query("lock table turns in access exclusive mode");
    await somebody.query("select from items where fingerprint like 'held/%' for update");
    await items("fresh", 1);
    await sweeps.round();
    expect((await asked<{ fingerprint: string }>(told)).slice(before)).toEqual([
      { fingerprint: "free/1" },
      { fingerprint: "fresh/1" },
    ]);
  } finally {
    await somebody.query("rollback");
    somebody.release();
  }
  await sweeps.ended();
});

test("of what folds under a cause that is put aside or milder, the proof that nothing is forgotten knows", async () => {
  await asked("update items set state = 'resolved', resolved_at = $1", NOW);
  await items("cause", 2);
  await items("under", 2);
  await asked(
    "update items u set folded_under = c.id from items c where c.fingerprint like 'cause/%' and u.fingerprint = replace(c.fingerprint, 'cause', 'under')",
  );
  await asked("update items set severity = 'warning' where fingerprint = 'cause/1'");
  const under = await asked<{ id: number }>("select id::int from items where fingerprint = 'under/1'");
  const tomorrow = new Date(NOW.getTime() + 24 * HOUR);
  expect(await forgottenItems(app.db, NOW, tomorrow)).toEqual(under.map(({ id }) => id));
  await asked(
    "insert into events (at, kind, item, surface, detail) select $1, 'item.eased', id, 'bot', '{}' from items where fingerprint = 'cause/1'",
    NOW,
  );
  expect(await forgottenItems(app.db, NOW, tomorrow)).toEqual([]);
});
