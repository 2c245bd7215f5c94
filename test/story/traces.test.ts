import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { OVER_SOCKET, startBot, type TestBot } from "../support/bot.ts";
import { openCollector, type Collector, type Told } from "../support/collector.ts";
import { openItem } from "../support/open.ts";
import { openSupervisor, type TestSupervisor } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

/** What happened at 2 am, told by the traces: from a press to the card that shows it, from a check to its card. */

const SAMPLING = { service: "daytwo", sampler: "parentbased_always_on", ratio: 1 } as const;

function catalog(supervisor: TestSupervisor): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
services:
  shop:
    owner: ana
    responsibilities: { patching: { by: the platform } }
    targets: { web: { provider: local, application: shop, supervisor: "${supervisor.url}", token: { env: TEST_SUPERVISOR_TOKEN } } }
    checks: { ownership: off, http: { url: "http://127.0.0.1:9/", every: 10s, failures: 1 } }
`;
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  let supervisor: TestSupervisor;
  let collector: Collector;
  let bot: TestBot;
  const lines: Record<string, unknown>[] = [];

  beforeAll(async () => {
    supervisor = await openSupervisor();
    supervisor.shows("shop", "v1", 2);
    collector = await openCollector();
    vi.stubEnv("TEST_SUPERVISOR_TOKEN", "supervisor-secret");
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=for-the-collector");
    bot = await startBot(pair, {
      catalog: catalog(supervisor),
      traces: { url: collector.url, ...SAMPLING },
    });
    const ana = bot.slack.as("ana");
    await bot.passes(10_000);
    // What redraws it later has a trace of its own.
    await ana.waitsFor("#ops", ({ buttons }) => buttons.includes("Take it"));
    await bot.passes(10_000);
    await bot.settle();
    await openItem(bot, "the disk of Zebediah fills");
    await bot.settle();
    const card = await ana.waitsFor("#ops", (each) => each.plain.includes("Zebediah") && each.buttons.length > 0);
    await ana.clicks(card, "Take it");
    await bot.settle();
    await ana.asks("/day2 audit #9999");
    await bot.slack.fault({ method: "chat.update", error: "ekm_access_denied", times: 1 });
    await ana.asks("/day2 snooze #2 1h for a private reason");
    await bot.settle();
    await bot.stop(); // sends what is left
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    await bot.close();
    await collector.close();
    await supervisor.close();
  });

  /** The whole trace that a span of this name and with these facts is part of. */
  function traceWith(name: string, facts: Record<string, unknown> = {}): Told[] {
    const found = collector.spans.find(
      (span) => span.name === name && Object.entries(facts).every(([key, value]) => span.facts[key] === value),
    );
    return collector.spans.filter((span) => span.trace === found?.trace);
  }

  test("a press, its acknowledgement, what it changed, and the card that shows it are one trace", () => {
    const spans = traceWith("handle item.take");
    const names = spans.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "Slack action",
        "handle item.take",
        "database transaction",
        "deliver item",
        "Slack chat.update",
      ]),
    );
    const [root, ...more] = spans.filter(({ parent }) => parent === "");
    expect([root?.name, root?.kind, more]).toEqual(["Slack action", 2, []]);
    const ids = new Set(spans.map(({ id }) => id));
    expect(spans.filter(({ parent }) => parent !== "" && !ids.has(parent))).toEqual([]);
    const handled = spans.find(({ name }) => name === "handle item.take");
    expect(handled?.parent).toBe(root?.id);
    expect(handled?.facts).toMatchObject({ "daytwo.surface": "button", "daytwo.item": 2 });
    expect(handled?.events).toEqual(["item.taken"]);
    const update = spans.find(({ name }) => name === "Slack chat.update");
    expect(update?.facts).toMatchObject({ "slack.method": "chat.update", "slack.channel": "C0OPS" });
    expect(spans.filter(({ start, end }) => start > end || start === 0n)).toEqual([]);
  });

  test("a check that turns: the job, the look, what the provider was asked, the card", () => {
    // Of the looks that saw it, the one that the item came of.
    const spans = traceWith("deliver item", { "daytwo.item": 1 });
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["job checks", "look http", "local observe", "deliver item"]),
    );
    // Its channel is found first. What redraws it meanwhile is what asked for it last, and the call is part of that.
    const cards = collector.spans.filter(({ name, facts }) => name === "deliver item" && facts["daytwo.item"] === 1);
    const ids = new Set(cards.map(({ id }) => id));
    const posted = collector.spans.filter(({ name, parent }) => name === "Slack chat.postMessage" && ids.has(parent));
    expect(posted).not.toEqual([]);
    const [root] = spans.filter(({ parent }) => parent === "");
    expect([root?.name, root?.kind, root?.facts["daytwo.queue"]]).toEqual(["job checks", 5, "checks"]);
    expect(spans.find(({ name }) => name === "look http")?.facts).toMatchObject({
      "daytwo.check": "shop/http",
      "daytwo.service": "shop",
      "daytwo.reading": "critical",
    });
    expect(spans.find(({ name }) => name === "local observe")?.facts).toMatchObject({
      "daytwo.provider": "local",
      "daytwo.target": "shop/web",
    });
  });

  test("a person who is told no is an outcome, Slack's refusal an error by Slack's own word", () => {
    const [refused] = traceWith("handle /day2", { "daytwo.verb": "audit" }).filter(
      ({ name }) => name === "handle /day2",
    );
    expect([refused?.facts["daytwo.outcome"], refused?.failed]).toEqual(["invalid", false]);
    const failed = traceWith("Slack chat.update", { "error.type": "ekm_access_denied" }).filter((span) => span.failed);
    expect(failed.map(({ facts }) => facts["error.type"])).toContain("ekm_access_denied");
  });

  test("the collector learns who sends, and nothing that people wrote or that is secret", () => {
    expect(collector.resources[0]).toMatchObject({ "service.name": "daytwo" });
    expect(collector.heads[0]).toMatchObject({
      "x-key": "for-the-collector",
      "content-type": "application/x-protobuf",
    });
    const raw = collector.raw().toString("latin1");
    expect(raw).toContain("item.take");
    for (const word of [
      "Zebediah",
      "supervisor-secret",
      "private reason",
      "9999",
      bot.slack.botToken,
      bot.slack.signingSecret,
    ])
      expect(raw).not.toContain(word);
  });

  test("nobody waits for a collector that refuses or hangs, and the log says it once", async () => {
    const log = pino(
      { level: "warn" },
      { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[0]) },
    );
    collector.does("refuse");
    const second = await startBot(pair, { beside: bot, log, traces: { url: collector.url, ...SAMPLING } });
    const ana = second.slack.as("ana");
    const before = collector.heads.length;
    await ana.asks("/day2 items");
    await until("the collector to refuse", () => lines.length > 0);
    collector.does("hang");
    const refused = collector.heads.length;
    await ana.asks("/day2 items");
    await until("the collector to hang", () => collector.heads.length > refused);
    await ana.asks("/day2 items");
    const { deliveries } = await second.slack.deliveries();
    expect(deliveries.filter(({ outcome }) => outcome?.acked !== true)).toEqual([]);
    await second.stop(); // although the collector still hangs
    expect(before).toBeLessThan(refused);
    expect(lines.map(({ msg, why, host }) => ({ msg, why, host }))).toEqual([
      { msg: "traces do not reach their collector", why: 400, host: new URL(collector.url).host },
    ]);
  });
});
