import { expect, test } from "vitest";
import type { Service } from "../src/domain/catalog.ts";
import { statusMessage } from "../src/slack/status-message.ts";
import { NAMES, NOW, OBSERVATION, SERVICE, status } from "./views.values.ts";

/** `/day2 status` of a service shows each of its targets, seen or not. */

function target(key: string): Service["targets"][number] {
  return { key, provider: "local", settings: {} } as Service["targets"][number];
}

test("a target of which nothing was seen is listed behind those that were", () => {
  const service = { ...SERVICE, targets: [target(OBSERVATION.target), target("shop/worker")] };
  const drawn = JSON.stringify(statusMessage(status({ service }), NAMES, NOW));
  expect(drawn).toMatch(/looked [^\\]*\\n⚪ shop\/worker · nothing seen of it so far/);
  expect(drawn.split(OBSERVATION.target).length).toBe(
    JSON.stringify(statusMessage(status(), NAMES, NOW)).split(OBSERVATION.target).length,
  );
});

test("of a service without checks and observations both targets are there", () => {
  const service = { ...SERVICE, targets: [target("shop/web"), target("shop/worker")] };
  const drawn = JSON.stringify(statusMessage(status({ service, observations: [], readings: [] }), NAMES, NOW));
  expect(drawn).toContain("⚪ shop/web · nothing seen of it so far");
  expect(drawn).toContain("⚪ shop/worker · nothing seen of it so far");
});
