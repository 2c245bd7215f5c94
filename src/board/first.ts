import type { App } from "../app.ts";
import { countUnresolved, unresolved, type ItemFilter, type StoredItem } from "../store/items.ts";

/** The first of the open items, and how many there are. */
export async function first(
  app: App,
  filter: ItemFilter,
  limit: number,
): Promise<{ items: StoredItem[]; count: number }> {
  const items = await unresolved(app.db, filter, limit);
  return { items, count: items.length < limit ? items.length : await countUnresolved(app.db, filter) };
}
