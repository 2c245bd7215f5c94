import type { Bulk } from "../domain/bulk.ts";
import type { App } from "../app.ts";
import { changeFor, type Caller, type Change } from "../caller.ts";
import type { Party } from "../domain/catalog.ts";
import { goesBackByItself, takenBy } from "../domain/item.ts";
import { holdsFor, leaseFor, leaseUntil, type Lease } from "../domain/lease.ts";
import type { Deed } from "../domain/deed.ts";
import { authorise, may } from "../domain/permit.ts";
import { addMilliseconds, max } from "../domain/time.ts";
import { actorKey } from "../domain/actor.ts";
import { changeDue, nameOfItem } from "../due.ts";
import { Conflict, Invalid } from "../errors.ts";
import { changeItem, nameOf, saveAndTell } from "./change.ts";
import { awake, UNACKNOWLEDGED } from "./life.ts";
import { tell } from "./shown.ts";
import { ownerOf } from "../ownership.ts";
import { groundOf } from "../people.ts";
import {
  countFree,
  countFreeUnder,
  heldBy,
  lockFree,
  lockFreeUnder,
  lockItems,
  lockToAsk,
  type Free,
} from "../store/holding.ts";
import { markAsked, saveItem, type ItemChange, type StoredItem } from "../store/items.ts";
import { place, redrawAll, wantAt } from "../store/postings.ts";

/**
 * Who holds an item, and for how long: whoever has acknowledged it is asked before that ends whether they are still on it,
 * and gives it back, or keeps it longer. Many can be taken at once.
 */

type Acknowledgement = Lease & Pick<StoredItem, "acknowledgedBy" | "acknowledgedAt">;

export function acknowledgement(
  app: App,
  now: Date,
  caller: Caller,
  item: StoredItem,
  length = holdsFor(app.inForce().catalog, item.severity),
): Acknowledgement {
  return { acknowledgedBy: actorKey(caller.actor), acknowledgedAt: now, ...leaseFor(now, length) };
}

/** What changes of an item once they have taken it. */
export function taken(app: App, now: Date, caller: Caller, item: StoredItem, length?: number): ItemChange {
  return {
    ...awake(item),
    owner: { person: actorKey(caller.actor) },
    ownedSince: now,
    ...acknowledgement(app, now, caller, item, length),
  };
}

/** Its holder holds it until then. */
export async function holdOn(change: Change, item: StoredItem, lease: Lease): Promise<Date> {
  const until = lease.acknowledgedUntil;
  await saveAndTell(change, item, lease, "item.still_on", { until: until.toISOString() });
  return until;
}

/** "Still on it": whoever was asked holds an item so many ms longer, once. @throws Conflict when it is not theirs any more */
export async function stillOn(app: App, caller: Caller, id: number, longer: number): Promise<Date> {
  return changeItem(app, caller, "acknowledge", id, async (change, item) => {
    if (item.acknowledgedBy !== actorKey(caller.actor) || item.acknowledgedUntil === null) throw notTheirs(app, item);
    if (item.askedStill === null)
      throw new Conflict(`You have said so already: #${id} is yours.`, {
        hint: `\`/day2 ack #${id} for 2h\` holds it longer.`,
      });
    const from = max([change.now, item.acknowledgedUntil]);
    return holdOn(change, item, leaseUntil(change.now, addMilliseconds(from, longer)));
  });
}

/**
 * Gives an item back: what was taken is whose the catalog says again, and what was only seen waits to be seen. Who has it
 * now; null is nobody. @throws Conflict when it is not theirs
 */
export async function release(app: App, caller: Caller, id: number): Promise<Party | null> {
  return changeItem(app, caller, "release", id, async (change, item) => {
    const isTheirs = takenBy(item) === actorKey(caller.actor);
    const hasSeen = item.acknowledgedBy === actorKey(caller.actor);
    if (!isTheirs && !hasSeen) throw notTheirs(app, item);
    const owner = isTheirs ? ownerOf(app.inForce(), item.service, item.responsibility, change.now) : item.owner;
    const given = { ...(hasSeen ? UNACKNOWLEDGED : {}), ...(isTheirs ? { owner, ownedSince: null } : {}) };
    await saveAndTell(change, item, given, "item.released", { to: owner, taken: isTheirs });
    return owner;
  });
}

function notTheirs(app: App, item: StoredItem): Conflict {
  const holder = takenBy(item) ?? item.acknowledgedBy;
  return new Conflict(
    holder === null ? `Nobody has taken #${item.id}.` : `${nameOf(app, holder)} has #${item.id}, not you.`,
    {
      hint:
        holder === null
          ? `\`/day2 own #${item.id}\` takes it.`
          : `To take it over, ask them to hand it off, or run \`/day2 handoff #${item.id} @you reason\`.`,
    },
  );
}

/** Asks those whose acknowledgement is about to end whether they are still on it, each by a direct message. */
export async function askStillOn(app: App): Promise<void> {
  await changeDue(app, {
    what: "asking people whether they are still on it",
    most: 50,
    rows: lockToAsk,
    nameOf: nameOfItem,
    async work(change, item) {
      const holder = item.acknowledgedBy ?? "";
      const account = accountOf(app, holder);
      // What takes itself back needs nobody; whom nobody can reach is not asked, and it ends as it would.
      if (goesBackByItself(item) || account === null) return void (await saveItem(change.db, item, { asksAt: null }));
      const event = await change.log({
        kind: "item.still_asked",
        item: item.id,
        service: item.service,
        detail: { person: holder, until: item.acknowledgedUntil?.toISOString() },
      });
      await markAsked(change.db, item.id, event);
      await wantAt(change.db, "event", event, place.person(account), change.now);
    },
  });
}

/** Where somebody reads direct messages: while the catalog has no people, their key is their account. */
function accountOf(app: App, key: string): string | null {
  const { people } = app.inForce().catalog;
  if (Object.keys(people).length === 0) return key;
  return people[key]?.slack[0] ?? null;
}

/** Which items are meant: these, whatever of a service is there to be taken, or one and all that is folded under it. */
export type Among = { readonly items: readonly number[] } | { readonly service: string } | { readonly under: number };

/** So many go through one transaction. */
const AT_ONCE = 100;

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

/** Of what is folded under an item each round takes as much as one transaction does, until there is no more. */
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
  else if ("items" in among && among.items.length > AT_ONCE) throw new Invalid(`At most ${AT_ONCE} items at a time.`);
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
  if ("service" in among) return lockFree(db, among.service, free, AT_ONCE);
  if ("items" in among) return lockItems(db, among.items);
  return [...(await lockFreeUnder(db, among.under, free, AT_ONCE)), ...(await lockItems(db, [among.under]))];
}

/** What there is of a service beside what was done just now. */
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

/** Which of these are not to be had, and those that are. @throws Denied when there is nothing that they may change */
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
