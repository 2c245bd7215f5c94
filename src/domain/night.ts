import { addDays, instantOf, localDateOf } from "./wall-time.ts";

const AT = "03:00";

/** The next time that it is three at night in a zone. */
export function nextNight(now: Date, zone: string): Date {
  const today = localDateOf(zone, now.getTime());
  const nights = [0, 1, 2].flatMap((days) => instantOf(zone, addDays(today, days), AT) ?? []);
  return new Date(nights.find((night) => night > now.getTime()) ?? now.getTime() + 86_400_000);
}
