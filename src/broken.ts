import { addMinutes, subMinutes } from "./domain/time.ts";
import type { App } from "./app.ts";
import { isOutage } from "./db/sql.ts";
import type { Broken, Doing } from "./memory.ts";
import { redacted } from "./redaction.ts";
import { failed } from "./telemetry/trace.ts";

/**
 * Work that breaks on one row, by a fault of ours, costs that row alone. It is logged, counted and tried again at once, since a
 * connection may have been lost; then the row is left alone for a minute, so that no other row waits for it. Each process
 * remembers that for itself: another one, or this one after a restart, finds out by trying.
 */

const FORGIVEN = 1; // times
const LEFT_ALONE = 1; // minutes
const FORGOTTEN = 10; // minutes after which one that was not tried again is gone, or another process did it
const LONGEST = 300; // characters of a problem

/** All that this process knows to be broken. */
export function allBroken(app: App): readonly Broken[] {
  const { broken } = app.memory;
  const before = subMinutes(app.now(), FORGOTTEN);
  for (const [key, { leftUntil }] of broken) if (leftUntil < before) broken.delete(key);
  return [...broken.values()];
}

/** The names of the rows that this broke at when it was last done. */
export function brokenBefore(app: App, { what }: Doing): ReadonlySet<string> {
  return namesOf(allBroken(app).filter(({ doing }) => doing.what === what));
}

/** Those of them that this is not to be done to now. */
export function leftAlone(app: App, { what }: Doing): ReadonlySet<string> {
  const now = app.now();
  return namesOf(allBroken(app).filter(({ doing, leftUntil }) => doing.what === what && leftUntil > now));
}

function namesOf(broken: readonly Broken[]): ReadonlySet<string> {
  return new Set(broken.map(({ name }) => name));
}

/** Work on the row of that name broke. What PostgreSQL can do of none now is held against none: it is tried again at once. */
export function broke(app: App, doing: Doing, name: string, err: unknown): void {
  failed(err);
  app.log.error({ err, what: doing.what, name }, "work on one row broke, the others go on");
  app.counters.broke();
  if (isOutage(err)) return;
  const problem = redacted(err instanceof Error ? err.message : String(err)).slice(0, LONGEST);
  const key = keyOf(doing, name);
  const times = (app.memory.broken.get(key)?.times ?? 0) + 1;
  const leftUntil = addMinutes(app.now(), times > FORGIVEN ? LEFT_ALONE : 0);
  app.memory.broken.set(key, { doing, name, problem, times, leftUntil, isTold: false });
}

/** An item tells of it, until it breaks once more. */
export function told(app: App, broken: Broken): void {
  const key = keyOf(broken.doing, broken.name);
  if (app.memory.broken.get(key) === broken) app.memory.broken.set(key, { ...broken, isTold: true });
}

/** It went well. */
export function mended(app: App, doing: Doing, name: string): void {
  app.memory.broken.delete(keyOf(doing, name));
}

function keyOf({ what }: Doing, name: string): string {
  return `${what}: ${name}`;
}

/** Work on one row by itself, in a transaction of its own or in none. */
export async function alone(app: App, doing: Doing, name: string, work: () => Promise<unknown>): Promise<void> {
  if (leftAlone(app, doing).has(name)) return;
  try {
    await work();
    mended(app, doing, name);
  } catch (error) {
    broke(app, doing, name, error);
  }
}
