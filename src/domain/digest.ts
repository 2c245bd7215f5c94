import type { DigestPlan } from "./catalog.ts";
import { addDays, instantOf, isoWeekday, localDateOf } from "./wall-time.ts";

/** When the daily digest is due: once for each local date on the plan's weekdays, in every zone, however its clocks move. */

const HOUR = 3_600_000;

type When = Pick<DigestPlan, "at" | "zone" | "days">;

/** How late a digest is still worth sending. After that it is left to the next one. */
export const DIGEST_LATE_MS = 6 * HOUR;

/** One digest: the local date that it is for ("2026-11-23"), and the instant that it is due at. */
export type DigestDate = { readonly localDate: string; readonly dueAt: Date };

/** The digest that should be sent now, if any. It stays the answer until `lateUntil`; the row unique on channel and local date keeps it to once. */
export function digestDue(plan: DigestPlan, now: Date): (DigestDate & { readonly lateUntil: Date }) | null {
  const today = localDateOf(plan.zone, now.getTime());
  for (const localDate of [today, addDays(today, -1)]) {
    const dueAt = dueOn(plan, localDate);
    if (dueAt === null || dueAt > now.getTime()) continue;
    const lateUntil = dueAt + DIGEST_LATE_MS;
    if (now.getTime() < lateUntil) return { localDate, dueAt: new Date(dueAt), lateUntil: new Date(lateUntil) };
  }
  return null;
}

/** The first digest due strictly after `after`; null when the plan names no weekday. */
export function nextDigestAt(plan: When, after: Date): DigestDate | null {
  const today = localDateOf(plan.zone, after.getTime());
  // A week and a day always holds one of the weekdays; a second week stands in for a local date that a zone skipped.
  for (let ahead = 0; ahead <= 15; ahead++) {
    const localDate = addDays(today, ahead);
    const dueAt = dueOn(plan, localDate);
    if (dueAt !== null && dueAt > after.getTime()) return { localDate, dueAt: new Date(dueAt) };
  }
  return null;
}

function dueOn(plan: When, localDate: string): number | null {
  return plan.days.includes(isoWeekday(localDate)) ? instantOf(plan.zone, localDate, plan.at) : null;
}
