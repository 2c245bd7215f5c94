import { describe, expect, test } from "vitest";
import { failed, held, meaningOf, shows, type Called, type Failure } from "../src/domain/posting.ts";

/** What each end of a call makes of a posting that is new, and of one that is there. */

const NOW = new Date("2026-11-30T02:00:00Z");
const BEGAN = new Date("2026-11-30T01:59:50Z");

const NEW: Called = {
  shown: 0,
  wanted: 3,
  messageTs: null,
  channel: "C1",
  unsureSince: null,
  attempts: 0,
  problem: null,
  claimedAt: BEGAN,
};
const THERE: Called = { ...NEW, shown: 2, messageTs: "1.000001" };

/** `<shown> <its message> <tries> <seconds until the next>`, and a `?` where a post is in doubt. */
function after(posting: Called, failure: Failure): string {
  const { shown, messageTs, attempts, notBefore, unsureSince } = failed(posting, failure, "why", NOW);
  const wait = notBefore === null ? "-" : (notBefore.getTime() - NOW.getTime()) / 1000;
  return `${shown} ${messageTs ?? "none"} ${attempts} ${wait}${unsureSince === null ? "" : "?"}`;
}

test.each<[Failure, ofNew: string, ofThere: string]>([
  ["empty", "3 none 0 -", "3 1.000001 0 -"],
  ["vanished", "0 none 1 1", "2 none 1 1"],
  ["hopeless", "0 none 1 5", "2 1.000001 1 5"],
  ["lacking", "0 none 1 5", "2 1.000001 1 5"],
  ["refused", "0 none 1 5", "2 1.000001 1 5"],
  ["unmade", "0 none 1 5", "2 1.000001 1 5"],
  ["findable", "0 none 1 5?", "2 1.000001 1 5"],
  ["unanswered", "0 none 1 30?", "2 1.000001 1 5"],
])("%s", (failure, ofNew, ofThere) => {
  expect([after(NEW, failure), after(THERE, failure)]).toEqual([ofNew, ofThere]);
  expect(failed(NEW, failure, "why", NOW).problem).toBe("why");
});

describe("one after the other", () => {
  test("each failure puts it off for longer, at most five minutes", () => {
    const waits = [0, 1, 2, 5, 6, 40].map((attempts) =>
      after({ ...THERE, attempts }, "refused")
        .split(" ")
        .at(-1),
    );
    expect(waits).toEqual(["5", "10", "20", "160", "300", "300"]);
    expect(after({ ...NEW, attempts: 5 }, "unanswered")).toBe("0 none 6 160?");
  });

  test("what is hopeless is left at the third refusal, and what the server cannot change at the ninth", () => {
    expect([1, 2].map((attempts) => after({ ...NEW, attempts }, "hopeless"))).toEqual(["0 none 2 10", "3 none 2 -"]);
    expect(after({ ...THERE, attempts: 7 }, "lacking")).toBe("2 1.000001 8 300");
    expect(after({ ...THERE, attempts: 8 }, "lacking")).toBe("3 1.000001 8 -");
    expect(after({ ...NEW, attempts: 8 }, "lacking")).toBe("0 none 9 300");
  });

  test("what is gone again and again is posted anew twice at once, and then as late as what else fails", () => {
    expect([1, 2, 6].map((attempts) => after({ ...NEW, attempts }, "vanished"))).toEqual([
      "0 none 2 1",
      "0 none 3 20",
      "0 none 7 300",
    ]);
    expect(after({ ...THERE, attempts: 2 }, "vanished")).toBe("2 none 3 20");
  });

  test("a post stays in doubt since its first call, until it is shown", () => {
    const before = new Date("2026-11-30T01:00:00Z");
    const unsure = { ...NEW, unsureSince: before, attempts: 1, problem: "silence" };
    for (const failure of ["findable", "unanswered", "refused", "hopeless"] as const)
      expect(failed(unsure, failure, "why", NOW).unsureSince).toBe(before);
    expect(failed(NEW, "unanswered", "why", NOW).unsureSince).toBe(BEGAN);
    expect(held(unsure, NOW)).toEqual({
      shown: 0,
      messageTs: null,
      unsureSince: before,
      attempts: 1,
      problem: "silence",
      notBefore: NOW,
    });
    expect(shows(3, "1.000002")).toEqual({
      shown: 3,
      messageTs: "1.000002",
      unsureSince: null,
      attempts: 0,
      problem: null,
      notBefore: null,
    });
  });

  test("who asked only where to post has posted nothing", () => {
    expect(after({ ...NEW, channel: null }, "unanswered")).toBe("0 none 1 5");
  });
});

test("Slack's words: a message that is gone, a channel that takes none, somebody who is not there, and any other no", () => {
  const words = ["message_not_found", "is_archived", "user_not_found", "unknown_method", "constructor", "fatal_error"];
  expect(words.map(meaningOf)).toEqual(["vanished", "shut", "hopeless", "lacking", "refused", "refused"]);
  // Cards still go where only threads are closed.
  expect(meaningOf("restricted_action_thread_only_channel")).toBe("shut");
  expect(meaningOf("restricted_action_non_threadable_channel")).toBe("hopeless");
});
