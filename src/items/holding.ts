import type { App } from "../app.ts";
import type { Caller, Change } from "../caller.ts";
import type { Party } from "../domain/duty.ts";
import { goesBackByItself, takenBy } from "../domain/item.ts";
import { holdsFor, leaseFor, leaseUntil, type Lease } from "../domain/lease.ts";
import { addMilliseconds, max } from "../domain/time.ts";
import { actorKey } from "../domain/actor.ts";
import { changeDue, nameOfItem } from "../due.ts";
import { Conflict } from "../errors.ts";
import { log } from "./card-and-thread.ts";
import { changeItem, saveAndTell } from "./change.ts";
import { awake, UNACKNOWLEDGED } from "./lifecycle.ts";
import { ownerOf } from "../ownership.ts";
import { nameOf } from "../people.ts";
import { lockToAsk } from "../store/holding.ts";
import { markAsked, saveItem, type ItemChange, type StoredItem } from "../store/items.ts";
import { place, wantAt } from "../store/postings.ts";

/**
 * Who holds an item, and for how long: whoever has acknowledged it is asked before that ends whether they are still on it,
 * and gives it back, or keeps it longer. Taking many at once is `taking-many.ts`.
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

/** The fields of an item that change when somebody takes it. */
export function taken(app: App, now: Date, caller: Caller, item: StoredItem, length?: number): ItemChange {
  return {
    ...awake(item),
    owner: { person: actorKey(caller.actor) },
    ownedSince: now,
    ...acknowledgement(app, now, caller, item, length),
  };
}

/** Lets its holder hold it until the lease ends. Returns when that is. */
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
 * Gives an item back: its owner is whoever the catalog says again, and if it was only seen it waits to be seen. Returns who
 * has it now; null is nobody. @throws Conflict when it is not theirs
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
    holder === null ? `Nobody has taken #${item.id}.` : `${nameOf(app.inForce(), holder)} has #${item.id}, not you.`,
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
      const until = item.acknowledgedUntil?.toISOString();
      const event = await log(change, item, "item.still_asked", { person: holder, until });
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
