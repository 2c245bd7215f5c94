import type { App } from "../app.ts";
import type { Desk } from "../domain/board/desk.ts";
import type { StillCard } from "../domain/board/still-card.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import { ANSWERS } from "../domain/lease.ts";
import { may, type Actor } from "../domain/permit.ts";
import { subDays } from "../domain/time.ts";
import { namesOf } from "../people.ts";
import { firstAfter } from "../store/events.ts";
import { busyServices, countAside, doneSince, putAside } from "../store/holding.ts";
import { itemById, type ItemFilter } from "../store/items.ts";

/** What holding items shows: whether somebody is still on one, what is put aside, what was done, what can be taken at once. */

/** What somebody was asked by this event, and what answered it. */
export async function stillCard(app: App, asked: EventLine): Promise<StillCard | null> {
  const item = asked.item === null ? null : await itemById(app.db, asked.item);
  if (item === null) return null;
  const { catalog } = app.inForce();
  return {
    names: namesOf(app.inForce()),
    item,
    serviceName: (item.service === null ? undefined : catalog.services[item.service]?.name) ?? item.service,
    until: new Date(String(asked.detail["until"])),
    answer: await firstAfter(app.db, item.id, asked.id, ANSWERS),
  };
}

const ASIDE_SHOWN = 8;
const DONE_SHOWN = 5;
const BUSY_SHOWN = 5;

/** The parts of somebody's desk beside what needs them now. */
export async function besides(
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
