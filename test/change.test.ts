import { expect, test } from "vitest";
import { differences, isOurs, wordsFor, type SeenChange } from "../src/domain/observed-change.ts";
import type { Observation } from "../src/domain/observation.ts";
import { withHistory } from "../src/domain/observation-history.ts";
import { OBSERVATION, PLAN, SCALE_PLAN, SESSIONS, at, operation } from "./views.values.ts";

/** What two looks at a target tell, and whose doing it was. */

function words(after: Partial<Observation>, before: Partial<Observation> = {}): string[] {
  const found = differences({ ...OBSERVATION, ...before }, { ...OBSERVATION, version: "78", ...after });
  return found.map((each) => wordsFor(seen(each)));
}

function seen(change: Partial<SeenChange>): SeenChange {
  return {
    target: "shop/web",
    what: "release",
    name: null,
    was: "v142",
    became: "v141",
    madeBy: null,
    summary: null,
    madeAt: null,
    notBefore: at("02:00"),
    seenAt: at("02:01"),
    ...change,
  };
}

const [V142, ...OLDER] = OBSERVATION.releases;

test.each<[string, Partial<Observation>, Partial<Observation>, string[]]>([
  ["nothing", { version: "77" }, {}, []],
  ["health alone", { version: "77", health: "down", facts: { Pods: "3" } }, {}, []],
  ["a new release", {}, { release: "v141", releases: OLDER }, ["release v142"]],
  ["an old release", { release: "v141" }, {}, ["release v142 → v141"]],
  ["a release that nothing is known of", { release: "v150" }, {}, ["release v142 → v150"]],
  ["sizes", { sizes: [{ process: "web", wanted: 6, running: 4, healthy: 3 }] }, {}, ["web 4 → 6", "worker 2 → 0"]],
  [
    "what runs, not what is wanted",
    { version: "77", sizes: OBSERVATION.sizes.map((s) => ({ ...s, running: 0 })) },
    {},
    [],
  ],
  [
    "maintenance mode",
    { maintenance: { mode: "on" } },
    { maintenance: { mode: "off" } },
    ["maintenance mode off → on"],
  ],
  ["maintenance mode that is told of for the first time", { version: "77", maintenance: { mode: "on" } }, {}, []],
  ["the version alone", {}, {}, ["another change (version 77 → 78)"]],
  ["who is connected", { sessions: [] }, { sessions: SESSIONS }, []],
])("%s", (_case, after, before, expected) => {
  expect(words(after, before)).toEqual(expected);
});

test.each<[string, Observation["maintenance"], Observation["maintenance"], string | undefined]>([
  ["between two looks", { mode: "off" }, { mode: "on" }, OBSERVATION.observedAt],
  ["before the look before", { mode: "on", since: "2026-11-30T01:00:00Z" }, { mode: "on" }, "2026-11-30T01:00:00Z"],
  ["when the system says", { mode: "off" }, { mode: "on", since: "2026-11-30T01:30:00Z" }, "2026-11-30T01:30:00Z"],
  ["nobody saw when", undefined, { mode: "on" }, undefined],
  ["not now", { mode: "on", since: "2026-11-30T01:00:00Z" }, { mode: "off" }, undefined],
])("maintenance mode began %s", (_when, before, after, since) => {
  const seen = withHistory({ ...OBSERVATION, maintenance: before }, { ...OBSERVATION, maintenance: after }, new Date());
  expect(seen.maintenance?.since).toBe(since);
});

test("a certificate is told by its serial", () => {
  const certificates = OBSERVATION.certificates.map((each) => ({ ...each, serial: "0B00" }));
  expect(words({ certificates })).toEqual(["a new certificate at 127.0.0.1:8443"]);
  expect(words({ certificates: [] })).toEqual(["no certificate any more at 127.0.0.1:8443"]);
});

test("a new release has its maker and its moment, and a date that is none counts for nothing", () => {
  const before = { ...OBSERVATION, release: "v141", releases: OLDER };
  expect(differences(before, OBSERVATION)).toMatchObject([{ madeBy: "Dana", madeAt: at("01:58") }]);
  const undated = { ...OBSERVATION, releases: [{ ...V142, release: "v142", createdAt: "yesterday" }, ...OLDER] };
  expect(differences(before, undated)).toMatchObject([{ madeBy: "Dana", madeAt: null }]);
});

const ROLLBACK = operation({ state: "succeeded", plan: PLAN, startedAt: at("02:00"), finishedAt: at("02:02") });
const SCALE = operation({ action: "scale", plan: SCALE_PLAN, startedAt: at("02:00"), finishedAt: null });

test.each<[string, boolean, Partial<SeenChange>]>([
  ["what it set out to do", true, {}],
  ["taken back by itself", true, { was: "v141", became: "v142" }],
  ["elsewhere", false, { target: "shop/jobs" }],
  ["seen before it began", false, { notBefore: at("01:00"), seenAt: at("01:59") }],
  ["after it had ended", false, { notBefore: at("02:03"), seenAt: at("02:04") }],
  [
    "a release with a new name that says so",
    true,
    { became: "v143", was: null, madeBy: "bot@shop", summary: "Rollback to v141" },
  ],
  ["a release with a new name and no maker", true, { became: "v143", was: null }],
  [
    "somebody else's release in its time",
    false,
    { became: "v143", was: null, madeBy: "Dana", summary: "Faster search" },
  ],
  ["a size", false, { what: "size", name: "web", was: "2", became: "4" }],
  ["the version", true, { what: "other", was: "77", became: "78" }],
])("the rollback's own or not: %s", (_case, ours, change) => {
  expect(isOurs(seen(change), [ROLLBACK])).toBe(ours);
});

test("scaling has its own sizes only, also while it is under way", () => {
  const size = { what: "size", name: "web", was: "2", became: "4" } as const;
  expect(isOurs(seen(size), [SCALE])).toBe(true);
  expect(isOurs(seen({ ...size, name: "worker" }), [SCALE])).toBe(false);
  expect(isOurs(seen({ ...size, was: "5", became: "6" }), [SCALE])).toBe(false);
  expect(isOurs(seen({}), [SCALE])).toBe(false);
  expect(isOurs(seen(size), [{ ...SCALE, startedAt: null }])).toBe(false);
});
