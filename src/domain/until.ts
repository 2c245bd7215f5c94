import { addMilliseconds } from "./time.ts";
import { addDays, instantOf, isoWeekday, localDateOf } from "./wall-time.ts";

/** Until when something shall hold, as people say it: by the clocks of a zone, or for so long. */

export type Until =
  | { readonly kind: "for"; readonly ms: number }
  /** Without a time it is the morning, 09:00. */
  | { readonly kind: "weekday"; readonly weekday: number; readonly at: string | null }
  | { readonly kind: "date"; readonly date: string; readonly at: string | null }
  | { readonly kind: "tomorrow"; readonly at: string | null }
  | { readonly kind: "time"; readonly at: string };

const MORNING = "09:00";

/** The next such moment; null where the zone has no such date. */
export function untilInstant(until: Until, zone: string, now: Date): Date | null {
  if (until.kind === "for") return addMilliseconds(now, until.ms);
  const today = localDateOf(zone, now.getTime());
  if (until.kind === "date") return toDate(instantOf(zone, until.date, until.at ?? MORNING));
  if (until.kind === "tomorrow") return toDate(instantOf(zone, addDays(today, 1), until.at ?? MORNING));
  // A week and a day always holds the one that is still to come; one more stands in for a date that the zone skipped.
  for (let ahead = 0; ahead <= 15; ahead += 1) {
    const date = addDays(today, ahead);
    if (until.kind === "weekday" && isoWeekday(date) !== until.weekday) continue;
    const instant = instantOf(zone, date, until.at ?? MORNING);
    if (instant !== null && instant > now.getTime()) return new Date(instant);
  }
  return null;
}

function toDate(instant: number | null): Date | null {
  return instant === null ? null : new Date(instant);
}
