/** response_url: five messages within thirty minutes to the place where a person acted. */

import { optional } from "./arguments.ts";
import { isFields } from "../json.ts";
import type { Fields } from "../json.ts";
import type { Actor } from "./delivery.ts";
import { isEmpty, readContent } from "./content.ts";
import {
  addMessage,
  changeEphemeral,
  changeMessage,
  findEphemeral,
  findMessage,
  removeMessage,
  whisper,
} from "./messages.ts";
import { Refusal } from "./refusal.ts";
import { randomId } from "./world.ts";
import type { Channel, Content, ResponseUrl, World } from "./world.ts";

const MOST_USES = 5;
const LIFE_MS = 30 * 60_000;

export function issueResponseUrl({ world, userId }: Actor, channel: string, messageTs: string | null): string {
  const id = randomId("R");
  world.responseUrls.set(id, { userId, channel, messageTs, issuedAt: world.clock.now(), uses: 0 });
  return `${world.url}/response/${id}`;
}

/** Does what the app asked for. Throws `Refusal` with Slack's word when it may not. */
export function useResponseUrl(world: World, id: string, body: unknown): void {
  const url = world.responseUrls.get(id);
  const channel = url === undefined ? undefined : world.channels.get(url.channel);
  if (url === undefined || channel === undefined) throw new Refusal("invalid_url");
  if (world.clock.now() > url.issuedAt + LIFE_MS) throw new Refusal("expired_url");
  if (url.uses >= MOST_USES) throw new Refusal("used_url");
  if (!isFields(body)) throw new Refusal("invalid_payload");
  url.uses += 1;
  respond(world, url, channel, body);
}

/** A message that answers what a person did: to them only, unless it says otherwise. */
export function respond(
  world: World,
  to: Pick<ResponseUrl, "userId" | "messageTs">,
  channel: Channel,
  body: Fields,
): void {
  if (body["delete_original"] === true) return changeOriginal(world, to, channel, null);
  const content = readContent(body);
  if (isEmpty(content)) throw new Refusal("no_text");
  if (body["replace_original"] === true) return changeOriginal(world, to, channel, content);
  const answer = { ...content, thread_ts: optional(body, "thread_ts") };
  if (body["response_type"] === "in_channel") addMessage(world, channel, world.app.botUserId, answer);
  else whisper(world, channel, world.app.botUserId, to.userId, answer);
}

function changeOriginal(
  world: World,
  to: Pick<ResponseUrl, "userId" | "messageTs">,
  channel: Channel,
  content: Content | null,
): void {
  const ts = to.messageTs ?? "";
  if (findEphemeral(world, channel.id, to.userId, ts) !== undefined) {
    return changeEphemeral(world, channel, to.userId, ts, content);
  }
  const message = findMessage(world, channel.id, ts);
  if (message === undefined || message.user !== world.app.botUserId) throw new Refusal("message_not_found");
  if (content === null) removeMessage(world, channel, message);
  else changeMessage(world, channel, message, { ...content, metadata: content.metadata ?? message.metadata });
}
