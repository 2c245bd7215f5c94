import { countUnresolved, unresolved, type ItemFilter } from "../store/item-lists.ts";
import type { App } from "../app.ts";
import type { Desk } from "../domain/board/desk.ts";
import { may } from "../domain/permit.ts";
import { actorKey, type Actor } from "../domain/actor.ts";
import { subDays } from "../domain/time.ts";
import { groundFor } from "../operations/deciding.ts";
import { namesOf } from "../people.ts";
import { busyServices, countAside, doneSince, putAside } from "../store/holding.ts";
import { awaitingApproval, type StoredOperation } from "../store/operations.ts";
import { windowsOpen } from "../store/windows.ts";
import { onCall } from "./on-call.ts";
import { openItems, partiesOf } from "./open-items.ts";
import { lineOf } from "./windows.ts";

/** Reads what one person sees first: what needs them now, and what they have beside it. */

const SHOWN = 15;
const ASIDE_SHOWN = 8;
const DONE_SHOWN = 5;
const BUSY_SHOWN = 5;

export async function needsMe(app: App, actor: Actor): Promise<Desk> {
  const inForce = app.inForce();
  const { catalog } = inForce;
  const catalogHasPeople = Object.keys(catalog.people).length > 0;
  const person = partiesOf(app, actor);
  const [mine, all, unowned, waiting, windows, beside] = await Promise.all([
    unresolved(app.db, { person, awake: true }, SHOWN),
    countUnresolved(app.db, { person }),
    openItems(app, { unowned: true }, SHOWN),
    waitingFor(app, actor),
    windowsOpen(app.db, app.now()),
    besides(app, actor, person),
  ]);
  const shown = [...mine, ...unowned.items, ...beside.aside];
  const theirs = shown.filter(({ service }) => may("own", actor, { service: service ?? undefined, catalogHasPeople }));
  return {
    now: app.now(),
    names: namesOf(inForce),
    catalog,
    viewer: actor.person,
    mine,
    mineCount: mine.length < SHOWN ? mine.length : all - beside.asideCount,
    ...beside,
    unowned: unowned.items,
    unownedCount: unowned.count,
    waiting: waiting.operations,
    waitingCount: waiting.count,
    windows: windows.map(lineOf),
    theirs: new Set(theirs.map(({ id }) => id)),
    onCall: onCall(app, actor, null),
    mayAct: [undefined, ...Object.keys(actor.services)].some((service) =>
      may("own", actor, { service, catalogHasPeople }),
    ),
  };
}

/** So many requests are looked at for it: each waits for minutes, and never so many at once. */
const LOOKED_AT = 200;

/** What somebody may decide on, as it would be taken from them. */
async function waitingFor(app: App, actor: Actor): Promise<{ operations: StoredOperation[]; count: number }> {
  const waiting = await awaitingApproval(app.db, { decider: actorKey(actor) }, LOOKED_AT);
  const theirs = waiting.filter((each) => may("approve", actor, groundFor(app, each, actor)));
  return { operations: theirs.slice(0, SHOWN), count: theirs.length };
}

/** The parts of somebody's desk beside what needs them now. */
async function besides(
  app: App,
  actor: Actor,
  person: NonNullable<ItemFilter["person"]>,
): Promise<Pick<Desk, "aside" | "asideCount" | "done" | "busy">> {
  const { catalog } = app.inForce();
  const catalogHasPeople = Object.keys(catalog.people).length > 0;
  const services = Object.keys(catalog.services).filter((service) => may("own", actor, { service, catalogHasPeople }));
  const [aside, asideCount, done, busy] = await Promise.all([
    putAside(app.db, person, ASIDE_SHOWN),
    countAside(app.db, person),
    doneSince(app.db, person, subDays(app.now(), 1), DONE_SHOWN),
    services.length === 0 ? [] : busyServices(app.db, services, BUSY_SHOWN),
  ]);
  return { aside, asideCount, done, busy };
}
