import type { InForce } from "../in-force.ts";
import type { Change } from "../caller.ts";
import { dependenciesOf, type Catalog } from "../domain/catalog.ts";
import { subHours, subMinutes } from "../domain/time.ts";
import { logEach, show } from "./card-and-thread.ts";
import { releasedBefore } from "./released-before.ts";
import { criticalOf, foldUnder, lockJustBefore, type Folded } from "../store/folding.ts";
import type { StoredItem } from "../store/items.ts";
import { place, redrawAll, rootOf, wantAllAt } from "../store/postings.ts";

/**
 * What goes wrong on a service while something that it needs is critical folds under that: the database is down, and so
 * is the shop. It never hides a release: after one on either of them, that may be the cause.
 */

/** What has been critical for longer does not explain what is new. */
const CAUSES_FOR = 24; // hours
/** Dependents often notice first. */
const JUST_BEFORE = 1; // minutes

/** Item → the item that it folds under now, of those that do, and of those that began just before. */
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
  const critical = items.filter(({ id, severity }) => severity === "critical" && !folded.has(id));
  // One of each service: it leaves the others nothing.
  for (const [service, [cause]] of Map.groupBy(critical, (item) => item.service))
    if (service !== null && cause !== undefined) await foldBefore(change, inForce, { cause, service, folded });
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
  const isReleased = releases(change, inForce);
  const pairs: { readonly item: StoredItem; readonly cause: StoredItem }[] = [];
  for (const { item, needed } of dependent.toSorted((a, b) => a.needed.length - b.needed.length)) {
    const cause = causes.find(
      ({ id, service }) => id !== item.id && service !== null && needed.includes(service) && !folded.has(id),
    );
    if (cause === undefined || (await isReleased(item, cause))) continue;
    folded.set(item.id, cause.id);
    pairs.push({ item, cause });
  }
  for (const [cause, own] of Map.groupBy(pairs, (pair) => pair.cause))
    await fold(
      change,
      own.map(({ item }) => item),
      cause,
    );
}

/** What dependents noticed just before this was opened, and nobody has seen. Their cards are there already, and say so. */
async function foldBefore(
  change: Change,
  inForce: InForce,
  {
    cause,
    service,
    folded,
  }: { readonly cause: StoredItem; readonly service: string; readonly folded: Map<number, number> },
): Promise<void> {
  const { catalog } = inForce;
  const needing = Object.values(catalog.services)
    .filter((each) => dependenciesOf(catalog, each).some(({ key }) => key === service))
    .map(({ key }) => key);
  if (needing.length === 0) return;
  const isReleased = releases(change, inForce);
  const own: StoredItem[] = [];
  for (const item of await lockJustBefore(change.db, needing, subMinutes(change.now, JUST_BEFORE), change.now))
    if (!(await isReleased(item, cause))) own.push(item);
  if (own.length === 0) return;
  for (const { id } of own) folded.set(id, cause.id);
  await fold(change, own, cause);
  const ids = own.map(({ id }) => id);
  await redrawAll(change.db, "item", ids, false, change.now);
}

async function fold(change: Change, items: readonly StoredItem[], cause: StoredItem): Promise<void> {
  const under = cause.id;
  await foldUnder(
    change.db,
    items.map(({ id }) => id),
    under,
  );
  const events = await logEach(change, items, "item.folded", ({ id: item, service, summary }) => {
    return { under, why: "dependency", item, service, summary };
  });
  const root = await rootOf(change.db, "item", under);
  const lines = root === null ? [] : events.map((subject) => ({ subject, place: place.thread(root.id) }));
  await wantAllAt(change.db, "event", lines, change.now);
  await show(change, cause);
}

/** Whether there was a release that may be why; of all that began at one moment on the same services it is asked once. */
export function releases(
  { db, now }: Pick<Change, "db" | "now">,
  { catalog }: InForce,
): (item: Folded, cause: Folded) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (item, cause) => {
    const from = item.since < cause.since ? item.since : cause.since;
    const key = [item.service, cause.service, from.getTime()].join(" ");
    const services = [item, cause].flatMap(({ service }) =>
      service === null ? [] : (catalog.services[service] ?? []),
    );
    const found = known.get(key) ?? releasedBefore(db, services, { from, now });
    known.set(key, found);
    return found;
  };
}

function neededBy(catalog: Catalog, service: string | null): string[] {
  const found = service === null ? undefined : catalog.services[service];
  return found === undefined ? [] : dependenciesOf(catalog, found).map(({ key }) => key);
}
