import { expect, test } from "vitest";
import { CHECKS, checkNamed } from "../src/checks/index.ts";
import { ownership } from "../src/checks/ownership.ts";
import { RESPONSIBILITIES, type Duty } from "../src/domain/duty.ts";
import { isHelpable } from "../src/domain/item.ts";
import type { Reading } from "../src/domain/reading.ts";
import { subjectOf, useOf } from "./support/look.ts";

const WEB: Duty = { team: "web" };
const EVERYTHING = Object.fromEntries(RESPONSIBILITIES.map((each) => [each, WEB]));

function look(duties: object, settings: object = {}): Promise<Reading> {
  const use = useOf({ duties, reachable: ["team:web", "person:ana"] });
  return ownership.look(subjectOf("ownership"), settings, use);
}

test("a service whose every responsibility has somebody is ok, also when that is somebody outside", async () => {
  const reading = await look({ ...EVERYTHING, patching: { by: "heroku" }, database: { person: "ana" } });
  expect(reading).toEqual({ level: "ok", value: 0, summary: "everything has an owner", evidence: {} });
});

test("gaps are named by why they are there, with the line that closes them", async () => {
  const { patching: _patching, backups: _backups, ...rest } = EVERYTHING;
  expect(await look(rest)).toEqual({
    level: "warning",
    value: 2,
    summary: "nobody owns patching, backups",
    evidence: {
      nobody: "patching, backups",
      "To mend": 'add "<responsibility>: <person, team-… or { by: … }>" under services: shop: responsibilities:',
      "All at once": 'add "owner: <person or team-…>" under services: shop:',
    },
  });
});

test("a person or team that cannot be reached is a gap; a team is not taken for a person of the same key", async () => {
  const reading = await look({
    ...EVERYTHING,
    releases: { person: "ben" },
    scaling: { team: "ana" },
    backups: { person: "web" },
  });
  expect(reading).toMatchObject({ level: "warning", value: 3, summary: "nobody owns releases, scaling, backups" });
  expect(Object.keys(reading.evidence)).toEqual([
    "ben cannot be reached",
    "team-ana cannot be reached",
    "web cannot be reached",
    "To mend",
    "All at once",
  ]);
});

test("a service of nobody says so, and many gaps are counted", async () => {
  expect(await look({})).toMatchObject({ value: 9, summary: "nobody owns anything here" });
  expect(await look({ releases: WEB })).toMatchObject({
    value: 8,
    summary: "nobody owns scaling, patching, certificates, database and 4 more",
  });
});

test("a service may expect less", async () => {
  expect(await look({ releases: WEB }, { expects: ["releases"] })).toMatchObject({ level: "ok" });
  expect(await look({}, { expects: ["backups"] })).toMatchObject({ summary: "nobody owns backups", value: 1 });
  expect(ownership.settings.safeParse({ expects: ["cooking"] }).success).toBe(false);
  expect(ownership.settings.safeParse({ expects: [] }).success).toBe(false);
});

test("a new service has a week, or what its grace says, before anybody is reminded", async () => {
  const since = new Date("2026-11-24T12:00:00Z");
  function lookAt(now: string, settings: object = {}): Promise<Reading> {
    return ownership.look(subjectOf("ownership"), settings, useOf({ since, now: new Date(now) }));
  }
  expect(await lookAt("2026-12-01T11:59:59Z")).toMatchObject({
    level: "ok",
    value: 9,
    summary: "nobody owns anything here; reminders begin Tue 1 Dec",
  });
  expect(await lookAt("2026-12-01T12:00:00Z")).toMatchObject({
    level: "warning",
    summary: "nobody owns anything here",
  });
  expect(await lookAt("2026-11-24T12:00:00Z", { grace: "0s" })).toMatchObject({ level: "warning" });
  expect(await lookAt("2026-12-07T12:00:00Z", { grace: "2w", expects: ["backups"] })).toMatchObject({
    level: "ok",
    summary: "nobody owns backups; reminders begin Tue 8 Dec",
  });
  expect(ownership.settings.safeParse({ grace: "7" }).success).toBe(false);
});

test("what it finds is a task for somebody, which no action on a target puts right", () => {
  expect(isHelpable({ origin: "check", fingerprint: "shop/ownership" })).toBe(false);
  expect(isHelpable({ origin: "check", fingerprint: "shop/drift/cluster" })).toBe(false);
  expect(isHelpable({ origin: "check", fingerprint: "ownership/http" })).toBe(true);
});

test("every check has its own name, and is found by it", () => {
  expect(CHECKS.map((check) => check.name)).toEqual([
    "backup",
    "certificate",
    "disk",
    "drift",
    "folder-size",
    "health",
    "http",
    "ownership",
    "postgres",
    "updates",
  ]);
  for (const check of CHECKS) expect(checkNamed(check.name)).toBe(check);
  expect(checkNamed("weather")).toBeUndefined();
});

test.each([
  ["backup", {}],
  ["certificate", { address: "a.example" }],
  ["disk", { path: "/" }],
  ["folder-size", { path: "/", warning: "1 MB" }],
  ["http", { url: "http://a.example" }],
  ["ownership", {}],
  ["postgres", { url: { env: "DB" } }],
  ["updates", {}],
])("%s needs no more than %j, and refuses what it does not know", (name, settings) => {
  const read = checkNamed(name)?.settings;
  expect(read?.safeParse(settings).success).toBe(true);
  expect(read?.safeParse({ ...settings, colour: "red" }).error?.issues[0]?.code).toBe("unrecognized_keys");
});
