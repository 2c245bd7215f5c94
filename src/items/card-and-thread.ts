import { stormChannel } from "../domain/item.ts";
import type { InForce } from "../in-force.ts";
import type { Change } from "../caller.ts";
import { ANSWERS } from "../domain/lease.ts";
import { markAnswered, type StoredItem } from "../store/items.ts";
import { place, redraw, rootOf, wantAt } from "../store/postings.ts";

/** Where an item's card is, and what is told in its thread. */

export function channelOf({ catalog }: InForce, service: string | null): string {
  return (service === null ? undefined : catalog.services[service]?.channel) ?? catalog.channel;
}

/** The channel of an item's card: a storm has the one that it is in. */
export function channelOfItem(inForce: InForce, item: Pick<StoredItem, "fingerprint" | "service">): string {
  return stormChannel(item) ?? channelOf(inForce, item.service);
}

/** Logs what happened and shows it as a line in the item's thread, and on a question that it answers. Returns the event. */
export async function tell(
  change: Change,
  item: StoredItem,
  kind: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const event = await change.log({ kind, item: item.id, service: item.service, detail });
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
