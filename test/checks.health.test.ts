import { expect, test } from "vitest";
import { health } from "../src/checks/health.ts";
import type { Observation } from "../src/domain/observation.ts";
import type { Reading } from "../src/domain/reading.ts";
import { subjectOf, useOf } from "./support/look.ts";

/** What the check `health` reads off an observation. */

const WELL: Observation = {
  target: "shop/web",
  observedAt: "2026-11-24T08:00:00Z",
  version: "1",
  health: "ok",
  release: "v141",
  releases: [],
  sizes: [{ process: "web", wanted: 3, running: 3, healthy: 3 }],
  certificates: [],
  facts: { Image: "shop:v141" },
};
const SHORT = [{ process: "web", wanted: 3, running: 3, healthy: 1 }];

function look(seen: Partial<Observation>): Promise<Reading> {
  const { service, spec } = subjectOf("health");
  const subject = { service, spec: { ...spec, on: "target" as const, target: "shop/web" } };
  return health.look(subject, {}, { ...useOf({}), observe: () => Promise.resolve({ ...WELL, ...seen }) });
}

test.each<[Partial<Observation>, Reading["level"], string]>([
  [{}, "ok", "web is well"],
  [{ health: "degraded", sizes: SHORT }, "warning", "1 of 3 web healthy"],
  [{ health: "degraded" }, "warning", "web is degraded"],
  [{ health: "degraded", sizes: SHORT, problem: "a pod does not come up" }, "warning", "a pod does not come up"],
  [{ health: "down", sizes: [] }, "critical", "web is down"],
  [{ health: "unknown" }, "unknown", "web is unknown"],
])("%j is %s: %s", async (seen, level, summary) => {
  expect(await look(seen)).toMatchObject({ level, summary });
});

test("what the provider tells is the evidence", async () => {
  expect((await look({ health: "degraded", sizes: SHORT })).evidence).toEqual({
    Release: "v141",
    "Short of": "1 of 3 web healthy",
    Image: "shop:v141",
  });
});
