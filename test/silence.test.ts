import { describe, expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import type { AlertRoute, AlertSource } from "../src/domain/alert-source.ts";
import { route, valueOf } from "../src/domain/routing.ts";
import { isMeant, matchersFor } from "../src/domain/silence.ts";
import { randomFrom } from "./support/mutated.ts";

/** Which silences an item takes at its source: as narrow as the item is. */

const PROM: AlertSource = { key: "prom", format: "alertmanager", secret: { env: "X" } };
const SERVICES = { shop: {}, db: {} } as never;

function alert(labels: Readonly<Record<string, string>>) {
  return { labels, name: labels["alertname"] ?? "alert", severity: "warning" } as const;
}

function sets(routes: readonly AlertRoute[], ...all: readonly Readonly<Record<string, string>>[]) {
  const alerts = all.map(alert);
  const group = route({ services: SERVICES, routes }, PROM, alerts[0] ?? alert({})).group;
  return matchersFor({ services: SERVICES, routes }, PROM, group, alerts);
}

describe("an item's alerts share", () => {
  test("the label that names the service, those looked at before it, and the name", () => {
    const down = { alertname: "Down", app: "shop" };
    expect(sets([], { ...down, instance: "a" }, { ...down, instance: "b" })).toEqual([
      { service: "", service_name: "", app: "shop", alertname: "Down" },
    ]);
    expect(sets([], { alertname: "Down", service: "Shop" })).toEqual([{ service: "Shop", alertname: "Down" }]);
  });

  test("what a route asks for, one silence for each set of values", () => {
    const routes = [
      { when: { labels: { team: ["web*"] } }, service: "shop", groupBy: [] },
      { when: { source: "other", labels: { zone: ["a"] } }, service: "db" },
      { when: { labels: { night: ["yes"] } }, severity: "critical" as const },
    ];
    const labels = { alertname: "Slow", zone: "a", night: "yes" };
    expect(
      sets(routes, { ...labels, team: "web-1" }, { ...labels, team: "web-2" }, { ...labels, team: "ops" }),
    ).toEqual([{ team: "web-1" }, { team: "web-2" }]);
  });
});

test("the catalog says where a source is silenced, and what is wrong with that", () => {
  const read = readCatalog(
    `
alerts:
  a: { format: sentry, secret: { env: A }, api: { url: "https://x.example" } }
  b: { format: grafana, secret: { env: A }, api: { url: "https://:pw@x.example" } }
  c: { format: grafana, secret: { env: A }, api: { url: x.example, tokn: { env: B } } }
  d: { format: alertmanager, secret: { env: A }, api: { url: "http://x.example/am", user: me } }
`,
    { checks: [], providers: [] },
  );
  const problems = "problems" in read ? read.problems : [];
  expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    "3:44 What comes as sentry cannot be silenced where it comes from.",
    "4:57 `url` must hold no user and no password: give `user` and `credential`.",
    "5:57 `url` must be a URL that begins with https:// or http://.",
    "5:68 `tokn` is not known here.",
    "6:50 `credential` is missing: the password of `user`.",
  ]);
});

test("whatever a silence means is of the same item, whatever the routes and the labels", () => {
  const random = randomFrom(41);
  function pick<One>(from: readonly One[]): One {
    return from[Math.floor(random() * from.length)] as One;
  }
  const labels = ["alertname", "service", "app", "team", "zone", "constructor"];
  const values = ["shop", "db", "web", "", "x"];
  function anyLabels(): Record<string, string> {
    return Object.fromEntries(labels.filter(() => random() < 0.6).map((label) => [label, pick(values)]));
  }
  function anyRoute(): AlertRoute {
    return {
      when: {
        ...(random() < 0.3 ? { source: pick(["prom", "other"]) } : {}),
        labels: { [pick(labels)]: [pick(["shop", "*", "w*", "x"])] },
      },
      ...(random() < 0.6 ? { service: pick(["shop", "db"]) } : {}),
      ...(random() < 0.4 ? { groupBy: [pick(labels)] } : {}),
    };
  }
  let met = 0;
  for (let round = 0; round < 500; round += 1) {
    const catalog = { services: SERVICES, routes: Array.from({ length: Math.floor(random() * 4) }, anyRoute) };
    const one = alert(anyLabels());
    const { group } = route(catalog, PROM, one);
    const [matchers = {}] = matchersFor(catalog, PROM, group, [one]);
    expect(isMeant(matchers, one.labels)).toBe(true);
    for (let other = 0; other < 10; other += 1) {
      const same = Object.entries(matchers).filter(() => random() < 0.8);
      const near = alert({ ...anyLabels(), ...Object.fromEntries(same) });
      if (!isMeant(matchers, near.labels)) continue;
      met += 1;
      expect(route(catalog, PROM, near).group).toBe(group);
    }
  }
  expect(met).toBeGreaterThan(500);
  expect(valueOf({}, "constructor")).toBe("");
});
