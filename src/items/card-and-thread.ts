import { stormChannel } from "../domain/item.ts";
import type { InForce } from "../in-force.ts";
import type { Change } from "../caller.ts";
import { ANSWERS } from "../domain/lease.ts";
import { markAnswered, type StoredItem } from "../store/items.ts";
import { place, redraw, redrawAll, rootOf, wantAt } from "../store/postings.ts";

/** Where an item's card is, and what is logged of it and told in its thread. */

export function channelOf({ catalog }: InForce, service: string | null): string {
  return (service === null ? undefined : catalog.services[service]?.channel) ?? catalog.channel;
}

/** The channel of an item's card: a storm has the one that it is in. */
export function channelOfItem(inForce: InForce, item: Pick<StoredItem, "fingerprint" | "service">): string {
  return stormChannel(item) ?? channelOf(inForce, item.service);
}

type Detail = Readonly<Record<string, unknown>>;
type Of = Pick<StoredItem, "id" | "service">;

/** Logs what happened to an item, and tells it nowhere. Returns the event. */
export function log(change: Change, { id, service }: Of, kind: string, detail: Detail = {}): Promise<number> {
  return change.log({ kind, item: id, service, detail });
}

/** The same of many in one statement. Returns the events, in this order. */
export function logEach<Item extends Of>(
  change: Change,
  items: readonly Item[],
  kind: string,
  detailOf: (item: Item) => Detail,
): Promise<number[]> {
  return change.logAll(items.map((item) => ({ kind, item: item.id, service: item.service, detail: detailOf(item) })));
}

/** Logs what happened and shows it as a line in the item's thread, and on a question that it answers. Returns the event. */
export async function tell(change: Change, item: StoredItem, kind: string, detail: Detail = {}): Promise<number> {
  const event = await log(change, item, kind, detail);
  const root = await rootOf(change.db, "item", item.id);
  if (root !== null) await wantAt(change.db, "event", event, place.thread(root.id), change.now);
  if (item.askedStill !== null && ANSWERS.includes(kind)) {
    await markAnswered(change.db, item.id);
    await redraw(change.db, "event", item.askedStill, true, change.now);
  }
  return event;
}

/** Wants the item's card redrawn wherever it is. */
export async function show(change: Change, item: StoredItem): Promise<void> {
  await redraw(change.db, "item", item.id, item.state === "resolved", change.now);
}

/** Wants the cards redrawn that these items are folded under: they count what is open. */
export async function showHolders(
  { db, now }: Change,
  items: readonly Pick<StoredItem, "foldedUnder">[],
): Promise<void> {
  const holders = new Set(items.flatMap(({ foldedUnder }) => foldedUnder ?? []));
  await redrawAll(db, "item", [...holders], null, now);
}
