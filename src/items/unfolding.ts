import { stormChannel } from "../domain/item.ts";
import type { App } from "../app.ts";
import { changeUnasked, type Change } from "../caller.ts";
import type { InForce } from "../in-force.ts";
import { releasedMeanwhile } from "./causes.ts";
import { CALM_SPANS, stormRule, stormTotals, type StormRule } from "../domain/storm.ts";
import { subMilliseconds } from "../domain/time.ts";
import { changeDue, nameOfItem } from "../due.ts";
import { feedingOf, foldUnderStorm, restateStorm, unfoldThese } from "./folding.ts";
import { close } from "./lifecycle.ts";
import { channelOf } from "./card-and-thread.ts";
import {
  busiestSpan,
  countNewCards,
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

/** Restates storms, or ends them. */
export async function goOnWithStorms(app: App): Promise<void> {
  await changeDue(app, {
    what: "going on with storms",
    most: Infinity, // there are few, at most one in a channel
    rows: lockStorms,
    nameOf: nameOfItem,
    work: (change, storm) => goOn(app, change, storm),
  });
}

/** Shows what folded a little while ago although a release may be its cause, of which nobody knew yet. */
export async function showReleased(app: App): Promise<void> {
  await changeUnasked(app, async (change) => {
    const released = await releasedMeanwhile(change, app.inForce());
    if (released.length > 0) await unfoldThese(change, app.inForce(), released, "released");
  });
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
 * Folds cards that were wanted before the storm began, or while it did, and that Slack does not have yet: transactions at the
 * same time see only what the others have committed.
 */
async function foldNotShown(change: Change, storm: StoredItem, rule: StormRule): Promise<void> {
  const where = place.channel(stormChannel(storm) ?? "");
  const waiting = await lockNotShown(change.db, where, subMilliseconds(storm.openedAt, rule.within));
  if (waiting.length === 0) return;
  const ids = waiting.map(({ id }) => id);
  const folded = new Set(await takeBackCards(change.db, ids, where));
  await foldUnderStorm(
    change,
    storm,
    waiting.filter(({ id }) => folded.has(id)),
  );
}

const AT_ONCE = 10;

/**
 * Shows items that no longer fold, but only a few at a time for a channel, so that whatever begins there meanwhile need not
 * wait behind them. Critical ones do not wait, because nobody is called for an item without a card.
 */
export async function letGo(app: App): Promise<void> {
  await changeUnasked(app, (change) => letGoOf(app.inForce(), change));
}

async function letGoOf(inForce: InForce, change: Change): Promise<void> {
  const shown: StoredItem[] = [];
  const services = await servicesToLetGo(change.db);
  for (const channel of new Set(services.map((service) => channelOf(inForce, service)))) {
    const room = AT_ONCE - (await countNewCards(change.db, place.channel(channel)));
    const gravest = await lockLetGo(change.db, feedingOf(inForce, channel), AT_ONCE);
    shown.push(...gravest.filter((item, index) => index < room || item.severity === "critical"));
  }
  await unfoldThese(change, inForce, shown, "over");
}
