import { keepObservation } from "../src/observing.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAlertIntake } from "../src/alerts/intake.ts";
import type { App } from "../src/app.ts";
import { importText } from "../src/in-force/import.ts";
import type { Severity } from "../src/domain/item.ts";
import { FORMATS } from "../src/alert-formats/index.ts";
import { letGo, showReleased } from "../src/items/unfolding.ts";
import { keepChains } from "../src/on-call/escalating.ts";
import { wantWake } from "../src/store/wakes.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openSlack, type Slack } from "./support/slack.ts";

/** What folds when there is much of it. Nothing is delivered here: rows alone say what has a card. */

const CATALOG = `
services:
  shop: { depends_on: [shop-db], checks: { ownership: off }, targets: { web: { provider: local, supervisor: "http://127.0.0.1:9", application: shop, token: { env: NONE } } } }
  mail: { depends_on: [shop-db], checks: { ownership: off } }
  shop-db: { checks: { ownership: off } }
alerts: { own: { format: generic, secret: { env: NONE } } }
`;

const clock = { now: Date.UTC(2026, 10, 30, 2, 0) };
let slack: Slack;
let database: TestDatabase;
let app: App;

beforeEach(async () => {
  slack = await openSlack({ now: () => clock.now });
  database = await cloneDatabase();
  app = await openAppAlone(database.url, slack, { now: () => new Date(clock.now) });
  await importText(app, "daytwo.yaml", CATALOG);
});
afterEach(async () => {
  await app.close();
  await slack.close();
  await database.drop();
});

type Sent = { readonly name: string; readonly service: string; readonly severity: Severity };

async function fires(alerts: readonly Sent[]): Promise<void> {
  const source = app.inForce().catalog.alerts?.["own"];
  if (source === undefined) throw new Error("no source");
  clock.now += 1_000;
  await openAlertIntake(app).take(source, FORMATS.generic(alerts, app.now()));
}

function some(name: string, count: number, service: string, severity: Severity): Sent[] {
  return Array.from({ length: count }, (_, n) => ({ name: `${name}${n}`, service, severity }));
}

/** Of the open items that are so, how many there are under each of which services. */
async function folded(which: string): Promise<{ service: string; under: string | null; count: number }[]> {
  const { rows } = await app.db.query(
    `select i.service, h.service as under, count(*)::int as count from items i left join items h on h.id = i.folded_under
     where i.state <> 'resolved' and ${which} group by 1, 2 order by 1, 2`,
  );
  return rows;
}

async function sees(release: string): Promise<void> {
  const target = app.inForce().catalog.services["shop"]?.targets[0];
  if (target === undefined) throw new Error("no target");
  clock.now += 1_000;
  const seen = { target: target.key, version: release, release, observedAt: app.now().toISOString() };
  const nothing = { releases: [], sizes: [], certificates: [], facts: {} };
  await keepObservation(app, target, { ...seen, ...nothing, health: "ok" });
}

test("in a storm what others fold under keeps its card, which tells of them", async () => {
  await fires([{ name: "ReplicaGone", service: "shop-db", severity: "critical" }]);
  // It has the card that the first critical item of a service has in a storm, and explains nothing while it is put aside.
  await app.db.query("update items set state = 'snoozed', snoozed_until = $1", [new Date(clock.now + 3_600_000)]);
  await fires([{ name: "SearchSlow", service: "shop", severity: "warning" }]);
  await fires([...some("Locked", 25, "shop-db", "critical"), ...some("Stuck", 3, "shop", "warning")]);
  const ofShop = "i.service = 'shop' and h.folded_under is null";
  expect(await folded(ofShop)).toEqual([{ service: "shop", under: "shop-db", count: 4 }]);
  const { rows } = await app.db.query(
    "select count(*)::int as count from items where service = 'shop-db' and state = 'open' and folded_under is null",
  );
  expect(rows).toEqual([{ count: 1 }]);
});

test("what folds under a cause that is not critical any more has its own card again", async () => {
  await fires([{ name: "PrimaryDown", service: "shop-db", severity: "critical" }]);
  await fires([{ name: "CheckoutDown", service: "shop", severity: "critical" }]);
  await letGo(app);
  expect(await folded("i.service = 'shop'")).toEqual([{ service: "shop", under: "shop-db", count: 1 }]);
  await fires([{ name: "PrimaryDown", service: "shop-db", severity: "warning" }]);
  await letGo(app);
  expect(await folded("i.service = 'shop'")).toEqual([{ service: "shop", under: null, count: 1 }]);
});

test("the alarm of what folds stops: its cause sounds for it", async () => {
  await fires([{ name: "CheckoutDown", service: "shop", severity: "critical" }]);
  await wantWake(app.db, { item: 1, via: "person:ana", person: "ana" }, app.now());
  await fires([{ name: "PrimaryDown", service: "shop-db", severity: "critical" }]);
  expect(await folded("i.id = 1")).toEqual([{ service: "shop", under: "shop-db", count: 1 }]);
  await keepChains(app);
  expect((await app.db.query("select wanted from wakes")).rows).toEqual([{ wanted: "acknowledge" }]);
});

test("a release that is seen late hides nothing, however much else is folded", async () => {
  await fires([{ name: "DatabaseFull", service: "shop-db", severity: "critical" }]);
  await fires(some("Bounced", 60, "mail", "warning"));
  await fires([{ name: "CartBroken", service: "shop", severity: "warning" }]);
  const held = "i.folded_under is not null";
  const mail = { service: "mail", under: "shop-db", count: 60 };
  expect(await folded(held)).toEqual([mail, { service: "shop", under: "shop-db", count: 1 }]);
  await sees("v1");
  await sees("v2");
  await showReleased(app);
  expect(await folded(held)).toEqual([mail]);
});
