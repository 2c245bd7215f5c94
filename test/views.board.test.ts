import { expect, test } from "vitest";
import type { Desk } from "../src/domain/board/desk.ts";
import type { Noise, Noisy } from "../src/domain/board/noise.ts";
import { bulkMessage } from "../src/slack/bulk-message.ts";
import { deskMessage } from "../src/slack/desk-message.ts";
import { digestMessage } from "../src/slack/digest-message.ts";
import { homeTab } from "../src/slack/home-tab.ts";
import { checkLimits } from "../src/slack/limits.ts";
import { noiseMessage } from "../src/slack/noise-message.ts";
import { desk } from "./views.desk.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";
import { digest } from "./views.digest-value.ts";
import { NAMES, NOW, TAKEN, at, item, operation } from "./views.values.ts";

/** Many at once: Home as a board, what became of several items, what is called noise. */

const NOTHING_TOOK = { done: [], held: [], yours: [], resolved: [], missing: [], denied: [], left: 0 };
const TOOK = {
  done: [151, 152],
  held: [
    { who: "ben", count: 3 },
    { who: "cleo", count: 1 },
  ],
  yours: [140],
  resolved: [139, 138],
  missing: [999],
  denied: [77],
  left: 1_001,
};
const SHOP: Noisy = {
  fingerprint: "shop/http",
  service: "shop",
  origin: "check",
  item: 151,
  count: 4,
  lastAt: at("02:00"),
  reasons: ["the sale, as <!channel> every year", "a *deploy*"],
};
const JOKE: Noisy = {
  ...SHOP,
  fingerprint: "p/1",
  service: null,
  origin: "person",
  item: 9,
  count: 1,
  reasons: ["a joke"],
};
const NOISE: Noise = { now: NOW, days: 30, noisy: [SHOP, JOKE] };
const BOARD: Partial<Desk> = {
  busy: [
    { service: "shop", untaken: 12, unseen: 1_001 },
    { service: "blog", untaken: 0, unseen: 2 },
  ],
  aside: [item({ ...TAKEN, id: 141, state: "snoozed", snoozedUntil: at("06:00"), severity: "warning" })],
  asideCount: 9,
  done: [
    item({ ...TAKEN, id: 137, state: "resolved", resolvedAt: at("01:00"), resolvedBy: "ben" }),
    item({ id: 136, state: "resolved", resolvedAt: at("00:30") }),
  ],
  theirs: new Set([140, 141, item().id]),
};

const DRAWN: Readonly<Record<string, object>> = {
  "home.board": homeTab(desk(BOARD)),
  "desk.snoozed": deskMessage(desk({ ...BOARD, mine: [], mineCount: 0, unowned: [], unownedCount: 0, waiting: [] })),
  noise: noiseMessage(NOISE),
  "noise.none": noiseMessage({ ...NOISE, noisy: [] }),
  "many.taken": bulkMessage("own", TOOK, NAMES, "/day2 own shop"),
  "many.seen": bulkMessage("ack", { ...TOOK, done: [151], yours: [], missing: [], left: 0 }, NAMES, "/day2 ack shop"),
  "many.nothing": bulkMessage("ack", NOTHING_TOOK, NAMES, "/day2 ack shop"),
  "digest.noisy": digestMessage(digest({ noisy: [SHOP] })),
};

test.each(Object.entries(DRAWN))("%s", async (name, drawn) => {
  await expect(golden(drawn)).toMatchFileSnapshot(goldenFile(name));
});

test("however much there is, it fits, and mentions nobody but who is late", () => {
  for (let seed = 0; seed < 20; seed++) {
    const text = hostile(seed, 100);
    const items = Array.from({ length: 120 }, (_, id) =>
      item({ id: id + 1, summary: hostile(seed + id, 60), service: text, owner: { person: text } }),
    );
    const noisy = items.map(({ id }) => ({
      ...SHOP,
      fingerprint: `${text}/${text}`,
      service: text,
      item: id,
      reasons: [text, text, text],
    }));
    const crowded = desk({
      mine: items,
      mineCount: 500,
      unowned: items,
      unownedCount: 500,
      waiting: items.map(({ id }) => operation({ id, environment: text, target: text, planHash: null, plan: null })),
      waitingCount: 500,
      aside: items,
      asideCount: 500,
      done: items.slice(0, 5),
      busy: Array<Desk["busy"][number]>(5).fill({ service: text, untaken: 1_001, unseen: 1_001 }),
      theirs: new Set(items.map(({ id }) => id)),
    });
    const many = { ...TOOK, done: items.map(({ id }) => id), held: [{ who: text, count: 2 }] };
    const owners = items.map((each) => ({
      owner: { person: text },
      count: 1,
      critical: 0,
      oldest: [each, each, each],
    }));
    for (const drawn of [
      homeTab(crowded),
      deskMessage(crowded),
      noiseMessage({ ...NOISE, noisy }),
      bulkMessage("own", many, NAMES, "/day2"),
      digestMessage(digest({ unowned: items, overdue: items, owners, comingUp: items, noisy })),
    ]) {
      expect(checkLimits(drawn)).toEqual([]);
      expect(readAll(drawn)).toMatchObject({ mentions: [], italic: [], struck: [], pictures: [], quotes: 0 });
    }
    // Another part still has room beside all of these.
    expect(homeTab(crowded).blocks.length).toBeLessThan(85);
  }
});

test("what asks for one thing only offers no more than that", () => {
  const drawn = JSON.stringify(homeTab(desk({ busy: [{ service: "shop", untaken: 1, unseen: 3 }] })));
  expect(drawn).toContain("Seen all (3)");
  expect(drawn).not.toContain("Take all");
});
