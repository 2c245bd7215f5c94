import type { InForce } from "../in-force.ts";
import type { Change } from "../caller.ts";
import { flapsFrom } from "../domain/flapping.ts";
import { logEach, showHolders } from "./card-and-thread.ts";
import { placeNew } from "./folding.ts";
import { newItem, openItem, recover, type Sighting } from "./lifecycle.ts";
import type { StoredItem } from "../store/items.ts";
import { insertItems, knownOf, resolveItems, restateItems } from "../store/many-items.ts";
import { wellsOf } from "../store/flapping.ts";
import { withUnfinished } from "../store/operations.ts";
import { place, redrawAll, rootsOf, wantAllAt } from "../store/postings.ts";
import { touchUpItems } from "../store/touch-ups.ts";

/**
 * The lifecycle of many items in a few statements: a storm of alerts opens and ends a thousand in a moment. Only the simple
 * cases are done so; an item with a history, or an operation under way, goes one by one through `lifecycle.ts`.
 */

/** Opens an item for each of these; one that existed before is counted or reopened. */
export async function openMany(change: Change, inForce: InForce, all: readonly Sighting[]): Promise<void> {
  const known =
    all.length < 2
      ? null
      : await knownOf(
          change.db,
          all.map(({ fingerprint }) => fingerprint),
        );
  const plain = known === null ? [] : all.filter(({ fingerprint }) => !known.has(fingerprint));
  const opened =
    plain.length === 0
      ? []
      : await insertItems(
          change.db,
          plain.map((seen) => newItem(change, inForce, seen, null)),
        );
  if (opened.length > 0) {
    await logEach(change, opened, "item.opened", ({ summary, severity }) => ({ summary, severity }));
    await placeNew(change, inForce, opened);
  }
  const done = new Set(opened.map(({ fingerprint }) => fingerprint));
  for (const seen of all) if (!done.has(seen.fingerprint)) await openItem(change, inForce, seen);
}

/** Gives open items new words; nothing else about them changes. */
export async function restate(
  change: Change,
  all: readonly { readonly item: StoredItem; readonly seen: Pick<Sighting, "summary" | "evidence"> }[],
): Promise<void> {
  if (all.length === 0) return;
  const rows = all.map(({ item, seen: { summary, evidence } }) => ({ id: item.id, summary, evidence }));
  await restateItems(change.db, rows, change.now);
  await touchUpItems(
    change.db,
    rows.map(({ id }) => id),
    change.now,
  );
}

/** Recovers items: what opened them is over. */
export async function recoverMany(
  change: Change,
  all: readonly { readonly item: StoredItem; readonly how: string }[],
): Promise<void> {
  if (all.length < 2) {
    for (const { item, how } of all) await recover(change, item, how);
    return;
  }
  const busy = await withUnfinished(
    change.db,
    all.map(({ item }) => item.id),
  );
  const wells = await wellsOf(
    change.db,
    all.map(({ item }) => item.id),
    flapsFrom(change.now),
  );
  function isPlain({ item }: { readonly item: StoredItem }): boolean {
    return !busy.has(item.id) && !wells.has(item.id) && item.askedStill === null && item.flappingSince === null;
  }
  for (const each of all) if (!isPlain(each)) await recover(change, each.item, each.how);
  const plain = all.filter(isPlain);
  if (plain.length === 0) return;
  const over = plain.map(({ item, how }) => ({ ...item, how }));
  const ids = over.map(({ id }) => id);
  await resolveItems(
    change.db,
    over.map(({ id, how }) => ({ id, how })),
    change.now,
  );
  const events = await logEach(change, over, "item.resolved", ({ how }) => ({ how }));
  const roots = await rootsOf(change.db, "item", ids);
  const lines = over.flatMap(({ id }, index) => {
    const [root, event] = [roots.get(id), events[index]];
    return root === undefined || event === undefined ? [] : [{ subject: event, place: place.thread(root) }];
  });
  await wantAllAt(change.db, "event", lines, change.now);
  await redrawAll(change.db, "item", ids, true, change.now);
  await showHolders(change, over);
}
