import { tzOffset } from "@date-fns/tz/tzOffset";

/** Local dates and times of a zone ("2026-11-23", "09:00"), and the instants that they are, however its clocks move. */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * The instant of a local time. A time that comes twice means the first; one that the clocks jump over means the moment
 * of the jump. Null when the zone has no such date at all.
 */
export function instantOf(zone: string, localDate: string, at: string): number | null {
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

/** The date that a zone has at an instant, "2026-11-23". */
export function localDateOf(zone: string, instant: number): string {
  return isoDate(instant + offsetAt(zone, instant));
}

/** The time of day that a zone has at an instant, "22:00". */
export function localTimeOf(zone: string, instant: number): string {
  return new Date(instant + offsetAt(zone, instant)).toISOString().slice(11, 16);
}

/** Made when the first day is told: the first one of a process takes as long as many modules do, which no start has to wait for. */
let dayParts: Intl.DateTimeFormat | undefined;
const DAY_PARTS = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" } as const;

/** "Tue 1 Dec", in UTC. */
export function dayText(date: Date): string {
  dayParts ??= new Intl.DateTimeFormat("en-GB", DAY_PARTS);
  return dayParts
    .formatToParts(date)
    .filter((part) => part.type !== "literal")
    .map((part) => part.value)
    .join(" ");
}

/** An instant by the clocks of a zone: "Sat 5 Dec 22:00". */
export function wallText(zone: string, instant: Date): string {
  const wall = new Date(instant.getTime() + offsetAt(zone, instant.getTime()));
  return `${dayText(wall)} ${wall.toISOString().slice(11, 16)}`;
}

/** Zones that were asked about, in small letters, so that there are no more of them than zones: to ask takes a formatter each time. */
const known = new Set<string>();

/** Whether there is such a zone. Names only: an offset such as +02:00 would ignore summer time. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(zone)) return false;
  const name = zone.toLowerCase();
  if (!known.has(name) && isFormatted(zone)) known.add(name);
  return known.has(name);
}

function isFormatted(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) instanceof Intl.DateTimeFormat;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** So many days after a local date. */
export function addDays(date: string, days: number): string {
  return isoDate(Date.parse(`${date}T00:00Z`) + days * DAY);
}

/** 1 = Monday. */
export function isoWeekday(date: string): number {
  return new Date(`${date}T00:00Z`).getUTCDay() || 7;
}

function isoDate(utc: number): string {
  return new Date(utc).toISOString().slice(0, 10);
}
