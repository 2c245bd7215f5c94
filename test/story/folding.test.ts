import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keepObservation } from "../../src/observing.ts";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** What would be too much to read, or is the doing of something else, folds under one card, and unfolds when that is over. */

const MINUTE = 60_000;
const SECRET = "story-folding-5ecret-17";

process.env["STORY_FOLDING"] = SECRET;

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: admin }
services:
  shop: { name: Shop, owner: ana, depends_on: [shop-db], checks: { ownership: off }, targets: { web: { provider: local, supervisor: "http://127.0.0.1:9", application: shop, token: { env: STORY_FOLDING } } } }
  shop-db: { owner: ben, checks: { ownership: off } }
  blog: { owner: ben, channel: "#shop", checks: { ownership: off } }
alerts:
  own: { format: generic, secret: { env: STORY_FOLDING } }
`;

type Sent = { readonly name: string; readonly service: string; readonly severity?: string; readonly id?: string };

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let pool: Pool;
  let ana: Actor;
  let ben: Actor;

  beforeAll(async () => {
    bot = await startBot(pair, { catalog: CATALOG });
    pool = new Pool({ connectionString: bot.database, options: "-c search_path=daytwo" });
    pool.on("error", () => undefined); // the database is dropped under its idle connections
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
  });
  afterAll(async () => {
    await pool.end();
    await bot.close();
  });

  async function sends(state: "firing" | "resolved", alerts: readonly Sent[]): Promise<void> {
    const answer = await fetch(`${bot.bot.http.url}/alerts/own`, {
      method: "POST",
      headers: { authorization: `Bearer ${SECRET}`, "content-type": "application/json" },
      body: JSON.stringify({ alerts: alerts.map((each) => ({ ...each, state })) }),
    });
    expect(answer.status).toBe(200);
    await bot.settle();
  }

  function cardOf(words: string, channel = "#ops"): Promise<Seen> {
    return ben.waitsFor(channel, (each) => each.plain.includes(words));
  }

  function numberOf(card: Seen): number {
    return Number(/#(\d+)/.exec(card.plain)?.[1]);
  }

  async function rows<Row extends object>(statement: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await pool.query<Row>(statement, [...values])).rows;
  }

  /** Open items without a card that is shown, and what they fold under. */
  function withoutCard(): Promise<{ id: number; under: number | null }[]> {
    return rows(`select id::int, folded_under::int as under from items i
                 where state <> 'resolved'
                   and not exists (select from postings where subject_kind = 'item' and subject = i.id and message_ts is not null)
                 order by id`);
  }

  async function messagesIn(channel: string): Promise<number> {
    return (await ben.sees(channel)).length;
  }

  test("a thousand alerts at once are one card, which counts as the rows do; what is left has its card when it is over", async () => {
    const names = Array.from({ length: 200 }, (_, n) => ({ name: `Slow${n}`, service: n < 150 ? "shop" : "shop-db" }));
    const alerts = names.flatMap((each, n) =>
      Array.from({ length: 5 }, (_, id) => ({
        ...each,
        id: `${n}/${id}`,
        severity: each.service === "shop" && n % 50 === 0 ? "critical" : "warning",
      })),
    );
    const before = await messagesIn("#ops");
    await sends("firing", alerts);
    await bot.passes(3_000);
    // The storm's card, and that of the first critical item of the only service that has some.
    expect((await messagesIn("#ops")) - before).toBe(2);
    const storm = await cardOf("new items at once");
    expect(storm.plain).toContain("🔴");
    expect(storm.plain).toContain("storm: 199 new items at once, 199 still open, 2 critical");
    expect(storm.plain).toContain("by service: Shop 149 (2 critical), shop-db 50");
    expect(storm.plain).toMatch(/#\d+: Shop: Slow\d+/);
    expect(storm.buttons.slice(0, 2)).toEqual(["Take all", "Seen all"]);
    const id = numberOf(storm);
    const [held] = await withoutCard();
    expect(await withoutCard()).toHaveLength(199);
    expect(await rows("select count(*)::int from items where folded_under = $1", [id])).toEqual([{ count: 199 }]);
    expect((await ana.asks(`/day2 items #${held?.id}`)).plain).toContain(`Folded under #${id}`);
    expect((await ana.asks("/day2 items")).plain).toContain("201");
    // Whoever has some of it is told of all of it, once.
    const told = await rows<{ people: string[] }>(
      "select detail->'people' as people from events where kind = 'item.told' and item = $1",
      [id],
    );
    expect(told).toEqual([{ people: ["ana", "ben"] }]);
    expect(await rows("select item from events where kind = 'item.told' and item <> $1", [id])).toHaveLength(1);

    await ana.clicks(storm, "Seen all");
    await bot.settle();
    expect(
      await rows("select count(*)::int from items where acknowledged_by = 'ana' and (folded_under = $1 or id = $1)", [
        id,
      ]),
    ).toEqual([{ count: 200 }]);
    expect((await ben.asks(`/day2 resolve #${id} enough`)).plain).toContain("over by itself");
    await sends("resolved", alerts.slice(0, 940));
    await bot.passes(3_000);
    expect((await ben.rereads(storm)).plain).toContain("199 new items at once, 12 still open");

    await bot.passes(6 * MINUTE);
    expect((await ben.rereads(storm)).plain).toMatch(
      /Resolved .* by itself: 199 items of 2 services in \d+ minutes, 12 still open, which get cards of their own/,
    );
    await bot.passes(3_000);
    await bot.passes(3_000);
    expect(await withoutCard()).toEqual([]);
    expect((await cardOf("Slow199")).plain).toContain("Seen by Ana");
    await sends("resolved", alerts.slice(940));
    expect(await rows("select id from items where state <> 'resolved'")).toEqual([]);
  });

  test("what is well and ill again all the time is named, told once, and over when it stays well", async () => {
    const link = [{ name: "LinkDown", service: "blog", id: "flap" }];
    await sends("firing", link);
    const card = await cardOf("LinkDown", "#shop");
    await ana.asks(`/day2 ack #${numberOf(card)} for 2h`);
    for (let turn = 0; turn < 5; turn += 1) {
      bot.advance(4 * MINUTE);
      await sends("resolved", link);
      bot.advance(4 * MINUTE);
      await sends("firing", link);
    }
    const flapping = await ben.rereads(card);
    expect(flapping.plain).toMatch(/🔁 Flapping: recovered 5 times since .*; over once it stays well for 15 minutes/);
    const lines = (await ben.sees("#shop", card)).slice(1).map((line) => line.plain);
    expect(lines.filter((line) => line.includes("is flapping"))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("resolved it"))).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith("Came back"))).toHaveLength(2);
    await sends("resolved", link);
    await bot.passes(14 * MINUTE);
    expect((await ben.rereads(card)).plain).toContain("recovered 6 times");
    await bot.passes(2 * MINUTE);
    expect((await ben.rereads(card)).plain).toMatch(/by itself: well for 1\d minutes, after it was flapping/);
  });

  test("what may come from what it needs folds under that, and has its own card when that is over or it got worse", async () => {
    const database: Sent = { name: "DatabaseDown", service: "shop-db", severity: "critical", id: "db" };
    const slow: Sent = { name: "CheckoutSlow", service: "shop", id: "slow" };
    const errors: Sent = { name: "CheckoutErrors", service: "shop", id: "errors" };
    await sends("firing", [errors]);
    const early = await cardOf("CheckoutErrors");
    bot.advance(20_000);
    await sends("firing", [database]);
    const cause = await cardOf("DatabaseDown");
    await sends("firing", [slow]);
    await bot.passes(3_000);
    expect((await ben.rereads(early)).plain).toContain(`Folded under #${numberOf(cause)}`);
    const [held] = await withoutCard();
    expect(held?.under).toBe(numberOf(cause));
    expect((await ben.rereads(cause)).plain).toContain(
      `May be the cause of #${numberOf(early)} Shop, #${held?.id} Shop, which are folded under it`,
    );
    const lines = (await ben.sees("#ops", cause)).slice(1).map((line) => line.plain);
    expect(lines).toContain(`#${held?.id} shop folds under #${numberOf(cause)}, which may be its cause: CheckoutSlow`);
    await bot.passes(30 * MINUTE);
    expect(await rows("select id from events where kind = 'item.told' and item = $1", [held?.id])).toEqual([]);

    await sends("firing", [{ ...slow, severity: "critical" }]);
    const worse = await cardOf("CheckoutSlow");
    expect(worse.plain).toContain("🔴");
    expect((await ben.rereads(cause)).plain).toContain("which is folded under it");
    await sends("resolved", [slow]);
    await sends("resolved", [database]);
    await bot.passes(3_000);
    expect((await ben.rereads(early)).plain).not.toContain("Folded under");
    expect(await withoutCard()).toEqual([]);
    await sends("resolved", [errors]);
  });

  test("a storm ends in a channel that was closed meanwhile: what is critical calls people, and other channels wait for nothing", async () => {
    const waiting = some("Waiting", 12, "warning");
    const storm = [...some("Broken", 15, "critical"), ...some("Slower", 15, "warning")];
    const database: Sent = { name: "DatabaseGone", service: "shop-db", severity: "critical", id: "gone" };
    const slow: Sent = { name: "BasketSlow", service: "shop", id: "basket" };
    await sends("firing", waiting.slice(0, 1));
    await bot.slack.channel({ channel: "C0SHOP", archived: true });
    await sends("firing", waiting);
    await bot.passes(2 * MINUTE);
    await sends("firing", storm);
    await sends("firing", [database]);
    await sends("firing", [slow]);
    // The first critical item of a service has its own card all the time.
    expect(await withoutCardOf("Broken")).toHaveLength(14);
    expect(await withoutCardOf("BasketSlow")).toHaveLength(1);
    for (let round = 0; round < 4; round += 1) await bot.passes(3 * MINUTE);
    await sends("resolved", [database]);
    await bot.passes(3_000);
    expect((await cardOf("BasketSlow")).plain).not.toContain("Folded");
    expect(await withoutCardOf("Broken")).toEqual([]);
    const called = await rows(`select distinct item from events e join items i on i.id = e.item
                               where e.kind = 'item.told' and i.summary like 'Broken%'`);
    expect(called).toHaveLength(15);
    await sends("resolved", [...waiting, ...storm, slow]);
  });

  test("folding hides no release: what began after one has its own card, and so it has when that is seen only later", async () => {
    const database: Sent = { name: "DatabaseFull", service: "shop-db", severity: "critical", id: "full" };
    await sends("firing", [database]);
    await sends("firing", [{ name: "CartBroken", service: "shop", id: "cart" }]);
    expect(await withoutCard()).toHaveLength(1);
    await sees("v1");
    bot.advance(1_000);
    await sees("v2");
    await bot.passes(3_000);
    expect((await cardOf("CartBroken")).plain).not.toContain("Folded");
    await sends("firing", [{ name: "PayBroken", service: "shop", id: "pay" }]);
    expect((await cardOf("PayBroken")).plain).not.toContain("Folded");
    expect(await withoutCard()).toEqual([]);
  });

  function some(name: string, count: number, severity: string): Sent[] {
    return Array.from({ length: count }, (_, n) => ({
      name: `${name}${n}`,
      service: "blog",
      severity,
      id: `${name}${n}`,
    }));
  }

  /** Open items that say so and fold under another one. */
  function withoutCardOf(words: string): Promise<{ id: number }[]> {
    return rows("select id from items where state <> 'resolved' and folded_under is not null and summary like $1", [
      `${words}%`,
    ]);
  }

  async function sees(release: string): Promise<void> {
    const observed = {
      target: "shop/web",
      version: release,
      release,
      releases: [],
      sizes: [],
      certificates: [],
      facts: {},
    };
    const { app } = bot.bot;
    const [target] = app.inForce().catalog.services["shop"]?.targets ?? [];
    if (target === undefined) throw new Error("shop has no target");
    await keepObservation(app, target, { ...observed, health: "ok", observedAt: bot.now().toISOString() });
  }
});
