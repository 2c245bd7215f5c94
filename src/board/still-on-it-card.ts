import type { App } from "../app.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import type { StillCard } from "../domain/board/still-on-it-card.ts";
import { serviceNameOf } from "../domain/catalog.ts";
import { ANSWERS } from "../domain/lease.ts";
import { namesOf } from "../people.ts";
import { firstAfter } from "../store/events.ts";
import { itemById } from "../store/items.ts";

/** Whether somebody is still on an item: what they were asked by this event, and what answered it. */
export async function readStillCard(app: App, asked: EventLine): Promise<StillCard | null> {
  const item = asked.item === null ? null : await itemById(app.db, asked.item);
  if (item === null) return null;
  const inForce = app.inForce();
  return {
    names: namesOf(inForce),
    item,
    serviceName: serviceNameOf(inForce.catalog, item.service),
    until: new Date(String(asked.detail["until"])),
    answer: await firstAfter(app.db, item.id, asked.id, ANSWERS),
  };
}
