import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { openAlertEntrance } from "../handlers/alerts.ts";
import type { App } from "../src/app.ts";
import { importText } from "../src/in-force/import.ts";
import { query, sql } from "../src/db/sql.ts";
import { deliver } from "../src/delivery.ts";
import { openSns } from "../src/alerts/sns.ts";
import { goOnWithStorms, letGo, showReleased } from "../src/items/unfolding.ts";
import { countBehind } from "../src/store/due-postings.ts";
import { POSTING } from "../src/store/postings.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase } from "./support/database.ts";
import { HISTORY, manifestWith, openSlack, type Slack } from "./support/slack.ts";
import { worst } from "./support/paces.ts";
import { different, messages } from "./support/shown.ts";

/**
 * A storm of alerts sent to `/alerts/<source>`, on a Slack that limits, fails and forgets to answer: in the end every
 * message shows its row, as soon as Slack's limits allow. `DAYTWO_STORM=full` makes it ten times as large. Time is the
 * test's own: nothing waits.
 */

const FULL = process.env["DAYTWO_STORM"] === "full";
const GROUPS = FULL ? 1_000 : 100;
const A_MINUTE = 60_000; // ms
const LASTS = FULL ? 10 * A_MINUTE : A_MINUTE;
const BATCH = 500;
const ODDS = { seed: 7, limited: 0.3, failing: 0.05, dropped: 0.02 };
// A message whose answer is missing waits before it is repeated, and its thread with it, several times at worst: in a short
// storm that counts for more than a tenth.
const TAIL = FULL ? 0 : 120_000; // ms

const SECRET = "storm-5ecret-61";

const figures: string[] = [];
beforeAll(() => void vi.stubEnv("STORM_SECRET", SECRET));
afterAll(() => {
  vi.unstubAllEnvs();
  process.stdout.write(`${figures.join("\n")}\n`);
});

type Storm = {
  readonly app: App;
  /** Where its alerts are sent. */
  readonly url: string;
  readonly slack: Slack;
  readonly clock: { now: number };
};

test.each([
  { mode: "with history scopes", alerts: FULL ? 100_000 : 10_000, history: HISTORY, odds: ODDS },
  // What differs is a matter of messages, not of alerts.
  { mode: "without history scopes", alerts: FULL ? 100_000 : 2_000, history: [], odds: { ...ODDS, seed: 11 } },
])("a storm of alerts $mode", { timeout: FULL ? 1_800_000 : 120_000 }, async ({ mode, alerts, history, odds }) => {
  const storm = await openStorm(history);
  const { app, slack, clock } = storm;
  const began = clock.now;
  await slack.odds(odds);
  const started = performance.now();
  await rage(storm, { alerts, lasts: LASTS });
  const took = clock.now - began;
  await slack.odds(null);

  const calls = await slack.calls();
  const postings = await query(app.db, POSTING, sql`select ${POSTING} from postings order by id`);
  const shown = await messages(slack);
  const { rows } = await app.db.query(
    `select (select count(*)::int from items) as items, count(*)::int as alerts,
            (count(*) filter (where state = 'resolved'))::int as over from alerts`,
  );
  expect(rows[0]).toEqual({ items: GROUPS, alerts, over: alerts / CALMS });
  expect(postings.length).toBeGreaterThanOrEqual(GROUPS);
  expect(postings.filter((posting) => posting.shown < posting.wanted)).toEqual([]);
  expect(await different(app, postings, shown)).toEqual([]);

  const copies = shown.length - postings.length;
  const lost = calls.filter(({ method, ordered, ok }) => method === "chat.postMessage" && ordered && ok).length;
  expect(copies).toBeGreaterThanOrEqual(0);
  expect(copies).toBeLessThanOrEqual(history.length > 0 ? 0 : lost);

  const { tooFast, tooSoon, allowed } = worst(calls);
  expect({ tooFast, tooSoon }).toEqual({ tooFast: [], tooSoon: [] });
  expect(took).toBeLessThanOrEqual(Math.max(LASTS, allowed) * 1.1 + TAIL);
  figures.push(
    `storm ${mode}: ${alerts} alerts in ${GROUPS} groups, ${calls.length} calls to Slack (${calls.filter(({ status }) => status === 429).length} answered 429, ${calls.filter(({ status }) => status === 503).length} 503, ${lost} new messages stored without an answer), ${copies} stray copies, shown after ${seconds(took)} s where Slack allows ${seconds(allowed)} s; real time ${seconds(performance.now() - started)} s`,
  );
});

/** As the sweeps do it. */
async function unfold(app: App): Promise<void> {
  for (const part of [goOnWithStorms, showReleased, letGo]) await part(app);
}

test(
  "a storm of alerts that folds is a few messages, and what is left of it has its card in the end",
  { timeout: FULL ? 1_800_000 : 120_000 },
  async () => {
    const storm = await openStorm(HISTORY, "storm: { items: 20, within: 1m }");
    const { app, slack, clock } = storm;
    await slack.odds(ODDS);
    await rage(storm, { alerts: 2_000, lasts: A_MINUTE, meanwhile: () => unfold(app) });
    await slack.odds(null);
    const during = (await slack.calls()).filter(({ method, ok }) => method === "chat.postMessage" && ok).length;
    const { rows } = await app.db.query<{ id: number; held: number; open: number }>(
      `select s.id::int as id, count(*)::int as held, (count(*) filter (where m.state <> 'resolved'))::int as open
     from items s join items m on m.folded_under = s.id where s.fingerprint = 'storm:#ops' and s.state = 'open' group by s.id`,
    );
    const [{ id, held, open } = { id: 0, held: 0, open: 0 }] = rows;
    // All but as many as there may be without a storm.
    expect(held).toBeGreaterThanOrEqual(GROUPS - 30);
    const summary = `storm: ${held} new items at once, ${open} still open`;
    expect((await messages(slack)).find(({ text }) => text.includes(`#${id} `))?.text).toContain(summary);
    for (let left = 1; left > 0; clock.now += 10_000) {
      await unfold(app);
      await rage(storm, { alerts: 0, lasts: 0 });
      const still = await app.db.query<{ left: number }>(
        "select count(*)::int as left from items where state <> 'resolved' and (folded_under is not null or id = $1)",
        [id],
      );
      left = still.rows[0]?.left ?? 0;
    }
    const postings = await query(app.db, POSTING, sql`select ${POSTING} from postings order by id`);
    expect(postings.filter((posting) => posting.shown < posting.wanted)).toEqual([]);
    expect(await different(app, postings, await messages(slack))).toEqual([]);
    const cardless = await app.db.query(
      "select id from items where state <> 'resolved' and not exists (select from postings p where p.subject_kind = 'item' and p.subject = items.id)",
    );
    expect(cardless.rows).toEqual([]);
    figures.push(
      `storm that folds: ${GROUPS} items, ${during} new messages while it lasted, ${held} held back, ${open} shown after it`,
    );
  },
);

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

async function openStorm(history: readonly string[], catalog = "storm: off"): Promise<Storm> {
  const clock = { now: Date.UTC(2026, 10, 26, 2, 0) };
  const slack = await openSlack({ now: () => clock.now, manifest: manifestWith(history) });
  const database = await cloneDatabase();
  const app = await openAppAlone(database.url, slack, { now: () => new Date(clock.now) });
  // Unless it is about folding, each of them shall have its card: that is more for delivery to do.
  const source = "alerts: { storm: { format: generic, secret: { env: STORM_SECRET } } }";
  await importText(app, "daytwo.yaml", `${catalog}\n${source}\n`);
  await app.followCatalog();
  const entrance = openAlertEntrance(app, openSns());
  const server = createServer((request, response) => void entrance.take("/alerts/storm", request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await entrance.close();
    await app.close();
    await slack.close();
    await database.drop();
  });
  const { port } = server.address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}/alerts/storm`, slack, clock };
}

/** Alerts come in batches over the whole time; in between Slack is told what it takes. Ends when it shows everything. */
async function rage(
  { app, url, clock }: Storm,
  { alerts, lasts, meanwhile }: { alerts: number; lasts: number; meanwhile?: () => Promise<void> },
): Promise<void> {
  const began = clock.now;
  let fed = 0;
  for (;;) {
    while (fed < alerts && clock.now >= began + (lasts * fed) / alerts) {
      await feed(url, { from: fed, count: Math.min(BATCH, alerts - fed), alerts });
      fed += BATCH;
      await meanwhile?.();
    }
    if ((await deliver(app, 20)) > 0) continue;
    const { now: ready, later, nextAt } = await countBehind(app.db, app.now());
    if (fed >= alerts && ready + later === 0) return;
    const nextBatch = fed < alerts ? began + (lasts * fed) / alerts : Number.POSITIVE_INFINITY;
    clock.now = Math.ceil(Math.min(nextBatch, Math.max(clock.now + 1, nextAt?.getTime() ?? nextBatch)));
  }
}

/** Of so many groups one is over at the end. */
const CALMS = 10;

/** So many alerts, each a new one of its group; some are worse than those before, and some groups are over at the end. */
async function feed(
  url: string,
  { from, count, alerts }: { from: number; count: number; alerts: number },
): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  const fires = numbers.map((n) => ({ ...named(n), severity: isGrave(n, alerts) ? "critical" : "warning" }));
  await send(url, fires);
  const over = numbers.filter((n) => n >= alerts - GROUPS && n % CALMS === 1).map((n) => n % GROUPS);
  for (const group of over) {
    const members = Array.from({ length: alerts / GROUPS }, (_, index) => group + index * GROUPS);
    await send(
      url,
      members.map((n) => ({ ...named(n), state: "resolved" })),
    );
  }
}

function named(n: number) {
  return {
    name: `replica ${n % GROUPS} is behind`,
    summary: `replica ${n % GROUPS} is ${Math.floor(n / GROUPS)} s behind`,
    labels: { instance: `i${n}` },
  };
}

function isGrave(n: number, alerts: number): boolean {
  return n > alerts / 2 && (n % GROUPS) % 5 === 0;
}

async function send(url: string, body: readonly object[]): Promise<void> {
  const headers = { authorization: `Bearer ${SECRET}`, "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  expect({ status: answer.status, said: await answer.text() }).toMatchObject({ status: 200 });
}
