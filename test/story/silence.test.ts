import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { execute, sql } from "../../src/db/sql.ts";
import {
  ALERTMANAGER_PASSWORD,
  openAlertmanager,
  whyNoAlertmanager,
  type Alertmanager,
  type Labels,
} from "../support/alertmanager.ts";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { GRAFANA_TOKEN, openGrafana, type Grafana } from "../support/grafana.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { until } from "../support/until.ts";
import { addSeconds } from "../../src/domain/time.ts";
import { syncSilences } from "../../src/alerts/silence-sync.ts";

/** An item is silenced where its alerts come from: at a real Alertmanager, and at Grafana. */

const HOUR = 3_600_000;
process.env["SILENCE_IN"] = "silence-5ecret-71";
process.env["SILENCE_OUT"] = ALERTMANAGER_PASSWORD;
process.env["SILENCE_WRONG"] = "not-the-passw0rd";
process.env["SILENCE_GRAFANA"] = GRAFANA_TOKEN;

describe.skipIf(whyNoAlertmanager !== "")(`silence${whyNoAlertmanager}`, () => {
  let bot: TestBot;
  let ana: Actor;
  let grafana: Grafana;
  let manager: Alertmanager;

  function catalog(credential: string): string {
    return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  rae: { name: Rae, slack: U0RAE, role: reader }
services: { shop: { name: Shop, owner: ana, channel: "#shop", checks: { ownership: off } } }
alerts:
  prom: { format: alertmanager, secret: { env: SILENCE_IN }, api: { url: "${manager.url}", user: daytwo, credential: { env: ${credential} } } }
  graf: { format: grafana, secret: { env: SILENCE_IN }, api: { url: "${grafana.url}", credential: { env: SILENCE_GRAFANA } } }
  deaf: { format: alertmanager, secret: { env: SILENCE_IN } }
routes: [{ when: { source: graf, labels: { zone: "*" } }, service: shop }]
`;
  }

  beforeAll(async () => {
    grafana = await openGrafana();
    manager = await openAlertmanager();
    bot = await startBot(OVER_HTTP[0], { catalog: catalog("SILENCE_OUT") });
    ana = bot.slack.as("ana");
    await manager.begins(`${bot.bot.http.url}/alerts/prom`, process.env["SILENCE_IN"] ?? "");
  });
  afterAll(async () => {
    await manager.close();
    await bot.close();
    await grafana.close();
  });

  /** Straight to us, as a source sends it. */
  async function sends(source: string, alerts: readonly Labels[]): Promise<void> {
    const response = await fetch(`${bot.bot.http.url}/alerts/${source}`, {
      method: "POST",
      headers: { authorization: `Bearer ${process.env["SILENCE_IN"]}` },
      body: JSON.stringify({ alerts: alerts.map((labels) => ({ status: "firing", labels })) }),
    });
    expect(response.status).toBe(200);
  }

  function cardWith(words: RegExp): Promise<Seen> {
    return ana.waitsFor("#shop", ({ plain }) => words.test(plain));
  }

  async function cardSays(card: Seen, words: RegExp): Promise<Seen> {
    await expect.poll(async () => (await bot.settle(), (await ana.rereads(card)).plain)).toMatch(words);
    return ana.rereads(card);
  }

  async function thread(card: Seen): Promise<string[]> {
    const lines = (await ana.sees("#shop", card)).slice(1).map(({ plain }) => plain);
    return lines.filter((line) => !line.startsWith("Told "));
  }

  function numberOf(card: Seen): number {
    return Number(/#(\d+)/.exec(card.plain)?.[1]);
  }

  const A = { alertname: "Down", service: "shop", instance: "a" };
  const B = { alertname: "Down", service: "shop", instance: "b" };
  let card: Seen;
  let id: number;

  test("a person silences an item where it comes from, until a time and for a reason", async () => {
    await manager.fires([A, B, { ...A, alertname: "Slow", instance: "c" }]);
    card = await cardWith(/2 alerts firing: a is down, b is down/);
    id = numberOf(card);
    await ana.clicks(card, "Silence at prom…");
    const form = await ana.modal(`Silence #${id}`);
    expect(await form.submits()).toMatchObject({ ok: false });
    expect(await (await form.fills({ "Why silence it?": "new switch <!here>" })).submits()).toEqual({
      ok: true,
    });
    card = await cardSays(card, /🔕 Silenced at prom until .* by Ana/);
    expect(card.buttons).toContain("End silence");
    expect(card.buttons).not.toContain("Silence at prom…");
    const made = await manager.silences();
    expect(made).toMatchObject([
      {
        createdBy: "Ana (Daytwo)",
        comment: expect.stringMatching(/^new switch <!here> \(#\d+, [-0-9a-f]{36}\)$/) as string,
      },
    ]);
    expect(Object.fromEntries((made[0]?.matchers ?? []).map(({ name, value }) => [name, value]))).toEqual({
      alertname: "Down",
      service: "shop",
    });
    expect(await manager.asks("alerts?silenced=false")).toMatchObject([{ labels: { alertname: "Slow" } }]);
    expect((await ana.asks(`/day2 silence #${id} 2h twice`)).plain).toContain(`#${id} is silenced at prom already`);
  });

  test("an Alertmanager that was begun anew meanwhile is not believed at once that nothing fires", async () => {
    const slow = await cardWith(/c is down/);
    await ana.asks(`/day2 silence #${numberOf(slow)} 2h known`);
    await cardSays(slow, /🔕 Silenced at prom/);
    await manager.beginsAnew();
    expect(await manager.asks("alerts")).toEqual([]);
    await ana.asks(`/day2 silence end #${numberOf(slow)}`);
    await until("it to be ended there", async () => (await manager.silences()).length === 1);
    await cardSays(slow, /🔔 The silence at prom is being ended/);
    await manager.fires([A, B, { ...A, alertname: "Slow", instance: "c" }]);
    await bot.passes(5 * 60_000);
    expect((await cardSays(slow, /^(?![^]*silen)/i)).plain).toMatch(/^(?!.*Resolved).*c is down/);
  });

  test("what a worker made before it died is not made twice", async () => {
    const claimedUntil = addSeconds(bot.now(), 30);
    await execute(
      bot.bot.app.db,
      sql`update silences set state = 'asked', due_at = asked_at, claimed_until = ${claimedUntil} where item = ${id}`,
    );
    bot.advance(31_000);
    await bot.settle();
    await cardSays(card, /🔕 Silenced at prom until/);
    expect(await manager.silences()).toHaveLength(1);
  });

  test("at its end, what ended meanwhile is over here too, and what goes on stays", async () => {
    await manager.fires([A], true);
    await until(
      "it to be over there",
      async () => (await manager.asks<unknown[]>('alerts?filter=alertname="Down"')).length === 1,
    );
    expect((await ana.rereads(card)).plain).toContain("2 alerts firing");
    await ana.clicks(await ana.rereads(card), "End silence");
    card = await cardSays(card, /· b is down ·/);
    expect(card.plain).not.toContain("ilence");
    expect(await manager.silences()).toEqual([]);
    const lines = await thread(card);
    expect(lines.at(-2)).toBe("Ana ends the silence of it at prom");
    expect(lines.at(-1)).toBe("The silence of it at prom is over: 1 alert ended meanwhile");
    expect((await ana.asks(`/day2 silence end #${id}`)).plain).toContain(`#${id} is not silenced.`);
  });

  test("an item whose alerts all end while its source is silent is over when that is", async () => {
    expect((await ana.asks(`/day2 silence #${id} 2h still that switch`)).plain).toContain(
      "is asked to be silent until",
    );
    await cardSays(card, /🔕 Silenced at prom/);
    await manager.fires([B], true);
    await bot.passes(2 * HOUR);
    await cardSays(card, /Resolved .* by itself: its alert is over/);
    expect(await manager.silences()).toEqual([]);
  });

  test("what the source refuses is said, and why; whoever may only look may not ask for it", async () => {
    await bot.follows(catalog("SILENCE_WRONG"));
    const slow = await cardWith(/c is down/);
    const number = numberOf(slow);
    expect((await bot.slack.as("rae").asks(`/day2 silence #${number} 2h quiet`)).plain).toContain(
      "takes the role operator",
    );
    await ana.asks(`/day2 silence #${number} 2h quiet`);
    const refused = await cardSays(
      slow,
      /⚠️ Not silenced at prom: The Alertmanager of prom does not accept the credentials/,
    );
    expect(refused.buttons).toContain("Silence at prom…");
    expect((await thread(refused)).at(-1)).toMatch(/The silence of it at prom could not be begun: .* credentials/);
    await bot.follows(catalog("SILENCE_OUT"));
  });

  test("a source that does not answer is tried again, until it does or nobody wants it any more", async () => {
    const labels = { alertname: "HighLoad", service: "shop", grafana_folder: "Shop" };
    grafana.firing.push({ ...labels, __alert_rule_uid__: "ffk31" });
    await sends("graf", [labels]);
    const load = await cardWith(/HighLoad/);
    grafana.looks({ status: 503 });
    grafana.changes("breaks after");
    await ana.asks(`/day2 silence #${numberOf(load)} 2h import runs`);
    await cardSays(
      load,
      /🔕 Ana asked graf to be silent until .*; not silent yet: The Grafana of graf (answered 503|does not)/,
    );
    await bot.passes(10_000);
    await bot.passes(10_000);
    await cardSays(load, /🔕 Silenced at graf until/);
    expect(grafana.silences).toHaveLength(1);
    grafana.firing.length = 0;
    await bot.passes(2 * HOUR);
    await cardSays(load, /Resolved .* by itself: its alert is over/);
    expect(grafana.silences).toMatchObject([{ state: "expired" }]);
  });

  test("where alerts differ in what routes look at, each is silenced for itself; of what is refused in part nothing stays", async () => {
    const zones = ["a", "b"].map((zone) => ({ alertname: "Lag", service: "shop", zone }));
    grafana.firing.push(...zones);
    await sends("graf", zones);
    const lag = await cardWith(/Lag/);
    const before = grafana.silences.length;
    grafana.limits(before + 1);
    await ana.asks(`/day2 silence #${numberOf(lag)} 2h one too many`);
    await until("it to be refused", async () =>
      (await thread(lag)).some((line) => line.includes("could not be begun")),
    );
    expect((await thread(lag)).join()).toContain("could not be begun: Exceeded maximum number of silences");
    await bot.passes(10_000);
    await cardSays(lag, /^(?![^]*🔔)/);
    grafana.limits(Number.POSITIVE_INFINITY);
    await ana.asks(`/day2 silence #${numberOf(lag)} 2h both`);
    await cardSays(lag, /🔕 Silenced at graf/);
    const made = grafana.silences.slice(before);
    expect(made.map(({ state }) => state)).toEqual(["expired", "active", "active"]);
    const zone = made.map(({ matchers }) => matchers.find(({ name }) => name === "zone")?.value);
    expect(new Set(zone.slice(1))).toEqual(new Set(["a", "b"]));
  });

  test("a silence that is ended while it is being made is ended there too", async () => {
    const labels = { alertname: "Import", service: "shop" };
    grafana.firing.push(labels);
    await sends("graf", [labels]);
    const number = numberOf(await cardWith(/Import/));
    grafana.changes("stalls after");
    await ana.asks(`/day2 silence #${number} 2h by mistake`);
    await until("it to be made", () => grafana.isHolding());
    expect((await ana.asks(`/day2 silence end #${number}`)).plain).toContain("is being ended");
    expect((await ana.asks(`/day2 silence end #${number}`)).plain).toContain("is being ended already");
    grafana.release();
    await cardSays(await cardWith(/Import/), /^(?![^]*silen)/i);
    expect(grafana.silences.at(-1)).toMatchObject({ state: "expired" });
  });

  test("one that arrives there only after it was ended is ended too", async () => {
    const labels = { alertname: "Late", service: "shop" };
    grafana.firing.push(labels);
    await sends("graf", [labels]);
    const late = await cardWith(/Late/);
    const before = grafana.silences.length;
    grafana.changes("stalls before");
    await ana.asks(`/day2 silence #${numberOf(late)} 2h by mistake`);
    await until("it to be on its way", () => grafana.isHolding());
    await ana.asks(`/day2 silence end #${numberOf(late)}`);
    bot.advance(31_000); // whoever sent it is taken for dead
    await syncSilences(bot.bot.app);
    grafana.release();
    await until("it to arrive", () => grafana.silences.length > before);
    await bot.passes(60_000);
    await cardSays(late, /^(?![^]*silen)/i);
    expect(grafana.silences.slice(before)).toMatchObject([{ state: "expired" }]);
  });

  test("a source that the catalog has no address of shows no button, and says what is missing", async () => {
    await sends("deaf", [{ alertname: "Odd", service: "shop" }]);
    const odd = await cardWith(/Odd/);
    expect(odd.buttons.filter((label) => label.includes("ilence"))).toEqual([]);
    const said = (await ana.asks(`/day2 silence #${numberOf(odd)} 2h x`)).plain;
    expect(said).toContain("deaf cannot be silenced from here: the catalog has no `api` for it.");
  });
});
