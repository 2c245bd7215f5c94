import type { App } from "./app.ts";
import type { InForce } from "./in-force.ts";
import { changeUnasked, changeFor, type Caller, type Change } from "./caller.ts";
import type { Catalog, Service, Window } from "./domain/catalog.ts";
import { canonical } from "./domain/canonical.ts";
import { authorise } from "./domain/permit.ts";
import { spanSaid, weeklySaid, type SaidSpan } from "./domain/said-time.ts";
import { localDateOf, localTimeOf } from "./domain/wall-time.ts";
import { covers, openingOf, type Opening, type Scope, type WindowKind } from "./domain/window.ts";
import { actorKey } from "./domain/actor.ts";
import { Conflict, Invalid } from "./errors.ts";
import { serviceNamed } from "./ownership.ts";
import { accountZone, groundOf } from "./people.ts";
import { makeSuspectsDue } from "./store/checks.ts";
import { place, wantAt } from "./store/postings.ts";
import { touchUpAround } from "./store/touch-ups.ts";
import {
  countPlanned,
  insertWindow,
  lockBegun,
  lockDeclared,
  lockOver,
  lockWindow,
  markOpened,
  moveWindow,
  type NewWindow,
  type StoredWindow,
} from "./store/windows.ts";

/**
 * The door for times in which something else holds: freezes, and maintenance. They stand in the catalog or are planned
 * here; that one begins and ends is told in the channels of what it covers, without calling anybody.
 */

const DAY = 24 * 60 * 60_000;
const FURTHEST = 90 * DAY;
const LONGEST: Readonly<Record<WindowKind, number>> = { maintenance: 7 * DAY, freeze: 30 * DAY };
/** Planned here; more belong into a file, where somebody can see them together. */
const MOST = 100;
const DEEDS = { maintenance: "window", freeze: "freeze" } as const;

/** What was planned, and the person's own zone. */
export type Planned = { readonly window: StoredWindow; readonly zone: string };

export type Wanted = {
  readonly kind: WindowKind;
  /** A service's key, an environment, or "all". */
  readonly on: string;
  readonly span: SaidSpan;
  readonly reason: string;
};

/** Plans a window by the clocks of who asks. @throws Invalid | Denied | Conflict */
export async function plan(app: App, caller: Caller, { kind, on, span, reason }: Wanted): Promise<Planned> {
  const { catalog } = app.inForce();
  const scope = scopeNamed(catalog, on);
  authoriseFor(app, caller, kind, scope);
  // Found out before the transaction, which must not wait for another connection.
  const zone = await accountZone(app, caller.actor);
  const window = await changeFor(app, caller, async (change) => {
    const { rule, opening } = ruleOf(span, change.now, zone, LONGEST[kind]);
    if ((await countPlanned(change.db)) >= MOST)
      throw new Conflict(`${MOST} windows are planned here already, and that is the most.`, { hint: HOW_TO_END });
    const made = await insertWindow(change.db, {
      kind,
      name: reason,
      action: null,
      ...scope,
      rule: { ...rule, zone },
      ...opening,
      madeBy: actorKey(caller.actor),
      madeAt: change.now,
    });
    const isOpen = made.startsAt <= change.now;
    await tellOf(app, change, made, "window.planned", !isOpen);
    if (isOpen) await begin(app, change, made);
    return made;
  });
  return { window, zone };
}

const HOW_TO_END = "`/day2 window` lists them; `/day2 window end 3` ends one.";

function ruleOf(
  span: SaidSpan,
  now: Date,
  zone: string,
  longest: number,
): { rule: Pick<Window, "from" | "until">; opening: Opening } {
  if (span.weekly) {
    const rule = weeklySaid(span, { longest });
    const opening = openingOf({ ...rule, zone }, now);
    if (opening === null) throw new Error("what is of every week opens some day");
    return { rule, opening };
  }
  const opening = spanSaid(span, now, zone, { longest, furthest: FURTHEST });
  return { rule: { from: momentOf(opening.startsAt, zone), until: momentOf(opening.endsAt, zone) }, opening };
}

function momentOf(instant: Date, zone: string): Window["from"] {
  const ms = instant.getTime();
  return { on: "date", date: localDateOf(zone, ms), at: localTimeOf(zone, ms) };
}

/**
 * Ends a window before its time. One of every week opens again the next one, and goes for good when it is ended while it
 * is not open. What it opens next; null of one that is gone.
 *
 * @throws Invalid | Denied
 */
export async function end(
  app: App,
  caller: Caller,
  id: number,
): Promise<{ window: StoredWindow; next: Date | null; zone: string }> {
  const zone = await accountZone(app, caller.actor);
  return changeFor(app, caller, async (change) => {
    const window = await lockWindow(change.db, id);
    if (window === null || window.endsAt <= change.now)
      throw new Invalid(`There is no window ${id}, or it is over.`, {
        hint: "`/day2 window` lists those that are open or planned; `/day2 audit` says who ended one.",
      });
    authoriseFor(app, caller, window.kind, window);
    if (window.madeBy === null)
      throw new Invalid(`"${window.name}" stands in the catalog's file, and ends there.`, {
        hint: `Take it out of \`daytwo.yaml\`, under \`${window.kind === "freeze" ? "freezes" : "windows"}\`; the file is read again by itself.`,
      });
    const isOpen = window.startsAt <= change.now;
    const opening = isOpen ? nextOf(window) : null;
    await tellOf(app, change, window, "window.ended", true, { opened: isOpen, next: opening?.startsAt.toISOString() });
    if (isOpen) await lookAgain(app, change, window);
    await moveWindow(change.db, id, opening);
    return { window, next: opening?.startsAt ?? null, zone };
  });
}

/** Within an import: the windows of the catalog are these from now on; one that stays as it is goes on. */
export async function keepDeclared(
  app: App,
  change: Change,
  { freezes = [], windows = [] }: Pick<Catalog, "freezes" | "windows">,
): Promise<void> {
  const wanted = [
    ...freezes.map((each) => aspects("freeze", each)),
    ...windows.map((each) => aspects("maintenance", each)),
  ];
  const staying = new Set<string>();
  for (const window of await lockDeclared(change.db)) {
    const same = wanted.find((each) => said(each) === said(window) && !staying.has(said(each)));
    if (same !== undefined) {
      staying.add(said(same));
      continue;
    }
    if (window.openedAt !== null) await finish(app, change, window);
    await moveWindow(change.db, window.id, null);
  }
  for (const each of wanted.filter((window) => !staying.has(said(window)))) {
    const opening = openingOf(each.rule, change.now);
    if (opening !== null) await insertWindow(change.db, { ...each, ...opening, madeBy: null, madeAt: null });
  }
}

type Aspects = Pick<NewWindow, "kind" | "name" | "action" | "environment" | "service" | "rule">;

function aspects(kind: WindowKind, { name, when, from, until, zone }: Window): Aspects {
  const { action = null, environment = null, service = null } = when;
  return { kind, name, action, environment, service, rule: { from, until, zone } };
}

function said({ kind, name, action, environment, service, rule }: Aspects): string {
  return canonical({ kind, name, action, environment, service, rule });
}

/** What time does: windows that are over end, those of every week are put on to the next one, and others begin. */
export async function moveWindows(app: App): Promise<void> {
  await changeUnasked(app, async (change) => {
    for (const window of await lockOver(change.db, change.now, 50)) {
      if (window.openedAt !== null) await finish(app, change, window);
      await moveWindow(change.db, window.id, nextOf(window, change.now));
    }
    for (const window of await lockBegun(change.db, change.now, 50)) await begin(app, change, window);
  });
}

/** The opening after the one that it has; null of one that is once. */
function nextOf({ rule, endsAt }: StoredWindow, now: Date = endsAt): Opening | null {
  return rule.from.on === "weekday" ? openingOf(rule, now > endsAt ? now : endsAt) : null;
}

async function begin(app: App, change: Change, window: StoredWindow): Promise<void> {
  await markOpened(change.db, window.id, change.now);
  await tellOf(app, change, window, "window.opened", true);
  await touchUp(app, change, window);
}

async function finish(app: App, change: Change, window: StoredWindow): Promise<void> {
  await tellOf(app, change, window, "window.closed", true);
  await lookAgain(app, change, window);
}

/** What was found in maintenance and asked nobody does now, without waiting for the next look's time. */
async function lookAgain(app: App, change: Change, window: StoredWindow): Promise<void> {
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

/** Logs what happened to a window and, where that is of use, tells it in each channel that it concerns. */
async function tellOf(
  app: App,
  change: Change,
  window: StoredWindow,
  kind: string,
  isTold: boolean,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { kind: what, name, action, service, environment, rule } = window;
  const event = await change.log({
    kind,
    service,
    detail: {
      window: window.id,
      of: what,
      name,
      action,
      where: service ?? environment,
      from: window.startsAt.toISOString(),
      until: window.endsAt.toISOString(),
      weekly: rule.from.on === "weekday",
      by: window.madeBy,
      ...more,
    },
  });
  if (!isTold) return;
  const inForce = app.inForce();
  const channels = new Set(coveredBy(inForce, window).map(({ channel }) => channel));
  for (const channel of channels.size === 0 ? [inForce.catalog.channel] : channels)
    await wantAt(change.db, "event", event, place.channel(channel), change.now);
}

/** @throws Denied unless they may on every service that it covers */
function authoriseFor(app: App, { actor }: Caller, kind: WindowKind, scope: Scope): void {
  const services = coveredBy(app.inForce(), scope).map(({ key }) => key);
  for (const service of services.length === 0 ? [undefined] : services)
    authorise(DEEDS[kind], actor, groundOf(app.inForce(), { service }));
}

const EVERYTHING = new Set(["all", "everything"]);

/** @throws Invalid naming the nearest service there is */
function scopeNamed(catalog: Catalog, word: string): Scope {
  if (catalog.services[word] !== undefined) return { service: word, environment: null };
  if (EVERYTHING.has(word)) return { service: null, environment: null };
  if (Object.values(catalog.services).some(({ environment }) => environment === word))
    return { service: null, environment: word };
  return { service: serviceNamed(catalog, word).key, environment: null };
}
