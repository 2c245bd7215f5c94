import { Invalid } from "../errors.ts";
import type { Catalog } from "./catalog.ts";
import type { Severity } from "./item.ts";
import { addMilliseconds, subMilliseconds } from "./time.ts";

/** How long somebody holds an item before it asks again. Durations in ms. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Unless the catalog says otherwise. */
const HOLDS: Readonly<Record<Severity, number>> = { critical: HOUR, warning: DAY };

export const SHORTEST_HOLD = MINUTE;
export const LONGEST_HOLD = 7 * DAY;

/** How much longer somebody who is still on it can hold it with one press. */
export const LONGER = [15 * MINUTE, HOUR, DAY] as const;

export function holdsFor({ acknowledge }: Pick<Catalog, "acknowledge">, severity: Severity): number {
  return acknowledge?.[severity] ?? HOLDS[severity];
}

export type Lease = { readonly acknowledgedUntil: Date; readonly asksAt: Date };

/** Until when, and when its holder is asked whether they are still on it: early enough to answer. @throws Invalid out of range */
export function leaseUntil(now: Date, until: Date): Lease {
  const length = until.getTime() - now.getTime();
  if (length < SHORTEST_HOLD || length > LONGEST_HOLD)
    throw new Invalid("An item can be held for 1 minute to 7 days.", { hint: "Say it like `for 2h`." });
  return { acknowledgedUntil: until, asksAt: subMilliseconds(until, Math.min(length / 6, HOUR)) };
}

export function leaseFor(now: Date, length: number): Lease {
  return leaseUntil(now, addMilliseconds(now, length));
}

/** What happens to an item that answers whether its holder is still on it. */
export const ANSWERS: readonly string[] = [
  "item.still_on",
  "item.acknowledged",
  "item.acknowledgement_ended",
  "item.taken",
  "item.released",
  "item.handed_off",
  "item.snoozed",
  "item.worsened",
  "item.resolved",
  "item.noise",
];
