import { addMinutes, subMinutes } from "./domain/time.ts";
import type { App } from "./app.ts";
import { isOutage } from "./db/sql.ts";
import type { Severity } from "./domain/item.ts";
import { redacted } from "./redaction.ts";
import { failed } from "./telemetry/trace.ts";

/**
 * Work on one row that breaks, by a fault of ours, costs that row alone: it is logged, counted, tried again at once, as a
 * connection may have been lost, and then left alone for a minute, so that however many such rows there are no other waits for
 * them. Each process keeps that for itself: whether a row still breaks another one, or this one after a restart, finds out by
 * trying.
 */

/** What is done to rows: "taking back temporary changes". Critical where people wait to be called by it. */
export type Doing = { readonly what: string; readonly severity?: Severity };

export type Broken = {
  readonly doing: Doing;
  readonly name: string;
  readonly problem: string;
  /** In a row. */
  readonly times: number;
  readonly leftUntil: Date;
};

const FORGIVEN = 1; // times
const LEFT_ALONE = 1; // minutes
const FORGOTTEN = 10; // minutes after which one that was not tried again is gone, or another process did it
const LONGEST = 300; // characters of a problem

const BROKEN = new WeakMap<App, Map<string, Broken>>();

function known(app: App): Map<string, Broken> {
  const broken = BROKEN.get(app) ?? new Map<string, Broken>();
  BROKEN.set(app, broken);
  return broken;
}

/** All that this process knows to be broken. */
export function allBroken(app: App): readonly Broken[] {
  const broken = known(app);
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
  const times = (known(app).get(keyOf(doing, name))?.times ?? 0) + 1;
  const leftUntil = addMinutes(app.now(), times > FORGIVEN ? LEFT_ALONE : 0);
  known(app).set(keyOf(doing, name), { doing, name, problem, times, leftUntil });
}

/** It went well. */
export function mended(app: App, doing: Doing, name: string): void {
  known(app).delete(keyOf(doing, name));
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
