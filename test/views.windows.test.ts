import { expect, test } from "vitest";
import type { WindowLine } from "../src/domain/board/window-line.ts";
import { digestMessage } from "../src/slack/digest-message.ts";
import { eventSentence } from "../src/slack/events/sentence.ts";
import { homeTab } from "../src/slack/home-tab.ts";
import { itemCard } from "../src/slack/item-card.ts";
import { checkLimits } from "../src/slack/limits.ts";
import { statusList, statusMessage } from "../src/slack/status-message.ts";
import { endedMessage, plannedMessage, windowsMessage } from "../src/slack/windows-message.ts";
import { desk } from "./views.desk.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";
import { digest } from "./views.digest-value.ts";
import { NAMES, NOW, WINDOW, at, event, itemCardOf, status } from "./views.values.ts";

/** Maintenance and freezes, wherever they are told. */

const FREEZE: WindowLine = {
  ...WINDOW,
  id: 4,
  kind: "freeze",
  name: "*Weekend* <!here>",
  where: "production",
  startsAt: new Date("2026-11-27T17:00:00Z"),
  endsAt: new Date("2026-11-30T08:00:00Z"),
  weekly: true,
  by: null,
};
const ZONE = "Europe/Berlin";

test.each([
  ["windows", windowsMessage([WINDOW, FREEZE], NAMES, NOW)],
  ["windows.none", windowsMessage([], NAMES, NOW)],
  ["windows.planned", plannedMessage({ ...WINDOW, startsAt: at("05:00"), weekly: true }, ZONE, NOW)],
  ["windows.planned-freeze", plannedMessage({ ...FREEZE, by: "ana", weekly: false }, ZONE, NOW)],
  ["windows.ended", endedMessage(WINDOW, new Date("2026-11-30T02:00:00Z"), ZONE, NOW)],
  ["status.maintenance", statusMessage(status({ maintenance: [WINDOW] }), NAMES, NOW)],
  ["item-card.maintenance", itemCard(itemCardOf({}, { maintenance: WINDOW }))],
  ["home.windows", homeTab(desk({ windows: [WINDOW, FREEZE] }))],
  ["digest.windows", digestMessage(digest({ windows: [WINDOW, FREEZE] }))],
])("%s", async (name, drawn) => {
  await expect(golden(drawn)).toMatchFileSnapshot(goldenFile(name));
});

test("what happens to them is told in a line", async () => {
  const detail = {
    window: 3,
    of: "maintenance",
    name: "deploy",
    action: null,
    where: "shop",
    from: "2026-11-23T02:00:00.000Z",
    until: "2026-11-23T09:00:00.000Z",
    weekly: true,
    by: "ana",
  };
  const freeze = { ...detail, of: "freeze", name: "*Weekend*", action: "scale", where: null, by: null, weekly: false };
  const lines = [
    event("window.planned", detail),
    event("window.opened", detail, { person: null, account: null }),
    event("window.closed", detail, { person: null, account: null }),
    event("window.ended", { ...detail, opened: true, next: "2026-11-30T02:00:00.000Z" }, { person: "ben" }),
    event("window.ended", { ...detail, opened: false }),
    event("window.planned", freeze),
    event("window.opened", freeze, { person: null, account: null }),
    event("window.closed", freeze, { person: null, account: null }),
  ].map((line) => eventSentence({ ...line, item: null }, NAMES, "list"));
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(goldenFile("windows").replace(".json", ".txt"));
});

test("however many there are and whatever they are called, it fits and mentions nobody", () => {
  const many = Array.from({ length: 200 }, (_, id) => ({
    ...(id % 2 === 0 ? WINDOW : FREEZE),
    name: hostile(id, 100),
    where: hostile(id, 40),
  }));
  for (const drawn of [
    windowsMessage(many, NAMES, NOW),
    digestMessage(digest({ windows: many })),
    homeTab(desk({ windows: many })),
    statusMessage(status({ maintenance: many.slice(0, 5) }), NAMES, NOW),
    statusList([status({ maintenance: many })], NOW),
  ]) {
    expect(checkLimits(drawn)).toEqual([]);
    expect(readAll(drawn).mentions.filter((each) => !/^<(@U0ANA00|!subteam\^S0WEB00)>$/.test(each))).toEqual([]);
  }
});
