import { subMilliseconds } from "./time.ts";

/** What is well and ill again all the time is one trouble, and not as many as it turns. */

const TIMES = 3;
const WITHIN = 3_600_000; // ms
/** So long it must have been well, in ms, before it is over. */
export const CALM = 900_000;

/** Since when a wellness at `now` may be one of several that count. */
export function flapsFrom(now: Date): Date {
  return subMilliseconds(now, WITHIN);
}

/** Of the moments at which it became well, the last of them now, those that make it flapping; none where it is not. */
export function flaps(wells: readonly Date[], now: Date): readonly Date[] {
  const lately = wells.filter((at) => at > flapsFrom(now) && at <= now);
  return lately.length >= TIMES ? lately.toSorted((a, b) => a.getTime() - b.getTime()) : [];
}
