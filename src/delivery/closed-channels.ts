import { addSeconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { held } from "../domain/posting.ts";
import { beginAlarm, endAlarm } from "../store/alarms.ts";
import { changeUnasked } from "../caller.ts";
import type { Db } from "../db/sql.ts";
import { openItem, recoverIfOpen } from "../items/lifecycle.ts";
import { channelOf } from "../items/card-and-thread.ts";
import type { SlackRefused } from "../slack-client.ts";
import { channelNamed } from "./places.ts";
import { endClaim, type Claimed } from "../store/due-postings.ts";
import { shut, shutChannels, unshut } from "../store/pace.ts";
import { moveTo, rehome, waitingAt } from "../store/posting-places.ts";
import { place, placeOf, type Posting } from "../store/postings.ts";

/**
 * A channel that takes no messages from us: archived, deleted, closed to us, or the bot was removed from it. What waits for
 * it waits, one message tries again every few minutes, and an item says so where somebody sees it.
 */

const AGAIN = 300; // seconds until it is tried again

/** Slack's words for it, and ours, with what mends it. */
const WHY: Readonly<Record<string, string>> = {
  is_archived: "it is archived; unarchive it, or name another channel in the catalog",
  channel_not_found:
    "it is not there, is archived, or is private and the bot is not in it; mend that, or name another channel in the catalog",
  not_in_channel: "the bot is not in it; invite the bot",
  no_permission: "the bot is not in it; invite the bot",
  restricted_action: "only some people may write there; let the bot, or name another channel in the catalog",
  restricted_action_read_only_channel:
    "only some people may write there; let the bot, or name another channel in the catalog",
  restricted_action_thread_only_channel:
    "it takes replies only; let the bot start threads there, or name another channel in the catalog",
};

/** Whether the refusal was about a channel, and not about somebody's direct messages. */
export async function shutChannel(app: App, posting: Claimed, error: SlackRefused): Promise<boolean> {
  const where = await placeOf(app.db, posting);
  if (!where.startsWith("channel:")) return false;
  if (error.error === "channel_not_found" && (await hasMoved(app, where, posting))) return true;
  const now = app.now();
  const key = posting.channel === null ? where : `channel:${posting.channel}`;
  const isNew = await shut(app.db, key, error.error, now, addSeconds(now, AGAIN));
  await endClaim(app.db, posting, held(posting, null));
  await moveToNamed(app, where);
  if (!isNew) {
    if (!isNamed(app, where)) await settle(app, where, "the catalog names another channel");
    return true;
  }
  const name = nameOf(where);
  const summary = `no message of Daytwo's reaches ${name}: ${WHY[error.error] ?? error.error}`;
  app.log.error({ err: error, place: where }, "a channel takes no messages");
  await changeUnasked(app, async (change) => {
    await openItem(change, app.inForce(), {
      fingerprint: fingerprint(where),
      origin: "catalog",
      service: null,
      responsibility: "on-call",
      severity: "warning",
      summary,
      evidence: { "Slack says": error.error, "what waits": "cards and threads of that channel; nothing is lost" },
      since: change.now,
    });
    // Its card would go to the very channel that takes none.
    if (where === `channel:${app.inForce().catalog.channel}`)
      await beginAlarm(
        change.db,
        "channel",
        `Slack: ${summary}. It is Daytwo's own channel, so nobody sees its cards.`,
        now,
      );
  });
  return true;
}

/** New cards go where the catalog says now: to name another channel there mends this too. */
async function moveToNamed(app: App, where: string): Promise<void> {
  for (const { id, service } of await waitingAt(app.db, where)) {
    const wanted = place.channel(channelOf(app.inForce(), service));
    if (wanted !== where) await rehome(app.db, id, wanted);
  }
}

/** Messages go there again. */
export async function mended(app: App, posting: Posting, channel: string): Promise<void> {
  await mendedAt(app, await placeOf(app.db, posting), channel);
}

async function mendedAt(app: App, where: string, channel: string): Promise<void> {
  if (!(await unshut(app.db, [where, `channel:${channel}`]))) return;
  app.log.info({ place: where }, "a channel takes messages again");
  await settle(app, where, `messages reach ${nameOf(where)} again`);
}

function isNamed(app: App, where: string): boolean {
  const { channel, services } = app.inForce().catalog;
  return [channel, ...Object.values(services).map((service) => service.channel)].some(
    (each) => where === `channel:${each}`,
  );
}

async function settle(app: App, where: string, how: string): Promise<void> {
  await changeUnasked(app, async (change) => {
    await recoverIfOpen(change, fingerprint(where), how);
    if (!(await isOwnShut(app, change.db))) await endAlarm(change.db, "channel", change.now);
  });
}

/** Whether Daytwo's own channel takes nothing; it may be another one since that began. */
async function isOwnShut(app: App, db: Db): Promise<boolean> {
  const own = place.channel(app.inForce().catalog.channel);
  return (await shutChannels(db)).some((each) => each.place === own);
}

/** Whether another channel has the name now; then what waits goes there. */
async function hasMoved(app: App, where: string, { channel }: Posting): Promise<boolean> {
  const name = nameOf(where);
  if (channel === null || !name.startsWith("#")) return false;
  const now = await channelNamed(app, name.slice(1)).catch(() => null);
  if (now === null || now === channel || now === name) return false;
  app.log.warn({ place: where, from: channel, to: now }, "a channel is another one now");
  await moveTo(app.db, where, channel, now);
  await mendedAt(app, where, channel);
  return true;
}

function nameOf(place: string): string {
  const word = place.slice("channel:".length);
  return word.startsWith("#") ? word : `channel ${word}`;
}

function fingerprint(place: string): string {
  return `delivery/${place.slice("channel:".length)}`;
}
