import { serviceNameOf } from "../domain/catalog.ts";
import { hasOwnCard, stormChannel, stormIn } from "../domain/item.ts";
import type { InForce } from "../in-force.ts";
import { foldUnderCauses } from "./causes.ts";
import type { Change } from "../caller.ts";
import { OWN_CARDS, stormRule, stormSaid, type StormRule } from "../domain/storm.ts";
import { addHours, subMilliseconds } from "../domain/time.ts";
import { channelOf, channelOfItem, log, logEach, show, showHolders, tell } from "./card-and-thread.ts";
import { ownerOf } from "../ownership.ts";
import {
  countLately,
  countOwnCards,
  foldedUnder,
  foldUnder,
  runningStorm,
  talliesOf,
  withOwnCard,
  type Feeding,
} from "../store/folding.ts";
import { insertItem, itemById, lockNewest, saveItem, type StoredItem } from "../store/items.ts";
import { place, wantAllAt, wantAt } from "../store/postings.ts";

/**
 * Whether a new item has a card of its own, or folds under another item whose card tells of it. Whatever folds is a row
 * as any other, with its owner and all its facts: only its card is held back, and nobody is told of it by itself.
 * `unfolding.ts` gives it its card when what it folds under is over.
 */

/** Shows each of these in its channel, or folds it. */
export async function placeNew(change: Change, inForce: InForce, opened: readonly StoredItem[]): Promise<void> {
  const before = opened.filter((item) => !hasOwnCard(item)).map(({ id }) => id);
  await foldUnder(change.db, before, null);
  const foldable = opened.filter(isFoldable);
  const caused = await foldUnderCauses(change, inForce, foldable);
  // What others fold under tells of them, and needs its card for that.
  const causes = new Set(caused.values());
  const rest = foldable.filter(({ id }) => !caused.has(id) && !causes.has(id));
  const folded = await foldInStorms(change, inForce, rest);
  await showOwn(
    change,
    inForce,
    opened.filter(({ id }) => !folded.has(id) && !caused.has(id)),
  );
}

/** A folded item that got worse may be worth a card of its own now. */
export async function placeWorse(change: Change, inForce: InForce, item: StoredItem): Promise<void> {
  if (item.foldedUnder === null || item.severity !== "critical") return;
  const holder = await itemById(change.db, item.foldedUnder);
  const channel = holder === null ? null : stormChannel(holder);
  if (holder !== null && channel !== null && holder.state !== "resolved") {
    const [own] = await ownCards(change, feedingOf(inForce, channel), holder, [item]);
    if (own === undefined) return;
  }
  await unfoldThese(change, inForce, [item], "worse");
}

/** Gives these their own cards. */
export async function unfoldThese(
  change: Change,
  inForce: InForce,
  items: readonly StoredItem[],
  why: "over" | "worse" | "released",
): Promise<void> {
  const ids = items.map(({ id }) => id);
  await foldUnder(change.db, ids, null);
  await logEach(change, items, "item.unfolded", ({ foldedUnder: from }) => ({ from, why }));
  await showOwn(change, inForce, items);
  await showHolders(change, items);
}

async function showOwn(change: Change, inForce: InForce, items: readonly StoredItem[]): Promise<void> {
  const wanted = items.map((item) => ({ subject: item.id, place: place.channel(channelOfItem(inForce, item)) }));
  await wantAllAt(change.db, "item", wanted, change.now);
}

/** Only what alerts and checks open folds; a storm does not. */
function isFoldable(item: StoredItem): boolean {
  return (item.origin === "alert" || item.origin === "check") && stormChannel(item) === null;
}

/** The services whose cards go to a channel. */
export function feedingOf({ catalog }: InForce, channel: string): Feeding {
  const services = Object.values(catalog.services);
  if (channel !== catalog.channel)
    return { only: services.filter((each) => each.channel === channel).map(({ key }) => key) };
  return { except: services.filter((each) => each.channel !== channel).map(({ key }) => key) };
}

/** Which of these are part of a storm now; a storm may begin with them. */
async function foldInStorms(
  change: Change,
  inForce: InForce,
  fresh: readonly StoredItem[],
): Promise<ReadonlySet<number>> {
  const rule = stormRule(inForce.catalog);
  const folded = new Set<number>();
  if (rule === null) return folded;
  // Always in the same order, so that two processes that begin storms in several channels do not block each other.
  const channels = [...new Set(fresh.map(({ service }) => channelOf(inForce, service)))].toSorted();
  for (const channel of channels) {
    const here = fresh.filter(({ service }) => channelOf(inForce, service) === channel);
    const storm = (await runningStorm(change.db, stormIn(channel))) ?? (await begin(change, inForce, channel, rule));
    if (storm === null) continue;
    const own = new Set((await ownCards(change, feedingOf(inForce, channel), storm, here)).map(({ id }) => id));
    const others = here.filter(({ id }) => !own.has(id));
    await foldUnderStorm(change, storm, others);
    for (const { id } of others) folded.add(id);
    if (storm.openedAt.getTime() === change.now.getTime()) await restateStorm(change, inForce, storm);
  }
  return folded;
}

/** Makes these a part of the storm. */
export async function foldUnderStorm(
  change: Change,
  storm: StoredItem,
  items: readonly Pick<StoredItem, "id" | "service">[],
): Promise<void> {
  await foldUnder(
    change.db,
    items.map(({ id }) => id),
    storm.id,
  );
  await logEach(change, items, "item.folded", () => ({ under: storm.id, why: "storm" }));
}

/** The storm that begins with what was just opened; null where it is no more than people can read. */
async function begin(change: Change, inForce: InForce, channel: string, rule: StormRule): Promise<StoredItem | null> {
  const { db, now } = change;
  const since = subMilliseconds(now, rule.within);
  const feeding = feedingOf(inForce, channel);
  if ((await countLately(db, feeding, { since, storm: null, most: rule.items + 1 })) <= rule.items) return null;
  const fingerprint = stormIn(channel);
  const before = await lockNewest(db, fingerprint);
  if (before !== null && before.state !== "resolved") return before;
  const service = "only" in feeding && feeding.only.length === 1 ? (feeding.only[0] ?? null) : null;
  const opened = await insertItem(db, {
    fingerprint,
    origin: "alert",
    service,
    responsibility: "on-call",
    ...stormSaid([], []),
    since: now,
    openedAt: now,
    owner: ownerOf(inForce, service, "on-call", now),
    dueAt: addHours(now, DUE_HOURS),
    follows: before?.id ?? null,
  });
  if (opened === null) return runningStorm(db, fingerprint); // somebody began it in between
  await log(change, opened, "item.opened", { summary: "a storm", severity: "warning" });
  await wantAt(db, "item", opened.id, place.channel(channel), now);
  return opened;
}

/** How long somebody has before a storm is overdue. */
const DUE_HOURS = 4;

/** The items that have a card of their own during a storm: the first critical one of each service, as long as they are few. */
async function ownCards(
  { db }: Change,
  feeding: Feeding,
  storm: StoredItem,
  items: readonly StoredItem[],
): Promise<StoredItem[]> {
  const critical = items.filter(({ severity, service }) => severity === "critical" && service !== null);
  if (critical.length === 0) return [];
  const ids = items.map(({ id }) => id);
  const services = new Set(critical.flatMap(({ service }) => service ?? []));
  const shown = await withOwnCard(db, [...services], ids);
  const first = [...services]
    .filter((service) => !shown.has(service))
    .flatMap((service) => critical.find((item) => item.service === service) ?? []);
  if (first.length === 0) return [];
  const room = OWN_CARDS - (await countOwnCards(db, feeding, storm.openedAt, ids));
  return first.slice(0, Math.max(room, 0));
}

const GRAVEST_SHOWN = 3;

/** Lets a storm's card say how it stands now. */
export async function restateStorm(change: Change, inForce: InForce, storm: StoredItem): Promise<void> {
  const tallies = await talliesOf(change.db, storm.id);
  const named = tallies.map((each) => ({ ...each, name: serviceNameOf(inForce.catalog, each.service) }));
  const gravest = await foldedUnder(change.db, storm.id, GRAVEST_SHOWN);
  const said = stormSaid(
    named,
    gravest.map((item) => ({ ...item, service: serviceNameOf(inForce.catalog, item.service) })),
  );
  const isSame = said.summary === storm.summary && JSON.stringify(said.evidence) === JSON.stringify(storm.evidence);
  const isWorse = storm.severity === "warning" && said.severity === "critical";
  if (isSame && !isWorse) return;
  const severity = isWorse ? "critical" : storm.severity;
  const next = await saveItem(change.db, storm, { ...said, severity, seen: storm.seen + 1, lastSeenAt: change.now });
  if (isWorse && storm.openedAt < change.now) await tell(change, next, "item.worsened", { summary: said.summary });
  await show(change, next);
}
