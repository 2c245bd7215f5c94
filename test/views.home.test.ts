import { expect, test } from "vitest";
import { homeTab } from "../src/slack/home-tab.ts";
import { desk } from "./views.desk.ts";
import { NOW, item } from "./views.values.ts";

/** The Home tab's rows. */

function accessories(view: ReturnType<typeof homeTab>): string[] {
  return view.blocks.flatMap((block) =>
    "accessory" in block && block.accessory !== undefined ? [block.accessory.type] : [],
  );
}

test("every row of Home has its button, unless the viewer may only look", () => {
  expect(accessories(homeTab(desk()))).toEqual(["overflow", "button"]);
  expect(accessories(homeTab(desk({ mayAct: false, theirs: new Set() })))).toEqual([]);
});

test("what is owed back offers at Home what its card offers, and says when it goes by itself", () => {
  const owed = item({
    reverses: 17,
    owner: { person: "ben" },
    ownedSince: NOW,
    dueAt: new Date(NOW.getTime() + 3_600_000),
  });
  const drawn = JSON.stringify(homeTab(desk({ mine: [owed], theirs: new Set([owed.id]), waiting: [], unowned: [] })));
  expect(drawn).toContain("Takes op-17 back by itself in 1 hour");
  const choices = ["Extend…", "Keep it…", "Take it back now", "Hand off…", "Note…"];
  expect(drawn.match(/Extend…|Keep it…|Take it back now|Hand off…|Note…|Resolve…|Snooze…|Take it(?!\w| )/g)).toEqual(
    choices,
  );
});
