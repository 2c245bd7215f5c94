import { expect, test } from "vitest";
import type { TourCard } from "../src/domain/board/tour.ts";
import { withPosting } from "../src/slack/blocks.ts";
import { eventSentence } from "../src/slack/events/sentence.ts";
import { postingOf } from "../src/slack/ids.ts";
import { checkLimits } from "../src/slack/limits.ts";
import { tourMessage } from "../src/slack/tour-message.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";
import { NAMES, event } from "./views.values.ts";

const TOURS: Readonly<Record<string, TourCard>> = {
  tour: tourCard(),
  "tour.under-way": tourCard({ take: "done", rollback: "under way" }),
  "tour.nobody-approves": tourCard({ rollback: "under way" }, { approvers: [] }),
  "tour.done": tourCard({ take: "done", renew: "done", rollback: "done", digest: "done" }),
};

test.each(Object.entries(TOURS))("%s", async (name, card) => {
  await expect(golden(tourMessage(card))).toMatchFileSnapshot(goldenFile(name));
});

test("a line has its button until it is done, and each button names the tour's posting", () => {
  const { blocks } = withPosting(tourMessage(tourCard({ renew: "done", rollback: "under way" })), 77);
  const lines = blocks.flatMap((block) =>
    block.type === "section" && block.accessory?.type === "button"
      ? [{ posting: postingOf(block.block_id ?? ""), help: block.accessory.value }]
      : [],
  );
  expect(lines).toEqual(["take", "rollback", "digest"].map((help) => ({ posting: 77, help })));
});

test("the tour stays within Slack's limits and mentions nobody whatever it is told", () => {
  for (let seed = 0; seed < 50; seed++) {
    const text = hostile(seed, 120);
    const names = { serviceName: text, serviceChannel: text, channel: text, approvers: Array<string>(40).fill(text) };
    for (const tour of [{}, { rollback: "under way" }, { digest: "done" }] as const) {
      const drawn = tourMessage(tourCard(tour, names));
      expect(checkLimits(drawn)).toEqual([]);
      expect(readAll(drawn)).toMatchObject({
        mentions: [],
        links: [],
        dates: 0,
        italic: [],
        struck: [],
        pictures: [],
        quotes: 0,
      });
    }
  }
});

test("who read the digest is told as a sentence", () => {
  expect(eventSentence(event("digest.read", {}, { item: null }), NAMES, "list")).toBe("Ana Operator read the digest");
});

function tourCard(tour: Partial<TourCard["tour"]> = {}, changes: Partial<TourCard> = {}): TourCard {
  return {
    tour: { take: "open", renew: "open", rollback: "open", digest: "open", ...tour },
    serviceName: "Shop",
    serviceChannel: "#shop",
    channel: "#ops",
    approvers: ["Ben Approver"],
    ...changes,
  };
}
