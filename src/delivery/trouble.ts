import { addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { ANEW, failed, held, meaningOf, type Failure } from "../domain/posting.ts";
import { shutChannel } from "./closed-channels.ts";
import { limitOf } from "./lanes.ts";
import { canLookBack } from "./looking-back.ts";
import { SlackLimited, SlackRefused, SlackSilent } from "../slack-client.ts";
import { endClaim, type Claimed } from "../store/due-postings.ts";
import { notify } from "../store/events.ts";
import { countLimited, forgetLimited, hold } from "../store/pace.ts";
import { rootOfThread, wantAgain } from "../store/postings.ts";
import * as trace from "../telemetry/trace.ts";

/** A delivery did not work out: who has to hear of it beside the posting, what is held back, and what it makes of the posting. */

export async function recover(app: App, posting: Claimed, error: unknown): Promise<void> {
  trace.failed(error);
  if (error instanceof SlackLimited) return limited(app, posting, error);
  if (posting.messageTs === null) await forgetLimited(app.db, POST);
  if (error instanceof SlackRefused) return refused(app, posting, error);
  const facts = { err: error, posting: posting.id, attempts: posting.attempts };
  const problem = error instanceof Error ? error.message : String(error);
  if (error instanceof SlackSilent) {
    app.log.warn(facts, "slack call without an answer");
    const isFindable = posting.channel !== null && canLookBack(app, posting.channel);
    return fail(app, posting, isFindable ? "findable" : "unanswered", problem);
  }
  app.log.error(facts, "a message could not be made");
  return fail(app, posting, "unmade", problem);
}

export async function fail(app: App, posting: Claimed, failure: Failure, problem: string): Promise<void> {
  await endClaim(app.db, posting, failed(posting, failure, problem, app.now()));
}

const POST = "chat.postMessage";
const WHOLE_WORKSPACE = 5; // answers 429 in a row after which it is not this channel alone that is too fast

/** Slack limits new messages by channel, all of them by workspace, everything else by method: only that waits. */
async function limited(app: App, posting: Claimed, { method, retryAfter }: SlackLimited): Promise<void> {
  const now = app.now();
  const until = addMilliseconds(now, retryAfter);
  const key = method === POST ? posting.lane : method;
  await hold(app.db, limitOf(key), until);
  if (method === POST && (await countLimited(app.db, POST, now)) >= WHOLE_WORKSPACE)
    await hold(app.db, limitOf(POST), until);
  // What its lane does not hold back, because the call was one for it on the side, waits by itself.
  return endClaim(app.db, posting, held(posting, key === posting.lane ? null : until));
}

async function refused(app: App, posting: Claimed, error: SlackRefused): Promise<void> {
  if (app.slack.standing().refused !== null) {
    await endClaim(app.db, posting, held(posting, null));
    return notify(app.db, "daytwo_alarm");
  }
  const meaning = meaningOf(error.error);
  if (meaning === "shut" && (await shutChannel(app, posting, error))) return undefined;
  if (meaning === "vanished" && posting.messageTs === null && posting.attempts < ANEW) await postRootAnew(app, posting);
  // What the server lacks was said once for all of them.
  if (meaning !== "vanished" && meaning !== "lacking")
    app.log.error({ err: error, posting: posting.id, place: posting.place }, "slack refuses a message");
  return fail(app, posting, meaning === "shut" ? "hopeless" : meaning, error.message);
}

/** A line that was to be posted found nothing to be beneath: it goes when its card is there again. */
async function postRootAnew(app: App, posting: Claimed): Promise<void> {
  const root = await rootOfThread(app.db, posting);
  if (root !== null) await wantAgain(app.db, { id: root.id, messageTs: posting.rootTs }, app.now(), true);
}
