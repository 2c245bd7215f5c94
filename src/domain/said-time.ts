import { Invalid } from "../errors.ts";
import type { Moment } from "./window.ts";
import { formatDuration } from "./measures.ts";
import { addDays, instantOf, isoWeekday, localDateOf } from "./wall-time.ts";

/** Moments and spans as people say them, and the instants that they mean by the clocks of their zone. */

/** `at` is "HH:MM", null where only the day was said; `weekday` ISO, 1 = Monday; `ms` from now, of an instant since 1970; `monthDay` "12-01". */
export type SaidMoment =
  | { readonly on: "now" }
  | { readonly on: "in"; readonly ms: number }
  | { readonly on: "instant"; readonly ms: number }
  | { readonly on: "time"; readonly at: string }
  | { readonly on: "day"; readonly ahead: 0 | 1; readonly at: string | null }
  | { readonly on: "weekday"; readonly weekday: number; readonly at: string | null }
  | { readonly on: "date"; readonly date: string; readonly at: string | null }
  | { readonly on: "yearly"; readonly monthDay: string; readonly at: string | null };

/** `length` in ms. Of every week it begins on a day of the week. */
export type SaidSpan = {
  readonly weekly: boolean;
  readonly from: SaidMoment;
  readonly end: { readonly length: number } | { readonly until: SaidMoment };
};

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEK = 7 * DAY;
/** When a day begins for somebody who only names the day. */
const MORNING = "09:00";

/** The first such moment after now. @throws Invalid when there is none, since it has passed or the zone has no such date */
export function momentSaid(said: SaidMoment, now: Date, zone: string): Date {
  const found = instants(said, { around: now, now, zone }).find((instant) => instant > now.getTime());
  if (found !== undefined) return new Date(found);
  throw new Invalid("That time has passed.", { hint: "Write a later one, such as `tomorrow 9:00` or `mon 9:00`." });
}

export type Bounds = {
  /** ms */
  readonly longest: number;
  /** ms from now within which it begins. */
  readonly furthest: number;
};

/** The span that is under way since today, or else the next such one. @throws Invalid with what would be right */
export function spanSaid(span: SaidSpan, now: Date, zone: string, bounds: Bounds): { startsAt: Date; endsAt: Date } {
  const starts = instants(span.from, { around: now, now, zone });
  if (starts.length === 0) throw new Invalid("There is no such day.", { hint: "Write it like `2026-12-01 18:00`." });
  const spans = starts.flatMap((start) => {
    const end = endOf(span, new Date(start), now, zone);
    return end === null ? [] : [{ start, end }];
  });
  const [last] = spans.toReversed();
  if (last === undefined)
    throw new Invalid("It ends before it begins.", { hint: "Let the end be later, or write `for 2h`." });
  const found = spans.find(({ end }) => end > now.getTime());
  if (found === undefined)
    throw new Invalid(`That was over ${formatDuration(Math.max(now.getTime() - last.end, MINUTE))} ago.`, {
      hint: "Write when it begins, such as `tomorrow 7:00`, or `now for 30m`.",
    });
  checkLength(found.end - found.start, bounds.longest);
  if (found.start - now.getTime() > bounds.furthest)
    throw new Invalid(
      `That begins in ${formatDuration(found.start - now.getTime())}; at most ${formatDuration(bounds.furthest)} ahead can be planned here.`,
      { hint: IN_THE_FILE },
    );
  return { startsAt: new Date(found.start), endsAt: new Date(found.end) };
}

/** The same of every week, as a rule. @throws Invalid with what would be right */
export function weeklySaid({ from, end }: SaidSpan, bounds: Pick<Bounds, "longest">): { from: Moment; until: Moment } {
  if (from.on !== "weekday" || from.at === null)
    throw new Invalid("On which day of every week?", { hint: "Write it like `every sat 22:00 for 2h`." });
  const opens = { on: "weekday" as const, weekday: from.weekday, at: from.at };
  const begin = minutesOf(opens);
  const close = "length" in end ? begin + Math.ceil(end.length / MINUTE) : weeklyEnd(end.until, opens);
  if (close - begin >= WEEK / MINUTE)
    throw new Invalid("That would never end: the next one begins before.", { hint: "Make it shorter than a week." });
  checkLength((close - begin) * MINUTE, bounds.longest);
  const [days, rest] = [Math.floor(close / 1_440), close % 1_440];
  return { from: opens, until: { on: "weekday", weekday: ((days - 1) % 7) + 1, at: timeText(rest) } };
}

const IN_THE_FILE = "What is longer or later belongs into `daytwo.yaml`, where `docs/catalog.md` shows its lines.";

function checkLength(ms: number, longest: number): void {
  if (ms > longest)
    throw new Invalid(`That is ${formatDuration(ms)} long, and here it is at most ${formatDuration(longest)}.`, {
      hint: IN_THE_FILE,
    });
}

/** In minutes of a week that begins with its day 0; a day of the week that is named twice means the week after. */
function weeklyEnd(until: SaidMoment, opens: { readonly weekday: number; readonly at: string }): number {
  const begin = minutesOf(opens);
  if (until.on === "time") return after(minutesOf({ weekday: opens.weekday, at: until.at }), begin, 1_440);
  if (until.on === "weekday" && until.at !== null)
    return after(minutesOf({ weekday: until.weekday, at: until.at }), begin, 7 * 1_440);
  throw new Invalid("Until when of every week?", { hint: "Write it like `every sat 22:00 until sun 6:00`." });
}

function after(minutes: number, begin: number, every: number): number {
  return minutes > begin ? minutes : minutes + every;
}

function minutesOf({ weekday, at }: { readonly weekday: number; readonly at: string }): number {
  return weekday * 1_440 + Number(at.slice(0, 2)) * 60 + Number(at.slice(3));
}

function timeText(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => `${part}`.padStart(2, "0")).join(":");
}

/** Null where it would not be later than the start. */
function endOf({ end }: SaidSpan, start: Date, now: Date, zone: string): number | null {
  if ("length" in end) return start.getTime() + end.length;
  return instants(end.until, { around: start, now, zone }).find((instant) => instant > start.getTime()) ?? null;
}

type Where = { readonly around: Date; readonly now: Date; readonly zone: string };

/** What may be meant, from the day of `around` on, ascending; today and tomorrow are those of now. */
function instants(said: SaidMoment, { around, now, zone }: Where): number[] {
  if (said.on === "now") return [now.getTime()];
  if (said.on === "instant") return [said.ms];
  if (said.on === "in") return [now.getTime() + said.ms];
  const at = said.at ?? MORNING;
  return datesOf(said, localDateOf(zone, around.getTime()), localDateOf(zone, now.getTime())).flatMap(
    (date) => instantOf(zone, date, at) ?? [],
  );
}

function datesOf(said: Exclude<SaidMoment, { on: "now" | "in" | "instant" }>, first: string, today: string): string[] {
  switch (said.on) {
    case "time":
      return [0, 1, 2].map((ahead) => addDays(first, ahead));
    case "day":
      return [addDays(today, said.ahead)];
    case "weekday":
      // One more week stands in for a date that the zone skipped.
      return Array.from({ length: 15 }, (_, ahead) => addDays(first, ahead)).filter(
        (date) => isoWeekday(date) === said.weekday,
      );
    case "date":
      return [said.date];
    case "yearly":
      return [0, 1].map((ahead) => `${Number(first.slice(0, 4)) + ahead}-${said.monthDay}`).filter(isDate);
  }
}

/** Whether there is such a day: "2026-02-30" is none. */
export function isDate(date: string): boolean {
  const read = new Date(`${date}T00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(date);
}
