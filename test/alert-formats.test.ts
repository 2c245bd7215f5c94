import { describe, expect, test } from "vitest";
import { ALERT_FORMATS, RUNBOOK, type AlertFormat } from "../src/domain/alert.ts";
import { Invalid } from "../src/errors.ts";
import { FORMATS } from "../src/alert-formats/index.ts";
import { itemCard } from "../src/slack/item-card.ts";
import { checkLimits } from "../src/slack/limits.ts";
import { mutated, randomFrom } from "./support/mutated.ts";
import { EXAMPLES } from "./support/alert-bodies.ts";
import { alarm, sns } from "./support/alert-senders.ts";
import { often } from "./support/often.ts";
import { hostile, readAll } from "./views.reader.ts";
import { itemCardOf } from "./views.values.ts";

/** What each tool sends becomes alerts; what none of them sends is refused by the name of the field. */

const NOW = new Date("2026-11-30T02:00:00Z");
const BODIES = often(10_000);

function read(format: AlertFormat, body: unknown) {
  return FORMATS[format](body, NOW);
}

describe.each(ALERT_FORMATS)("%s", (format) => {
  const { firing, resolved, read: expected } = EXAMPLES[format];

  test("what it sends is read, and what ends it has the same identity", () => {
    const [alert] = read(format, firing);
    expect(alert).toMatchObject({ state: "firing", ...expected });
    expect(alert?.labels).toEqual(expected.labels);
    const [end] = read(format, resolved);
    expect(end).toMatchObject({ identity: alert?.identity, state: "resolved" });
  });

  test("thousands of bodies of its grammar and none, none of which breaks anything", () => {
    const random = randomFrom(ALERT_FORMATS.indexOf(format) + 1);
    let refused = 0;
    for (let index = 0; index < BODIES; index += 1) {
      const body = mutated(index % 3 === 0 ? resolved : firing, random);
      try {
        if (read(format, body).some((alert) => sizeOf(alert) > 120_000)) throw new Error("an alert is too large");
      } catch (error) {
        if (!(error instanceof Invalid)) throw new Error(`${JSON.stringify(body).slice(0, 500)}`, { cause: error });
        if (!/^(`[^`]+`|The body) (is|cannot) /.test(error.message)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(BODIES * 0.05);
    expect(refused).toBeLessThan(BODIES * 0.95);
  });

  test.each([null, 7, "x", [], {}, [[]], { alerts: 7 }, { alerts: [7] }, { alerts: [null] }])(
    "%j is no crash",
    (body) => {
      expect(outcome(format, body)).toMatch(/^(read|refused)$/);
    },
  );
});

test("labels in another order are the same alert, by the text that its row was found by ever since", () => {
  const [one, other] = read("alertmanager", [
    { labels: { alertname: "Slow", zone: "a", "10": "x", "9": "y", ["__proto__"]: "z" } },
    { labels: { zone: "a", "9": "y", alertname: "Slow", "10": "x" } },
  ]);
  expect(one?.identity).toBe('[["10","x"],["9","y"],["alertname","Slow"],["zone","a"]]');
  expect(other?.identity).toBe(one?.identity);
});

test("what Prometheus posts is over when its end has come", () => {
  const labels = { alertname: "Slow" };
  const [fires, over, unsaid] = read("alertmanager", [
    { labels, endsAt: "2026-11-30T02:04:00Z" },
    { labels, endsAt: "2026-11-30T01:59:00Z" },
    { labels },
  ]);
  expect(fires).toMatchObject({ state: "firing", lastsUntil: new Date("2026-11-30T02:04:00Z") });
  expect(over).toMatchObject({ state: "resolved", lastsUntil: null });
  expect(unsaid).toMatchObject({ state: "firing", lastsUntil: new Date("2026-11-30T02:05:00Z") });
});

test("an alert of Sentry is told once; its issue's end ends it", () => {
  const event = {
    issue_id: "42",
    title: "TypeError: x",
    level: "error",
    url: "https://sentry.io/api/0/projects/acme/shop/events/1/",
  };
  const [told] = read("sentry", { action: "triggered", data: { event, triggered_rule: "any error" } });
  expect(told).toMatchObject({ state: "told", severity: "critical", labels: { project: "shop", rule: "any error" } });
  const [over] = read("sentry", { action: "resolved", data: { issue: { id: "42", title: "TypeError: x" } } });
  expect(over).toMatchObject({ identity: told?.identity, state: "resolved" });
  expect(read("sentry", { action: "created", data: { installation: {} } })).toEqual([]);
});

test("an alarm on several metrics has the dimensions of all of them, and of a name that they share the first", () => {
  function metric(name: string, ...dimensions: [string, string][]) {
    const Dimensions = dimensions.map(([name, value]) => ({ value, name }));
    return {
      Id: name.toLowerCase(),
      MetricStat: { Metric: { Dimensions, MetricName: name, Namespace: "AWS/NetworkELB" } },
    };
  }
  const Metrics = [
    { Expression: "100*(healthy/all)", Id: "share", ReturnData: true },
    metric("Healthy", ["TargetGroup", "web"], ["service", "shop"]),
    metric("All", ["TargetGroup", "all"], ["LoadBalancer", "net/shop"]),
  ];
  const message = { ...alarm("ALARM"), Trigger: { Period: 60, Threshold: 65, Metrics } };
  expect(read("cloudwatch", sns(message))[0]?.labels).toMatchObject({
    metric: "Healthy",
    namespace: "AWS/NetworkELB",
    TargetGroup: "web",
    LoadBalancer: "net/shop",
    service: "shop",
  });
});

test("the runbook of an alert is a label, and no part of what tells it from others", () => {
  const runbook_url = "https://runbooks.example.com/slow";
  const alert = { status: "firing", labels: { alertname: "Slow" }, annotations: { runbook_url } };
  for (const format of ["alertmanager", "grafana"] as const) {
    const [first] = read(format, { alerts: [alert] });
    expect(first).toMatchObject({ identity: '[["alertname","Slow"]]', labels: { alertname: "Slow", runbook_url } });
  }
});

test("Datadog's own payload says in its title what became of it", () => {
  const [begins] = read("datadog", { id: "1", title: "[Triggered on {host:web-1}] Disk is full", body: "95 %" });
  const [ends] = read("datadog", { id: "2", title: "[Recovered on {host:web-1}] Disk is full", body: "20 %" });
  expect(begins).toMatchObject({ name: "Disk is full", state: "firing", severity: "critical" });
  expect(ends).toMatchObject({ identity: begins?.identity, state: "resolved" });
});

test("what crashes at Heroku is over when it is up again; of what does not come back by its name nobody says so", () => {
  function crashed(data: object) {
    return read("heroku", { resource: "dyno", data: { state: "crashed", app: { name: "shop" }, ...data } });
  }
  expect(crashed({ name: "worker.2", type: "worker", management: "dyno" })).toMatchObject([{ state: "firing" }]);
  expect(crashed({ name: "scheduler.8375", type: "scheduler", management: "run:detached" })).toMatchObject([
    { state: "told", summary: "scheduler.8375 of shop crashed" },
  ]);
  expect(crashed({ name: "web-12a34bcd56-7efgh", type: "web" })).toMatchObject([{ state: "told" }]);
  expect(crashed({ name: "web-12a34bcd56-7efgh", type: "web", state: "up" })).toEqual([]);
  expect(crashed({ name: "run.9359", type: "run" })).toEqual([]);
  expect(crashed({ name: "run.9359", type: "run", management: "run:attached" })).toEqual([]);
});

test("at Cloud 66 a deployment that went well ends the item of one that did not, whichever of its words is used", () => {
  for (const who of ["account", "stack"]) {
    const [fails] = read("cloud66", { event_type: `${who}.redeploy.fail`, stack: { name: "shop" } });
    const [works] = read("cloud66", { event_type: `${who}.redeploy.ok`, stack: { name: "shop" } });
    expect(fails?.state).toBe("firing");
    expect(works).toMatchObject({ identity: fails?.identity, state: "resolved" });
  }
});

test("a key of PagerDuty that was never given cannot end anything", () => {
  expect(() => read("pagerduty", { event_action: "resolve" })).toThrow("`dedup_key` is missing.");
});

test("in thousands of hostile alerts nothing mentions, links or formats on a card", () => {
  const usual = readAll(itemCard(itemCardOf()));
  const found: string[] = [];
  for (let seed = 1; seed <= often(10_000); seed += 1) {
    const text = hostile(seed);
    const body = [
      {
        labels: { alertname: text, instance: text, [text || "x"]: text },
        annotations: { summary: text, description: text, runbook_url: text },
        generatorURL: text,
      },
    ];
    const [alert] = read("alertmanager", body);
    if (alert === undefined) throw new Error("no alert");
    const shown = { summary: alert.summary, link: alert.link, runbook: alert.labels[RUNBOOK] ?? null };
    const card = itemCard(
      itemCardOf(
        {
          origin: "alert",
          fingerprint: "alert/x",
          summary: alert.summary,
          evidence: { what: alert.description, ...alert.labels },
        },
        { alerts: { firing: 5, told: 0, shown: [shown, shown, shown] } },
      ),
    );
    const seen = readAll(card);
    const more = seen.links.filter((each) => !usual.links.includes(each));
    const foreign = {
      mentions: seen.mentions.filter((each) => !usual.mentions.includes(each)),
      links: more.length <= 2 ? more.filter((each) => !/^<https?:\/\/[^|<>]+\|(Runbook|Source)>$/.test(each)) : more,
      formats: [...seen.italic, ...seen.struck, ...seen.pictures, ...seen.bold.slice(usual.bold.length)],
      quotes: seen.quotes,
      limits: checkLimits(card),
    };
    if (JSON.stringify(foreign) !== NOTHING) found.push(JSON.stringify({ text, ...foreign }));
  }
  expect(found).toEqual([]);
});

const NOTHING = JSON.stringify({ mentions: [], links: [], formats: [], quotes: 0, limits: [] });

function outcome(format: AlertFormat, body: unknown): "read" | "refused" {
  try {
    read(format, body);
    return "read";
  } catch (error) {
    if (error instanceof Invalid) return "refused";
    throw error;
  }
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}
