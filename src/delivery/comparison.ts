import { addSeconds, subSeconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { nextNight } from "../domain/night.ts";
import { limitOf } from "./lanes.ts";
import { canLookBack, readPage, type Found } from "./looking-back.ts";
import { isLacking, SlackLimited, SlackRefused } from "../slack-client.ts";
import {
  claimComparison,
  markCompared,
  oldestRoot,
  postingsById,
  saveComparison,
  uncomparedIn,
  uncomparedRoots,
  type Comparison,
} from "../store/comparisons.ts";
import { hold, take } from "../store/pace.ts";
import { joinRoots } from "../store/posting-places.ts";
import { wantAgain, type Posting } from "../store/postings.ts";

/**
 * Every night each card that is still looked at is compared with Slack: with history scopes by the metadata that our
 * messages carry, a page of the channel at a time, else by asking for each message's link. A message that is gone is
 * posted again, one that shows another version is changed, a copy that no row knows is removed. Everything is in a row,
 * so any process goes on where another one stopped.
 */

const CLAIM = 60; // seconds
const LATER = 300; // seconds after which it goes on when Slack failed
const SKEW = 120; // seconds: what is younger than this at the beginning is left to the next night
const LINKS = 20; // messages of one round

type Step = { readonly app: App; readonly comparison: Comparison & { readonly beganAt: Date } };

/** One page or a few links of one channel. True when there may be more to do. */
export async function compareNext(app: App): Promise<boolean> {
  await joinRoots(app.db);
  if (app.slack.standing().refused !== null) return false;
  const now = app.now();
  const claimed = await claimComparison(app.db, now, addSeconds(now, CLAIM));
  if (claimed === null) return false;
  const { beganAt, by } = claimed;
  const first = canLookBack(app, claimed.channel) ? "metadata" : "permalink";
  const comparison = { ...claimed, beganAt: beganAt ?? now, by: by ?? first };
  try {
    const next = await (comparison.by === "metadata" ? byMetadata : byPermalink)({ app, comparison });
    await saveComparison(app.db, next.comparison, next.dueAt);
  } catch (error) {
    await failed(app, comparison, error);
  }
  return true;
}

type Next = { readonly comparison: Comparison; readonly dueAt: Date };

async function failed(app: App, comparison: Comparison, error: unknown): Promise<void> {
  const now = app.now();
  if (error instanceof SlackLimited) {
    const until = new Date(now.getTime() + error.retryAfter);
    await hold(app.db, limitOf(error.method), until);
    return saveComparison(app.db, comparison, until);
  }
  // What is wrong with the channel is found and told by what is delivered there.
  const hopeless = error instanceof SlackRefused;
  if (!hopeless || !isLacking(error))
    app.log.warn({ err: error, channel: comparison.channel }, "a channel could not be compared");
  if (hopeless) return saveComparison(app.db, over(comparison), nightAfter(app, now));
  return saveComparison(app.db, comparison, addSeconds(now, LATER));
}

/** Where the digest's readers sleep. */
function nightAfter(app: App, now: Date): Date {
  return nextNight(now, app.inForce().catalog.digests[0]?.zone ?? "UTC");
}

function over({ channel }: Comparison): Comparison {
  return { channel, beganAt: null, by: null, cursor: null };
}

async function byMetadata({ app, comparison }: Step): Promise<Next> {
  const { channel, beganAt, cursor } = comparison;
  const links: Comparison = { ...comparison, by: "permalink", cursor: null };
  const oldest = await oldestRoot(app.db, channel);
  if (oldest === null) return { comparison: links, dueAt: app.now() };
  const waitUntil = await take(app.db, limitOf("conversations.history"), app.now());
  if (waitUntil !== null) return { comparison, dueAt: waitUntil };
  const page = await readPage(app, "conversations.history", { channel, oldest, cursor: cursor ?? "" });
  if (page === null) return { comparison: links, dueAt: app.now() };
  const wait = await compareFound(app, channel, beganAt, page.found);
  if (wait !== null) return { comparison, dueAt: wait };
  if (page.next !== "") return { comparison: { ...comparison, cursor: page.next }, dueAt: app.now() };
  for (const posting of await uncomparedRoots(app.db, { channel, beganAt, before: tsOf(beganAt) }))
    await vanished(app, posting);
  return { comparison: links, dueAt: app.now() };
}

/** Null when all of it was looked at, else when a copy that has to go may be removed. */
async function compareFound(app: App, channel: string, beganAt: Date, found: readonly Found[]): Promise<Date | null> {
  const ids = found.map(({ posting }) => posting);
  const known = new Map((await postingsById(app.db, ids)).map((posting) => [posting.id, posting]));
  const equal: number[] = [];
  for (const message of found) {
    const posting = known.get(message.posting);
    // Where a message is not known, somebody is about to look for this one.
    if (posting === undefined || posting.messageTs === null) continue;
    if (posting.messageTs === message.messageTs) {
      equal.push(posting.id);
      await compareVersion(app, posting, message);
    } else if (posting.channel === channel) {
      const waitUntil = await take(app.db, limitOf("chat.delete"), app.now());
      if (waitUntil !== null) return waitUntil;
      await removeCopy(app, posting, message);
    }
  }
  await markCompared(app.db, equal, beganAt);
  return null;
}

async function compareVersion(app: App, posting: Posting, { version }: Found): Promise<void> {
  const isBehind = version > 0 && posting.shown >= posting.wanted && version !== posting.shown;
  app.counters.compared(isBehind ? "behind" : "equal");
  if (!isBehind) return;
  app.log.warn({ posting: posting.id, shows: version, wanted: posting.wanted }, "a message shows another version");
  await wantAgain(app.db, posting, app.now(), false);
}

async function removeCopy(app: App, posting: Posting, { messageTs: ts }: Found): Promise<void> {
  app.counters.compared("stray");
  app.log.warn({ posting: posting.id, ts }, "stray copy of a message removed");
  await app.slack.call("chat.delete", { channel: posting.channel, ts }).catch((error: unknown) => {
    if (error instanceof SlackRefused && error.error === "message_not_found") return undefined;
    throw error;
  });
}

/** Whoever has no history, or lies in a thread, is asked for by its link. */
async function byPermalink({ app, comparison }: Step): Promise<Next> {
  const { channel, beganAt } = comparison;
  const some = await uncomparedIn(app.db, { channel, beganAt, before: tsOf(beganAt) }, LINKS);
  if (some.length === 0) return { comparison: over(comparison), dueAt: nightAfter(app, app.now()) };
  for (const posting of some) {
    const waitUntil = await take(app.db, limitOf("chat.getPermalink"), app.now());
    if (waitUntil !== null) return { comparison, dueAt: waitUntil };
    if (await isThere(app, posting)) {
      app.counters.compared("equal");
      await markCompared(app.db, [posting.id], beganAt);
    } else await vanished(app, posting);
  }
  return { comparison, dueAt: app.now() };
}

async function isThere(app: App, { channel, messageTs }: Posting): Promise<boolean> {
  try {
    await app.slack.call("chat.getPermalink", { channel, message_ts: messageTs });
    return true;
  } catch (error) {
    if (error instanceof SlackRefused && error.error === "message_not_found") return false;
    throw error;
  }
}

async function vanished(app: App, posting: Posting): Promise<void> {
  app.counters.compared("vanished");
  app.log.warn({ posting: posting.id, ts: posting.messageTs }, "a message is gone, posted again");
  await wantAgain(app.db, posting, app.now(), true);
}

/** The newest message that surely was there when the comparison began, by Slack's clock. */
function tsOf(beganAt: Date): string {
  return (subSeconds(beganAt, SKEW).getTime() / 1000).toFixed(6);
}
