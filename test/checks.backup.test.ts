import { expect, test } from "vitest";
import { backup } from "../src/checks/backup.ts";
import type { Observation } from "../src/domain/observation.ts";
import type { Reading } from "../src/domain/reading.ts";
import { subjectOf, useOf } from "./support/look.ts";

/** What the check `backup` reads off an observation. */

const NOW = new Date("2026-11-30T12:00:00Z");

function look(backups: Observation["backups"], settings: object = {}): Promise<Reading> {
  const { service, spec } = subjectOf("backup");
  const seen: Observation = {
    target: "shop/db",
    observedAt: NOW.toISOString(),
    version: "1",
    health: "ok",
    releases: [],
    sizes: [],
    certificates: [],
    backups,
    facts: { Backups: "daily from 03:00 UTC" },
  };
  const subject = { service, spec: { ...spec, on: "target" as const, target: "shop/db" } };
  return backup.look(subject, settings, { ...useOf({ now: NOW }), observe: () => Promise.resolve(seen) });
}

const HOUR = 3_600_000;

function ago(hours: number, isScheduled = true): Observation["backups"] {
  return { isScheduled, lastGood: new Date(NOW.getTime() - hours * HOUR).toISOString() };
}

test.each<[Observation["backups"], object, Partial<Reading>]>([
  [ago(9), {}, { level: "ok", value: 9 * HOUR, summary: "db has a backup that is not older than 26 hours" }],
  [ago(-1), {}, { level: "ok", value: 0 }],
  [ago(27), {}, { level: "warning", summary: "the last good backup of db is older than 26 hours" }],
  [ago(51), {}, { level: "critical", summary: "the last good backup of db is older than 2 days" }],
  [ago(51, false), {}, { level: "critical", summary: "the last good backup of db is older than 2 days" }],
  [ago(9, false), {}, { level: "warning", summary: "backups of db are not made by themselves" }],
  [
    ago(9),
    { warning: "1h", critical: "8h" },
    { level: "critical", summary: "the last good backup of db is older than 8 hours" },
  ],
  [ago(9, false), { scheduled: false }, { level: "ok" }],
  [ago(27, false), { scheduled: false }, { level: "warning" }],
  [{ isScheduled: true, lastGood: null }, {}, { level: "critical", summary: "db has no backup" }],
  [undefined, {}, { level: "unknown", summary: "nobody tells of backups of db here" }],
])("%j with %j is %j", async (backups, settings, reading) => {
  expect(await look(backups, settings)).toMatchObject({ ...reading, evidence: { Backups: "daily from 03:00 UTC" } });
});

test("a critical age under the warning is refused", () => {
  expect(backup.settings.safeParse({ warning: "30h", critical: "10h" }).error?.message).toContain(
    "lies under the warning",
  );
});
