import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { catalogSchema } from "../src/catalog/schema.ts";
import { readCatalog } from "../src/catalog.ts";
import type { Kinds } from "../src/catalog/kinds.ts";
import { CHECKS } from "../src/checks/index.ts";
import { parseDuration, parseShare, parseSize } from "../src/domain/measures.ts";
import { writeDemoCatalog } from "../src/local/fleet/demo-catalog.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { daytwo, LAUNCH } from "./support/daytwo.ts";
import { openFolders } from "./support/folder.ts";
import { KINDS } from "./support/kinds.ts";
import { TARGET_LINES } from "./support/target-lines.ts";
import { TASK_LINES } from "./support/task-lines.ts";

/** The JSON Schema that editors go by says what the reader says, wherever a shape can tell. */

const REAL = { checks: CHECKS, providers: PROVIDERS };
const validates = compile(catalogSchema(REAL));
function accepts(text: string): boolean {
  return validates(parse(text));
}

/** Formats are the reader's to judge. */
function compile(schema: object): (value: unknown) => boolean {
  return new Ajv2020({ strictTypes: false, strictRequired: false, validateFormats: false }).compile(schema);
}

function reads(text: string, kinds: Kinds = REAL): boolean {
  return "catalog" in readCatalog(text, kinds);
}

function file(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

test("docs/daytwo.schema.json is what the parts add up to; `npm run schema` writes it", () => {
  expect(JSON.parse(file("../docs/daytwo.schema.json"))).toEqual(catalogSchema(REAL));
});

test("`daytwo catalog schema` prints it, and says nothing when somebody reads its beginning only", async () => {
  const run = promisify(execFile);
  expect((await daytwo(["catalog", "schema"])).stdout).toBe(file("../docs/daytwo.schema.json"));
  const beginning = await run("sh", ["-c", '"$0" "$1" catalog schema | head -n 1', process.execPath, LAUNCH]);
  expect(beginning).toEqual({ stdout: "{\n", stderr: "" });
});

describe("what people copy from", () => {
  test.each(["../README.md", "../docs/catalog.md"])("every catalog in %s", (path) => {
    const examples = [...file(path).matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
    expect(examples.map((text) => [reads(text), accepts(text)])).toEqual(examples.map(() => [true, true]));
    expect(examples.length).toBeGreaterThan(0);
  });

  test("the demo's catalog, which says where its schema is", async () => {
    const folders = await openFolders();
    try {
      const path = folders.path("daytwo.yaml");
      const names = [...file("../src/local/fleet/demo.yaml").matchAll(/\$([A-Z_]+)/g)].map((match) => match[1] ?? "");
      writeDemoCatalog(path, Object.fromEntries(names.map((name) => [name, valueOf(name)])));
      const [first = "", ...rest] = readFileSync(path, "utf8").split("\n");
      expect([reads(rest.join("\n")), accepts(rest.join("\n"))]).toEqual([true, true]);
      const [, schema = ""] = /^# yaml-language-server: \$schema=(\S+)$/.exec(first) ?? [];
      expect(JSON.parse(readFileSync(new URL(schema), "utf8"))).toEqual(catalogSchema(REAL));
    } finally {
      await folders.close();
    }
  });
});

function valueOf(name: string): string {
  if (/(URL|SUPERVISOR)$/.test(name)) return "http://127.0.0.1:8199";
  return name.endsWith("TLS") ? "127.0.0.1:8543" : "/tmp/x";
}

/** Lines of one service, and whether they are right. */
const LINES: readonly (readonly [string, boolean])[] = [
  ["", true],
  ["checks:", true],
  ["checks: { ownership: off }", true],
  ["checks: { ownership: false }", true],
  ["checks: { ownership: }", true],
  ["checks: { ownership: true }", false],
  ["checks: { ownership: { expects: [backups] } }", true],
  ["checks: { ownership: { expects: [backup] } }", false],
  ["checks: { backup: { warning: soon } }", false],
  ["checks: { updates: { warning: soon } }", false],
  ["checks: { updates: { due: 2d } }", false],
  ["checks: { ownership: { expects: [] } }", false],
  ["checks: { http: { url: 'https://x.example' } }", true],
  ["checks: { http: { url: 'https://x.example', every: 1h30, slow: 250 ms, max_failures: 2 % } }", true],
  ["checks: { http: [ { name: a, url: 'http://x.example' }, { name: b, url: 'http://y.example' } ] }", true],
  ["checks: { http: [ { url: 'http://x.example' } ] }", false],
  ["checks: { http: off }", false],
  ["checks: { http: }", false],
  ["checks: { http: {} }", false],
  ["checks: { http: { urll: 'https://x.example' } }", false],
  ["checks: { http: { url: 'https://x.example', tiemout: 10s } }", false],
  ["checks: { http: { url: 'ftp://x.example' } }", false],
  ["checks: { http: { url: 7 } }", false],
  ["checks: { http: { url: 'https://x.example', every: 10 } }", false],
  ["checks: { http: { url: 'https://x.example', every: soon } }", false],
  ["checks: { http: { url: 'https://x.example', failures: 0 } }", false],
  ["checks: { http: { url: 'https://x.example', expect: [2xx, 404] } }", true],
  ["checks: { http: { url: 'https://x.example', expect: 6xx } }", false],
  ["checks: { http: { url: 'https://x.example', method: PUT } }", false],
  ["checks: { http: { url: 'https://x.example', headers: { authorization: { env: TOKEN } } } }", true],
  ["checks: { http: { url: 'https://x.example', headers: { authorization: { enw: TOKEN } } } }", false],
  ["checks: { http: { url: 'https://x.example', target: web } }", false],
  ...TASK_LINES,
  ["checks: { certifcate: { address: 'a:443' } }", false],
  ["checks: { certificate: { address: ['a:443', 'b:443'], renewal: automatic, warning: 1/3 } }", true],
  ["checks: { certificate: { address: 'a:443', renewal: sometimes } }", false],
  ["checks: { disk: { path: /, warning: 0.8 } }", true],
  ["checks: { disk: { path: var, warning: 0.8 } }", false],
  ["checks: { disk: { path: /, warning: 85 } }", false],
  ["checks: { folder-size: { path: /var/log, warning: 2 GiB, critical: 4096000000 } }", true],
  ["checks: { folder-size: { path: /var/log, warning: 2 gigs } }", false],
  ["checks: { postgres: { url: { file: /x }, long_transaction: { warning: 1m } } }", true],
  ["checks: { postgres: { url: { fiel: /x } } }", false],
  ...TARGET_LINES,
  ["owner: ana", true],
  ["ownr: ana", false],
  ["owner: [ana]", false],
  ["environment: Prod", false],
  ["runbook: wiki/shop", false],
  ["depends_on: shop", false],
  ["responsibilities: { patching: { by: heroku }, backups: nobody }", true],
  ["responsibilities: { certificate: ana }", false],
  ["responsibilities: { patching: }", false],
  ["channel: shop", false],
  ["name: ''", false],
];

/** Whole catalogs, and whether they are right. */
const FILES: readonly (readonly [string, boolean])[] = [
  ["people:\nteams:\nservices:\npolicies:\ndigest:", true],
  ["shop", false],
  ["- a", false],
  ["pepole: {}", false],
  ['channel: "#ops"', true],
  ["channel: #ops", false],
  ["people: { ana: }", true],
  ["people: { ana: { slack: [U0ANA, W0ANA] , role: admin } }", true],
  ["people: { ana: { slack: ana } }", false],
  ["people: { ana: { role: operater } }", false],
  ["people: { ana: Ana }", false],
  ["people: { Ana: }", false],
  ["people: { me: }", false],
  ["people: { team-web: }", false],
  ["services: { mine: }", false],
  ["services: { op-7: }", false],
  ["services: { shop: }\npeople: { ana: { services: { shop: approver } } }", true],
  ["services: { shop: }\npeople: { ana: { services: { shop: boss } } }", false],
  ["teams: { web: { slack_group: S0WEB } }", true],
  ["teams: { web: { slack_group: U0WEB } }", false],
  ["teams: { web: { chanel: '#shop' } }", false],
  ["digest: { at: 9:05, zone: Europe/Paris, days: [mon, thu-fri] }", true],
  ["digest: [ { channel: '#a' }, { channel: '#b', days: Mon–Fri } ]", true],
  ["digest: { at: 25:00 }", false],
  ["digest: { days: moonday }", false],
  ["digest: { zone: +02:00 }", false],
  ["digest: daily", false],
  ["acknowledge: { critical: 30m, warning: 2d }", true],
  ["acknowledge: { critcal: 30m }", false],
  ["acknowledge: { warning: 30 }", false],
  ["storm: { items: 50, within: 5m }", true],
  ["storm: off", true],
  ["fold_dependents: off", true],
  ["fold_dependents: never", false],
  ["storm: { items: 0 }", false],
  ["storm: { itms: 20 }", false],
  ["policies: [ { when: { action: scale }, min: 1, max: 8, cooldown_up: 1m } ]", true],
  ["policies: [ { when: }, { approvals: 2 } ]", true],
  ["policies: [ { when: { action: rolback } } ]", false],
  ["policies: [ { approvals: 3 } ]", false],
  ["policies: [ { expires_after: 20 } ]", false],
  ["policies: [ rollback ]", false],
  ["policies: { approvals: 1 }", false],
];

const AROUND = "people: { ana: }\nservices:\n  shop:\n    ";

describe("the reader and the schema agree", () => {
  test.each(LINES)("on a service with %s: %s", (line, right) => {
    expect([reads(AROUND + line), accepts(AROUND + line)]).toEqual([right, right]);
  });

  test.each(FILES)("on %j: %s", (text, right) => {
    expect([reads(text), accepts(text)]).toEqual([right, right]);
  });

  test("on a check of a target, which others do not take", () => {
    const other = compile(catalogSchema(KINDS));
    const web = "targets: { web: { provider: local, supervisor: 'http://x' } }";
    for (const [checks, right] of [
      ["queue: { target: web, limit: 3 }", true],
      ["queue: { traget: web }", false],
      ["queue: { limit: 1.5 }", false],
      ["certificate: { address: a, target: web }", false],
    ] as const) {
      const text = `services: { shop: { ${web}, checks: { ${checks} } } }`;
      expect([text, reads(text, KINDS), other(parse(text))]).toEqual([text, right, right]);
    }
  });
});

test("a key that is taken away, misspelt or given another kind of value is seen by both or by neither", () => {
  const base = `people: { ana: { name: Ana, slack: U0ANA, role: operator } }
teams: { web: { name: Web, channel: "#web", slack_group: S0WEB } }
rotations: { web: { members: [ana], zone: UTC, handover: every 2 weeks mon 09:00, from: "2026-01-05", channel: "#web", slack_group: S0WEB, wake: { ntfy: { url: { env: U }, token: { env: T } } } } }
escalation: { critical: [{ tell: owner }, { tell: next, after: 10m }] }
working_hours: { from: "08:00", until: "16:30", days: mon-fri, zone: UTC }
digest: { channel: "#ops", at: "09:00", zone: UTC, days: mon-fri }
acknowledge: { critical: 30m, warning: 24h }
storm: { items: 20, within: 1m }
fold_dependents: off
alerts: { prom: { format: alertmanager, secret: { env: S }, api: { url: "http://am:9093", user: daytwo, credential: { env: C } } } }
policies: [ { when: { action: scale }, role: operator, approvals: 1, expires_after: 20m, min: 1, max: 8, cooldown_up: 1m } ]
services:
  shop:
    name: Shop
    environment: production
    channel: "#shop"
    owner: ana
    responsibilities: { backups: nobody, patching: { by: heroku } }
    runbook: https://wiki.example.com
    targets: { web: { provider: local, supervisor: "http://x.example", application: shop, token: { env: T } } }
    checks:
      http: { url: "https://x.example", method: GET, samples: 2, slow: 2s, follow: true, contains: ok, every: 30s, name: a }
      certificate: { address: "a:443", ca: { file: /x }, names: [a], warning: 30 %, renewal: manual }
      disk: { path: /, warning: 1/2 }
      folder-size: { path: /x, warning: 1 MB, critical: 2 MB }
      postgres: { url: { env: U }, connections_warning: 0.5, idle_in_transaction: { warning: 1m, critical: 2m } }
      ownership: { expects: [backups] }
`;
  const whole: unknown = parse(base);
  const places = pathsOf(whole);
  const disagreed = places
    .flatMap((path) => changes(whole, path))
    .filter(({ text }) => !hasShape(text) === validates(JSON.parse(text)))
    .map(({ change }) => change);
  expect([reads(base), accepts(base), disagreed]).toEqual([true, true, []]);
  expect(places.length).toBeGreaterThan(70);
});

/** What the reader says of how parts of the file fit together, which no shape can tell. */
const FITTING =
  /^There is no person|^The critical size lies under the warning|^Anybody could send alerts|^`credential` is missing: the/;

function hasShape(text: string): boolean {
  const read = readCatalog(text, REAL);
  return "catalog" in read || read.problems.every(({ message }) => FITTING.test(message));
}

/** Every place of a value, the deepest too. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[key], ...pathsOf(inner).map((rest) => [key, ...rest])]);
}

/** The catalog with one place changed, in every way that we think of. A key of one's own choice may have any name. */
function changes(whole: unknown, path: readonly string[]): { change: string; text: string }[] {
  const others = [undefined, null, true, 7, -1, "", "x y", [], {}, ["x"], { by: "x", oops: 1 }];
  const last = path.at(-1) ?? "";
  const edits: [string, (at: Level) => Level][] = [
    ...others.map((value): [string, (at: Level) => Level] => [JSON.stringify(value), (at) => put(at, last, value)]),
    ["another key", (at) => put(put(at, `${last}_x`, at[last]), last, undefined)],
  ];
  return edits.map(([how, edit]) => ({
    change: `${path.join(".")}: ${how}`,
    text: JSON.stringify(edited(whole, path, edit)),
  }));
}

type Level = Record<string, unknown>;

function put(level: Level, key: string, value: unknown): Level {
  return { ...level, [key]: value };
}

function edited(value: unknown, path: readonly string[], edit: (level: Level) => Level): unknown {
  const [first = "", ...rest] = path;
  if (Array.isArray(value)) {
    if (rest.length === 0)
      return Object.values(edit(Object.fromEntries(Object.entries(value)))).filter((each) => each !== undefined);
    return value.map((each: unknown, index) => (String(index) === first ? edited(each, rest, edit) : each));
  }
  const level = value as Level;
  return rest.length === 0 ? edit(level) : { ...level, [first]: edited(level[first], rest, edit) };
}

describe("how durations, sizes and shares are written", () => {
  const texts = {
    duration:
      "1|0s|10s|10 S|1h30m|2h30|1.5 h|7d|1w2d|5m 1h|5m 5m|2h30 | 1d 5|1w 5|10x||s|1..5s|3 min 2 secs|1h 250ms|5s3".split(
        "|",
      ),
    size: ["50 MB", "1.5GiB", "4096", "50 mb", "5 XB", "-1", "", "1 2", "3 tIb", "7 bytes"],
    share: ["85 %", "1/3", "0.85", "85", "1e-7", "x", "-1", "", "5 /10", "1/0.5"],
  };
  const within = {
    duration: (text: string) => `checks: { http: { url: 'https://x.example', slow: ${JSON.stringify(text)} } }`,
    size: (text: string) => `checks: { folder-size: { path: /x, warning: ${JSON.stringify(text)} } }`,
    share: (text: string) => `checks: { disk: { path: /x, warning: ${JSON.stringify(text)} } }`,
  };
  const parsers = { duration: parseDuration, size: parseSize, share: parseShare };
  const beyondItsShape = ["85", "1/0.5"]; // well written, and more than the whole

  test.each(Object.keys(texts) as (keyof typeof texts)[])("%s", (kind) => {
    const parses = texts[kind].filter((text) => succeeds(() => parsers[kind](text)));
    const schemaSays = texts[kind].filter((text) => accepts(AROUND + within[kind](text)));
    expect(schemaSays.filter((text) => !beyondItsShape.includes(text))).toEqual(parses);
    expect(parses.length).toBeGreaterThan(3);
  });
});

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
