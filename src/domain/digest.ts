import { tzOffset } from "@date-fns/tz/tzOffset";
import type { DigestPlan } from "./catalog.ts";

/** When the daily digest is due: once for each local date on the plan's weekdays, in every zone, however its clocks move. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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

/**
 * The instant of a local time. A time that comes twice means the first; one that the clocks jump over means the moment
 * of the jump. Null when the zone has no such date at all.
 */
function instantOf(zone: string, localDate: string, at: string): number | null {
  const wall = Date.parse(`${localDate}T${at}:00Z`);
  const before = offsetAt(zone, wall - DAY);
  const after = offsetAt(zone, wall + DAY);
  const instants = [wall - before, wall - after].filter((instant) => instant + offsetAt(zone, instant) === wall);
  if (instants.length > 0) return Math.min(...instants);
  const jump = firstWithOffset(zone, wall - Math.max(before, after), wall - Math.min(before, after));
  const touched = [localDateOf(zone, jump - 1), localDateOf(zone, jump)];
  return touched.includes(localDate) ? jump : null;
}

/** The first instant in (from, to] at which the zone has the offset that it has at `to`. */
function firstWithOffset(zone: string, from: number, to: number): number {
  const wanted = offsetAt(zone, to);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === wanted) high = middle;
    else low = middle;
  }
  return high;
}

function offsetAt(zone: string, instant: number): number {
  return tzOffset(zone, new Date(instant)) * MINUTE;
}

function localDateOf(zone: string, instant: number): string {
  return isoDate(instant + offsetAt(zone, instant));
}

function addDays(date: string, days: number): string {
  return isoDate(Date.parse(`${date}T00:00Z`) + days * DAY);
}

function isoWeekday(date: string): number {
  return new Date(`${date}T00:00Z`).getUTCDay() || 7;
}

function isoDate(utc: number): string {
  return new Date(utc).toISOString().slice(0, 10);
}
