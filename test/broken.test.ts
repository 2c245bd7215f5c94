import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { Pool } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAlertIntake, type AlertIntake } from "../src/alerts/intake.ts";
import type { App } from "../src/app.ts";
import { tellBroken } from "../src/broken-item.ts";
import { importText } from "../src/in-force/import.ts";
import { inTransaction, isOutage } from "../src/db/sql.ts";
import type { AlertSource } from "../src/domain/alert-source.ts";
import { alertOf } from "../src/alert-formats/read.ts";
import { letGo } from "../src/items/unfolding.ts";
import { wakeSnoozed } from "../src/sweeps.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";
import { openSlack, type Slack } from "./support/slack.ts";

/** What a process makes of work that breaks. No worker runs here: nothing is done but what a test does. */

const CATALOG = `
people: { ana: { name: Ana, slack: U0ANA } }
services: { shop: { owner: ana, checks: { ownership: off } } }
`;
const SOURCE: AlertSource = { key: "prom", format: "alertmanager", secret: { env: "NONE" } };
const MINUTE = 60_000;
const MANY = 60; // more than a sweep takes at once

const clock = { now: Date.UTC(2026, 10, 30, 2, 0) };
let slack: Slack;
let database: TestDatabase;
let db: Pool;
let app: App;
let intake: AlertIntake;

beforeEach(async () => {
  slack = await openSlack({ now: () => clock.now });
  database = await cloneDatabase();
  db = openPool(database.url);
  app = await openProcess();
  intake = openAlertIntake(app);
  await importText(app, "daytwo.yaml", CATALOG);
});
afterEach(async () => {
  await app.close();
  await db.end();
  await slack.close();
  await database.drop();
});

function openProcess(): Promise<App> {
  return openAppAlone(database.url, slack, { now: () => new Date(clock.now) });
}

/** From now on the database refuses each such change of a table, with that SQLSTATE; the returned function lets them through again. */
async function breaks(table: string, when: string, state = "'P0001'"): Promise<() => Promise<unknown>> {
  await db.query(`create or replace function breaks() returns trigger language plpgsql as $$ begin
                    if ${when} then raise exception 'this row is broken' using errcode = ${state}; end if;
                    return new;
                  end $$;
                  create trigger breaks before insert or update on ${table} for each row execute function breaks()`);
  return () => db.query(`drop trigger breaks on ${table}`);
}

/** Items whose snooze is over in a minute. */
async function snoozes(kind: string, many: number): Promise<void> {
  await db.query(
    `insert into items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at, state, snoozed_until)
     select $1 || '/' || n, 'person', 'on-call', 'warning', 's', $3::timestamptz, $3, $3, 'snoozed', $3::timestamptz + interval '1 minute'
     from generate_series(1, $2) n`,
    [kind, many, new Date(clock.now)],
  );
}

async function count(what: string): Promise<number> {
  return (await db.query<{ count: number }>(`select count(*)::int as count from ${what}`)).rows[0]?.count ?? -1;
}

/** Whether an item tells of what breaks. */
async function isTold(): Promise<boolean> {
  return (await count("items where fingerprint = 'daytwo/broken' and state = 'open'")) > 0;
}

async function sweeps(by: App, after: number): Promise<void> {
  clock.now += after;
  await wakeSnoozed(by).catch(() => undefined); // as around every sweep: what it throws is logged
  await tellBroken(by);
}

function alert(name: string, state: "firing" | "resolved" = "firing") {
  return alertOf({ identity: name, name, state, labels: { service: "shop" }, startedAt: new Date(clock.now) });
}

/** Sends alerts by themselves, a while later; whether they were all kept. */
async function sends(...names: string[]): Promise<boolean> {
  clock.now += MINUTE + 1_000;
  const sent = names.map((name) => alert(name));
  return intake.take(SOURCE, sent).then(
    () => true,
    () => false,
  );
}

test("what PostgreSQL can do of none is held against none: once it can again, all of it is done", async () => {
  await snoozes("full", 3);
  const mend = await breaks("items", "new.fingerprint like 'full/%'", "'53100'");
  for (let minute = 0; minute < 4; minute += 1) await sweeps(app, MINUTE);
  expect(await isTold()).toBe(false);
  await mend();
  await sweeps(app, 0);
  expect(await count("items where state = 'open'")).toBe(3);
});

test("a database that is not there, says nothing or goes away is an outage by whatever the driver says of it", async () => {
  const mute = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address() as AddressInfo;
  const pools = [1, port].map((at) =>
    openPool(`postgres://nobody@127.0.0.1:${at}/none`, { connectionTimeoutMillis: 200 }),
  );
  const only = openPool(database.url, { max: 1, connectionTimeoutMillis: 200 });
  const failing = [
    ...pools.map((pool) => pool.query("select 1")),
    inTransaction(only, () => only.query("select 1")),
    inTransaction(db, (own) => own.query("select pg_terminate_backend(pg_backend_pid())")),
  ];
  const failed = await Promise.allSettled(failing);
  expect(failed.map((each) => each.status === "rejected" && isOutage(each.reason))).toEqual(failing.map(() => true));
  await Promise.all([...pools, only].map((pool) => pool.end()));
  mute.close();
});

test("what broke in a transaction that is run again broke once", async () => {
  await snoozes("twice", 2);
  await breaks(
    "items",
    "new.fingerprint like 'twice/%'",
    "case when new.fingerprint = 'twice/2' then '40P01' else 'P0001' end",
  );
  await sweeps(app, MINUTE);
  expect(await isTold()).toBe(false);
});

test("whatever is due for the first time comes before what broke already, however much that is", async () => {
  await snoozes("bad", MANY);
  await breaks("items", "new.fingerprint like 'bad/%'");
  for (let times = 0; times < 6; times += 1) await sweeps(app, MINUTE);
  await snoozes("good", 1);
  await sweeps(app, MINUTE);
  expect(await count("items where state = 'open' and fingerprint = 'good/1'")).toBe(1);
});

test("what came and ended beside an alert that cannot be kept does not begin anew by it", async () => {
  const wrong = { ...alert("Wrong"), severity: "dreadful" as "critical" };
  const sent = [alert("Brief"), alert("Brief", "resolved"), wrong, alert("Other")];
  const results = await Promise.allSettled(sent.map((each) => intake.take(SOURCE, [each])));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(await count("events where kind = 'item.reopened'")).toBe(0);
  expect(await count("alerts where name = 'Brief' and state = 'resolved'")).toBe(1);
  expect(await count("items where state = 'open' and summary = 'Other'")).toBe(1);
});

test("an alert that went through meanwhile has not been broken all the time", async () => {
  const mend = await breaks("alerts", "new.name = 'Odd'");
  expect([await sends("Odd"), await sends("Odd")]).toEqual([false, false]);
  await mend();
  expect(await sends("Odd")).toBe(true);
  await breaks("alerts", "new.name = 'Odd'");
  expect(await sends("Odd")).toBe(false);
  await tellBroken(app);
  expect(await isTold()).toBe(false);
});

test("an alert that keeps breaking is told also where no worker runs, and never costs the others theirs", async () => {
  await breaks("alerts", "new.name = 'Odd'");
  for (const name of ["A", "B", "C"]) expect(await sends(name, "Odd")).toBe(false);
  expect(await isTold()).toBe(true);
  expect(await count("alerts")).toBe(3);
});

test("processes that find other things broken do not call people again by turns", async () => {
  const worker = await openProcess();
  try {
    await worker.followCatalog();
    await snoozes("bad", 1);
    await breaks("items", "new.fingerprint like 'bad/%' or new.summary = 'Odd'");
    for (let times = 0; times < 6; times += 1) {
      await sends("Odd");
      await sweeps(app, 0);
      await sweeps(worker, 0);
    }
    expect(await isTold()).toBe(true);
    expect(await count("events where kind in ('item.eased', 'item.worsened')")).toBeLessThanOrEqual(1);
  } finally {
    await worker.close();
  }
});

/** Critical items that fold under one that is over. */
async function folds(many: number): Promise<void> {
  const columns = "fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at";
  const values = "'alert', 'on-call', 'critical', 's', $1::timestamptz, $1, $1";
  const now = new Date(clock.now);
  await db.query(`insert into items (${columns}, state, resolved_at) values ('cause', ${values}, 'resolved', $1)`, [
    now,
  ]);
  await db.query(
    `insert into items (${columns}, folded_under)
     select 'folded/' || n, ${values}, (select id from items where fingerprint = 'cause') from generate_series(1, $2) n`,
    [now, many],
  );
}

test("what cannot be shown of what folded keeps nothing else from being shown, however much it is", async () => {
  await folds(15);
  await breaks("items", "new.fingerprint like 'folded/1%' and new.folded_under is null");
  for (let times = 0; times < 4; times += 1) {
    clock.now += MINUTE;
    await letGo(app).catch(() => undefined);
  }
  expect(await count("items where folded_under is not null")).toBe(7); // 1, and 10 to 15
  await tellBroken(app);
  expect(await isTold()).toBe(true);
});
