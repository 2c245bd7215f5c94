import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCounters } from "../src/telemetry/counters.ts";
import { parseFigures } from "./support/figures.ts";
import { close, count, itemCard, open, openItem, type Open } from "./support/open.ts";

/** What a process counts of itself: against what Slack says it was asked, and what it acknowledged. */

/** By family name; then by the sample's name and labels. */
function figuresOf(text: string): Record<string, Record<string, number>> {
  return Object.fromEntries([...parseFigures(text)].map(([name, { samples }]) => [name, Object.fromEntries(samples)]));
}

describe("the text", () => {
  test("nothing happened yet: every queue is there, and every bucket is at nought", () => {
    const figures = figuresOf(openCounters(["checks", "operations"]).text());
    expect(figures["daytwo_slack_calls_total"]).toEqual({});
    const jobs = figures["daytwo_job_duration_seconds"] ?? {};
    expect(Object.keys(jobs).filter((name) => name.includes("_count"))).toEqual([
      'daytwo_job_duration_seconds_count{queue="checks"}',
      'daytwo_job_duration_seconds_count{queue="operations"}',
    ]);
    expect(
      Object.values(figures)
        .flatMap((samples) => Object.values(samples))
        .every((value) => value === 0),
    ).toBe(true);
  });

  test("a bucket holds all that is no more than its limit, and the last one everything", () => {
    const counters = openCounters([]);
    for (const seconds of [0.01, 0.011, 3, 40]) counters.acknowledged(seconds);
    expect(figuresOf(counters.text())["daytwo_acknowledgement_seconds"]).toMatchObject({
      'daytwo_acknowledgement_seconds_bucket{le="0.01"}': 1,
      'daytwo_acknowledgement_seconds_bucket{le="0.025"}': 2,
      'daytwo_acknowledgement_seconds_bucket{le="2.5"}': 2,
      'daytwo_acknowledgement_seconds_bucket{le="3"}': 3,
      'daytwo_acknowledgement_seconds_bucket{le="+Inf"}': 4,
      daytwo_acknowledgement_seconds_sum: 43.021,
      daytwo_acknowledgement_seconds_count: 4,
    });
  });

  test("each call is counted by how it ended, and the other ways stand at nought", () => {
    const counters = openCounters([]);
    for (const outcome of ["ok", "ok", "limited"] as const) counters.called("chat.update", outcome);
    expect(figuresOf(counters.text())["daytwo_slack_calls_total"]).toEqual({
      'daytwo_slack_calls_total{method="chat.update",outcome="ok"}': 2,
      'daytwo_slack_calls_total{method="chat.update",outcome="refused"}': 0,
      'daytwo_slack_calls_total{method="chat.update",outcome="limited"}': 1,
      'daytwo_slack_calls_total{method="chat.update",outcome="silent"}': 0,
    });
  });

  test("requests with alerts are counted by how they ended, and the alerts that were taken", () => {
    const counters = openCounters([]);
    counters.alertsCame("taken", 12);
    counters.alertsCame("put off", 0);
    const figures = figuresOf(counters.text());
    expect(figures["daytwo_alert_requests_total"]).toEqual({
      'daytwo_alert_requests_total{outcome="taken"}': 1,
      'daytwo_alert_requests_total{outcome="refused"}': 0,
      'daytwo_alert_requests_total{outcome="put off"}': 1,
    });
    expect(figures["daytwo_alerts_taken_total"]).toEqual({ daytwo_alerts_taken_total: 12 });
  });
});

type Told = { readonly method: string; readonly outcome: string; readonly value: number };

function callsTold(samples: Record<string, number>): Told[] {
  return Object.entries(samples).map(([name, value]) => {
    const [, method = "", outcome = ""] = /method="(.+)",outcome="(.+)"/.exec(name) ?? [];
    return { method, outcome, value };
  });
}

function totals(told: readonly Told[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { method, value } of told) sums[method] = (sums[method] ?? 0) + value;
  return sums;
}

describe.each(["socket", "http"] as const)("a bot over %s", (transport) => {
  let under: Open;
  beforeAll(async () => (under = await open(transport)));
  afterAll(() => close(under));

  async function figures(): Promise<Record<string, Record<string, number>>> {
    return figuresOf(await (await fetch(`${under.bot.bot.http.url}/metrics`)).text());
  }

  test("it tells as many calls, acknowledgements and messages as Slack does", async () => {
    const card = await itemCard(under, "the queue grows");
    await under.bot.slack.as("ben").clicks(card, "Take it");
    await under.bot.slack.as("ana").asks("/day2 items");
    await under.bot.settle();
    const asked = Map.groupBy(await under.bot.slack.calls(), ({ method }) => method);
    asked.delete("apps.connections.open"); // the socket's own, and nothing that is done for anybody
    const said = await figures();
    const told = callsTold(said["daytwo_slack_calls_total"] ?? {});
    expect(totals(told.filter(({ method }) => method !== "response_url"))).toEqual(
      Object.fromEntries([...asked].map(([method, calls]) => [method, calls.length])),
    );
    const { deliveries } = await under.bot.slack.deliveries();
    expect(said["daytwo_acknowledgement_seconds"]?.["daytwo_acknowledgement_seconds_count"]).toBe(deliveries.length);
    const shown = totals(told.filter(({ outcome }) => outcome === "ok"));
    expect(shown).toMatchObject({ "auth.test": 1, response_url: 1 });
    expect(said["daytwo_delivery_lag_seconds"]?.["daytwo_delivery_lag_seconds_count"]).toBe(
      (shown["chat.postMessage"] ?? 0) + (shown["chat.update"] ?? 0),
    );
  });

  test.each([
    ["limited", { status: 429, retry_after: 1 }],
    ["refused", { error: "ekm_access_denied" }],
    ["silent", { status: 503 }],
  ] as const)("a call that ends as %s counts as such", async (outcome, fault) => {
    const series = `daytwo_slack_calls_total{method="chat.postMessage",outcome="${outcome}"}`;
    const before = (await figures())["daytwo_slack_calls_total"]?.[series] ?? 0;
    await under.bot.slack.fault({ method: "chat.postMessage", times: 1, ...fault });
    await openItem(under.bot, `an item whose card is ${outcome}`);
    await under.bot.settle();
    // Slack's own pace may limit one more.
    expect((await figures())["daytwo_slack_calls_total"]?.[series]).toBeGreaterThan(before);
    expect(await count(under, "postings where shown < wanted")).toBe(0);
  });
});
