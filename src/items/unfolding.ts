import { stormChannel } from "../domain/item.ts";
import type { App } from "../app.ts";
import { changeUnasked, type Change } from "../caller.ts";
import { alone, leftAlone } from "../broken.ts";
import { releases } from "./causes.ts";
import { CALM_SPANS, stormRule, stormTotals, type StormRule } from "../domain/storm.ts";
import { subMilliseconds, subMinutes } from "../domain/time.ts";
import { changeAll, changeDue, nameOfItem } from "../due.ts";
import { feedingOf, foldUnderStorm, restateStorm, unfoldThese } from "./folding.ts";
import { close } from "./lifecycle.ts";
import { channelOf } from "./card-and-thread.ts";
import {
  busiestSpan,
  countNewCards,
  heldTooLong,
  lockFolds,
  lockHeldTooLong,
  lockNotShown,
  lockStorms,
  servicesToLetGo,
  takeBackCards,
  talliesOf,
  youngFolds,
} from "../store/folding.ts";
import { itemById, type StoredItem } from "../store/items.ts";
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
  const inForce = app.inForce();
  const now = app.now();
  const since = subMinutes(now, COMES_LATE);
  const isReleased = releases({ db: app.db, now }, inForce);
  for (const folds of await youngFolds(app.db, since))
    await alone(app, SHOWING, `${folds.service ?? "what is of no service"} under #${folds.under}`, async () => {
      const cause = await itemById(app.db, folds.under);
      if (cause === null || !(await isReleased(folds, cause))) return;
      await changeUnasked(app, async (change) =>
        unfoldThese(change, inForce, await lockFolds(change.db, since, folds), "released"),
      );
    });
}

/** For so long after an item was opened, a release that was made before it may still come to light. */
const COMES_LATE = 15; // minutes

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
  const inForce = app.inForce();
  await changeAll(
    app,
    {
      ...SHOWING,
      nameOf: nameOfItem,
      async work(change, some) {
        const ids = some.map(({ id }) => id);
        await unfoldThese(change, inForce, await lockHeldTooLong(change.db, ids), "over");
      },
    },
    await toLetGo(app),
  );
}

const SHOWING = { what: "showing what folds no longer", severity: "critical" } as const;

async function toLetGo(app: App): Promise<StoredItem[]> {
  const { db } = app;
  const inForce = app.inForce();
  const left = leftAlone(app, SHOWING);
  const found: StoredItem[] = [];
  const services = await servicesToLetGo(db);
  for (const channel of new Set(services.map((service) => channelOf(inForce, service)))) {
    const room = AT_ONCE - (await countNewCards(db, place.channel(channel)));
    const gravest = await heldTooLong(db, feedingOf(inForce, channel), AT_ONCE + left.size);
    const taken = gravest.filter((item) => !left.has(nameOfItem(item))).slice(0, AT_ONCE);
    found.push(...taken.filter((item, index) => index < room || item.severity === "critical"));
  }
  return found;
}
