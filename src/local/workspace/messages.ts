/** Messages, threads and ephemerals: stored, changed, removed, and told to the pages that may see them. */

import type { Entry } from "./journal.ts";
import type { Fields } from "../json.ts";
import { canRead, nextTs } from "./world.ts";
import type { Channel, Content, Message, World } from "./world.ts";

export function messagesIn(world: World, channel: string): Map<string, Message> {
  const known = world.messages.get(channel);
  if (known !== undefined) return known;
  const empty = new Map<string, Message>();
  world.messages.set(channel, empty);
  return empty;
}

export function findMessage(world: World, channel: string, ts: string): Message | undefined {
  return world.messages.get(channel)?.get(ts);
}

function repliesTo(world: World, channel: string, ts: string): Message[] {
  return [...messagesIn(world, channel).values()].filter((message) => message.thread_ts === ts);
}

export function addMessage(world: World, channel: Channel, userId: string, content: Content): Message {
  const message = compose(world, userId, content);
  messagesIn(world, channel.id).set(message.ts, message);
  save(world, channel.id, message);
  tell(world, channel, "message", message);
  const root = rootOf(world, channel.id, message);
  if (root !== undefined) tell(world, channel, "message_changed", root);
  return message;
}

export function changeMessage(world: World, channel: Channel, message: Message, change: Partial<Content>): Message {
  const changed: Message = { ...message, ...change };
  messagesIn(world, channel.id).set(changed.ts, changed);
  save(world, channel.id, changed);
  tell(world, channel, "message_changed", changed);
  return changed;
}

/** A root with replies leaves a tombstone, so that its thread stays. */
export function removeMessage(world: World, channel: Channel, message: Message): void {
  if (repliesTo(world, channel.id, message.ts).length > 0) {
    const { ts, user, team } = message;
    const text = "This message was deleted.";
    const tombstone: Message = { type: "message", subtype: "tombstone", ts, user, team, text };
    messagesIn(world, channel.id).set(ts, tombstone);
    save(world, channel.id, tombstone);
    tell(world, channel, "message_changed", tombstone);
    return;
  }
  messagesIn(world, channel.id).delete(message.ts);
  world.journal.append({ kind: "gone", channel: channel.id, ts: message.ts });
  tell(world, channel, "message_deleted", message);
  const root = rootOf(world, channel.id, message);
  if (root !== undefined) tell(world, channel, "message_changed", root);
}

/** A message for one person's eyes, from the app or from Slackbot. */
export function whisper(world: World, channel: Channel, from: string, to: string, content: Content): Message {
  const message = compose(world, from, content);
  world.ephemerals.push({ channel: channel.id, to, message });
  world.ephemerals.splice(0, world.ephemerals.length - 500);
  tellOne(world, channel, to, "message", message);
  return message;
}

export function findEphemeral(world: World, channel: string, to: string, ts: string): Message | undefined {
  return world.ephemerals.find((one) => one.channel === channel && one.to === to && one.message.ts === ts)?.message;
}

export function changeEphemeral(world: World, channel: Channel, to: string, ts: string, content: Content | null): void {
  const index = world.ephemerals.findIndex((one) => one.to === to && one.message.ts === ts);
  const found = world.ephemerals[index];
  if (found === undefined) return;
  if (content === null) {
    world.ephemerals.splice(index, 1);
    tellOne(world, channel, to, "message_deleted", found.message);
    return;
  }
  const { user, thread_ts } = found.message;
  const message = { ...compose(world, user, content), ts, thread_ts };
  world.ephemerals[index] = { ...found, message };
  tellOne(world, channel, to, "message_changed", message);
}

/** The message as apps and pages receive it: a root carries the count of its replies. */
export function presented(world: World, channel: string, message: Message): Fields {
  return withReplies(message, isReply(message) ? [] : repliesTo(world, channel, message.ts));
}

/** What one person sees in a channel, or in one of its threads, oldest first. */
export function visibleTo(world: World, userId: string, channel: string, thread: string | null): Fields[] {
  const all = [...messagesIn(world, channel).values()];
  const replies = Map.groupBy(all.filter(isReply), (message) => message.thread_ts ?? "");
  const stored = all.map((message) => ({ message, ephemeral: false }));
  const whispered = world.ephemerals
    .filter((one) => one.channel === channel && one.to === userId)
    .map(({ message }) => ({ message, ephemeral: true }));
  return [...stored, ...whispered]
    .filter(({ message }) =>
      thread === null ? isInChannel(message) : message.ts === thread || message.thread_ts === thread,
    )
    .toSorted((a, b) => Number(a.message.ts) - Number(b.message.ts))
    .map(({ message, ephemeral }) => forPage(withReplies(message, replies.get(message.ts) ?? []), ephemeral));
}

/** The journal's lines for the newest messages of each channel. */
export function messageEntries(world: World, perChannel: number): Entry[] {
  return [...world.messages].flatMap(([channel, messages]) =>
    [...messages.values()].slice(-perChannel).map((message): Entry => ({ kind: "message", channel, message })),
  );
}

function compose(world: World, userId: string, content: Content): Message {
  const { app, options } = world;
  const message: Message = { type: "message", user: userId, ts: nextTs(world), team: options.seed.team.id, ...content };
  if (userId !== app.botUserId) return message;
  const bot_profile = { id: app.botId, app_id: app.id, name: app.botName, deleted: false, team_id: message.team };
  return { ...message, bot_id: app.botId, app_id: app.id, bot_profile };
}

function isInChannel(message: Message): boolean {
  return message.thread_ts === undefined || message.subtype === "thread_broadcast";
}

function rootOf(world: World, channel: string, message: Message): Message | undefined {
  return message.thread_ts === undefined ? undefined : findMessage(world, channel, message.thread_ts);
}

function isReply(message: Message): boolean {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts;
}

function withReplies(message: Message, replies: Message[]): Fields {
  if (replies.length === 0) return { ...message };
  const users = [...new Set(replies.map((reply) => reply.user))];
  return {
    ...message,
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    latest_reply: replies.at(-1)?.ts,
    reply_users: users,
  };
}

function forPage(message: Fields, ephemeral: boolean): Fields {
  return ephemeral ? { ...message, ephemeral } : message;
}

function save(world: World, channel: string, message: Message): void {
  world.journal.append({ kind: "message", channel, message });
}

function tell(world: World, channel: Channel, type: string, message: Message): void {
  const shown = forPage(presented(world, channel.id, message), false);
  world.stream.publish((userId) => canRead(world, userId, channel), { type, channel: channel.id, message: shown });
}

function tellOne(world: World, channel: Channel, to: string, type: string, message: Message): void {
  const shown = forPage({ ...message }, true);
  world.stream.publish((userId) => userId === to, { type, channel: channel.id, message: shown });
}
