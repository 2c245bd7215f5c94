import { expect, test } from "vitest";
import { fittingBy } from "../src/board/fitting.ts";
import { readCatalog } from "../src/catalog.ts";
import type { Service } from "../src/domain/catalog.ts";
import type { Responsibility } from "../src/domain/duty.ts";
import type { Observation } from "../src/domain/observation.ts";
import { CHECKS } from "../src/checks/index.ts";
import { PROVIDERS } from "../src/providers/index.ts";

/** What a card offers first: what helps where the item is. */

function service(targets: string, checks: string): Service {
  const read = readCatalog(`services: { shop: { owner: nobody, targets: { ${targets} }, checks: { ${checks} } } }`, {
    checks: CHECKS,
    providers: PROVIDERS,
  });
  const found = "catalog" in read ? read.catalog.services["shop"] : undefined;
  if (found === undefined) throw new Error(`the catalog is wrong: ${JSON.stringify(read)}`);
  return found;
}

function seen(told: Readonly<Record<string, Partial<Observation>>>): ReadonlyMap<string, Observation> {
  return new Map(
    Object.entries(told).map(([target, more]) => {
      const none = { health: "ok" as const, releases: [], sizes: [], certificates: [], facts: {} };
      return [target, { target, observedAt: "2026-11-30T12:00:00Z", version: "1", ...none, ...more }];
    }),
  );
}

function offered(of: Service, responsibility: Responsibility, fingerprint: string, told = seen({})): string[] {
  return fittingBy(of, { responsibility, fingerprint }, told).map(({ action, target }) => `${action} ${target}`);
}

const CLOUD66 = "provider: cloud66, stack: 5999b763474b0eafa5fafb64bff0ba80, token: { env: TOKEN }";
const RDS = "provider: aws, region: eu-west-1";
const UPDATE = { name: "system-update", summary: "", due: null };
const SPARED = { name: "Moose", roles: [] };

test("what waits elsewhere does not hide what waits here", () => {
  const shop = service(
    `db: { ${RDS}, database: shop }, app: { ${CLOUD66} }`,
    "updates: [{ name: db, target: db }, { name: app, target: app }]",
  );
  const app = { servers: [{ ...SPARED, needsReboot: "the kernel was updated" }] };
  const waits = seen({ "shop/db": { updates: [] }, "shop/app": app });
  expect(offered(shop, "patching", "shop/updates/app", waits)).toEqual(["reboot shop/app"]);
  const both = seen({ "shop/db": { updates: [UPDATE] }, "shop/app": app });
  expect(offered(shop, "patching", "shop/updates/app", both)).toEqual(["reboot shop/app", "patch shop/db"]);
  expect(offered(shop, "patching", "shop/updates/db", both)).toEqual(["patch shop/db", "reboot shop/app"]);
  const elsewhere = seen({ "shop/db": { updates: [{ ...UPDATE, isElsewhere: true }] }, "shop/app": app });
  expect(offered(shop, "patching", "shop/updates/db", elsewhere)).toEqual(["reboot shop/app"]);
  const none = seen({ "shop/db": { updates: [] }, "shop/app": { servers: [SPARED] } });
  expect(offered(shop, "patching", "shop/updates/db", none)).toEqual([]);
});

test("what was not seen rules nothing out", () => {
  const shop = service(`db: { ${RDS}, database: shop }, app: { ${CLOUD66} }`, "ownership: off");
  expect(offered(shop, "patching", "alert")).toEqual(["patch shop/db", "reboot shop/app"]);
});

test("a database is restarted for its own sake alone", () => {
  const place = "provider: google, project: acme-shop";
  const shop = service(
    `db: { ${place}, database: shop-db }, worker: { ${place}, zone: europe-west1-b, group: workers }`,
    "health: { target: db, responsibility: database }",
  );
  expect(offered(shop, "disk-and-logs", "alert")).toEqual(["restart shop/worker"]);
  expect(offered(shop, "database", "shop/health")).toEqual(["restart shop/db", "restart shop/worker"]);
});

test("an app with its database is restarted whatever is wrong, and backed up where a database of its own is seen", () => {
  const shop = service(`web: { provider: heroku, app: shop-web }, db: { ${RDS}, database: shop }`, "ownership: off");
  expect(offered(shop, "disk-and-logs", "alert")).toEqual(["restart shop/web"]);
  expect(offered(shop, "backups", "alert")).toEqual(["backup shop/web", "backup shop/db"]);
  const told = seen({ "shop/web": {}, "shop/db": { backups: { isScheduled: true, lastGood: null } } });
  expect(offered(shop, "backups", "alert", told)).toEqual(["backup shop/db"]);
});
