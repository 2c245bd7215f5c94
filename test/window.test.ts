import { describe, expect, test } from "vitest";
import { type Moment, openingOf } from "../src/domain/window.ts";

/** When a window is open. */

function moment(text: string): Moment {
  const [day = "", at = ""] = text.split(" ");
  return day.length === 1 ? { on: "weekday", weekday: Number(day), at } : { on: "date", date: day, at };
}

function opening(from: string, until: string, zone: string, now: string): string[] | null {
  const found = openingOf({ from: moment(from), until: moment(until), zone }, new Date(now));
  return found === null ? null : [found.startsAt.toISOString(), found.endsAt.toISOString()];
}

describe("of every week", () => {
  const weekend = ["5 17:00", "1 08:00", "Europe/Paris"] as const;

  test.each([
    ["before it", "2026-11-25T12:00Z", "2026-11-27T16:00:00.000Z", "2026-11-30T07:00:00.000Z"],
    ["in it", "2026-11-28T12:00Z", "2026-11-27T16:00:00.000Z", "2026-11-30T07:00:00.000Z"],
    ["in its last minute", "2026-11-30T06:59:59.999Z", "2026-11-27T16:00:00.000Z", "2026-11-30T07:00:00.000Z"],
    ["when it has just ended", "2026-11-30T07:00Z", "2026-12-04T16:00:00.000Z", "2026-12-07T07:00:00.000Z"],
    ["over the end of summer time", "2026-10-24T12:00Z", "2026-10-23T15:00:00.000Z", "2026-10-26T07:00:00.000Z"],
  ])("%s", (_, now, start, end) => {
    expect(opening(...weekend, now)).toEqual([start, end]);
  });

  test("within a day, over midnight into the week before, and a whole week", () => {
    expect(opening("3 09:00", "3 17:00", "UTC", "2026-11-25T10:00Z")).toEqual([
      "2026-11-25T09:00:00.000Z",
      "2026-11-25T17:00:00.000Z",
    ]);
    expect(opening("3 17:00", "3 09:00", "UTC", "2026-11-25T08:00Z")).toEqual([
      "2026-11-18T17:00:00.000Z",
      "2026-11-25T09:00:00.000Z",
    ]);
    expect(opening("3 09:00", "3 09:00", "UTC", "2026-11-25T08:00Z")).toEqual([
      "2026-11-18T09:00:00.000Z",
      "2026-11-25T09:00:00.000Z",
    ]);
  });

  test("at every moment of two weeks the answer has not ended yet, and none is left out", () => {
    const from = Date.parse("2026-10-19T00:00Z");
    const moments = Array.from({ length: 14 * 24 * 9 }, (_, step) => new Date(from + step * 400_000).toISOString());
    const found = moments.map((now) => opening(...weekend, now));
    expect(found.filter((each, index) => each === null || (each[1] ?? "") <= (moments[index] ?? ""))).toEqual([]);
    expect([...new Set(found.map((each) => each?.[0]))]).toEqual([
      "2026-10-16T15:00:00.000Z",
      "2026-10-23T15:00:00.000Z",
      "2026-10-30T16:00:00.000Z",
    ]);
  });
});

test("once: until it is over", () => {
  const once = ["2026-11-26 18:00", "2026-12-01 08:00", "America/New_York"] as const;
  const times = ["2026-11-26T23:00:00.000Z", "2026-12-01T13:00:00.000Z"];
  expect(opening(...once, "2026-11-01T00:00Z")).toEqual(times);
  expect(opening(...once, "2026-12-01T12:59Z")).toEqual(times);
  expect(opening(...once, "2026-12-01T13:00Z")).toBeNull();
});
