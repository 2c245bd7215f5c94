import type { App } from "./app.ts";
import { changeFor, type Caller } from "./caller.ts";
import { actorKey } from "./domain/actor.ts";
import type { Catalog } from "./domain/catalog.ts";
import { authorise } from "./domain/permit.ts";
import { spanSaid, weeklySaid, type SaidSpan } from "./domain/said-time.ts";
import { localDateOf, localTimeOf } from "./domain/wall-time.ts";
import { type Window, openingOf, type Opening, type Scope, type WindowKind } from "./domain/window.ts";
import { Conflict, Invalid } from "./errors.ts";
import { serviceNamed } from "./ownership.ts";
import { groundOf } from "./people.ts";
import { accountZone } from "./slack-accounts.ts";
import { countPlanned, insertWindow, lockWindow, moveWindow, type StoredWindow } from "./store/windows.ts";
import { nextOf, begin, lookAgain, coveredBy, announce, logOf } from "./windows/moving.ts";

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
    if (made.startsAt > change.now) {
      await announce(app, change, made, "window.planned");
    } else {
      await logOf(change, made, "window.planned");
      await begin(app, change, made);
    }
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
    await announce(app, change, window, "window.ended", { opened: isOpen, next: opening?.startsAt.toISOString() });
    if (isOpen) await lookAgain(app, change, window);
    await moveWindow(change.db, id, opening);
    return { window, next: opening?.startsAt ?? null, zone };
  });
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
