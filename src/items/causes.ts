import type { InForce } from "../in-force.ts";
import type { Change } from "../caller.ts";
import { dependenciesOf, type Catalog } from "../domain/catalog.ts";
import { subHours, subMinutes } from "../domain/time.ts";
import { show } from "./card-and-thread.ts";
import { releasedBefore } from "./released-before.ts";
import { criticalOf, foldUnder, lockJustBefore, lockYoungFolded, type Folded } from "../store/folding.ts";
import { itemById, type StoredItem } from "../store/items.ts";
import { place, rootOf, wantAt } from "../store/postings.ts";

/**
 * What goes wrong on a service while something that it needs is critical folds under that: the database is down, and so
 * is the shop. It never hides a release: after one on either of them, that may be the cause.
 */

/** What has been critical for longer does not explain what is new. */
const CAUSES_FOR = 24; // hours
/** Dependents often notice first. */
const JUST_BEFORE = 1; // minutes
/** For so long after an item was opened, a release that was made before it may still come to light. */
const COMES_LATE = 15; // minutes

/** Item → the item that it folds under now, of those that do. */
export async function foldUnderCauses(
  change: Change,
  inForce: InForce,
  items: readonly StoredItem[],
): Promise<ReadonlyMap<number, number>> {
  const { catalog } = inForce;
  const folded = new Map<number, number>();
  if (catalog.foldDependents === false) return folded;
  const dependent = items.flatMap((item) => {
    const needed = neededBy(catalog, item.service);
    return needed.length === 0 ? [] : [{ item, needed }];
  });
  if (dependent.length > 0) await foldEach(change, inForce, dependent, folded);
  for (const item of items) if (!folded.has(item.id)) await foldBefore(change, inForce, item);
  return folded;
}

type Dependent = { readonly item: StoredItem; readonly needed: readonly string[] };

/** Services that depend on the least go first: an item that has a cause itself is not the cause of others. */
async function foldEach(
  change: Change,
  inForce: InForce,
  dependent: readonly Dependent[],
  folded: Map<number, number>,
): Promise<void> {
  const services = [...new Set(dependent.flatMap(({ needed }) => needed))];
  const causes = await criticalOf(change.db, services, subHours(change.now, CAUSES_FOR));
  if (causes.length === 0) return;
  for (const { item, needed } of dependent.toSorted((a, b) => a.needed.length - b.needed.length)) {
    const cause = causes.find(
      ({ id, service }) => id !== item.id && service !== null && needed.includes(service) && !folded.has(id),
    );
    if (cause === undefined || (await isReleased(change, inForce, item, cause))) continue;
    folded.set(item.id, cause.id);
    await fold(change, item, cause);
  }
}

/** What dependents noticed just before this was opened, and nobody has seen. Their cards are there already, and say so. */
async function foldBefore(change: Change, inForce: InForce, cause: StoredItem): Promise<void> {
  if (cause.severity !== "critical" || cause.service === null) return;
  const { catalog } = inForce;
  const needing = Object.values(catalog.services)
    .filter((service) => dependenciesOf(catalog, service).some(({ key }) => key === cause.service))
    .map(({ key }) => key);
  if (needing.length === 0) return;
  for (const item of await lockJustBefore(change.db, needing, subMinutes(change.now, JUST_BEFORE), change.now)) {
    if (await isReleased(change, inForce, item, cause)) continue;
    await fold(change, item, cause);
    await show(change, item);
  }
}

async function fold(change: Change, item: StoredItem, cause: StoredItem): Promise<void> {
  await foldUnder(change.db, [item.id], cause.id);
  const event = await change.log({
    kind: "item.folded",
    item: item.id,
    service: item.service,
    detail: { under: cause.id, why: "dependency", item: item.id, service: item.service, summary: item.summary },
  });
  const root = await rootOf(change.db, "item", cause.id);
  if (root !== null) await wantAt(change.db, "event", event, place.thread(root.id), change.now);
  await show(change, cause);
}

/** Items folded a little while ago for which a release has come to light only now. */
export async function releasedMeanwhile(change: Change, inForce: InForce): Promise<StoredItem[]> {
  const found: StoredItem[] = [];
  for (const item of await lockYoungFolded(change.db, subMinutes(change.now, COMES_LATE))) {
    const cause = await itemById(change.db, item.foldedUnder ?? 0);
    if (cause !== null && (await isReleased(change, inForce, item, cause))) found.push(item);
  }
  return found;
}

function isReleased({ db, now }: Change, { catalog }: InForce, item: Folded, cause: Folded): Promise<boolean> {
  const services = [item, cause].flatMap(({ service }) => (service === null ? [] : (catalog.services[service] ?? [])));
  const from = item.since < cause.since ? item.since : cause.since;
  return releasedBefore(db, services, { from, now });
}

function neededBy(catalog: Catalog, service: string | null): string[] {
  const found = service === null ? undefined : catalog.services[service];
  return found === undefined ? [] : dependenciesOf(catalog, found).map(({ key }) => key);
}
