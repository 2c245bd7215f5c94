import { expect, test } from "vitest";
import { updates } from "../src/checks/updates.ts";
import type { Observation } from "../src/domain/observation.ts";
import { withHistory } from "../src/domain/observation-history.ts";
import type { Reading } from "../src/domain/reading.ts";
import { subjectOf, useOf } from "./support/look.ts";

/** What the check `updates` reads off observations, and since when something waits. */

const NOW = new Date("2026-11-30T12:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Told = Pick<Observation, "updates" | "updatesUnseen" | "servers">;

function seen(told: Told): Observation {
  return {
    target: "shop/db",
    observedAt: NOW.toISOString(),
    version: "1",
    health: "ok",
    releases: [],
    sizes: [],
    certificates: [],
    ...told,
    facts: {},
  };
}

function look(observation: Observation, settings: object = {}): Promise<Reading> {
  const { service, spec } = subjectOf("updates");
  const subject = { service, spec: { ...spec, on: "target" as const, target: "shop/db" } };
  return updates.look(subject, settings, { ...useOf({ now: NOW }), observe: () => Promise.resolve(observation) });
}

/** As it is kept when it was seen that long ago first. */
function since(ago: number, told: Told): Observation {
  return withHistory(null, seen(told), new Date(NOW.getTime() - ago));
}

function update(name: string, due: number | null = null): NonNullable<Told["updates"]>[number] {
  return { name, summary: "", due: due === null ? null : new Date(NOW.getTime() + due).toISOString() };
}
const SYSTEM = update("system-update");
const CARIBOU = { name: "Caribou", roles: ["web"], needsReboot: "the kernel was updated" };
const JACKAL = { name: "Jackal", roles: ["db"], needsReboot: "" };
const OPENSSL = { ...update("openssl"), isSecurity: true };
const TZDATA = { ...update("tzdata"), isSecurity: false };
const OLD = "its lists of packages are 12 days old";
const SPARED = { name: "Moose", roles: [] };

test.each<[string, number, Told, object, Partial<Reading>]>([
  ["no updates", 0, { updates: [] }, {}, { level: "ok", value: 0, summary: "no update of db waits" }],
  ["no need of a reboot", 0, { servers: [SPARED] }, {}, { level: "ok", summary: "no reboot of db waits" }],
  ["neither", 0, { updates: [], servers: [] }, {}, { level: "ok", summary: "no update and no reboot of db waits" }],
  ["an update", 0, { updates: [SYSTEM] }, {}, { level: "warning", value: 1, summary: "db waits for system-update" }],
  [
    "both",
    0,
    { updates: [SYSTEM], servers: [CARIBOU, SPARED, JACKAL] },
    {},
    { level: "warning", value: 3, summary: "db waits for system-update and a reboot of Caribou, Jackal" },
  ],
  [
    "an update for less than the limit",
    6 * DAY,
    { updates: [SYSTEM] },
    { warning: "7d" },
    { level: "ok", value: 1, summary: "db waits for system-update, for less than 7 days" },
  ],
  [
    "an update for as long",
    7 * DAY,
    { updates: [SYSTEM] },
    { warning: "7d" },
    { level: "warning", summary: "db waits for system-update, for 7 days or longer" },
  ],
  [
    "a reboot for too long",
    30 * DAY,
    { servers: [CARIBOU] },
    {},
    { level: "critical", summary: "db waits for a reboot of Caribou, for 30 days or longer" },
  ],
  ["an update that is due later", 0, { updates: [update("os-upgrade", 2 * DAY)] }, {}, { level: "warning" }],
  [
    "updates that are due soon, or by now",
    0,
    { updates: [SYSTEM, update("os-upgrade", 2 * DAY - 1), update("db-upgrade", -HOUR)] },
    { warning: "7d" },
    { level: "critical", value: 3, summary: "left alone, db gets os-upgrade, db-upgrade within 2 days" },
  ],
  [
    "one that is due, of which nobody wants notice",
    0,
    { updates: [update("x", -1)] },
    { notice: "0s" },
    { level: "warning" },
  ],
  [
    "many",
    0,
    { updates: ["a", "b", "c", "d", "e"].map((name) => update(name)) },
    {},
    { level: "warning", value: 5, summary: "db waits for a, b, c and 2 more" },
  ],
  [
    "what is for security before what is not, which is none of it",
    0,
    { updates: [OPENSSL, { ...OPENSSL, name: "perl" }, TZDATA], servers: [CARIBOU] },
    {},
    { level: "warning", value: 4, summary: "db waits for 2 security updates (openssl, perl) and a reboot of Caribou" },
  ],
  [
    "what is known to be no security update",
    29 * DAY,
    { updates: [TZDATA] },
    {},
    { level: "ok", value: 1, summary: "db waits for 1 ordinary update (tzdata), for less than 30 days" },
  ],
  [
    "such a one for so long that others are critical",
    30 * DAY,
    { updates: [OPENSSL, TZDATA] },
    { critical: "40d", warning: "7d" },
    { level: "warning", summary: "db waits for 1 security update (openssl), for 7 days or longer" },
  ],
  [
    "one of each for very long",
    400 * DAY,
    { updates: [TZDATA] },
    {},
    { level: "warning", summary: "db waits for 1 ordinary update (tzdata)" },
  ],
  [
    "security updates for less than the limit, beside others",
    6 * DAY,
    { updates: [OPENSSL, TZDATA] },
    { warning: "7d" },
    { level: "ok", summary: "db waits for 1 security update (openssl), for less than 7 days" },
  ],
  [
    "nothing in old lists",
    0,
    { updates: [], servers: [SPARED], updatesUnseen: OLD },
    {},
    { level: "unknown", summary: `whether more updates of db wait cannot be seen: ${OLD}` },
  ],
  [
    "a reboot where updates are not seen",
    0,
    { servers: [CARIBOU], updatesUnseen: OLD },
    {},
    {
      level: "warning",
      value: 1,
      evidence: {
        "Reboot of Caribou": "seen since 2026-11-30 12:00 UTC; the kernel was updated",
        "Cannot be seen": OLD,
      },
    },
  ],
  [
    "what is little in old lists",
    0,
    { updates: [TZDATA], updatesUnseen: OLD },
    {},
    { level: "unknown", evidence: { tzdata: "seen since 2026-11-30 12:00 UTC", "Cannot be seen": OLD } },
  ],
  ["nothing told", 0, {}, {}, { level: "unknown", summary: "nobody tells of updates or reboots of db here" }],
])("%s", async (_what, ago, told, settings, reading) => {
  expect(await look(since(ago, told), settings)).toMatchObject(reading);
});

test("what waits is named with when it comes by itself, since when it was seen, and why", async () => {
  const upgrade = { ...update("os-upgrade", DAY), summary: "New OS" };
  const told = { updates: [upgrade, { ...OPENSSL, summary: "3.0.14 → 3.0.15" }], servers: [CARIBOU, JACKAL, SPARED] };
  expect((await look(since(DAY, told))).evidence).toEqual({
    "os-upgrade": "by itself on 2026-12-01 12:00 UTC; seen since 2026-11-29 12:00 UTC; New OS",
    openssl: "security; seen since 2026-11-29 12:00 UTC; 3.0.14 → 3.0.15",
    "Reboot of Caribou": "seen since 2026-11-29 12:00 UTC; the kernel was updated",
    "Reboot of Jackal": "seen since 2026-11-29 12:00 UTC",
  });
});

test("of many the first ones are named, and the rest is counted", async () => {
  const many = Array.from({ length: 135 }, (_, at) => ({ ...OPENSSL, name: `lib${at}` }));
  const { summary, evidence } = await look(since(0, { updates: many }));
  expect(summary).toBe("db waits for 135 security updates (lib0, lib1, lib2 and 132 more)");
  expect([Object.keys(evidence).length, evidence["More"]]).toEqual([9, "127 beside these"]);
});

test("it waits since it was seen first, through looks that could not see it, until it is gone", () => {
  const first = withHistory(null, seen({ updates: [SYSTEM] }), new Date("2026-11-01T00:00:00Z"));
  const unseen = withHistory(first, seen({}), new Date("2026-11-02T00:00:00Z"));
  const again = withHistory(unseen, seen({ updates: [SYSTEM], servers: [JACKAL] }), new Date("2026-11-03T00:00:00Z"));
  expect(again.waitsSince).toEqual({
    "update system-update": "2026-11-01T00:00:00.000Z",
    "reboot Jackal": "2026-11-03T00:00:00.000Z",
  });
  const half = withHistory(again, seen({ servers: [JACKAL], updatesUnseen: OLD }), NOW);
  expect(half.waitsSince).toEqual(again.waitsSince);
  const done = withHistory(half, seen({ updates: [], servers: [{ ...JACKAL, needsReboot: undefined }] }), NOW);
  expect(done.waitsSince).toEqual({});
  expect(withHistory(done, seen({ updates: [SYSTEM] }), NOW).waitsSince).toEqual({
    "update system-update": NOW.toISOString(),
  });
});

test.each([
  [{ warning: "30d", critical: "7d" }, "The critical time lies under the warning."],
  [{ warning: "soon" }, '"soon" is not a duration. Write it like 10s, 5m, 2h or 1h30m.'],
])("%j is refused", (settings, sentence) => {
  expect(updates.settings.safeParse(settings).error?.issues.map(({ message }) => message)).toEqual([sentence]);
});
