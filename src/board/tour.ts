import type { App } from "../app.ts";
import type { Action } from "../domain/action.ts";
import { approversOf } from "../domain/approving.ts";
import type { TourCard } from "../domain/board/tour.ts";
import { takenBy } from "../domain/item.ts";
import { serviceNameOf } from "../domain/catalog.ts";
import type { Operation } from "../domain/operation.ts";
import { TOUR_SERVICE, tourAfter } from "../domain/tour.ts";
import { channelOf } from "../items/card-and-thread.ts";
import type { StoredItem } from "../store/items.ts";
import { unresolved } from "../store/item-lists.ts";
import { unfinishedOf } from "../store/operations.ts";
import { tourDeeds } from "../store/tour.ts";

/** How far the tour is; null where no demo runs. */
export async function tour(app: App): Promise<TourCard | null> {
  if (app.demo === null) return null;
  const inForce = app.inForce();
  return {
    tour: tourAfter(await tourDeeds(app.db)),
    serviceName: serviceNameOf(inForce.catalog, TOUR_SERVICE),
    serviceChannel: channelOf(inForce, TOUR_SERVICE),
    channel: inForce.catalog.channel,
    approvers: approversOf(inForce.catalog, ROLLBACK).map((person) => person.name),
  };
}

/** What the tour has asked for, by nobody yet. */
const ROLLBACK = { service: TOUR_SERVICE, requestedBy: "", action: "rollback", arguments: {}, plan: null } as const;

/** What a newcomer may take: nobody's first, else what somebody has only by the catalog. */
export async function itemToTake(app: App): Promise<StoredItem | null> {
  const [unowned] = await unresolved(app.db, { unowned: true }, 1);
  return unowned ?? (await unresolved(app.db, {}, 50)).find((item) => takenBy(item) === null) ?? null;
}

/** The operation that asks for this action on the tour's service already, if one does. */
export async function askedAlready(app: App, action: Action): Promise<Operation | null> {
  const unfinished = await unfinishedOf(app.db, TOUR_SERVICE, 20);
  return unfinished.find((each) => each.action === action) ?? null;
}
