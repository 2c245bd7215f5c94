import { expect, test } from "vitest";
import { parse } from "../src/command/parse.ts";

/** What is typed, dictated or pasted on a phone at night means the same as what the help shows. */

const NOW = { demo: false };

/** As it arrives, and as the help would have it. */
const SAME: readonly (readonly [string, string])[] = [
  ["own １４２", "own #142"],
  ["own ＃１４２", "own #142"],
  ["／ｄａｙ２ own #142", "own #142"],
  ["scale shop web＝４", "scale shop web=4"],
  ["ｏｐ－１７", "op-17"],
  ["own item 142", "own #142"],
  ["ack 142,143", "ack #142 #143"],
  ["ack #142,#143 for 2h", "ack #142 #143 for 2h"],
  ["🔥 own #142", "own #142"],
  [":fire: own #142", "own #142"],
  ["own #142 👍🏽", "own #142"],
  ["own #142 :+1:", "own #142"],
  ["> own #142", "own #142"],
  ["&gt; own #142", "own #142"],
  ["@daytwo own #142", "own #142"],
  ["status of the shop", "status shop"],
  ["status for shop", "status shop"],
  ["items of shop", "items shop"],
  ["my items", "mine"],
  ["restart the shop", "restart shop"],
  ["restart shop now", "restart shop"],
  ["check shop now please", "check shop"],
  ["scale shop web=4 now", "scale shop web=4"],
  ["scale shop web=4 for two hours", "scale shop web=4 for 2h"],
  ["snooze #142 an hour vendor", "snooze #142 1h vendor"],
  ["snooze #142 half an hour vendor", "snooze #142 30m vendor"],
  ["snooze #142 1,5h vendor", "snooze #142 1h30 vendor"],
  ["snooze #142 ２h vendor", "snooze #142 2h vendor"],
  ["hand 142 to ben see the graph", "handoff #142 @ben see the graph"],
  ["give 142 to ben see the graph", "handoff #142 @ben see the graph"],
  ["pass #142 @ben see the graph", "handoff #142 @ben see the graph"],
  ["give back #142", "release #142"],
  ["fixed 142 cleaned up", "resolve #142 cleaned up"],
  ["window delete 3", "window end 3"],
  ["window shop sat 22:00-sun 02:00 deploy", "window shop sat 22:00 until sun 02:00 deploy"],
];

test.each(SAME)("%j means %j", (typed, meant) => {
  expect(parse(typed, NOW)).toEqual(parse(meant, NOW));
});

/** What machines write, and its instant. */
const INSTANTS: readonly (readonly [string, string])[] = [
  ["2026-12-03T10:00Z", "2026-12-03T10:00:00Z"],
  ["2026-12-03T10:00:00.000Z", "2026-12-03T10:00:00Z"],
  ["2026-12-03 10:00 UTC", "2026-12-03T10:00:00Z"],
  ["2026-12-03T10:00+01:00", "2026-12-03T09:00:00Z"],
  ["2026-12-03T10:00:00-0500", "2026-12-03T15:00:00Z"],
];

test.each(INSTANTS)("%j is the same moment everywhere", (typed, instant) => {
  expect(parse(`snooze #142 until ${typed} vendor`, NOW)).toMatchObject({
    until: { on: "instant", ms: Date.parse(instant) },
    reason: "vendor",
  });
  expect(parse(`window shop ${typed} for 2h deploy`, NOW)).toMatchObject({
    span: { from: { on: "instant", ms: Date.parse(instant) }, end: { length: 7_200_000 } },
  });
});

test("a range of a day without seconds stays a range", () => {
  expect(parse("window shop 2026-12-03 10:00-11:00 deploy", NOW)).toEqual(
    parse("window shop 2026-12-03 10:00 until 11:00 deploy", NOW),
  );
});

test("in a thread, `it` is the thread's item; a number in what people say is asked about", () => {
  expect(parse("own it", { demo: false, item: 7 })).toEqual(parse("own #7", NOW));
  expect(() => parse("note item 5 of the list is done", { demo: false, item: 7 })).toThrow(
    "Is 5 the item #5, or part of what you say about #7?",
  );
});
