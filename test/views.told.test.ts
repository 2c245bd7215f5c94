import { expect, test } from "vitest";
import type { Handover } from "../src/domain/board/on-call.ts";
import { handoverMessage } from "../src/slack/handover-message.ts";
import { callMessage, remindMessage } from "../src/slack/notifications.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";
import { NAMES, NOW, TAKEN, at, event, item } from "./views.values.ts";

/** What people are told without having asked: who is on call now, and what still waits for somebody. */

const HANDOVER: Handover = {
  now: NOW,
  name: "Web",
  from: "ana",
  to: "ben",
  until: at("09:00"),
  by: null,
  items: [item(), item({ ...TAKEN, id: 152, severity: "warning", summary: "the disk is 81 % full" })],
  count: 14,
};
const ALERT = item({ origin: "alert", fingerprint: "alert/prom/1", summary: "Down: several <!here> alerts" });
const NOBODY_ACTED = event("item.told", {
  channel: true,
  people: [],
  skipped: [
    { person: "ana", why: "2026-11-23T09:00:00.000Z" },
    { person: "ben", why: "unreachable" },
  ],
});

const TOLD: Readonly<Record<string, object>> = {
  handover: handoverMessage(HANDOVER, NAMES),
  "handover.nothing-open": handoverMessage(
    { ...HANDOVER, from: null, until: null, by: "ana", items: [], count: 0 },
    NAMES,
  ),
  "handover.nobody": handoverMessage({ ...HANDOVER, to: null, items: [], count: 0 }, NAMES),
  "told.again": remindMessage(ALERT, "shop"),
  "told.channel": callMessage(ALERT, "shop", NOBODY_ACTED, NAMES),
};

test.each(Object.entries(TOLD))("%s", async (name, message) => {
  await expect(golden(message)).toMatchFileSnapshot(goldenFile(name));
});

test("a hand-over calls the one who comes on and nobody else, whatever items and rotations are called", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const text = hostile(seed);
    const handover = { ...HANDOVER, name: text, items: [item({ ...TAKEN, summary: text })] };
    expect(readAll(handoverMessage(handover, NAMES)).mentions).toEqual(["<@U0BEN00>"]);
    expect(readAll(remindMessage(item({ summary: text }), text)).mentions).toEqual([]);
  }
});
