import { expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { matches, route, suggestedRoute } from "../src/domain/routing.ts";
import { alertOf } from "../src/alert-formats/read.ts";
import { cpuTime } from "./support/cpu-time.ts";
import { KINDS } from "./support/kinds.ts";

/** Where an alert belongs: by its labels, by the routes of the catalog, and at last by its source. */

const read = readCatalog(
  `
services: { shop: { checks: { ownership: off } }, shop-db: { checks: { ownership: off } } }
alerts: { prom: { format: alertmanager, secret: { env: A } }, own: { format: generic, secret: { env: A }, service: shop-db } }
routes:
  - { when: { labels: { team: [web, "mobile*"] } }, service: shop, group_by: service }
  - { when: { source: own, labels: { kind: "*dump*" } }, responsibility: backups, severity: critical, group_by: [kind, region] }
`,
  KINDS,
);
const { catalog } = read as { catalog: Catalog };
function routed(source: string, labels: Readonly<Record<string, string>>) {
  const found = catalog.alerts?.[source];
  if (found === undefined) throw new Error(`there is no source ${source}`);
  return route(catalog, found, alertOf({ identity: "1", name: "Slow", state: "firing", labels }));
}

test("the label that names a service, a route before it, and the source at last", () => {
  expect(routed("prom", { service: "Shop_DB" }).service).toBe("shop-db");
  expect(routed("prom", { app: "nowhere", job: "shop" }).service).toBe("shop");
  expect(routed("prom", { service: "shop-db", team: "web" }).service).toBe("shop");
  expect(routed("own", {}).service).toBe("shop-db");
  expect(routed("prom", { service: "toString" }).service).toBeNull();
});

test("later routes add to earlier ones; labels say the rest", () => {
  expect(routed("own", { team: "mobile-ios", kind: "pg_dump full" })).toMatchObject({
    service: "shop",
    responsibility: "backups",
    severity: "critical",
    title: "pg_dump full",
  });
  expect(routed("prom", { responsibility: "database" })).toMatchObject({
    responsibility: "database",
    severity: "warning",
  });
});

test("one item for each kind and service; or for what the route says", () => {
  function same(source: string, a: Record<string, string>, b: Record<string, string>): boolean {
    return routed(source, a).group === routed(source, b).group;
  }
  expect(same("prom", { service: "shop", instance: "a" }, { service: "shop", instance: "b" })).toBe(true);
  expect(same("prom", { service: "shop" }, { service: "shop-db" })).toBe(false);
  expect(same("own", { kind: "dump", region: "eu" }, { kind: "dump", region: "us" })).toBe(false);
  expect(same("prom", { team: "web", alertname: "A" }, { team: "web", alertname: "B" })).toBe(true);
});

test.each([
  ["web", "web", true],
  ["web", "website", false],
  ["web*", "website", true],
  ["*", "", true],
  ["a*b*c", "a-b-b-c", true],
  ["a*a", "a", false],
  ["*x*", "axb", true],
  ["*x*", "ab", false],
])("%j and %j", (text, value, expected) => {
  expect(matches(text, value)).toBe(expected);
});

test("a text with many stars takes no time", () => {
  const took = cpuTime(() => expect(matches(`${"a*".repeat(100)}b`, "a".repeat(100_000))).toBe(false));
  expect(took).toBeLessThan(1_000);
});

test("the line that would route it can be put into the catalog as it is", () => {
  const labels = { alertname: 'Lost: "x" & #y', service: "no", job: "node" };
  const lines = suggestedRoute("prom", labels).join("\n").replace("SERVICE", "shop");
  const text = `services: { shop: { checks: { ownership: off } } }\nalerts: { prom: { format: alertmanager, secret: { env: A } } }\n${lines}\n`;
  const again = readCatalog(text, KINDS);
  expect("catalog" in again && again.catalog.routes?.[0]?.when.labels).toEqual({ service: ["no"], job: ["node"] });
});
