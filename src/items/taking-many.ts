import type { App } from "../app.ts";
import { changeFor, type Caller, type Change } from "../caller.ts";
import { actorKey } from "../domain/actor.ts";
import { MOST_AT_ONCE, type Bulk } from "../domain/bulk.ts";
import type { Deed } from "../domain/deed.ts";
import { takenBy } from "../domain/item.ts";
import { authorise, may } from "../domain/permit.ts";
import { Invalid } from "../errors.ts";
import { groundOf } from "../people.ts";
import { countFree, countFreeUnder, heldBy, lockFree, lockFreeUnder, lockItems, type Free } from "../store/holding.ts";
import { saveItem, type ItemChange, type StoredItem } from "../store/items.ts";
import { redrawAll } from "../store/postings.ts";
import { tell } from "./card-and-thread.ts";
import { acknowledgement, taken } from "./holding.ts";

/** Taking and acknowledging many items at once. */

/** Which items are meant: these, all of a service that are free, or one item and all that are folded under it. */
export type Among = { readonly items: readonly number[] } | { readonly service: string } | { readonly under: number };

type Way = {
  readonly deed: Deed;
  readonly free: Free;
  readonly kind: string;
  holder(item: StoredItem): string | null;
  change(app: App, now: Date, caller: Caller, item: StoredItem, length?: number): ItemChange;
};

const OWN: Way = { deed: "own", free: "untaken", kind: "item.taken", holder: takenBy, change: taken };
const ACKNOWLEDGE: Way = {
  deed: "acknowledge",
  free: "unseen",
  kind: "item.acknowledged",
  holder: (item) => item.acknowledgedBy,
  change: acknowledgement,
};

/** Takes all of these, at most 100 at a time. */
export function ownAll(app: App, caller: Caller, among: Among, length?: number): Promise<Bulk> {
  return takeAll(app, caller, OWN, among, length);
}

/** Acknowledges all of these, at most 100 at a time. */
export function acknowledgeAll(app: App, caller: Caller, among: Among, length?: number): Promise<Bulk> {
  return takeAll(app, caller, ACKNOWLEDGE, among, length);
}

/** Items that are folded under one go on, a transaction at a time, until none is left. */
async function takeAll(app: App, caller: Caller, way: Way, among: Among, length?: number): Promise<Bulk> {
  let all = await takeSome(app, caller, way, among, length);
  if (!("under" in among)) return all;
  for (let last = all; last.left > 0 && last.done.length > 0;) {
    last = await takeSome(app, { ...caller, request: null }, way, among, length);
    all = { ...all, done: [...all.done, ...last.done], left: last.left };
  }
  return all;
}

async function takeSome(app: App, caller: Caller, way: Way, among: Among, length?: number): Promise<Bulk> {
  if ("service" in among) authorise(way.deed, caller.actor, groundOf(app.inForce(), { service: among.service }));
  else if ("items" in among && among.items.length > MOST_AT_ONCE)
    throw new Invalid(`At most ${MOST_AT_ONCE} items at a time.`);
  return changeFor(app, caller, async (change) => {
    const found = await lockAmong(change, way, among);
    const [sorted, free] = sortedOut(app, caller, way, found);
    for (const item of free) {
      const next = await saveItem(change.db, item, way.change(app, change.now, caller, item, length));
      await tell(change, next, way.kind);
    }
    const done = free.map(({ id }) => id);
    await redrawAll(change.db, "item", done, null, change.now);
    const ofService = "service" in among ? await around(change, way, among.service, actorKey(caller.actor)) : {};
    const missing = "items" in among ? among.items.filter((id) => !found.some((item) => item.id === id)) : [];
    const left = "under" in among ? await countFreeUnder(change.db, among.under, way.free) : 0;
    return { ...sorted, done, missing, left, ...ofService };
  });
}

async function lockAmong({ db }: Change, { free }: Way, among: Among): Promise<StoredItem[]> {
  if ("service" in among) return lockFree(db, among.service, free, MOST_AT_ONCE);
  if ("items" in among) return lockItems(db, among.items);
  return [...(await lockFreeUnder(db, among.under, free, MOST_AT_ONCE)), ...(await lockItems(db, [among.under]))];
}

/** What else there is of a service: held by others, or left. */
async function around(
  change: Change,
  { free }: Way,
  service: string,
  who: string,
): Promise<Pick<Bulk, "held" | "left">> {
  const held = await heldBy(change.db, service, free);
  return { held: held.filter((each) => each.who !== who), left: await countFree(change.db, service, free) };
}

type Sorted = Pick<Bulk, "held" | "yours" | "resolved" | "denied">;

/** Sorts items into those that cannot be taken, by reason, and those that can. @throws Denied where they may change none */
function sortedOut(app: App, caller: Caller, way: Way, found: readonly StoredItem[]): [Sorted, StoredItem[]] {
  const grounds = new Map(
    found.map((item) => [item.id, groundOf(app.inForce(), { item: item.id, service: item.service ?? undefined })]),
  );
  const allowed = found.filter(({ id }) => may(way.deed, caller.actor, grounds.get(id) ?? groundOf(app.inForce(), {})));
  const [first] = grounds.values();
  if (allowed.length === 0 && first !== undefined) authorise(way.deed, caller.actor, first);
  const open = allowed.filter(({ state }) => state !== "resolved");
  const others = new Map<string, number>();
  for (const holder of open.map(way.holder)) {
    if (holder !== null && holder !== actorKey(caller.actor)) others.set(holder, (others.get(holder) ?? 0) + 1);
  }
  const sorted = {
    held: [...others].map(([who, count]) => ({ who, count })),
    yours: open.filter((item) => way.holder(item) === actorKey(caller.actor)).map(({ id }) => id),
    resolved: allowed.filter(({ state }) => state === "resolved").map(({ id }) => id),
    denied: found.filter((item) => !allowed.includes(item)).map(({ id }) => id),
  };
  return [sorted, open.filter((item) => way.holder(item) === null)];
}
