import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** Alerts come in, are folded into items that a person can read, count, resolve and come back. */

const HOUR = 3_600_000;
const SECRET = "story-alerts-5ecret-91";

process.env["STORY_ALERTS"] = SECRET;

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: admin }
services:
  shop: { name: Shop, owner: ana, channel: "#shop", checks: { ownership: off } }
  shop-db: { owner: ben, responsibilities: { database: ana }, checks: { ownership: off } }
alerts:
  prom: { format: alertmanager, secret: { env: STORY_ALERTS } }
  own: { format: generic, secret: { env: STORY_ALERTS } }
routes:
  - { when: { labels: { alertname: "Postgres*" } }, service: shop-db, responsibility: database, severity: critical }
  - { when: { labels: { team: web } }, service: shop, group_by: service }
heartbeats:
  nightly-backup: { every: 24h, grace: 1h, service: shop-db, responsibility: database, secret: { env: STORY_ALERTS } }
`;

type Sent = Readonly<Record<string, unknown>>;

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let ana: Actor;
  let ben: Actor;
  let began: Date;

  beforeAll(async () => {
    bot = await startBot(pair, { catalog: CATALOG });
    began = bot.now();
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
  });
  afterAll(() => bot.close());

  /** What Alertmanager sends of these alerts, each its labels; `state` for all of them. */
  function sends(state: "firing" | "resolved", alerts: readonly Sent[]): Promise<number> {
    const body = {
      version: "4",
      status: state,
      alerts: alerts.map((labels) => ({
        status: state,
        labels: { severity: "warning", ...labels },
        annotations: {
          summary: `${String(labels["alertname"])} on ${String(labels["instance"])}`,
          runbook_url: "https://runbooks.example.com/slow",
        },
        startsAt: began.toISOString(),
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "https://prom.example.com/graph?g0.expr=up&g0.tab=1",
      })),
    };
    return post("/alerts/prom", body);
  }

  async function post(path: string, body: unknown, secret = SECRET): Promise<number> {
    const answer = await fetch(`${bot.bot.http.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    await bot.settle();
    return answer.status;
  }

  function cardOf(words: string, channel = "#shop"): Promise<Seen> {
    return ben.waitsFor(channel, (each) => each.plain.includes(words));
  }

  function numberOf(card: Seen): number {
    return Number(/#(\d+)/.exec(card.plain)?.[1]);
  }

  async function thread(card: Seen, channel = "#shop"): Promise<string[]> {
    const lines = (await ben.sees(channel, card)).slice(1).map((line) => line.plain);
    return lines.filter((line) => !line.startsWith("Told ")); // whom it told meanwhile is another story
  }

  test("an alert opens an item where its service is, a repeat changes nothing, its end resolves it", async () => {
    const slow = { alertname: "Slow", service: "shop", instance: "web-1", severity: "critical" };
    expect(await sends("firing", [slow])).toBe(200);
    const card = await cardOf("Slow on web-1");
    expect(card.plain).toMatch(/^🔴 \*#\d+ Shop\* · Slow on web-1 · since/);
    expect(card.plain).toContain("instance: web-1");
    expect(card.plain).toContain("Owner: @ana (has not taken it yet)");
    expect(card.plain).toMatch(/Runbook · .*Source$/m);
    expect(card.plain).not.toContain("runbook_url");
    expect(card.buttons).toContain("Take it");
    bot.advance(60_000);
    expect(await sends("firing", [slow])).toBe(200);
    expect(await sends("firing", [slow])).toBe(200);
    expect(await thread(card)).toEqual([]);
    await ana.clicks(card, "Take it");
    await bot.settle();
    expect(await sends("resolved", [slow])).toBe(200);
    expect((await ben.rereads(card)).plain).toMatch(/Resolved .* by itself: its alert is over\. Ana had it/);
    expect(await thread(card)).toEqual(["Ana took it", "Daytwo resolved it: its alert is over"]);
  });

  test("many of one kind are one item that counts and lists them, and is over with the last of them", async () => {
    const down = ["a", "b", "c", "d", "e"].map((name) => ({ alertname: "Down", app: "shop", instance: name }));
    expect(await sends("firing", down.slice(0, 1))).toBe(200);
    const card = await cardOf("Down on a");
    expect(await sends("firing", down)).toBe(200);
    const all = await ben.rereads(card);
    expect(all.plain).toContain("Down: several alerts");
    expect(all.plain).toContain("5 alerts firing: Down on a, Down on b, Down on c and 2 more");
    expect(await sends("resolved", down.slice(0, 3))).toBe(200);
    await bot.passes(2 * HOUR);
    expect((await ben.rereads(card)).plain).toContain("2 alerts firing: Down on d, Down on e");
    expect(await sends("resolved", down.slice(3, 4))).toBe(200);
    expect((await ben.rereads(card)).plain).toContain("· Down on e ·");
    expect(await sends("resolved", down.slice(4))).toBe(200);
    expect((await ben.rereads(card)).plain).toContain("Resolved");
  });

  test("routes say whose it is, how bad, and what is one item", async () => {
    expect(await sends("firing", [{ alertname: "PostgresFull", instance: "db-1" }])).toBe(200);
    const database = await cardOf("PostgresFull on db-1", "#ops");
    expect(database.plain).toMatch(/^🔴 \*#\d+ shop-db\*/);
    expect(database.plain).toContain("Owner: @ana");
    const web = [
      { alertname: "Errors", team: "web", instance: "w1" },
      { alertname: "Latency", team: "web", instance: "w1" },
    ];
    expect(await sends("firing", web)).toBe(200);
    expect((await cardOf("alerts of shop: several alerts")).plain).toContain("2 alerts firing: ");
    expect(await sends("resolved", [...web, { alertname: "PostgresFull", instance: "db-1" }])).toBe(200);
    expect((await ben.rereads(database)).plain).toContain("Resolved");
  });

  test("what matches nothing is nobody's in the default channel, and says which line would route it", async () => {
    expect(await sends("firing", [{ alertname: "Lost & *found*", instance: "x", job: "node" }])).toBe(200);
    const card = await cardOf("Lost & ∗found∗ on x", "#ops");
    expect(card.plain).toContain("Owner: nobody");
    await ben.clicks(card, "Whose is this?");
    const lines = await ben.waitsFor("#ops", (each) => each.plain.includes("routes:"));
    expect(lines.plain).toContain(
      '{ when: { source: prom, labels: { job: node, alertname: "Lost & *found*" } }, service: SERVICE }',
    );
    expect(await sends("resolved", [{ alertname: "Lost & *found*", instance: "x", job: "node" }])).toBe(200);
  });

  test("what a person closed while it fires stays closed for a day; what begins anew comes back", async () => {
    const full = { alertname: "DiskFull", service: "shop", instance: "d1" };
    expect(await sends("firing", [full])).toBe(200);
    const card = await cardOf("DiskFull on d1");
    const id = numberOf(card);
    await ana.asks(`/day2 resolve #${id} known, the disk is on order`);
    await bot.settle();
    bot.advance(60_000);
    expect(await sends("firing", [full])).toBe(200);
    expect((await ben.rereads(card)).plain).toContain("Resolved");
    expect(await sends("firing", [{ ...full, instance: "d2" }])).toBe(200);
    const back = await ben.rereads(card);
    expect(back.plain).toContain("2 alerts firing");
    expect((await thread(card)).at(-1)).toContain("Came back");
    await ana.asks(`/day2 resolve #${id} both are known`);
    await bot.passes(23 * HOUR);
    expect((await ben.rereads(card)).plain).toContain("Resolved");
    await bot.passes(2 * HOUR);
    const next = await cardOf(`came back after #${id}`);
    expect(next.plain).toContain("2 alerts firing");
    expect(await sends("resolved", [full, { ...full, instance: "d2" }])).toBe(200);
    expect((await ben.rereads(next)).plain).toContain("Resolved");
  });

  test("what Prometheus sends straight to Daytwo is over when it is not sent again", async () => {
    const body = [
      {
        labels: { alertname: "Straight", service: "shop", instance: "p1" },
        annotations: { summary: "Straight on p1" },
        startsAt: bot.now().toISOString(),
        endsAt: new Date(bot.now().getTime() + 240_000).toISOString(),
      },
    ];
    expect(await post("/api/v2/alerts", body)).toBe(200);
    const card = await cardOf("Straight on p1");
    await bot.passes(200_000);
    expect((await ben.rereads(card)).plain).not.toContain("Resolved");
    await bot.passes(100_000);
    expect((await ben.rereads(card)).plain).toContain("Resolved");
  });

  test("what is only told opens an item that a person closes, and opens it again when told again", async () => {
    const told = { name: "Deploy hook failed", service: "shop", state: "event", summary: "exit code 1" };
    expect(await post("/alerts/own", told)).toBe(200);
    const card = await cardOf("exit code 1");
    await ana.asks(`/day2 resolve #${numberOf(card)} fixed the hook`);
    await bot.passes(25 * HOUR - 1_000);
    expect((await ben.rereads(card)).plain).toContain("Resolved");
    expect(await post("/alerts/own", { ...told, summary: "exit code 2" })).toBe(200);
    expect((await cardOf("exit code 2")).plain).toContain("came back after");
  });

  test("a heartbeat that stops opens an item, its next call resolves it; a call may say that it failed", async () => {
    expect(await beat()).toBe(200);
    await bot.passes(24 * HOUR);
    expect((await ben.asks("/day2 items shop-db")).plain).not.toContain("silent");
    await bot.passes(2 * HOUR);
    const card = await cardOf("nightly-backup is silent: no call for 26 hours, expected every 1 day", "#ops");
    expect(card.plain).toContain("Owner: @ana");
    expect(await beat()).toBe(200);
    expect((await ben.rereads(card)).plain).toContain("by itself: it called again");
    expect(await beat("/fail", "disk full on <backup-1>")).toBe(200);
    const failed = await ben.rereads(card);
    expect(failed.plain).toContain("nightly-backup says that it failed");
    expect(failed.plain).toContain("it says: disk full on <backup-1>");
    expect(await beat("?status=ok")).toBe(200);
    expect((await ben.rereads(card)).plain).toContain("Resolved");
  });

  async function beat(how = "", said?: string): Promise<number> {
    const answer = await fetch(`${bot.bot.http.url}/heartbeats/nightly-backup${how}`, {
      method: said === undefined ? "HEAD" : "POST",
      headers: { authorization: `Basic ${Buffer.from(`cron:${SECRET}`).toString("base64")}` },
      ...(said === undefined ? {} : { body: said }),
    });
    await bot.settle();
    return answer.status;
  }

  test("a person opens an item with what they saw", async () => {
    expect((await ana.asks("/day2 open shop critical checkout hangs after *paying*")).plain).toMatch(
      /#\d+ is open\. Its card is in #shop\./,
    );
    await bot.settle();
    expect((await cardOf("checkout hangs")).plain).toMatch(/^🔴 \*#\d+ Shop\* · checkout hangs after ∗paying∗/);
    expect((await ana.asks("/day2 open nowhere it hangs")).plain).toContain("I know no service called nowhere");
  });

  test("what begins in maintenance asks nobody, and what still fires when that ends does", async () => {
    await ana.asks("/day2 window shop now for 30m new switch");
    const alerts = ["switch-1", "switch-2"].map((instance) => ({ alertname: "SwitchDown", instance, service: "shop" }));
    expect(await sends("firing", [...alerts, { alertname: "SwitchDown", instance: "db-1", service: "shop-db" }])).toBe(
      200,
    );
    expect((await ana.asks("/day2 items shop-db")).plain).toContain("SwitchDown on db-1");
    expect(await sends("resolved", alerts.slice(1))).toBe(200);
    await bot.passes(10 * 60_000);
    expect((await ana.asks("/day2 items shop")).plain).not.toContain("SwitchDown");
    await bot.passes(21 * 60_000);
    expect((await ana.asks("/day2 items shop")).plain).toContain("SwitchDown on switch-1");
    expect(
      await sends("resolved", [...alerts, { alertname: "SwitchDown", instance: "db-1", service: "shop-db" }]),
    ).toBe(200);
    expect((await ana.asks("/day2 items shop")).plain).not.toContain("SwitchDown");
  });

  test("who cannot prove themselves, or sends nonsense, learns what is wrong", async () => {
    const { url } = bot.bot.http;
    expect(await post("/alerts/prom", { alerts: [] }, "wrong")).toBe(401);
    expect(await post("/alerts/nowhere", {})).toBe(404);
    expect(await post("/api/v2/alerts", [], "wrong")).toBe(401);
    expect(await post("/heartbeats/nowhere", {})).toBe(404);
    const wrong = await fetch(`${url}/alerts/prom`, {
      method: "POST",
      headers: { authorization: `Bearer ${SECRET}` },
      body: JSON.stringify({ alerts: [{ status: "on fire", labels: {} }] }),
    });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain("`alerts[0].status` is wrong");
    const large = await fetch(`${url}/alerts/prom`, {
      method: "POST",
      headers: { authorization: `Bearer ${SECRET}` },
      body: "x".repeat(2 * 1024 * 1024 + 1),
    });
    expect(large.status).toBe(413);
  });
});
