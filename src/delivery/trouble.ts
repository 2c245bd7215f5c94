import { addMilliseconds, addSeconds, max } from "../domain/time.ts";
import type { App } from "../app.ts";
import { shutChannel, SHUT } from "./closed-channels.ts";
import { limitOf } from "./lanes.ts";
import { canLookBack } from "./looking-back.ts";
import { isLacking, SlackLimited, SlackRefused, SlackSilent } from "../slack-client.ts";
import type { Claimed } from "../store/due-postings.ts";
import { notify } from "../store/events.ts";
import { countLimited, forgetLimited, hold } from "../store/pace.ts";
import { giveUp, putOff, release } from "../store/postings.ts";
import { failed } from "../telemetry/trace.ts";

/** What to do when a delivery did not work out: by whether the message may be there, and whether trying again can help. */
export async function recover(app: App, posting: Claimed, error: unknown, startedAt: Date): Promise<void> {
  failed(error);
  const now = app.now();
  if (error instanceof SlackLimited) return limited(app, posting, error, now);
  if (posting.messageTs === null) await forgetLimited(app.db, POST);
  if (error instanceof SlackRefused) return refused(app, posting, error, now);
  app.log.warn({ err: error, posting: posting.id, attempts: posting.attempts }, "slack call without an answer");
  const problem = error instanceof Error ? error.message : String(error);
  // An update may be repeated at once. A post may be there already: it is looked for, or else repeated half a minute
  // later, so that it is there at all, and a stray copy goes at its first click.
  const until = backOff(now, posting.attempts);
  if (!(error instanceof SlackSilent) || posting.messageTs !== null || posting.channel === null)
    return putOff(app.db, posting.id, { until, problem });
  const wait = addSeconds(now, canLookBack(app, posting.channel) ? LOOKED_FOR : REPEATED);
  return putOff(app.db, posting.id, { until: max([wait, until]), problem, unsureSince: startedAt });
}

const LOOKED_FOR = 5; // seconds after which a message that is there can be found
const REPEATED = 30;
const POST = "chat.postMessage";
const WHOLE_WORKSPACE = 5; // answers 429 in a row after which it is not this channel alone that is too fast

/** Slack limits new messages by channel, all of them by workspace, everything else by method: only that waits. */
async function limited(app: App, posting: Claimed, { method, retryAfter }: SlackLimited, now: Date): Promise<void> {
  const until = addMilliseconds(now, retryAfter);
  const key = method === POST ? posting.lane : method;
  await hold(app.db, limitOf(key), until);
  if (method === POST && (await countLimited(app.db, POST, now)) >= WHOLE_WORKSPACE)
    await hold(app.db, limitOf(POST), until);
  // What its lane does not hold back, because the call was one for it on the side, waits by itself.
  return release(app.db, posting.id, key === posting.lane ? null : until);
}

/** A message that is gone, and errors that nothing but a new state of the row mends. */
const VANISHED = new Set(["message_not_found", "cant_update_message", "thread_not_found", "edit_window_closed"]);
const FATAL = new Set([...SHUT, "cannot_dm_bot", "user_disabled", "user_not_found", "msg_too_long", "no_text"]);

const OUTAGE = 8; // tries, over a quarter of an hour

async function refused(app: App, posting: Claimed, error: SlackRefused, now: Date): Promise<void> {
  const { id, wanted, attempts } = posting;
  const problem = error.message;
  if (app.slack.standing().refused !== null) {
    await release(app.db, id); // nothing is wrong with this message
    return notify(app.db, "daytwo_alarm");
  }
  if (VANISHED.has(error.error)) return putOff(app.db, id, { until: addSeconds(now, 1), problem, vanished: true });
  // That was said once for all of them. A card that cannot be changed is left when it is surely not an outage.
  if (isLacking(error) && posting.messageTs !== null && attempts >= OUTAGE) return giveUp(app.db, id, wanted, problem);
  if (SHUT.has(error.error) && (await shutChannel(app, posting, error))) return undefined;
  if (!isLacking(error)) app.log.error({ err: error, posting: id, place: posting.place }, "slack refuses a message");
  if (FATAL.has(error.error) && attempts >= 2) return giveUp(app.db, id, wanted, problem);
  return putOff(app.db, id, { until: backOff(now, attempts), problem });
}

/** 5 s, 10 s, 20 s … at most five minutes. */
function backOff(now: Date, attempts: number): Date {
  return addSeconds(now, Math.min(300, 5 * 2 ** Math.min(attempts, 6)));
}
