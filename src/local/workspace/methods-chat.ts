/** Web API: chat.*, and what a conversation holds. */

import {
  appKnows,
  channelArgument,
  flag,
  joinedChannel,
  messageArgument,
  optional,
  paged,
  required,
} from "./arguments.ts";
import { isEmpty, readContent } from "./content.ts";
import type { Fields } from "../json.ts";
import { addMessage, changeMessage, findMessage, messagesIn, presented, removeMessage, whisper } from "./messages.ts";
import { Refusal } from "./refusal.ts";
import { channelNamed, directMessage } from "./world.ts";
import type { Channel, Content, Message, World } from "./world.ts";

export function postMessage(world: World, args: Fields): Fields {
  const channel = placeToPost(world, required(args, "channel"));
  const content = readContent(args);
  if (isEmpty(content)) throw new Refusal("no_text");
  const thread_ts = threadArgument(world, args, channel);
  const subtype = thread_ts !== undefined && flag(args, "reply_broadcast") ? "thread_broadcast" : undefined;
  const message = addMessage(world, channel, world.app.botUserId, { ...content, thread_ts, subtype });
  return { channel: channel.id, ts: message.ts, message };
}

/** The channel that a post goes to, for its own pace. */
export function paceOfPost(world: World, args: Fields): string {
  const given = optional(args, "channel") ?? "";
  return findPlace(world, given)?.id ?? given;
}

export function update(world: World, args: Fields): Fields {
  const channel = channelArgument(world, args);
  const message = messageArgument(world, channel, args, "ts");
  if (!isOwn(world, message)) throw new Refusal("cant_update_message");
  refuseArchived(channel);
  const changed = changeMessage(world, channel, message, changesOf(world, message, args));
  return { channel: channel.id, ts: changed.ts, text: changed.text, message: changed };
}

export function remove(world: World, args: Fields): Fields {
  const channel = channelArgument(world, args);
  const message = messageArgument(world, channel, args, "ts");
  if (!isOwn(world, message)) throw new Refusal("cant_delete_message");
  removeMessage(world, channel, message);
  return { channel: channel.id, ts: message.ts };
}

export function postEphemeral(world: World, args: Fields): Fields {
  const channel = placeToPost(world, required(args, "channel"));
  const user = required(args, "user");
  if (!channel.members.has(user)) throw new Refusal("user_not_in_channel");
  const content = readContent(args);
  if (isEmpty(content)) throw new Refusal("no_text");
  const thread_ts = threadArgument(world, args, channel);
  return { message_ts: whisper(world, channel, world.app.botUserId, user, { ...content, thread_ts }).ts };
}

export function getPermalink(world: World, args: Fields): Fields {
  const channel = channelArgument(world, args);
  const message = messageArgument(world, channel, args, "message_ts");
  if (message.subtype === "tombstone") throw new Refusal("message_not_found");
  const thread = message.thread_ts === undefined ? "" : `?thread_ts=${message.thread_ts}&cid=${channel.id}`;
  const permalink = `${world.url}/archives/${channel.id}/p${message.ts.replace(".", "")}${thread}`;
  return { channel: channel.id, permalink };
}

export function history(world: World, args: Fields): Fields {
  const channel = joinedChannel(world, args);
  const roots = [...messagesIn(world, channel.id).values()].filter((one) => one.thread_ts === undefined);
  return read(world, channel, args, roots.toReversed());
}

export function replies(world: World, args: Fields): Fields {
  const channel = joinedChannel(world, args);
  const ts = required(args, "ts");
  if (findMessage(world, channel.id, ts) === undefined) throw new Refusal("thread_not_found");
  const thread = [...messagesIn(world, channel.id).values()].filter((one) => one.ts === ts || one.thread_ts === ts);
  return read(world, channel, args, thread);
}

/** One page of those that lie between `oldest` and `latest`. */
function read(world: World, channel: Channel, args: Fields, messages: Message[]): Fields {
  const oldest = Number(optional(args, "oldest") ?? 0);
  const latest = Number(optional(args, "latest") ?? Number.POSITIVE_INFINITY);
  const inclusive = flag(args, "inclusive");
  const inside = messages.filter((one) => {
    const ts = Number(one.ts);
    return inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest;
  });
  const { page, response_metadata } = paged(args, inside, MOST_READ);
  const has_more = response_metadata.next_cursor !== "";
  return { messages: page.map((one) => shown(world, channel, one, args)), has_more, response_metadata };
}

const MOST_READ = 999;

function shown(world: World, channel: Channel, message: Message, args: Fields): Fields {
  const whole = presented(world, channel.id, message);
  if (flag(args, "include_all_metadata")) return whole;
  const { metadata: _hidden, ...rest } = whole;
  return rest;
}

function placeToPost(world: World, ref: string): Channel {
  const channel = findPlace(world, ref);
  if (channel === undefined || !appKnows(world, channel)) throw new Refusal("channel_not_found");
  refuseArchived(channel);
  const isGuest = !channel.members.has(world.app.botUserId);
  if (isGuest && !world.app.scopes.includes("chat:write.public")) throw new Refusal("not_in_channel");
  return channel;
}

/** A channel by id or #name, or a person's direct message by user id. */
function findPlace(world: World, ref: string): Channel | undefined {
  const person = world.people.get(ref);
  if (person !== undefined && person.kind !== "bot" && person.kind !== "deactivated") {
    return directMessage(world, [person.id, world.app.botUserId]);
  }
  return world.channels.get(ref) ?? channelNamed(world, ref);
}

function threadArgument(world: World, args: Fields, channel: Channel): string | undefined {
  const thread = optional(args, "thread_ts");
  if (thread === undefined) return undefined;
  const root = findMessage(world, channel.id, thread);
  if (root === undefined || root.thread_ts !== undefined) throw new Refusal("thread_not_found");
  return thread;
}

/** Text alone takes the blocks away and marks the message as edited; metadata alone leaves what is shown. */
function changesOf(world: World, message: Message, args: Fields): Partial<Content> {
  const { text, blocks, attachments, metadata } = readContent(args);
  const kept = { metadata: metadata ?? message.metadata };
  if (optional(args, "text") === undefined && blocks === undefined && attachments === undefined) {
    if (metadata === undefined) throw new Refusal("no_text");
    return kept;
  }
  if (blocks !== undefined) return { text, blocks, attachments: attachments ?? message.attachments, ...kept };
  const edited = { user: world.app.botUserId, ts: `${Math.floor(world.clock.now() / 1000)}.000000` };
  return { text, blocks, attachments, edited, ...kept };
}

function isOwn(world: World, message: Message): boolean {
  return message.user === world.app.botUserId && message.subtype !== "tombstone";
}

function refuseArchived(channel: Channel): void {
  if (channel.archived) throw new Refusal("is_archived");
}
