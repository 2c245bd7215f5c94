import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parse } from "../src/command/parse.ts";
import type { WindowRequest } from "../src/command/request.ts";
import { momentSaid, spanSaid, weeklySaid } from "../src/domain/said-time.ts";
import { isZone, wallText } from "../src/domain/wall-time.ts";
import { Invalid } from "../src/errors.ts";
import { openingOf } from "../src/domain/window.ts";

/** What people type for moments and spans, and when that is by the clocks of their zone. */

const PARIS = "Europe/Paris";
/** Friday 27 November, 10:30 in Paris. */
const NOW = new Date("2026-11-27T09:30:00Z");
const DAY = 86_400_000;
const BOUNDS = { longest: 7 * DAY, furthest: 90 * DAY };

type Planned = Extract<WindowRequest, { what: "plan" }>;

function planned(text: string, item?: number): Planned {
  const request = parse(text, { demo: false, ...(item === undefined ? {} : { item }) });
  if (request.verb !== "window" || request.what !== "plan") throw new Error(`${text} plans nothing`);
  return request as Planned;
}

/** "Sat 28 Nov 22:00 – Sun 29 Nov 00:00 deploy" */
function meant(text: string, now = NOW, zone = PARIS): string {
  const { span, reason } = planned(text);
  const { startsAt, endsAt } = spanSaid(span, now, zone, BOUNDS);
  return `${wallText(zone, startsAt)} – ${wallText(zone, endsAt)} ${reason}`;
}

test.each([
  ["window shop sat 22:00 for 2h deploy", "Sat 28 Nov 22:00 – Sun 29 Nov 00:00 deploy"],
  ["Window Shop: Saturday at 10 pm for 2 hours: Deploy v2", "Sat 28 Nov 22:00 – Sun 29 Nov 00:00 Deploy v2"],
  ["window shop from sat 22h until 23:30 deploy", "Sat 28 Nov 22:00 – Sat 28 Nov 23:30 deploy"],
  ["window shop sat 22:00–23:30 deploy", "Sat 28 Nov 22:00 – Sat 28 Nov 23:30 deploy"],
  ["window shop sat 22:00 - sun 6:00 deploy", "Sat 28 Nov 22:00 – Sun 29 Nov 06:00 deploy"],
  ["window shop sat 22 for 2h30 deploy", "Sat 28 Nov 22:00 – Sun 29 Nov 00:30 deploy"],
  ["window shop sat 22:00 2h deploy", "Sat 28 Nov 22:00 – Sun 29 Nov 00:00 deploy"],
  ["window shop for 2h on sat 22:00 deploy", "Sat 28 Nov 22:00 – Sun 29 Nov 00:00 deploy"],
  ["window shop tomorrow 7:00 for 1h database", "Sat 28 Nov 07:00 – Sat 28 Nov 08:00 database"],
  ["window shop tonight 23:00 until 1:00 “two words”", "Fri 27 Nov 23:00 – Sat 28 Nov 01:00 two words"],
  ["window shop now for 30m deploy", "Fri 27 Nov 10:30 – Fri 27 Nov 11:00 deploy"],
  ["window shop for 30m deploy", "Fri 27 Nov 10:30 – Fri 27 Nov 11:00 deploy"],
  ["window shop until noon deploy", "Fri 27 Nov 10:30 – Fri 27 Nov 12:00 deploy"],
  ["window shop in 2h for 30m deploy", "Fri 27 Nov 12:30 – Fri 27 Nov 13:00 deploy"],
  ["window shop 2026-12-01 18:00 until 2026-12-02 06:00 new disks", "Tue 1 Dec 18:00 – Wed 2 Dec 06:00 new disks"],
  ["window shop 2026-12-01T18:00 for 1h new disks", "Tue 1 Dec 18:00 – Tue 1 Dec 19:00 new disks"],
  ["window shop 1 Dec 18:00 until dec 2nd 6am new disks", "Tue 1 Dec 18:00 – Wed 2 Dec 06:00 new disks"],
  ["window shop 3 jan 18:00 for 1h new disks", "Sun 3 Jan 18:00 – Sun 3 Jan 19:00 new disks"],
  // A time of today that is under way is meant; one that is over is the next such one.
  ["window shop 10:00 for 2h deploy", "Fri 27 Nov 10:00 – Fri 27 Nov 12:00 deploy"],
  ["window shop fri 10:00 for 2h deploy", "Fri 27 Nov 10:00 – Fri 27 Nov 12:00 deploy"],
  ["window shop fri 8:00 for 2h deploy", "Fri 4 Dec 08:00 – Fri 4 Dec 10:00 deploy"],
  ["window shop 8:00 for 2h deploy", "Sat 28 Nov 08:00 – Sat 28 Nov 10:00 deploy"],
  ["window all sat 22:00 for 7d move", "Sat 28 Nov 22:00 – Sat 5 Dec 22:00 move"],
])("%s", (text, said) => {
  expect(meant(text)).toBe(said);
});

test("the service is a word as typed, or the thread's", () => {
  expect(planned("window production sat 22:00 for 2h x").on).toEqual({ service: "production" });
  expect(planned("window for shop sat 22:00 for 2h x").on).toEqual({ service: "shop" });
  expect(planned("window sat 22:00 for 2h x", 7).on).toEqual({ item: 7 });
  expect(planned("window now for 2h x", 7).on).toEqual({ item: 7 });
});

test.each([
  ["window", { verb: "window", what: "list" }],
  ["windows list", { verb: "window", what: "list" }],
  ["freeze", { verb: "freeze", what: "list" }],
  ["Window end 3.", { verb: "window", what: "end", window: 3 }],
  ["freeze cancel #4", { verb: "freeze", what: "end", window: 4 }],
])("%s", (text, request) => {
  expect(parse(text, { demo: false })).toEqual(request);
});

test.each([
  ["window shop", "When does it begin?", "`sat 22:00`"],
  [
    "window sat 22:00 for 2h deploy",
    "For which service? Write it before the time: `shop sat 22:00 for 2h …`, or `all`.",
    "",
  ],
  ["window shop deploy", "`deploy` is no day and no time of day.", "`sat 22:00`"],
  ["window shop sat 22:00", "How long? Write `for 2h`, or `until 23:30`.", "Usage: `/day2 window"],
  ["window shop sat 22:00 deploy", "How long? Write `for 2h`, or `until 23:30`.", "Usage"],
  [
    "window shop sat 22:00 for 2h",
    "What is it for? Write it behind the time, such as `deploy`; the channel reads it.",
    "",
  ],
  [
    "freeze shop sat 22:00 for 2h",
    "Why shall nothing change? Write it behind the time; who wants to change something reads it.",
    "",
  ],
  ["window shop sat for 2h deploy", "When does it begin? Write the time behind the day, such as `sat 22:00`.", ""],
  ["window shop sat 22 deploy", "Is 22 the time?", "`22:00`"],
  ["snooze #5 until fri 17h deploy", "Is 17h the time?", "`17:00`"],
  ["snooze #5 until fri evening deploy", "Is evening the time?", "`18:00`"],
  ["snooze #5 tonight deploy", "When tonight?", "`tonight 22:00`"],
  ["window shop sat 25:00 for 2h deploy", "`25:00` is no time of day. Write it like `22:00`.", ""],
  ["window shop sat 22:00 until 24:00 deploy", "`24:00` is no time of day.", "`0:00` of the next day"],
  ["window shop sat 13pm for 2h deploy", "`13pm` is no time of day. Write it like `22:00`.", ""],
  ["window shop next sat 22:00 for 2h deploy", "`next` may mean two days.", "its date"],
  ["window shop 2026-02-30 22:00 for 2h deploy", "`2026-02-30` is no date.", ""],
  ["window shop 30 feb 22:00 for 2h deploy", "There is no 30 feb.", ""],
  ["window shop 1.12. 22:00 for 2h deploy", "`1.12.` may mean several things.", "`1 dec`"],
  ["window shop 12/01 22:00 for 2h deploy", "`12/01` may mean several things.", "`2026-12-01`"],
  ["window shop every day 3:00 for 1h backup", "Only what is every week repeats here.", "`every sat 22:00 for 2h`"],
  ["window shop sat 22:00 for 2 deploy", "2 of what? Write `2m`, `2h` or `2d`.", ""],
  ["window end", "Which one?", "`/day2 window` lists them"],
  ["window end sat", "`sat` is not a window's number.", "`/day2 window` lists them"],
])("%s is explained", (text, message, hint) => {
  expect(() => parse(text, { demo: false })).toThrow(
    expect.objectContaining({ name: "Invalid", message, hint: expect.stringContaining(hint) as unknown }),
  );
});

test.each([
  ["window shop today 8:00 for 2h deploy", "That was over 30 minutes ago."],
  ["window shop 2026-11-01 18:00 for 2h deploy", "That was over 25 days ago."],
  ["window shop tomorrow 8:00 until today 22:00 deploy", "It ends before it begins."],
  ["window shop sat 22:00 for 8d deploy", "That is 8 days long, and here it is at most 7 days."],
  ["window shop 1 oct 8:00 for 1h deploy", "That begins in 307 days; at most 90 days ahead can be planned here."],
])("%s is refused", (text, message) => {
  expect(() => meant(text)).toThrow(expect.objectContaining({ name: "Invalid", message }));
});

describe("every week", () => {
  function weekly(text: string, now = NOW): string[] {
    const opening = openingOf({ ...weeklySaid(planned(text).span, BOUNDS), zone: PARIS }, now);
    return [opening?.startsAt, opening?.endsAt].map((each) => (each === undefined ? "" : wallText(PARIS, each)));
  }

  test.each([
    ["window shop every sat 22:00 for 2h deploy", "Sat 28 Nov 22:00", "Sun 29 Nov 00:00"],
    ["window shop each Sunday at 23:30 until 1:00 deploy", "Sun 29 Nov 23:30", "Mon 30 Nov 01:00"],
    ["window shop saturdays 22:00 until sun 6:00 deploy", "Sat 28 Nov 22:00", "Sun 29 Nov 06:00"],
    ["window shop every week on sat from 22:00 for 1d deploy", "Sat 28 Nov 22:00", "Sun 29 Nov 22:00"],
    ["window shop every fri 22:00 for 3d deploy", "Fri 27 Nov 22:00", "Mon 30 Nov 22:00"],
  ])("%s", (text, from, until) => {
    expect(weekly(text)).toEqual([from, until]);
  });

  test("it keeps its hour over the end of summer time, and what is as long as a week is refused", () => {
    expect(weekly("window shop every sat 22:00 for 6h deploy", new Date("2026-10-24T12:00Z"))).toEqual([
      "Sat 24 Oct 22:00",
      "Sun 25 Oct 04:00",
    ]);
    expect(() => weekly("window shop every sat 22:00 for 7d deploy")).toThrow("That would never end");
    expect(() => weekly("window shop every sat 22:00 until sat 22:00 deploy")).toThrow("That would never end");
    expect(() => weekly("window shop every tomorrow 22:00 for 1h deploy")).toThrow("On which day of every week?");
  });
});

describe("where the clocks move", () => {
  const FORWARD = new Date("2026-03-28T12:00Z");
  const BACK = new Date("2026-10-24T12:00Z");

  test("what is so long is so long, and what ends by the clock ends by the clock", () => {
    expect(meant("window shop sat 22:00 for 6h x", FORWARD)).toBe("Sat 28 Mar 22:00 – Sun 29 Mar 05:00 x");
    expect(meant("window shop sat 22:00 for 6h x", BACK)).toBe("Sat 24 Oct 22:00 – Sun 25 Oct 03:00 x");
    expect(meant("window shop sat 22:00 until 4:00 x", BACK)).toBe("Sat 24 Oct 22:00 – Sun 25 Oct 04:00 x");
  });

  test("a time that the clocks jump over is the moment of the jump, and one that comes twice the first", () => {
    expect(meant("window shop sun 2:30 for 1h x", FORWARD)).toBe("Sun 29 Mar 03:00 – Sun 29 Mar 04:00 x");
    const { startsAt } = spanSaid(planned("window shop sun 2:30 for 1h x").span, BACK, PARIS, BOUNDS);
    expect(startsAt.toISOString()).toBe("2026-10-25T00:30:00.000Z");
  });

  test("half an hour from now is half an hour, also when the hour comes twice", () => {
    const twice = new Date("2026-10-25T01:40Z");
    const { startsAt, endsAt } = spanSaid(planned("window shop now for 30m x").span, twice, PARIS, BOUNDS);
    expect([startsAt, endsAt]).toEqual([twice, new Date("2026-10-25T02:10Z")]);
  });
});

test("whatever is said whenever and wherever, it ends later than now and than it begins, or is refused", () => {
  const BEGINNINGS = [
    "",
    "now",
    "in 3h",
    "2:30",
    "today 23:59",
    "tomorrow 0:00",
    "sun 2:30",
    "29 feb 12:00",
    "2026-10-25 2:30",
  ];
  const ENDS = ["for 1m", "for 7d", "until 2:30", "until sun 2:00", "until tomorrow 3:00", "until 2026-10-25 3:00"];
  const ZONES = ["Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago", "UTC"];
  const spans = BEGINNINGS.flatMap((from) => ENDS.map((end) => planned(`window shop ${from} ${end} x`).span));
  const wrong: unknown[] = [];
  let found = 0;
  for (const zone of ZONES) {
    for (let at = Date.UTC(2026, 9, 20); at < Date.UTC(2026, 10, 1); at += 5 * 3_600_000) {
      for (const span of spans) {
        try {
          const { startsAt, endsAt } = spanSaid(span, new Date(at), zone, BOUNDS);
          const length = endsAt.getTime() - startsAt.getTime();
          if (!(endsAt.getTime() > at && length > 0 && length <= 7 * DAY)) wrong.push({ zone, at, span });
          found += 1;
        } catch (error) {
          if (!(error instanceof Invalid) || error.hint === undefined) wrong.push({ zone, at, span, error });
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(found).toBeGreaterThan(10_000);
});

describe("a snooze", () => {
  test.each([
    ["snooze #142 until mon 9:00 the vendor calls back", "Mon 30 Nov 09:00 the vendor calls back"],
    ["snooze #142 until mon the vendor calls back", "Mon 30 Nov 09:00 the vendor calls back"],
    ["snooze 142 tomorrow vendor", "Sat 28 Nov 09:00 vendor"],
    ["Snooze #142 until 17:30: vendor", "Fri 27 Nov 17:30 vendor"],
    ["snooze #142 9:00 vendor", "Sat 28 Nov 09:00 vendor"],
    ["snooze #142 till 2026-12-01 at 8 vendor", "Tue 1 Dec 08:00 vendor"],
  ])("%s", (text, said) => {
    const request = parse(text, { demo: false });
    if (request.verb !== "snooze" || !("until" in request)) throw new Error("no snooze until a moment");
    expect(request.item).toBe(142);
    expect(`${wallText(PARIS, momentSaid(request.until, NOW, PARIS))} ${request.reason}`).toBe(said);
  });

  test("in a thread the item is left out, and what has passed is told", () => {
    expect(parse("snooze until mon 9:00 vendor", { demo: false, item: 7 })).toMatchObject({
      item: 7,
      reason: "vendor",
    });
    expect(() => momentSaid({ on: "day", ahead: 0, at: "09:00" }, NOW, PARIS)).toThrow("That time has passed.");
  });
});

test("what is a zone is found out once, however it is written", () => {
  const formats = vi.spyOn(Intl, "DateTimeFormat");
  onTestFinished(() => formats.mockRestore());
  expect(["Asia/Thimphu", "asia/thimphu", "ASIA/THIMPHU"].map(isZone)).toEqual([true, true, true]);
  expect(formats).toHaveBeenCalledTimes(1);
  expect(["Asia/Nowhere", "+02:00", "", "Asia/Thimphu\u212a"].map(isZone)).toEqual([false, false, false, false]);
});
