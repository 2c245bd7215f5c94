import { addMilliseconds, addSeconds, max } from "./domain/time.ts";
import type { App } from "./app.ts";
import * as board from "./board.ts";
import { digest } from "./board-digest.ts";
import { tour } from "./board-tour.ts";
import type { EventLine } from "./domain/board.ts";
import { transaction } from "./db/sql.ts";
import { failpoint } from "./failpoint.ts";
import { output } from "./output.ts";
import { picture } from "./pictures.ts";
import { namesOf } from "./people.ts";
import { isLacking, SlackLimited, SlackRefused, SlackSilent } from "./slack-client.ts";
import { channelNamed, directMessages } from "./slack-places.ts";
import { section, withPosting, type Message } from "./slack/blocks.ts";
import { digestMessage } from "./slack/digest-message.ts";
import { handoverMessage } from "./slack/handover-message.ts";
import { itemCard } from "./slack/item-card.ts";
import { newsMessage } from "./slack/news-message.ts";
import { operationCard } from "./slack/operation-card.ts";
import { timelineLine } from "./slack/timeline-line.ts";
import { callMessage, remindMessage } from "./slack/told-message.ts";
import { tourMessage } from "./slack/tour-message.ts";
import { digestById } from "./store/digests.ts";
import {
  channelAt,
  claimBehind,
  giveUp,
  holdPace,
  markShown,
  postingById,
  putOff,
  takePace,
  type Posting,
} from "./store/postings.ts";
import { failed, note, traced } from "./trace.ts";

/**
 * Makes Slack equal to the rows: every posting whose shown version is behind is drawn from its row as it is now and
 * posted or updated, one call in flight per posting, no faster than Slack takes it. What is lost is sent again; what may
 * have been sent is sent again once, half a minute later.
 */

const CLAIM = 30; // seconds that one call may take
const UPDATE_EVERY = 1_200; // ms between two chat.update in the workspace: 50 a minute
const POST_EVERY = 1_000; // ms between two messages in one channel

/** One round; how many postings were tried. */
export async function deliver(app: App, limit = 10): Promise<number> {
  const now = app.now();
  const claimed = await claimBehind(app.db, limit, now, addSeconds(now, CLAIM));
  // What asked for these may be a catalog that another process made the one in force.
  if (claimed.length > 0) await app.followCatalog();
  await Promise.all(claimed.map((posting) => deliverTraced(app, posting)));
  return claimed.length;
}

/** Part of the trace that asked for it last. */
function deliverTraced(app: App, posting: Posting): Promise<void> {
  const { id, subjectKind, subject, trace } = posting;
  const facts = { "daytwo.posting": id, [`daytwo.${subjectKind}`]: subject };
  return traced(`deliver ${subjectKind}`, facts, () => deliverOne(app, posting), { kind: "consumer", parent: trace });
}

async function deliverOne(app: App, posting: Posting): Promise<void> {
  try {
    const channel = posting.channel ?? (await channelOf(app, posting));
    const waitUntil = await pace(app, posting, channel);
    if (waitUntil !== null) {
      note({ "daytwo.outcome": "put off" });
      return await putOff(app.db, posting.id, waitUntil, null);
    }
    const message = await draw(app, posting);
    if (message === null) return await giveUp(app.db, posting.id, posting.wanted, "there is nothing to show any more");
    await failpoint("C12");
    const sent = await send(app, posting, channel, withPosting(message, posting.id));
    await failpoint("C13");
    await markShown(app.db, posting.id, { version: posting.wanted, ...sent });
    app.tallies.delivered(Math.max(0, app.now().getTime() - posting.askedAt.getTime()) / 1000);
  } catch (error) {
    return recover(app, posting, error);
  }
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

/** Draws the subject from its row: the newest version, whatever was wanted when the posting was claimed. */
async function draw(app: App, posting: Posting): Promise<Message | null> {
  switch (posting.subjectKind) {
    case "item":
      return itemCard(await board.itemCard(app, posting.subject));
    case "operation":
      return operationCard(await board.operationCard(app, posting.subject));
    case "event": {
      const line = await board.eventLine(app, posting.subject);
      if (line?.kind === "item.pictured") return picture(app, line);
      if (line?.kind === "operation.output") return output(app, line);
      if (line?.kind === "rotation.handed_over")
        return handoverMessage(await board.handover(app, line), namesOf(app.inForce()));
      if (line?.kind === "item.told" && line.item !== null && !posting.place.startsWith("thread:"))
        return told(app, line, posting.place);
      if (line !== null && line.operation !== null && posting.place.startsWith("person:"))
        return newsMessage(line, await board.operation(app, line.operation), namesOf(app.inForce()));
      return line === null ? null : timelineLine(line, namesOf(app.inForce()));
    }
    case "digest": {
      const made = await digestById(app.db, posting.subject);
      return made === null ? null : digestMessage(await digest(app, made));
    }
    case "tour": {
      const begun = await tour(app);
      return begun === null ? null : tourMessage(begun);
    }
  }
}

async function told(app: App, line: EventLine, where: string): Promise<Message> {
  const { item, serviceName, names } = await board.itemCard(app, line.item ?? 0);
  return where.startsWith("person:") ? remindMessage(item, serviceName) : callMessage(item, serviceName, line, names);
}

/** Where a message is. Without `messageTs` the server did not say: it cannot be changed, and nothing be said beneath it. */
type Sent = { readonly channel: string; readonly messageTs: string | null };

async function send(app: App, posting: Posting, channel: string, message: Message): Promise<Sent> {
  // A file that is refused again and again is left, and its message sent without it.
  if (message.file !== undefined && posting.attempts < 3) return share(app, posting, channel, message);
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

/** A file is a message of its own, of which Slack does not say where it is. */
async function share(app: App, posting: Posting, channel: string, { file, text }: Message): Promise<Sent> {
  const root = await rootOf(app, posting);
  await app.slack.call("files.completeUploadExternal", {
    files: [file],
    channel_id: channel,
    initial_comment: text,
    ...(root === null ? {} : { thread_ts: root.messageTs }),
  });
  return { channel, messageTs: null };
}

/** Slack makes nothing of our text but what we wrote as markup. */
const UNTOUCHED = { link_names: false, unfurl_links: false, unfurl_media: false, parse: "none" } as const;

async function call(
  app: App,
  posting: Posting,
  channel: string,
  content: Readonly<Record<string, unknown>>,
): Promise<Sent> {
  if (posting.messageTs !== null) {
    await app.slack.call("chat.update", { ...content, channel, ts: posting.messageTs });
    return { channel, messageTs: posting.messageTs };
  }
  const root = await rootOf(app, posting);
  const answer = await app.slack.call("chat.postMessage", {
    ...content,
    channel,
    ...(root === null ? {} : { thread_ts: root.messageTs }),
    metadata: { event_type: "daytwo_posting", event_payload: { posting: posting.id } },
  });
  const messageTs = textOf(answer["ts"]);
  if (messageTs === null) app.log.warn({ posting: posting.id }, "chat.postMessage does not say which message it made");
  return { channel: textOf(answer["channel"]) ?? channel, messageTs };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

async function rootOf(app: App, posting: Posting): Promise<Posting | null> {
  const id = /^thread:(\d+)$/.exec(posting.place)?.[1];
  return id === undefined ? null : postingById(app.db, Number(id));
}

async function pace(app: App, posting: Posting, channel: string): Promise<Date | null> {
  const keys =
    posting.messageTs === null ? [{ key: `channel:${channel}`, every: POST_EVERY }, METHOD.post] : [METHOD.update];
  return transaction(app.db, (db) => takePace(db, keys, app.now()));
}

const METHOD = {
  post: { key: "chat.postMessage", every: 0 }, // held only when Slack says so
  update: { key: "chat.update", every: UPDATE_EVERY },
} as const;

/**
 * The channel id of a place: a thread's is its root's, a person's is their direct messages, a name is looked up. Slack is
 * asked once for each place, and again after a message failed there: it answers such questions twenty times a minute.
 */
async function channelOf(app: App, posting: Posting): Promise<string> {
  const root = await rootOf(app, posting);
  if (root !== null) return root.channel ?? channelOf(app, root);
  const known = posting.attempts === 0 ? await channelAt(app.db, posting.place) : null;
  if (known !== null) return known;
  const [kind, where = ""] = posting.place.split(/:(.*)/s);
  if (kind === "person") return directMessages(app, where);
  return where.startsWith("#") ? channelNamed(app, where.slice(1)) : where;
}

/** What to do when a call did not work out: by whether the message may be there, and whether trying again can help. */
async function recover(app: App, posting: Posting, error: unknown): Promise<void> {
  failed(error);
  const now = app.now();
  if (error instanceof SlackLimited) {
    const until = addMilliseconds(now, error.retryAfter);
    await holdPace(
      app.db,
      posting.messageTs === null ? `channel:${posting.channel ?? posting.place}` : METHOD.update.key,
      until,
    );
    return putOff(app.db, posting.id, until, null);
  }
  if (error instanceof SlackRefused) return refused(app, posting, error, now);
  app.log.warn({ err: error, posting: posting.id, attempts: posting.attempts }, "slack call without an answer");
  // An update may be repeated at once. A post may be there already: it is repeated half a minute later, so that it is
  // there at all, and a stray copy goes at its first click.
  const mayBeThere = error instanceof SlackSilent && posting.messageTs === null;
  const next = mayBeThere ? max([addSeconds(now, 30), backOff(now, posting.attempts)]) : backOff(now, posting.attempts);
  return putOff(app.db, posting.id, next, error instanceof Error ? error.message : String(error));
}

/** A message or channel that is gone, and errors that only time or a person mends. */
const VANISHED = new Set(["message_not_found", "cant_update_message", "thread_not_found", "edit_window_closed"]);
const FATAL = new Set([
  "is_archived",
  "channel_not_found",
  "not_in_channel",
  "cannot_dm_bot",
  "user_disabled",
  "user_not_found",
  "msg_too_long",
  "no_text",
  "restricted_action",
]);

const OUTAGE = 8; // tries, over a quarter of an hour

async function refused(app: App, posting: Posting, error: SlackRefused, now: Date): Promise<void> {
  if (VANISHED.has(error.error)) return putOff(app.db, posting.id, addSeconds(now, 1), error.message, true);
  // That was said once for all of them. A card that cannot be changed is left when it is surely not an outage.
  if (isLacking(error) && posting.messageTs !== null && posting.attempts >= OUTAGE)
    return giveUp(app.db, posting.id, posting.wanted, error.message);
  if (!isLacking(error))
    app.log.error({ err: error, posting: posting.id, place: posting.place }, "slack refuses a message");
  if (FATAL.has(error.error) && posting.attempts >= 2) return giveUp(app.db, posting.id, posting.wanted, error.message);
  return putOff(app.db, posting.id, backOff(now, posting.attempts), error.message);
}

/** 5 s, 10 s, 20 s … at most five minutes. */
function backOff(now: Date, attempts: number): Date {
  return addSeconds(now, Math.min(300, 5 * 2 ** Math.min(attempts, 6)));
}
