import { describe, expect, test } from "vitest";
import { parse } from "../src/command/parse.ts";
import { momentSaid, type SaidMoment } from "../src/domain/said-time.ts";

/** What people say about being on call, as typed on a phone, and the moments that they mean. */

const HERE = { demo: false } as const;
const MONDAY: SaidMoment = { on: "weekday", weekday: 1, at: "09:00" };

describe("words", () => {
  test.each([
    ["oncall", { verb: "oncall", of: null, change: null }],
    ["on-call Web", { verb: "oncall", of: "web", change: null }],
    ["rota web end", { verb: "oncall", of: "web", change: "end" }],
    [
      "oncall web <@U0ANA|ana> until mon 9:00",
      { verb: "oncall", of: "web", change: { person: { kind: "account", account: "U0ANA" }, until: MONDAY } },
    ],
    [
      "oncall web me for 8h",
      { verb: "oncall", of: "web", change: { person: { kind: "self" }, until: { on: "in", ms: 28_800_000 } } },
    ],
    [
      "cover for @ben until Monday, at 9:00",
      { verb: "cover", whom: { kind: "typed", typed: "ben" }, rotation: null, until: MONDAY },
    ],
    [
      "cover @ben on web till tomorrow",
      {
        verb: "cover",
        whom: { kind: "typed", typed: "ben" },
        rotation: "web",
        until: { on: "day", ahead: 1, at: null },
      },
    ],
    [
      "away until 2026-12-24 18:00",
      { verb: "away", whom: null, until: { on: "date", date: "2026-12-24", at: "18:00" } },
    ],
    [
      "away @ben until 18:00",
      { verb: "away", whom: { kind: "typed", typed: "ben" }, until: { on: "time", at: "18:00" } },
    ],
    ["away end.", { verb: "away", whom: null, until: null }],
  ])("%s", (text, request) => {
    expect(parse(text, HERE)).toEqual(request);
  });

  test.each([
    ["oncall web @ana", "Until when? Write it like `until mon 09:00`"],
    ["cover", "Who? Write a mention such as `@ana`"],
    ["cover @ben web", "Until when?"],
    ["away", "Until when?"],
    ["away until 2026-02-30", "`2026-02-30` is no date."],
    ["away until whenever", "`whenever` is no day and no time of day."],
  ])("%s is explained", (text, message) => {
    expect(() => parse(text, HERE)).toThrow(
      expect.objectContaining({ name: "Invalid", message: expect.stringContaining(message) as unknown }),
    );
  });
});

test.each([
  [{ on: "in", ms: 3_600_000 }, "2026-11-27T13:00:00.000Z"],
  [MONDAY, "2026-11-30T08:00:00.000Z"],
  [{ on: "weekday", weekday: 5, at: "09:00" }, "2026-12-04T08:00:00.000Z"],
  [{ on: "weekday", weekday: 5, at: "18:00" }, "2026-11-27T17:00:00.000Z"],
  [{ on: "day", ahead: 1, at: null }, "2026-11-28T08:00:00.000Z"],
  [{ on: "time", at: "08:00" }, "2026-11-28T07:00:00.000Z"],
  [{ on: "date", date: "2026-12-24", at: "18:00" }, "2026-12-24T17:00:00.000Z"],
] as const)("%j on a Friday noon in Paris", (until, instant) => {
  expect(momentSaid(until, new Date("2026-11-27T12:00:00Z"), "Europe/Paris").toISOString()).toBe(instant);
});
