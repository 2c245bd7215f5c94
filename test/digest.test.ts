import { expect, test } from "vitest";
import { DIGEST_LATE_MS, digestDue, nextDigestAt } from "../src/domain/digest.ts";
import type { DigestPlan } from "../src/domain/catalog.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const ZONES = ["Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/New_York", "Europe/London", "UTC"];

function plan(zone: string, at: string, days: readonly number[] = EVERY_DAY): DigestPlan {
  return { channel: "#ops", at, zone, days };
}

/** What a clock on the wall in the zone shows, from Intl alone. */
function wallClock(zone: string): (at: Date) => { date: string; time: string; weekday: string } {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    weekday: "short",
    hourCycle: "h23",
  });
  return (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return {
      date: `${part["year"]}-${part["month"]}-${part["day"]}`,
      time: `${part["hour"]}:${part["minute"]}`,
      weekday: String(part["weekday"]),
    };
  };
}

test.each(ZONES)("%s: a clock that ticks for 400 days sends one digest on each working day, at its minute", (zone) => {
  const workdays = plan(zone, "09:00", [1, 2, 3, 4, 5]);
  const clock = wallClock(zone);
  const sent: string[] = [];
  const found: { date: string; time: string; at: number; localDate: string; dueAt: number }[] = [];
  const worked = new Set<string>();
  // By the minute around nine o'clock, by the half hour elsewhere: nothing can happen there but a digest at a wrong time.
  let at = Date.parse("2026-01-16T18:00Z");
  for (const end = at + 400 * DAY; at < end;) {
    const now = new Date(at);
    const { date, time, weekday } = clock(now);
    const nearNine = time >= "08:30" && time < "09:30";
    if (nearNine && weekday !== "Sat" && weekday !== "Sun") worked.add(date);
    const due = digestDue(workdays, now);
    if (due !== null && !sent.includes(due.localDate)) {
      found.push({ date, time, at, localDate: due.localDate, dueAt: due.dueAt.getTime() });
      sent.push(due.localDate);
    }
    at += nearNine ? MINUTE : 30 * MINUTE;
  }
  expect(sent.filter((date) => worked.has(date))).toEqual([...worked]);
  expect(worked.size).toBeGreaterThanOrEqual(285);
  for (const { date, time, at: moment, localDate, dueAt } of found.slice(1)) {
    expect({ date, time, at: moment }).toEqual({ date: localDate, time: "09:00", at: dueAt });
  }
  // The first look may still find the digest of the day before; besides it, working days only.
  expect(sent.length - worked.size).toBeLessThanOrEqual(1);
});

test.each(ZONES)(
  "%s: following nextDigestAt visits every local date once, in order, at every hour of the day",
  (zone) => {
    const clock = wallClock(zone);
    for (const at of ["00:00", "01:30", "02:15", "02:45", "12:00", "23:59"]) {
      const daily = plan(zone, at);
      let next = nextDigestAt(daily, new Date("2026-01-01T00:00Z"));
      for (let days = 0; days < 400; days++) {
        if (next === null) throw new Error(`${zone} ${at}: there is always a next one`);
        const following = nextDigestAt(daily, next.dueAt);
        expect(following?.localDate).toBe(new Date(Date.parse(next.localDate) + DAY).toISOString().slice(0, 10));
        expect(clock(next.dueAt).date).toBe(next.localDate);
        expect(digestDue(daily, next.dueAt)?.localDate).toBe(next.localDate);
        next = following;
      }
    }
  },
);

test.each([
  ["spring, 02:30 is jumped over", plan("America/New_York", "02:30"), "2026-03-08", "2026-03-08T07:00:00.000Z"],
  ["autumn, 01:30 comes twice: the first", plan("America/New_York", "01:30"), "2026-11-01", "2026-11-01T05:30:00.000Z"],
  ["London, 01:15 is jumped over", plan("Europe/London", "01:15"), "2026-03-29", "2026-03-29T01:00:00.000Z"],
  ["London, 01:15 comes twice", plan("Europe/London", "01:15"), "2026-10-25", "2026-10-25T00:15:00.000Z"],
  [
    "Lord Howe moves by half an hour: 02:15 is jumped over",
    plan("Australia/Lord_Howe", "02:15"),
    "2026-10-04",
    "2026-10-03T15:30:00.000Z",
  ],
  ["Lord Howe, 01:45 comes twice", plan("Australia/Lord_Howe", "01:45"), "2026-04-05", "2026-04-04T14:45:00.000Z"],
  ["Kathmandu is at +05:45", plan("Asia/Kathmandu", "09:00"), "2026-11-23", "2026-11-23T03:15:00.000Z"],
  [
    "a jump over the end of the day still belongs to that day",
    plan("America/Scoresbysund", "23:30"),
    "2025-03-29",
    "2025-03-30T01:00:00.000Z",
  ],
])("%s", (_name, daily, localDate, instant) => {
  const justBefore = new Date(Date.parse(instant) - 1);
  expect(nextDigestAt(daily, justBefore)).toEqual({ localDate, dueAt: new Date(instant) });
  expect(digestDue(daily, new Date(instant))).toEqual({
    localDate,
    dueAt: new Date(instant),
    lateUntil: new Date(Date.parse(instant) + DIGEST_LATE_MS),
  });
});

test("a local date that a zone left out has no digest, and the next one has its own", () => {
  // Samoa went from 29 to 31 December 2011.
  const daily = plan("Pacific/Apia", "08:00");
  const last = nextDigestAt(daily, new Date("2011-12-29T12:00Z"));
  expect(last?.localDate).toBe("2011-12-29");
  const next = nextDigestAt(daily, last?.dueAt ?? new Date(0));
  expect(next).toEqual({ localDate: "2011-12-31", dueAt: new Date("2011-12-30T18:00Z") });
});

test("a digest is sent up to six hours late, over midnight too, and then left to the next", () => {
  const evening = plan("UTC", "22:00", [5]);
  expect(digestDue(evening, new Date("2026-11-20T21:59:59.999Z"))).toBeNull();
  expect(digestDue(evening, new Date("2026-11-21T03:59:59.999Z"))?.localDate).toBe("2026-11-20");
  expect(digestDue(evening, new Date("2026-11-21T04:00Z"))).toBeNull();
});

test("a plan without weekdays is never due", () => {
  expect(nextDigestAt(plan("UTC", "09:00", []), new Date("2026-11-20T21:00Z"))).toBeNull();
  expect(digestDue(plan("UTC", "09:00", []), new Date("2026-11-20T09:00Z"))).toBeNull();
});
