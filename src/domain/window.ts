import type { PolicyRule } from "./policy-rule.ts";
import { addDays, instantOf, isoWeekday, localDateOf } from "./wall-time.ts";

/** Times in which something else holds, and when they do: once, or every week, by the clocks of a zone. */

export const WINDOW_KINDS = ["freeze", "maintenance"] as const;
export type WindowKind = (typeof WINDOW_KINDS)[number];

/** A moment by the clocks of a zone: of one day, or of every week. `at` is "HH:MM", `date` "2026-11-26", `weekday` ISO, 1 = Monday. */
export type Moment =
  | { readonly on: "date"; readonly date: string; readonly at: string }
  | { readonly on: "weekday"; readonly weekday: number; readonly at: string };

/**
 * A time in which something else holds. In a freeze nothing is changed without a reason and somebody's approval; in
 * maintenance what checks and alerts find asks nobody. Both moments are of one kind.
 */
export type Window = {
  /** What it is for, as people call it. */
  readonly name: string;
  /** An action only of a freeze. */
  readonly when: PolicyRule["when"];
  readonly from: Moment;
  readonly until: Moment;
  /** IANA zone. */
  readonly zone: string;
};

/** What a window holds for; null is everything. */
export type Scope = { readonly environment: string | null; readonly service: string | null };

export function covers(scope: Scope, service: { readonly key: string; readonly environment: string }): boolean {
  return (
    (scope.environment === null || scope.environment === service.environment) &&
    (scope.service === null || scope.service === service.key)
  );
}

export type Opening = { readonly startsAt: Date; readonly endsAt: Date };

/** The opening that is under way at `now`, or else the next one; null when there is none any more. */
export function openingOf({ from, until, zone }: Pick<Window, "from" | "until" | "zone">, now: Date): Opening | null {
  if (from.on === "date" && until.on === "date") return after(now, zone, [from.date, from.at], [until.date, until.at]);
  if (from.on !== "weekday" || until.on !== "weekday") return null;
  const [opens, closes] = [from, until];
  const today = localDateOf(zone, now.getTime());
  // A week back finds the one under way; a week ahead the next; one more stands in for a date that the zone skipped.
  const starts = Array.from({ length: 22 }, (_, ahead) => addDays(today, ahead - 7)).filter(
    (date) => isoWeekday(date) === opens.weekday,
  );
  for (const date of starts) {
    const end = addDays(date, daysOf(opens, closes));
    const opening = after(now, zone, [date, opens.at], [end, closes.at]);
    if (opening !== null) return opening;
  }
  return null;
}

type Weekly = Extract<Moment, { on: "weekday" }>;

/** From the day that it opens to the day that it closes; the same moment of the week means a whole week. */
function daysOf(opens: Weekly, closes: Weekly): number {
  const days = (closes.weekday - opens.weekday + 7) % 7;
  return days === 0 && closes.at <= opens.at ? 7 : days;
}

/** Null when it is over at `now`, or when the zone has no such date. */
function after(
  now: Date,
  zone: string,
  opens: readonly [date: string, at: string],
  closes: readonly [date: string, at: string],
): Opening | null {
  const [start, end] = [instantOf(zone, ...opens), instantOf(zone, ...closes)];
  if (start === null || end === null || end <= now.getTime() || end <= start) return null;
  return { startsAt: new Date(start), endsAt: new Date(end) };
}
