import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../src/app.ts";
import { deliver } from "../src/delivery.ts";
import { place, wantAt } from "../src/store/postings.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openSlack, type Slack } from "./support/slack.ts";

/** A process that stands still between its claim and its call. */

const clock = { now: Date.UTC(2026, 10, 30, 2, 0) };

let slack: Slack;
let database: TestDatabase;
let app: App;

beforeAll(async () => {
  slack = await openSlack({ now: () => clock.now });
  database = await cloneDatabase();
  app = await openAppAlone(database.url, slack, { now: () => new Date(clock.now) });
});
afterAll(async () => {
  await app.close();
  await slack.close();
  await database.drop();
});

test("what was another process's by the time that it could be sent is sent once", async () => {
  const { rows } = await app.db.query<{ id: string }>(
    `insert into items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at)
     values ('web/slow', 'check', 'on-call', 'warning', 'answers slowly', $1, $1, $1) returning id`,
    [app.now()],
  );
  await wantAt(app.db, "item", Number(rows[0]?.id), place.channel("C0OPS"), app.now());
  async function standStill(): Promise<void> {
    clock.now += 31_000;
    expect(await deliver(app)).toBe(1);
    clock.now += 2_000; // as long as Slack wants between two messages in a channel
  }
  expect(await deliver({ ...app, followCatalog: standStill })).toBe(1);
  const cards = (await slack.as("ana").sees("#ops")).filter(({ plain }) => plain.includes("answers slowly"));
  expect(cards).toHaveLength(1);
  clock.now += 60_000;
  expect(await deliver(app)).toBe(0);
});
