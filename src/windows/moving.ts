import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import type { Service } from "../domain/catalog.ts";
import { covers, openingOf, type Opening, type Scope } from "../domain/window.ts";
import { changeDue } from "../due.ts";
import type { InForce } from "../in-force.ts";
import { makeSuspectsDue } from "../store/checks.ts";
import { place, wantAt } from "../store/postings.ts";
import { touchUpAround } from "../store/touch-ups.ts";
import { lockBegun, lockOver, markOpened, moveWindow, type StoredWindow } from "../store/windows.ts";

/** What becomes of a window as time passes, and who hears of it. */

/** What time does: windows that are over end, those of every week are put on to the next one, and others begin. */
export async function moveWindows(app: App): Promise<void> {
  const moving = { most: 50, nameOf: ({ id, name }: StoredWindow) => `"${name}" (${id})` };
  await changeDue(app, {
    ...moving,
    what: "ending windows",
    rows: lockOver,
    async work(change, window) {
      if (window.openedAt !== null) await finish(app, change, window);
      await moveWindow(change.db, window.id, nextOf(window, change.now));
    },
  });
  await changeDue(app, {
    ...moving,
    what: "beginning windows",
    rows: lockBegun,
    work: (change, window) => begin(app, change, window),
  });
}

/** The opening after the one that it has; null of one that is once. */
export function nextOf({ rule, endsAt }: StoredWindow, now: Date = endsAt): Opening | null {
  return rule.from.on === "weekday" ? openingOf(rule, now > endsAt ? now : endsAt) : null;
}

export async function begin(app: App, change: Change, window: StoredWindow): Promise<void> {
  await markOpened(change.db, window.id, change.now);
  await announce(app, change, window, "window.opened");
  await touchUp(app, change, window);
}

export async function finish(app: App, change: Change, window: StoredWindow): Promise<void> {
  await announce(app, change, window, "window.closed");
  await lookAgain(app, change, window);
}

/** What was found in maintenance and asked nobody does now, without waiting for the next look's time. */
export async function lookAgain(app: App, change: Change, window: StoredWindow): Promise<void> {
  if (window.kind === "maintenance") await makeSuspectsDue(change.db, keysOf(app, window), change.now);
  await touchUp(app, change, window);
}

async function touchUp(app: App, { db, now }: Change, window: StoredWindow): Promise<void> {
  if (window.kind === "maintenance") await touchUpAround(db, { own: keysOf(app, window), critical: [] }, now);
}

function keysOf(app: App, scope: Scope): string[] {
  return coveredBy(app.inForce(), scope).map(({ key }) => key);
}

export function coveredBy({ catalog }: InForce, scope: Scope): Service[] {
  return Object.values(catalog.services).filter((service) => covers(scope, service));
}

/** Logs what happened to a window, and tells it in each channel that it concerns. */
export async function announce(
  app: App,
  change: Change,
  window: StoredWindow,
  kind: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const event = await logOf(change, window, kind, more);
  const inForce = app.inForce();
  const channels = new Set(coveredBy(inForce, window).map(({ channel }) => channel));
  for (const channel of channels.size === 0 ? [inForce.catalog.channel] : channels)
    await wantAt(change.db, "event", event, place.channel(channel), change.now);
}

export async function logOf(
  change: Change,
  window: StoredWindow,
  kind: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const { id, kind: of, name, action, service, environment, rule, startsAt, endsAt, madeBy } = window;
  const where = service ?? environment;
  const weekly = rule.from.on === "weekday";
  const [from, until] = [startsAt.toISOString(), endsAt.toISOString()];
  return change.log({
    kind,
    service,
    detail: { window: id, of, name, action, where, from, until, weekly, by: madeBy, ...more },
  });
}
