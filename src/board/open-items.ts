import type { App } from "../app.ts";
import { actorKey, type Actor } from "../domain/actor.ts";
import type { StoredItem } from "../store/items.ts";
import { countUnresolved, unresolved, type ItemFilter } from "../store/item-lists.ts";

/** Reads open items. */

/** The first of them, and how many there are. */
export async function openItems(
  app: App,
  filter: ItemFilter,
  limit: number,
): Promise<{ items: StoredItem[]; count: number }> {
  const items = await unresolved(app.db, filter, limit);
  return { items, count: items.length < limit ? items.length : await countUnresolved(app.db, filter) };
}

/** Whose items somebody's are: their own, and those of their teams. */
export function partiesOf(app: App, actor: Actor): { key: string; teams: readonly string[] } {
  const person = actor.person === null ? undefined : app.inForce().catalog.people[actor.person];
  return { key: actorKey(actor), teams: person?.teams ?? [] };
}
