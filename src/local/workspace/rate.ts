/** Slack's rate limits: one post a second in a channel, and so many calls of a method a minute. */

import type { Clock } from "./clock.ts";

export interface RateLimits {
  /** Whole seconds until one more call of `key` stays within `most` in `everyMs`; 0 when it does now. */
  wait(key: string, most: number, everyMs: number): number;
  count(key: string): void;
}

const MEMORY_MS = 60_000;

export function openRateLimits(clock: Clock): RateLimits {
  const calls = new Map<string, number[]>();

  function within(key: string, ms: number): number[] {
    const now = clock.now();
    return (calls.get(key) ?? []).filter((at) => at > now - ms && at <= now);
  }

  return {
    wait(key, most, everyMs) {
      const recent = within(key, everyMs);
      const first = recent.at(-most);
      return first === undefined ? 0 : Math.max(1, Math.ceil((first + everyMs - clock.now()) / 1000));
    },
    count: (key) => void calls.set(key, [...within(key, MEMORY_MS), clock.now()]),
  };
}
