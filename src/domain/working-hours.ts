import { addDays, instantOf, isoWeekday, localDateOf } from "./wall-time.ts";

/** When people may be asked for what can wait. */

export type WorkingHours = {
  /** Local times, "09:00" and "18:00". */
  readonly from: string;
  readonly until: string;
  /** ISO weekdays, 1 = Monday. */
  readonly days: readonly number[];
  /** IANA zone of whoever has none of their own. */
  readonly zone: string;
};

export const WORKING_HOURS: WorkingHours = { from: "09:00", until: "18:00", days: [1, 2, 3, 4, 5], zone: "UTC" };

/** That moment where it is within working hours of the zone, else when the next ones begin. */
export function workingFrom(hours: WorkingHours, zone: string, at: Date): Date {
  const today = localDateOf(zone, at.getTime());
  // A week and a day always holds one of the weekdays; a second week stands in for a local date that a zone skipped.
  for (let ahead = 0; ahead <= 15; ahead++) {
    const date = addDays(today, ahead);
    if (!hours.days.includes(isoWeekday(date))) continue;
    const [begin, end] = [instantOf(zone, date, hours.from), instantOf(zone, date, hours.until)];
    if (begin === null || end === null || end <= at.getTime() || end <= begin) continue;
    return new Date(Math.max(begin, at.getTime()));
  }
  return at;
}

export function isWorkingTime(hours: WorkingHours, zone: string, at: Date): boolean {
  return workingFrom(hours, zone, at).getTime() === at.getTime();
}
