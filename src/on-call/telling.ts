import type { InForce } from "../in-force.ts";
import type { Change } from "../caller.ts";
import type { Telling } from "../domain/escalation.ts";
import { subMinutes } from "../domain/time.ts";
import { channelOfItem, log } from "../items/card-and-thread.ts";
import { rotationOf } from "../ownership.ts";
import { accountsOf } from "../people.ts";
import { countTold } from "../store/escalations.ts";
import type { StoredItem } from "../store/items.ts";
import { isWantedAt, place, rootOf, wantAt } from "../store/postings.ts";
import { countSounding, wantWake } from "../store/wakes.ts";
import { rotationsOn } from "./rotations.ts";

/** Tells people of an item that waits for somebody: in its thread, directly, and outside Slack. */

/** In a storm nobody reads the hundredth message, and whoever is woken five times is awake. */
const MOST_DIRECT = 10;
const IN_MINUTES = 10;
const MOST_ALARMS = 5;

/** What is written of one telling: its event, which is a line of the thread; messages; and alarms. */
export async function tellOf(
  inForce: InForce,
  change: Change,
  item: StoredItem,
  { telling, before }: { readonly telling: Telling; readonly before: readonly string[] },
): Promise<void> {
  const held: string[] = [];
  for (const person of telling.people)
    if ((await countTold(change.db, person, subMinutes(change.now, IN_MINUTES))) > MOST_DIRECT) held.push(person);
  const event = await log(change, item, "item.told", {
    rung: telling.rung,
    people: telling.people,
    team: telling.team,
    channel: telling.channel,
    again: telling.people.length > 0 && telling.people.every((person) => before.includes(person)),
    held,
    skipped: telling.skipped,
  });
  const root = await rootOf(change.db, "item", item.id);
  if (root !== null) await wantAt(change.db, "event", event, place.thread(root.id), change.now);
  if (telling.channel) {
    await wantAt(change.db, "event", event, place.channel(channelOfItem(inForce, item)), change.now);
  }
  for (const person of telling.people) {
    const accounts = held.includes(person) ? [] : accountsOf([inForce.catalog.people[person]]);
    await callDirectly(change, item.id, event, accounts);
    if (item.severity !== "critical") continue;
    const via = wayOf(inForce, item, person, change.now);
    if (via !== null && (await countSounding(change.db, via, item.id)) < MOST_ALARMS)
      await wantWake(change.db, { item: item.id, via, person }, change.now);
  }
}

/** Somebody gets the item's card, with what they can do; where they have it already, a message that tells of it. */
async function callDirectly(change: Change, item: number, event: number, accounts: readonly string[]): Promise<void> {
  for (const account of accounts) {
    const has = await isWantedAt(change.db, "item", item, place.person(account));
    const [kind, subject] = has ? (["event", event] as const) : (["item", item] as const);
    await wantAt(change.db, kind, subject, place.person(account), change.now);
  }
}

/** Their own wake, or that of the rotation that they are on call of; the item's service's own before any other. */
function wayOf(inForce: InForce, item: StoredItem, person: string, now: Date): string | null {
  const { people } = inForce.catalog;
  if (people[person]?.wake !== undefined) return `person:${person}`;
  const own = rotationOf(inForce, item.service)?.key;
  const rotations = rotationsOn(inForce, person, now).toSorted((a, b) => Number(b.key === own) - Number(a.key === own));
  const found = rotations.find(({ wake }) => wake !== undefined);
  return found === undefined ? null : `rotation:${found.key}`;
}
