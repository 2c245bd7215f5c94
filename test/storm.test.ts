import { afterAll, expect, onTestFinished, test } from "vitest";
import { openApp, type App } from "../src/app.ts";
import { importText } from "../src/catalog-import.ts";
import { changeAlone } from "../src/caller.ts";
import { query } from "../src/db/sql.ts";
import { deliver } from "../src/delivery.ts";
import { draw } from "../src/drawing.ts";
import { close, openItem } from "../src/item-life.ts";
import { fieldsOf, listOf, textOf } from "../src/local/workspace/json.ts";
import { openLog } from "../src/log.ts";
import { unfold } from "../src/unfolding.ts";
import { withPosting } from "../src/slack/blocks.ts";
import { countBehind } from "../src/store/due-postings.ts";
import { POSTING, type Posting } from "../src/store/postings.ts";
import { sql } from "../src/db/sql.ts";
import { cloneDatabase } from "./support/database.ts";
import { HISTORY, manifestWith, openSlack, type Slack } from "./support/slack.ts";
import { worst } from "./support/paces.ts";

/**
 * A storm on a Slack that limits, fails and forgets to answer: in the end every message shows its row, as soon as Slack's
 * limits allow. `DAYTWO_STORM=full` makes it ten times as large. Time is the test's own: nothing waits.
 */

const FULL = process.env["DAYTWO_STORM"] === "full";
const GROUPS = FULL ? 1_000 : 100;
const LASTS = FULL ? 600_000 : 60_000; // ms
const BATCH = 500;
const ODDS = { seed: 7, limited: 0.3, failing: 0.05, dropped: 0.02 };
// A message whose answer is missing waits before it is repeated, and its thread with it, several times at worst: in a short
// storm that counts for more than a tenth.
const TAIL = FULL ? 0 : 120_000; // ms

const figures: string[] = [];
afterAll(() => void process.stdout.write(`${figures.join("\n")}\n`));

type Storm = { readonly app: App; readonly slack: Slack; readonly clock: { now: number } };

test.each([
  { mode: "with history scopes", sightings: FULL ? 100_000 : 10_000, history: HISTORY, odds: ODDS },
  // What differs is a matter of messages, not of sightings.
  { mode: "without history scopes", sightings: FULL ? 100_000 : 2_000, history: [], odds: { ...ODDS, seed: 11 } },
])("a storm of alerts $mode", { timeout: FULL ? 1_800_000 : 120_000 }, async ({ mode, sightings, history, odds }) => {
  const storm = await openStorm(history);
  const { app, slack, clock } = storm;
  const began = clock.now;
  await slack.odds(odds);
  const started = performance.now();
  await rage(storm, sightings);
  const took = clock.now - began;
  await slack.odds(null);

  const calls = await slack.calls();
  const postings = await query(app.db, POSTING, sql`select ${POSTING} from postings order by id`);
  const shown = await messages(slack);
  const { rows } = await app.db.query<{ items: number; seen: number }>(
    "select count(*)::int as items, sum(seen)::int as seen from items",
  );
  expect(rows[0]).toEqual({ items: GROUPS, seen: sightings });
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
    `storm ${mode}: ${sightings} sightings of ${GROUPS} items, ${calls.length} calls to Slack (${calls.filter(({ status }) => status === 429).length} answered 429, ${calls.filter(({ status }) => status === 503).length} 503, ${lost} new messages stored without an answer), ${copies} stray copies, shown after ${seconds(took)} s where Slack allows ${seconds(allowed)} s; real time ${seconds(performance.now() - started)} s`,
  );
});

test(
  "a storm of alerts that folds is a few messages, and what is left of it has its card in the end",
  { timeout: 120_000 },
  async () => {
    const storm = await openStorm(HISTORY, "storm: { items: 20, within: 1m }");
    const { app, slack, clock } = storm;
    await slack.odds(ODDS);
    await rage(storm, 2_000, () => unfold(app));
    await slack.odds(null);
    const during = (await slack.calls()).filter(({ method, ok }) => method === "chat.postMessage" && ok).length;
    const { rows } = await app.db.query<{ id: number; held: number; open: number }>(
      `select s.id::int as id, count(*)::int as held, (count(*) filter (where m.state <> 'resolved'))::int as open
     from items s join items m on m.folded_under = s.id where s.fingerprint = 'storm:#ops' and s.state = 'open' group by s.id`,
    );
    const [{ id, held, open } = { id: 0, held: 0, open: 0 }] = rows;
    // As many as there may be without a storm, those that four transactions opened beside each other, and its own.
    expect(held).toBeGreaterThanOrEqual(GROUPS - 30);
    const summary = `storm: ${held} new items at once, ${open} still open`;
    expect((await messages(slack)).find(({ text }) => text.includes(`#${id} `))?.text).toContain(summary);
    for (let left = 1; left > 0; clock.now += 10_000) {
      await unfold(app);
      await rage(storm, 0);
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
  const app = await openApp({
    databaseUrl: database.url,
    redisUrl: null,
    slack: { botToken: slack.botToken, apiUrl: slack.apiUrl },
    demo: null,
    actions: "local",
    heartbeat: null,
    logLevel: "silent",
    log: openLog("silent"),
    now: () => new Date(clock.now),
  });
  // Unless it is about folding, each of them shall have its card: that is more for delivery to do.
  await importText(app, "daytwo.yaml", catalog);
  await app.followCatalog();
  onTestFinished(async () => {
    await app.close();
    await slack.close();
    await database.drop();
  });
  return { app, slack, clock };
}

/** Sightings come in batches over the whole time; in between Slack is told what it takes. Ends when it shows everything. */
async function rage(
  { app, clock }: Storm,
  sightings: number,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const began = clock.now;
  let fed = 0;
  for (;;) {
    while (fed < sightings && clock.now >= began + (LASTS * fed) / sightings) {
      await feed(app, { from: fed, count: Math.min(BATCH, sightings - fed), sightings });
      fed += BATCH;
      await meanwhile();
    }
    if ((await deliver(app, 20)) > 0) continue;
    const { now: ready, later, nextAt } = await countBehind(app.db, app.now());
    if (fed >= sightings && ready + later === 0) return;
    const nextBatch = fed < sightings ? began + (LASTS * fed) / sightings : Number.POSITIVE_INFINITY;
    clock.now = Math.ceil(Math.min(nextBatch, Math.max(clock.now + 1, nextAt?.getTime() ?? nextBatch)));
  }
}

const LANES = 4; // transactions side by side

/** So many sightings: what is seen again says something else each time, some gets worse, and some is over at the end. */
async function feed(
  app: App,
  { from, count, sightings }: { from: number; count: number; sightings: number },
): Promise<void> {
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) =>
      changeAlone(app, async (change) => {
        for (let n = from + lane; n < from + count; n += LANES) {
          const group = n % GROUPS;
          const item = await openItem(change, app.inForce(), {
            fingerprint: `storm/${group}`,
            origin: "alert",
            service: null,
            responsibility: "on-call",
            severity: group % 5 === 0 && n > sightings / 2 ? "critical" : "warning",
            summary: `replica ${group} is behind`,
            evidence: { behind: `${Math.floor(n / GROUPS)} s` },
            since: change.now,
          });
          if (n >= sightings - GROUPS && group % 10 === 1) await close(change, item, { by: null, how: "caught up" });
        }
      }),
    ),
  );
}

type Shown = { readonly ts: string; readonly posting: number; readonly text: string; readonly blocks: unknown };

async function messages(slack: Slack): Promise<readonly Shown[]> {
  const roots = await slack.as("ana").sees("#ops");
  const threads = await Promise.all(
    roots.filter(({ replies }) => replies > 0).map(async (root) => (await slack.as("ana").sees("#ops", root)).slice(1)),
  );
  return [...roots, ...threads.flat()].map(({ ts, raw }) => ({
    ts,
    posting: Number(fieldsOf(fieldsOf(raw["metadata"])["event_payload"])["posting"]),
    text: textOf(raw["text"]),
    blocks: listOf(raw["blocks"]),
  }));
}

/** Postings whose message does not say what their row says now. */
async function different(app: App, postings: readonly Posting[], shown: readonly Shown[]): Promise<unknown[]> {
  const at = new Map(shown.map((message) => [message.ts, message]));
  const wrong: unknown[] = [];
  for (const posting of postings) {
    const drawn = await draw(app, posting);
    const message = at.get(posting.messageTs ?? "");
    const wanted = drawn === null ? null : withPosting(drawn, posting.id);
    const same = message?.text === wanted?.text && equal(message?.blocks, wanted?.blocks);
    if (!same || message?.posting !== posting.id) wrong.push({ posting: posting.id, message, wanted });
  }
  return wrong.slice(0, 3);
}

/** As Slack stores blocks: with ids where we gave none. */
function equal(stored: unknown, drawn: unknown): boolean {
  return JSON.stringify(bare(stored)) === JSON.stringify(bare(JSON.parse(JSON.stringify(drawn ?? null))));
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "block_id")
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, bare(each)]),
  );
}
