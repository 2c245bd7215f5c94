import { describe, expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import type { Problem } from "../src/catalog.ts";
import { KINDS } from "./support/kinds.ts";

function problems(text: string): Problem[] {
  const read = readCatalog(text, KINDS);
  return "problems" in read ? read.problems : [];
}

/** "line:column message hint" of each problem. */
function said(text: string): string[] {
  return problems(text).map(({ line, column, message, hint }) =>
    [`${line}:${column}`, message, ...(hint === undefined ? [] : [hint])].join(" "),
  );
}

describe("what is not the YAML of a catalog", () => {
  test.each([
    ["\n", ["1:1 The file is empty. Write `services: {}` where nothing is to be watched."]],
    ["- a", ["1:1 The catalog must be a map (`key: value` lines), not a list."]],
    ["shop", ["1:1 The catalog must be a map (`key: value` lines), not text."]],
    [
      "a: &x 1\nb: *x",
      ["2:4 Aliases (`*name`) are not supported. Write the value out; text that begins with `*` needs quotes."],
    ],
    ["people:\n  ana:\n  ana:", ["3:3 `ana` is given twice. Keep one of them."]],
    [
      "people: !secret x",
      [
        "1:9 This is not valid YAML: Unresolved tag: !secret. Tags (words that begin with `!`) are not supported; write the plain value.",
      ],
    ],
    [
      "people: 1\n---\nteams: 2",
      ["2:1 The file holds more than one YAML document. Keep everything in one document; remove the line `---`."],
    ],
    ["{a: 1}: 2", ["1:1 A key must be a plain word."]],
    ["people: { __proto__: { role: admin } }", ["1:11 `__proto__` cannot be a key. Choose another name."]],
    ["[".repeat(100_000), ["1:1 The file is nested too deeply to be a catalog."]],
    [`# ${"x".repeat(2 ** 20)}`, ["1:1 The file is larger than 1 MiB. Is it the right file?"]],
  ])("%.30j", (text, expected) => {
    expect(said(text)).toEqual(expected);
  });

  test.each(["a: [1, 2", "people:\n\tana:", 'name: "open', "a: b: c", "a: 1\n b: 2", "%FOO\n---\na"])(
    "%j is answered with a place",
    (text) => {
      const [first] = problems(text);
      expect(first?.message).toMatch(/^This is not valid YAML: .*\.$|not known here/);
      expect(first?.line).toBeGreaterThan(0);
    },
  );

  test("20,000 unknown keys are a matter of seconds, and the list is cut", () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `key${index}: 1`).join("\n");
    expect(problems(text)).toHaveLength(200);
  });
});

describe("mistakes are found all at once, each at its place", () => {
  test("of every kind", async () => {
    const text = `channel: #ops
pepole: {}
people:
  ana: { name: Ana, slack: ana, teams: [wbe, team-web], role: operater }
  Ben: { slack: [U0BEN], rol: approver, services: { shp: approver, shop: boss } }
  me: { slack: U0BEN }
  cleo: Cleo
teams:
  web: { chanel: "#shop", slack_group: U0WEB }
digest: { at: 25:00, zone: Europe/Pariss, days: mon-fry }
policies:
  - { when: { action: rolback, environment: productoin }, approvals: 3, expires_after: 20 }
  - { when: { action: scale, service: shp }, min: 9, max: 8, cooldown_up: soon }
  - rollback
services:
  shop:
    owner: web
    environment: Prod
    runbook: wiki/shop
    responsibilities: { certificate: ana, patching: anna, backups: { by: 7 }, scaling: [ana] }
    targets:
      web: { provider: local, supervisor: 7, extra: 1 }
      db: { provider: locl }
      Cache: {}
      log: local
    checks:
      http: { urll: "http://x.example", every: 10, slow: x, failures: 0, succeses: 2 }
      certifcate: {}
      certificate: [ { name: www, address: a }, { address: b }, { name: www, address: 2 }, text ]
      queue: { target: wep, limit: 1.5, token: { enw: X }, name: A B }
      ownership: { expects: [backup], target: web }
  mine: { name: "" }
  other:
    targets: { a: { provider: local, supervisor: "http://x" }, b: { provider: local, supervisor: "http://x" } }
    checks: { queue: { token: TOKEN-ITSELF }, http: { url: x, every: 8d, responsibility: fun } }
  empty: { checks: { queue: }, dashboard: "ftp://x" }
  jobs:
    targets: { a: { provider: local, supervisor: "http://x" }, b: { provider: mute } }
    tasks:
      Bad: { command: [x] }
      one: { comand: [x], on: b, risk: huge, timeout: 2h }
      two: { command: ["{a}", "{bb}", "{c}"], arguments: { b: { text: 9 }, a: { text: 999 }, c: { one_of: [] } } }
      three: { command: ["rm -rf x", 7], on: c }
      four: { command: [sh, -c, "rm {f}"], arguments: { f: { text: 9 }, g: { number: { min: 2, max: 1 } } } }
      five: { command: [-x, "{n}"], arguments: { n: { number: { min: -1, max: 1 }, default: 2 } } }
      six: { command: [x, "{n}"], arguments: { n: { one_of: [-a, b, b], default: c, text: 7 } } }
      seven: run it
      right: { command: [x, "{n}"], arguments: { n: { number: { min: 1, max: 3 } } }, on: a }
    sequences:
      Bad: { steps: [{ scale: { web: 2 }, on: a }] }
      right: { steps: [{ scale: { web: 2 }, on: a }] }
      none: { steps: [], why: no }
      odd:
        descripton: x
        steps: [restart, { scael: { web: 2 } }, { scale: { web: -1 }, on: a }, { scale: { web: 2 } }, { scale: {}, on: a }]
      wrong:
        steps:
          - { on: a }
          - { scale: { web: 2 }, run: right, on: a }
          - { scale: { web: 2 }, on: c }
          - { scale: { web: 2 }, on: a, with: { n: 2 } }
          - { restart: true, on: a }
          - { run: rihgt }
          - { run: right }
          - { run: right, with: { n: 4 }, on: b }
          - { run: right, with: { n: 2 }, undo: true }
          - { scale: { web: 2 }, on: a, undo: { run: right, with: { m: 2 }, undo: true } }
`;
    const lines = text.split("\n");
    const shown = problems(text).map(({ line, column, path, message, hint }) =>
      [
        `${lines[line - 1] ?? ""}`,
        `${" ".repeat(column - 1)}^ ${line}:${column} ${path}`,
        `  ${message}`,
        ...(hint === undefined ? [] : [`  ${hint}`]),
        "",
      ].join("\n"),
    );
    await expect(shown.join("\n")).toMatchFileSnapshot("golden/catalog-problems.txt");
  });

  test("a secret that was written where a reference belongs is not repeated", () => {
    const text =
      "services: { shop: { targets: { web: { provider: local, supervisor: 'http://x' } }, checks: { queue: { token: HUNTER2 } } } }";
    expect(said(text)).toEqual(["1:110 `token` must be a map (`key: value` lines)."]);
  });

  test("one Slack account belongs to one person", () => {
    expect(said("people:\n  ana: { slack: U0ANA }\n  ben: { slack: [U0BEN, U0ANA] }")).toEqual([
      "3:10 U0ANA is given twice: for `ana` and for `ben`.",
    ]);
  });

  test("a service depends on others that there are, not on itself, and never in a circle", () => {
    expect(
      said(`services:
  shop: { depends_on: [shop-db, shop, shopdb] }
  shop-db: { depends_on: [storage] }
  storage:
    depends_on:
      - disks
  disks: { depends_on: [shop-db] }
  mail: { depends_on: shop }`),
    ).toEqual([
      "2:33 `shop` cannot depend on itself.",
      "2:39 There is no service `shopdb`. Did you mean `shop-db`?",
      "7:12 The services depend on each other in a circle: `shop-db` → `storage` → `disks` → `shop-db`. Take the line away that is not needed to work.",
      "8:23 `depends_on` must be a list, not text.",
    ]);
  });

  test("a freeze has a name, ends after it begins, and is once or every week", () => {
    expect(
      said(`freezes:
  - { from: 2026-11-26 18:00, until: 2026-12-01 08:00 }
  - { name: a, from: 2026-11-26 18:00, until: 2026-11-26 8:00 }
  - { name: b, from: 2026-02-30 18:00, until: mon 08:00 }
  - { name: c, from: fry 17:00, until: monday 08:00 }
  - { name: d, from: fri 17:00, until: 2026-11-26 18:00 }
  - { name: e, from: tomorrow, until: fri 17:00, zone: Paris, when: { service: shop } }
  - { name: f, from: fri 17:00, until: mon 8:00, zone: Europe/Paris }`),
    ).toMatchInlineSnapshot(`
      [
        "2:5 \`name\` is missing.",
        "3:47 It ends before it begins. Let \`until\` be later than \`from\`.",
        "4:22 \`2026-02-30\` is no date. Write it like 2026-11-26 18:00.",
        "5:22 \`fry\` is not a day of the week. Write it like fri 17:00.",
        "6:40 \`from\` and \`until\` must both be dates, or both be days of the week.",
        "7:22 \`from\` must be a day and a time such as 2026-11-26 18:00, or fri 17:00 for every week.",
        "7:56 \`Paris\` is not a time zone. Write it like Europe/Paris.",
        "7:80 There is no service \`shop\`.",
      ]
    `);
  });

  test("maintenance is written as a freeze is, and is of no action", () => {
    expect(
      said(`windows:
  - { name: a, when: { service: shop }, from: sat 22:00, until: sun 0:00 }
  - { name: b, when: { action: scale }, from: sat 22:00, until: sun 0:00 }
  - { from: sat 22:00, untill: sun 0:00 }
  - { name: d, when: { environment: staging }, from: sat 22:00, until: sat 22:00 }
window: []`),
    ).toMatchInlineSnapshot(`
      [
        "2:33 There is no service \`shop\`.",
        "3:24 \`action\` is not known here. Possible: \`environment\`, \`service\`.",
        "4:5 \`name\` is missing.",
        "4:5 \`until\` is missing.",
        "4:24 \`untill\` is not known here. Did you mean \`until\`?",
        "5:37 No service is in the environment \`staging\`. Known: \`production\`.",
        "6:1 \`window\` is not known here. Did you mean \`windows\`?",
      ]
    `);
  });

  test("a task runs a program with literal arguments, and each of its values can only be one", () => {
    const [head, tail] = [
      "services: { a: { targets: { t: { provider: local, supervisor: 'http://x' } }, tasks: { b: {\n  ",
      "} } } }",
    ];
    function ofTask(lines: string): string[] {
      return said(`${head}${lines}${tail}`);
    }
    expect(ofTask("command: [x, '{n}', '--n={n}'], arguments: { n: { text: 9, default: a b } }")).toEqual([]);
    expect(ofTask("command: [x, '--n={n}'], arguments: { n: { number: { min: -9, max: 9 }, default: -1 } }")).toEqual(
      [],
    );
    expect(ofTask("command: [sh, -c, 'rm -- \"$1\"', x, '{n}'], arguments: { n: { text: 9 } }")).toEqual([]);
    expect(ofTask("command: [node, x.mjs, -p, '{n}'], arguments: { n: { text: 9 } }")).toEqual([]);
    expect(ofTask("command: [x, '{n}'], arguments: { n: { text: 9, default: -a } }")).toEqual([
      "2:60 `n` must not begin with `-`: the program would take it for an option.",
    ]);
    for (const code of [
      "bash, -lc",
      "env, FOO=1, python3, -c",
      "/usr/bin/node, --eval",
      "psql, -h, db, -c",
      "perl, -w, -e",
    ])
      expect(ofTask(`command: [${code}, 'x {n}'], arguments: { n: { text: 9 } }`)).toEqual([
        expect.stringMatching(/ A value would be read as code here\. Let a file hold the code/),
      ]);
    expect(said("services: { a: { tasks: { b: { command: [x] } } } }")).toEqual([
      "1:27 No target of this service can run tasks. Declare one under `targets:` first.",
    ]);
  });

  test("a sequence is of this service's actions and tasks, and says what takes a step back", () => {
    const service = "targets: { t: { provider: local, supervisor: 'http://x' } }, tasks: { back: { command: [x] } }";
    function ofSequence(steps: string): string[] {
      return said(`services: { a: { ${service}, sequences: { b: {\n  steps: [${steps}] } } } }`);
    }
    expect(ofSequence("{ scale: { web: 2 }, undo: true }, { run: back, undo: { scale: { web: 1 } } }")).toEqual([]);
    expect(ofSequence("{ run: back, undo: true }")).toEqual([
      "2:30 Daytwo does not know how to take `run` back. Say what does, as a step of its own: `undo: { run: a-task }`; or take `undo` away.",
    ]);
    expect(ofSequence(Array(11).fill("{ run: back }").join(", "))).toEqual([
      "2:3 `steps` must have at most 10 entries.",
    ]);
    const long = `tasks: { long: { command: [x, "${"y".repeat(400)}"] } }, sequences: { b: { steps: [${Array(8).fill("{ run: long }").join(", ")}] } }`;
    expect(said(`services: { a: { targets: { t: { provider: local, supervisor: 'http://x' } }, ${long} } }`)).toEqual([
      expect.stringMatching(/commands have 32\d\d characters together, and who approves it has to read them/),
    ]);
  });

  test("an acknowledgement holds for a time that somebody can answer in", () => {
    expect(said("acknowledge: { critical: 30s, warning: 8d, info: 1h }")).toEqual([
      expect.stringContaining("1:26 "),
      expect.stringContaining("1:40 "),
      expect.stringContaining("1:44 "),
    ]);
  });

  test("a storm is so many within such a time, or off", () => {
    expect(said("storm: never")).toEqual([expect.stringContaining("such as { items: 20, within: 1m }, or off")]);
    expect(said("storm: { items: 1 }")).toEqual([expect.stringContaining("1:")]);
    expect(said("storm: { within: 1s }")).toEqual([expect.stringContaining("1:")]);
  });

  test("one channel has one digest", () => {
    expect(said("digest:\n  - { at: 9:00 }\n  - { at: 10:00 }")).toEqual([
      "3:5 #ops has two digests. A channel gets one digest a day; keep one.",
    ]);
  });
});

test("sources of alerts, routes and heartbeats", () => {
  const text = `
services: { shop: {} }
alerts:
  a: { format: alertmanger, secret: { env: A } }
  b: { format: generic }
  c: { format: cloudwatch }
  d: { format: grafana, secret: "written out", topic: "arn:aws:sns:eu-west-1:123456789012:x", service: shoop }
routes:
  - { when: { source: z }, service: shoop, responsibility: backup, group_by: [] }
heartbeats:
  e: { every: 1s, secret: { env: A } }
  f: { every: 24h }
`;
  expect(said(text)).toEqual([
    "4:16 `format` must be `alertmanager`, `grafana`, `cloudwatch`, `google`, `datadog`, `sentry`, `pagerduty`, `uptime-kuma`, `heroku`, `cloud66` or `generic`. Did you mean `alertmanager`?",
    "5:3 Anybody could send alerts here: `secret` is missing. Write `secret: { env: NAME }`.",
    "6:3 Anybody could send alerts here: `secret` is missing. Give it a `secret`, or name its `topic`.",
    "7:33 `secret` must be a reference: { env: NAME } or { file: path }.",
    "7:48 Only alerts of cloudwatch come through an SNS topic.",
    "7:104 There is no service `shoop`. Did you mean `shop`?",
    "9:23 There is no source `z` under `alerts:`. Known: `a`, `b`, `c`, `d`.",
    "9:37 There is no service `shoop`. Did you mean `shop`?",
    "9:60 `responsibility` must be `releases`, `scaling`, `patching`, `certificates`, `database`, `backups`, `credentials`, `disk-and-logs` or `on-call`. Did you mean `backups`?",
    "9:68 `group_by` must have at least 1 entry.",
    "11:15 `every` must be between 10s and 366d.",
    "12:3 `secret` is missing. `secret` must be a reference: { env: NAME } or { file: path }.",
  ]);
});
