import { describe, expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { KINDS, RULE } from "./support/kinds.ts";

function good(text: string): Catalog {
  const read = readCatalog(text, KINDS);
  if ("problems" in read) throw new Error(JSON.stringify(read.problems, null, 1));
  return read.catalog;
}

describe("a catalog", () => {
  test.each(["{}", "# nothing yet", "people:\nservices:\npolicies:\n"])("%j is empty", (text) => {
    expect(good(text)).toEqual({
      channel: "#ops",
      services: {},
      people: {},
      teams: {},
      policies: [],
      freezes: [],
      windows: [],
      digests: [],
    });
  });

  test("people and teams", () => {
    const { people, teams } = good(`
people:
  ana: { name: Ana, slack: U0ANA, teams: [web] }
  ben: { slack: [U0BEN, W0BEN2], role: reader, services: { shop: approver } }
  cleo:
teams:
  web: { name: Web team, channel: "#shop", slack_group: S0WEB }
  db:
services: { shop: }
`);
    expect(people).toEqual({
      ana: { key: "ana", name: "Ana", slack: ["U0ANA"], teams: ["web"], role: "operator", services: {} },
      ben: {
        key: "ben",
        name: "ben",
        slack: ["U0BEN", "W0BEN2"],
        teams: [],
        role: "reader",
        services: { shop: "approver" },
      },
      cleo: { key: "cleo", name: "cleo", slack: [], teams: [], role: "operator", services: {} },
    });
    expect(teams).toEqual({
      web: { key: "web", name: "Web team", channel: "#shop", slackGroup: "S0WEB" },
      db: { key: "db", name: "db" },
    });
  });

  test("duties: the owner covers everything, single lines override, nobody is a gap and somebody outside is not", () => {
    const { duties } = good(`
people: { ana: }
teams: { web: }
services:
  shop:
    owner: team-web
    responsibilities: { patching: { by: heroku }, certificates: ana, backups: nobody }
`).services["shop"] ?? { duties: {} };
    const web = { team: "web" };
    expect(duties).toEqual({
      releases: web,
      scaling: web,
      patching: { by: "heroku" },
      certificates: { person: "ana" },
      database: web,
      credentials: web,
      "disk-and-logs": web,
      "on-call": web,
    });
  });

  test("checks: keys, defaults, what is said, and settings as they were written", () => {
    const { targets, checks } = good(`
services:
  shop:
    targets: { web: { provider: local, supervisor: "http://127.0.0.1:1" } }
    checks:
      http: { url: "http://x.example", slow: 2s, every: 30s, failures: 3, responsibility: releases }
      certificate: [ { name: www, address: "a:443" }, { name: api.v2, address: "b:443", successes: 1 } ]
      queue:
`).services["shop"] ?? { targets: [], checks: [] };
    expect(targets).toEqual([
      {
        key: "shop/web",
        service: "shop",
        name: "web",
        provider: "local",
        settings: { supervisor: "http://127.0.0.1:1" },
      },
    ]);
    expect(checks).toEqual([
      {
        key: "shop/http",
        service: "shop",
        check: "http",
        on: "address",
        responsibility: "releases",
        settings: { url: "http://x.example", slow: "2s" },
        every: 30_000,
        rule: { failures: 3, successes: 2 },
      },
      {
        key: "shop/certificate/www",
        service: "shop",
        check: "certificate",
        on: "address",
        responsibility: "certificates",
        settings: { address: "a:443" },
        every: 60_000,
        rule: RULE,
      },
      {
        key: "shop/certificate/api.v2",
        service: "shop",
        check: "certificate",
        on: "address",
        responsibility: "certificates",
        settings: { address: "b:443" },
        every: 60_000,
        rule: { failures: 2, successes: 1 },
      },
      {
        key: "shop/queue",
        service: "shop",
        check: "queue",
        on: "target",
        target: "shop/web",
        responsibility: "scaling",
        settings: {},
        every: 60_000,
        rule: RULE,
      },
      {
        key: "shop/ownership",
        service: "shop",
        check: "ownership",
        on: "service",
        responsibility: "on-call",
        settings: {},
        every: 300_000,
        rule: { failures: 1, successes: 1 },
      },
    ]);
  });

  test.each([
    ["checks: { ownership: off }", []],
    ["checks: { ownership: false }", []],
    ["checks: { ownership: }", ["shop/ownership"]],
    ["checks: { ownership: { expects: [backups] } }", ["shop/ownership"]],
    ["", ["shop/ownership"]],
  ])("ownership is checked unless it is off: %s", (line, keys) => {
    expect(
      good(`services:\n  shop:\n    name: Shop\n    ${line}`).services["shop"]?.checks.map(({ key }) => key),
    ).toEqual(keys);
  });

  test("policies and digests", () => {
    const catalog = good(`
channel: "#team"
digest: [ { at: 9:05, zone: Europe/Paris }, { channel: C0123ABCD, days: [sat-sun, Wed] }, { channel: "#x", days: "fri-mon, wed" } ]
policies:
  - { when: { action: scale, service: shop }, min: 1, max: 8, cooldown_up: 1m, expires_after: 1h30m }
  - { approvals: 0 }
services: { shop: { environment: staging } }
`);
    expect(catalog.policies).toEqual([
      { when: { action: "scale", service: "shop" }, min: 1, max: 8, cooldownUp: 60_000, expiresAfter: 5_400_000 },
      { when: {}, approvals: 0 },
    ]);
    expect(catalog.digests).toEqual([
      { channel: "#team", at: "09:05", zone: "Europe/Paris", days: [1, 2, 3, 4, 5] },
      { channel: "C0123ABCD", at: "09:00", zone: "UTC", days: [3, 6, 7] },
      { channel: "#x", at: "09:00", zone: "UTC", days: [1, 3, 5, 6, 7] },
    ]);
  });

  test("how long an acknowledgement holds", () => {
    expect(good("acknowledge: { critical: 30m }").acknowledge).toEqual({ critical: 1_800_000 });
    expect(good("channel: '#ops'")).not.toHaveProperty("acknowledge");
  });

  test("what is a storm", () => {
    expect(good("storm: { items: 5 }").storm).toEqual({ items: 5, within: 60_000 });
    expect(good("storm: { within: 10m }").storm).toEqual({ items: 20, within: 600_000 });
    expect(good("storm: off").storm).toBeNull();
    expect(good("storm: false").storm).toBeNull();
    expect(good("fold_dependents: off").foldDependents).toBe(false);
    expect(good("fold_dependents: on")).not.toHaveProperty("foldDependents");
    expect(good("channel: '#ops'")).not.toHaveProperty("storm");
  });

  test("is plain JSON", () => {
    const catalog = good(
      "people: { ana: { slack: U0ANA } }\nservices: { shop: { owner: ana, checks: { http: { url: 'http://x.example' } } } }",
    );
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
  });
});

test("what a problem quotes is one line, and cut", () => {
  const odd = readCatalog(`services: { "\\e[31mred\\nline": {} }`, KINDS);
  expect("problems" in odd ? odd.problems[0]?.message : "").toMatch(/^The key `\[31mred line` must begin/);
  const read = readCatalog(`services: { shop: { owner: "${"a.".repeat(200_000)}" } }`, KINDS);
  const [problem] = "problems" in read ? read.problems : [];
  expect(problem?.message).toMatch(/^There is no person, team or rotation `a\.a\./);
  expect(problem?.message.length).toBeLessThanOrEqual(500);
});
