import { stormChannel } from "../domain/item.ts";
import type { App } from "../app.ts";
import { changeUnasked, type Change } from "../caller.ts";
import { releasedMeanwhile } from "./causes.ts";
import { CALM_SPANS, stormRule, stormTotals, type StormRule } from "../domain/storm.ts";
import { subMilliseconds } from "../domain/time.ts";
import { changeDue, nameOfItem } from "../due.ts";
import { feedingOf, restateStorm, unfoldThese } from "./folding.ts";
import { close } from "./life.ts";
import { channelOf } from "./shown.ts";
import {
  busiestSpan,
  countNewCards,
  foldUnder,
  lockLetGo,
  lockNotShown,
  lockStorms,
  servicesToLetGo,
  takeBackCards,
  talliesOf,
} from "../store/folding.ts";
import type { StoredItem } from "../store/items.ts";
import { place } from "../store/postings.ts";

/** What was folded gets its own card when what it folds under is over. */

/** Storms say how they stand, and end; what they held back is shown, as fast as its channel takes it. */
export async function unfold(app: App): Promise<void> {
  await changeDue(app, {
    what: "going on with storms",
    most: Infinity, // there are few, at most one in a channel
    rows: lockStorms,
    nameOf: nameOfItem,
    work: (change, storm) => goOn(app, change, storm),
  });
  await changeUnasked(app, async (change) => {
    const released = await releasedMeanwhile(change, app.inForce());
    if (released.length > 0) await unfoldThese(change, app.inForce(), released, "released");
  });
  await changeUnasked(app, (change) => letGo(app, change));
}

async function goOn(app: App, change: Change, storm: StoredItem): Promise<void> {
  const inForce = app.inForce();
  const rule = stormRule(inForce.catalog);
  const { now } = change;
  if (rule !== null) {
    const span = { now, within: rule.within, spans: CALM_SPANS, storm: storm.id };
    const isYoung = now.getTime() - storm.openedAt.getTime() < rule.within * CALM_SPANS;
    const feeding = feedingOf(inForce, stormChannel(storm) ?? "");
    if (isYoung || (await busiestSpan(change.db, feeding, span)) > rule.items) {
      await foldNotShown(change, storm, rule);
      return restateStorm(change, inForce, storm);
    }
  }
  const tallies = await talliesOf(change.db, storm.id);
  const named = tallies.map(({ service, ...each }) => ({ ...each, name: service }));
  await close(change, storm, { by: null, how: stormTotals(named, now.getTime() - storm.openedAt.getTime()) });
}

/**
 * Cards that were wanted before anybody knew of the storm, or beside its beginning, and of which Slack has none yet, are part
 * of it too: several transactions see only what the others have committed.
 */
async function foldNotShown(change: Change, storm: StoredItem, rule: StormRule): Promise<void> {
  const where = place.channel(stormChannel(storm) ?? "");
  const waiting = await lockNotShown(change.db, where, subMilliseconds(storm.openedAt, rule.within));
  if (waiting.length === 0) return;
  const ids = waiting.map(({ id }) => id);
  const folded = new Set(await takeBackCards(change.db, ids, where));
  await foldUnder(change.db, [...folded], storm.id);
  await change.logAll(
    waiting
      .filter(({ id }) => folded.has(id))
      .map(({ id, service }) => ({
        kind: "item.folded",
        item: id,
        service,
        detail: { under: storm.id, why: "storm" },
      })),
  );
}

const AT_ONCE = 10;

/**
 * Not while as many cards wait for a channel already: whatever begins there meanwhile shall not stand behind them. What is
 * critical does not wait for that, because nobody is called for it until it has its card.
 */
async function letGo(app: App, change: Change): Promise<void> {
  const inForce = app.inForce();
  const shown: StoredItem[] = [];
  const services = await servicesToLetGo(change.db);
  for (const channel of new Set(services.map((service) => channelOf(inForce, service)))) {
    const room = AT_ONCE - (await countNewCards(change.db, place.channel(channel)));
    const gravest = await lockLetGo(change.db, feedingOf(inForce, channel), AT_ONCE);
    shown.push(...gravest.filter((item, index) => index < room || item.severity === "critical"));
  }
  await unfoldThese(change, inForce, shown, "over");
}
