import { appendFileSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The shop's debug log, which somebody left switched on: it grows fast at first, then slowly, and nobody rotates it. */

const MEGABYTE = 1_000_000;
/** Up to the first size it grows by the first rate (bytes a second), and so on; past the last size it is full. */
const GROWTH = [
  { until: 40 * MEGABYTE, rate: 1.5 * MEGABYTE },
  { until: 200 * MEGABYTE, rate: 20_000 },
];
const TICKS = 4;

export function openDebugLog(folder: string): { stop(): void } {
  mkdirSync(folder, { recursive: true });
  // What was trimmed grows slowly; what was emptied starts over.
  let most = 0;
  const timer = setInterval(() => {
    const now = sizeOf(folder);
    most = now === 0 ? 0 : Math.max(most, now);
    const rate = (now < most ? GROWTH.slice(1) : GROWTH).find(({ until }) => now < until)?.rate ?? 0;
    if (rate > 0) appendFileSync(join(folder, "debug.log"), lines(rate / TICKS));
  }, 1_000 / TICKS);
  return { stop: () => clearInterval(timer) };
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce(
    (sum, file) => sum + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

function lines(bytes: number): string {
  const { heapUsed, rss } = process.memoryUsage();
  const line = `${new Date().toISOString()} DEBUG shipper pid=${process.pid} heap=${heapUsed} rss=${rss} queue=orders nothing to ship\n`;
  return line.repeat(Math.ceil(bytes / line.length));
}
