import { subSeconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { isObject, objectIn, textOf } from "../domain/json-object.ts";
import { held } from "../domain/posting.ts";
import { limitOf } from "./lanes.ts";
import { SlackRefused } from "../slack-client.ts";
import { take } from "../store/pace.ts";
import { endClaim, noteShown, type Claimed } from "../store/due-postings.ts";
import type { Posting } from "../store/postings.ts";

/**
 * With the optional history scopes, what a channel holds of ours is known by the metadata that every message of ours
 * carries: which posting it is, and which version of it is shown.
 */

const EVENT = "daytwo_posting";

export function metadataOf(posting: Posting) {
  return { event_type: EVENT, event_payload: { posting: posting.id, version: posting.wanted } };
}

/** A message of ours; version 0: it does not tell. */
export type Found = { readonly posting: number; readonly version: number; readonly messageTs: string };

/** Whether Slack granted the scope to read this channel's history; servers that tell no scopes grant none. */
export function canLookBack({ workspace: { scopes } }: Pick<App, "workspace">, channel: string): boolean {
  const needed = channel.startsWith("D") ? ["im:history"] : ["channels:history", "groups:history"];
  return scopes !== null && needed.some((scope) => scopes.includes(scope));
}

const PAGES = 5;
const SKEW = 60; // seconds by which Slack's clock may be behind ours

/** Looks for a message that may be there, and makes it this posting's. False: it is not, so it has to be posted. */
export async function lookBack(app: App, posting: Claimed, channel: string, since: Date): Promise<boolean> {
  if (!canLookBack(app, channel)) {
    app.counters.repeated();
    return false;
  }
  const { rootTs } = posting;
  const method = rootTs === null ? "conversations.history" : "conversations.replies";
  const oldest = (subSeconds(since, SKEW).getTime() / 1000).toFixed(6);
  let cursor = "";
  for (let page = 0; page < PAGES; page += 1) {
    const waitUntil = await take(app.db, limitOf(method), app.now());
    if (waitUntil !== null) {
      await endClaim(app.db, posting, held(posting, waitUntil));
      return true;
    }
    const read = await readPage(app, method, {
      channel,
      oldest,
      cursor,
      ...(rootTs === null ? {} : { ts: rootTs }),
    });
    if (read === null) {
      app.counters.repeated();
      return false;
    }
    const found = read.found.find((each) => each.posting === posting.id);
    if (found !== undefined) {
      app.log.info({ posting: posting.id, ts: found.messageTs }, "a message that was in doubt is there");
      const { messageTs, version } = found;
      await noteShown(app.db, posting, { version: Math.min(version, posting.wanted), channel, messageTs }, app.now());
      return true;
    }
    cursor = read.next;
    if (cursor === "") return false;
  }
  return false;
}

const UNREADABLE = new Set(["missing_scope", "not_in_channel"]);

/** One page of a channel or thread: our messages in it. Null where we may not read. @throws SlackRefused | SlackLimited | SlackSilent */
export async function readPage(
  app: App,
  method: "conversations.history" | "conversations.replies",
  args: Readonly<Record<string, unknown>>,
): Promise<{ readonly found: readonly Found[]; readonly next: string } | null> {
  try {
    const answer = await app.slack.call(method, { limit: 200, inclusive: true, include_all_metadata: true, ...args });
    const messages: unknown[] = Array.isArray(answer["messages"]) ? answer["messages"] : [];
    const next = textOf(objectIn(answer, "response_metadata")["next_cursor"]) ?? "";
    return { found: messages.flatMap((each) => ours(app, each)), next };
  } catch (error) {
    if (error instanceof SlackRefused && UNREADABLE.has(error.error)) return null;
    throw error;
  }
}

/** Other apps may write what they like into their metadata. */
function ours({ workspace }: App, message: unknown): Found[] {
  if (!isObject(message) || typeof message["ts"] !== "string" || message["bot_id"] !== workspace.botId) return [];
  const metadata = objectIn(message, "metadata");
  const { posting, version } = objectIn(metadata, "event_payload");
  if (metadata["event_type"] !== EVENT || typeof posting !== "number") return [];
  return [{ posting, version: typeof version === "number" ? version : 0, messageTs: message["ts"] }];
}
