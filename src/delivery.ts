import { addMilliseconds, addSeconds, subSeconds } from "./domain/time.ts";
import type { App } from "./app.ts";
import { textOf } from "./domain/json-object.ts";
import { held, meaningOf } from "./domain/posting.ts";
import { mended } from "./delivery/closed-channels.ts";
import { transaction } from "./db/sql.ts";
import { fail, recover } from "./delivery/trouble.ts";
import { draw } from "./delivery/drawing.ts";
import { failpoint } from "./failpoint.ts";
import { limitOf } from "./delivery/lanes.ts";
import { lookBack, metadataOf } from "./delivery/looking-back.ts";
import { isLacking, SlackRefused } from "./slack-client.ts";
import { channelNamed, directMessages } from "./delivery/places.ts";
import { section, withPosting, type Message } from "./slack/blocks.ts";
import { claimBehind, endClaim, nextFree, noteShown, type Claimed } from "./store/due-postings.ts";
import { forgetLimited, giveBack, hold, takeAll } from "./store/pace.ts";
import { settleAt } from "./store/posting-places.ts";
import { postingById, type Posting } from "./store/postings.ts";
import { note, traced } from "./telemetry/trace.ts";
import { isDoneWithin } from "./wait.ts";

/**
 * Makes Slack equal to the rows: every posting whose shown version is behind is drawn from its row as it is now and
 * posted or updated, one call in flight per posting, no faster than Slack takes it. What is lost is sent again; what may
 * have been sent is looked for, or where that is not allowed sent again once, half a minute later.
 */

const CLAIM = 30; // seconds that one message may take
const CALL = 15; // seconds of these that are left to its call

/** One round, to its end; how many postings were tried. */
export async function deliver(app: App, limit = 10): Promise<number> {
  const claimed = await claim(app, limit);
  await Promise.all(claimed.map((posting) => deliverTraced(app, posting)));
  return claimed.length;
}

/** Deliveries of one worker: a call that Slack does not answer holds up nothing but itself. */
export type Deliveries = {
  /** True: there may be more at once; else ms until there is. */
  round(): Promise<boolean | number>;
  /** Resolves when every call under way has ended. */
  ended(): Promise<void>;
};

const MOST = 20; // calls under way in one worker
const TOGETHER = 500; // ms that a round waits for its calls before the next one goes on beside them

export function openDeliveries(app: App): Deliveries {
  const underWay = new Set<Promise<void>>();
  function start(posting: Claimed): Promise<void> {
    const call = deliverTraced(app, posting).catch((err: unknown) => app.log.error({ err }, "a delivery broke"));
    underWay.add(call);
    void call.then(() => underWay.delete(call));
    return call;
  }
  return {
    async round() {
      if (underWay.size >= MOST) await Promise.race(underWay);
      const claimed = await claim(app, MOST - underWay.size);
      if (claimed.length > 0) {
        await isDoneWithin(TOGETHER, Promise.all(claimed.map(start)));
        return true;
      }
      if (isTurnedAway(app)) return false;
      const next = await nextFree(app.db, app.now());
      return next !== null && Math.max(10, next.getTime() - app.now().getTime());
    },
    async ended() {
      await Promise.all(underWay);
    },
  };
}

/** While Slack refuses the token nothing goes, whatever its pace is. */
function isTurnedAway(app: App): boolean {
  return app.slack.standing().refused !== null;
}

/** Claims what may go now, and with it its share of the pace. */
async function claim(app: App, limit: number): Promise<Claimed[]> {
  if (isTurnedAway(app)) return [];
  const now = app.now();
  const fair = Math.floor(now.getTime() / 1000) % 4 === 0;
  const claimed = await transaction(app.db, async (db) => {
    const some = await claimBehind(db, { limit, now, claimedUntil: addSeconds(now, CLAIM), fair });
    if (some.length === 0) return [];
    const posts = some.filter(({ lane }) => lane.startsWith("channel:")).length;
    const taken = await takeAll(
      db,
      [
        ...some.map(({ lane }) => limitOf(lane)),
        ...(posts > 0 ? [{ ...limitOf("chat.postMessage"), calls: posts }] : []),
      ],
      now,
    );
    // Another process was faster.
    const late = some.filter(({ lane }) => !taken.has(lane));
    for (const posting of late) await endClaim(db, posting, held(posting, null));
    return some.filter(({ lane }) => taken.has(lane));
  });
  // What asked for these may be a catalog that another process made the one in force. Else the one that is known will do.
  if (claimed.length > 0)
    await app.followCatalog().catch((err: unknown) => app.log.warn({ err }, "the catalog could not be followed"));
  return claimed;
}

/** Part of the trace that asked for it last. */
function deliverTraced(app: App, posting: Claimed): Promise<void> {
  const { id, subjectKind, subject, trace } = posting;
  const facts = { "daytwo.posting": id, [`daytwo.${subjectKind}`]: subject };
  return traced(`deliver ${subjectKind}`, facts, () => deliverOne(app, posting), { kind: "consumer", parent: trace });
}

async function deliverOne(app: App, posting: Claimed): Promise<void> {
  const sent = await sendNewest(app, posting).catch((error: unknown) => recover(app, posting, error));
  // Where this cannot be noted the claim runs out, and whoever claims it then knows that the message may be there.
  if (sent) await noteSent(app, posting, sent);
}

/** Makes its message say what its row says now. Null: nothing was to be sent. */
async function sendNewest(app: App, posting: Claimed): Promise<Sent | null> {
  const channel = posting.channel ?? /^channel:([^#].*)$/.exec(posting.place)?.[1] ?? null;
  if (channel === null) await findChannel(app, posting);
  if (channel === null || (await isFound(app, posting, channel))) return null;
  const message = await draw(app, posting);
  if (message === null) {
    await fail(app, posting, "empty", "there is nothing to show any more");
    return null;
  }
  await failpoint("C12");
  const now = app.now();
  // By the end of its call it may be somebody else's: whoever claims it next finds done what took so long.
  if (now > subSeconds(posting.claimedUntil, CALL)) {
    await endClaim(app.db, posting, held(posting, null));
    return null;
  }
  const limit = limitOf(posting.lane);
  if (now.getTime() - posting.claimedAt.getTime() > LATE) await hold(app.db, limit, addMilliseconds(now, limit.every));
  return send(app, posting, channel, withPosting(message, posting.id));
}

const LATE = 15; // ms of drawing after which the pace counts from the call

async function noteSent(app: App, posting: Claimed, sent: Sent): Promise<void> {
  await failpoint("C13");
  await noteShown(app.db, posting, { version: posting.wanted, ...sent }, app.now());
  if (posting.messageTs === null) await forgetLimited(app.db, "chat.postMessage");
  app.counters.delivered(Math.max(0, app.now().getTime() - posting.askedAt.getTime()) / 1000);
  if (posting.probing) await mended(app, posting, posting.channel ?? sent.channel);
}

/** Whether a message that is in doubt is there, or is still to be looked for: then nothing is posted, and the lane is free. */
async function isFound(app: App, posting: Claimed, channel: string): Promise<boolean> {
  if (posting.unsureSince === null) return false;
  let posts = false;
  try {
    posts = !(await lookBack(app, posting, channel, posting.unsureSince));
  } finally {
    if (!posts) await giveBack(app.db, limitOf(posting.lane), posting.claimedAt);
  }
  return !posts;
}

/**
 * The channel of a place: a person's is their direct messages, a name is looked up. Slack is asked once for each place; it
 * answers such questions twenty times a minute.
 */
async function findChannel(app: App, { place }: Posting): Promise<void> {
  note({ "daytwo.outcome": "found its channel" });
  const [kind, where = ""] = place.split(/:(.*)/s);
  const channel = kind === "person" ? await directMessages(app, where) : await channelNamed(app, where.slice(1));
  await settleAt(app.db, place, channel);
}

/**
 * A message that carries a posting's buttons and is not that posting's message is a stray copy, left by a call that
 * Slack carried out and never confirmed: it goes at its first click. The click itself counts all the same.
 */
export async function removeStray(
  app: App,
  clicked: { posting: number | null; channel: string | null; ts: string | null },
): Promise<void> {
  const posting = clicked.posting === null ? null : await postingById(app.db, clicked.posting);
  if (posting === null || clicked.ts === null || posting.messageTs === null || posting.messageTs === clicked.ts) return;
  app.log.warn({ posting: posting.id, ts: clicked.ts }, "stray copy of a message removed");
  await app.slack
    .call("chat.delete", { channel: clicked.channel, ts: clicked.ts })
    .catch((err: unknown) => (isLacking(err) ? undefined : app.log.warn({ err }, "stray copy could not be removed")));
}

/** Where a message is. Without `messageTs` the server did not say: it cannot be changed, and nothing be said beneath it. */
type Sent = { readonly channel: string; readonly messageTs: string | null };

async function send(app: App, posting: Claimed, channel: string, message: Message): Promise<Sent> {
  // A file that is refused again and again is left, and its message sent without it.
  const shared = posting.attempts < 3 ? await share(app, posting, channel, message) : null;
  if (shared !== null) return shared;
  const content = { ...UNTOUCHED, text: message.text, blocks: message.blocks };
  try {
    return await call(app, posting, channel, content);
  } catch (error) {
    if (!(error instanceof SlackRefused) || (error.error !== "invalid_blocks" && error.error !== "msg_blocks_too_long"))
      throw error;
    // A file is shown only once Slack has looked through it.
    if (message.blocks.some((block) => block.type === "image") && posting.attempts < 3) throw error;
    app.log.error({ err: error, posting: posting.id }, "slack refuses our blocks, plain copy sent");
    return call(app, posting, channel, { ...content, blocks: [section(message.text)] });
  }
}

/**
 * A file is a message of its own, of which Slack does not say where it is. Null where there is none to share, or none is taken:
 * messages go to a public channel that the bot is not in, files do not.
 */
async function share(app: App, posting: Claimed, channel: string, { file, text }: Message): Promise<Sent | null> {
  if (file === undefined) return null;
  try {
    await app.slack.call("files.completeUploadExternal", {
      files: [file],
      channel_id: channel,
      initial_comment: text,
      ...(posting.rootTs === null ? {} : { thread_ts: posting.rootTs }),
    });
    return { channel, messageTs: null };
  } catch (error) {
    if (!(error instanceof SlackRefused) || meaningOf(error.error) !== "shut") throw error;
    app.log.warn({ err: error, posting: posting.id }, "a channel takes no file, its message goes without it");
    return null;
  }
}

/** Slack makes nothing of our text but what we wrote as markup. */
const UNTOUCHED = { link_names: false, unfurl_links: false, unfurl_media: false, parse: "none" } as const;

async function call(
  app: App,
  posting: Claimed,
  channel: string,
  content: Readonly<Record<string, unknown>>,
): Promise<Sent> {
  if (posting.messageTs !== null) {
    await app.slack.call("chat.update", { ...content, channel, ts: posting.messageTs, metadata: metadataOf(posting) });
    return { channel, messageTs: posting.messageTs };
  }
  const answer = await app.slack.call("chat.postMessage", {
    ...content,
    channel,
    ...(posting.rootTs === null ? {} : { thread_ts: posting.rootTs }),
    metadata: metadataOf(posting),
  });
  const messageTs = textOf(answer["ts"]);
  if (messageTs === null) app.log.warn({ posting: posting.id }, "chat.postMessage does not say which message it made");
  return { channel: textOf(answer["channel"]) ?? channel, messageTs };
}
