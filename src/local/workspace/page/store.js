// The messages this person can see, kept as the workspace tells them. One map a conversation holds roots and replies.

/** @type {Map<string, Map<string, any>>} conversation → ts → message */
const rooms = new Map();
const listeners = new Set();
let revision = 0;

/** Calls `listen(conversationId)` after every change of that conversation. */
export function onMessages(listen) {
  listeners.add(listen);
}

/** Replaces what is known of a conversation's roots, or of one thread, by a fresh reading. */
export function fill(channel, messages, thread = null) {
  const room = rooms.get(channel) ?? new Map();
  const fresh = new Set(messages.map((message) => message.ts));
  for (const [ts, message] of room) if (belongs(message, thread) && !fresh.has(ts)) room.delete(ts);
  for (const message of messages) if (!isSame(room.get(message.ts), message)) room.set(message.ts, mark(message));
  rooms.set(channel, room);
  tell(channel);
}

/** Takes a new or changed message in. */
export function put(channel, message) {
  const room = rooms.get(channel) ?? new Map();
  const known = room.get(message.ts);
  room.set(message.ts, mark(known ? { ...counts(known), ...message } : message));
  if (!known && isReply(message)) countReply(room, message);
  rooms.set(channel, room);
  tell(channel);
}

/** @param {string} channel @param {string} ts */
export function drop(channel, ts) {
  if (rooms.get(channel)?.delete(ts)) tell(channel);
}

/** What the channel view shows, oldest first. */
export function roots(channel) {
  return sorted(channel, (message) => !isReply(message) || message.subtype === "thread_broadcast");
}

/** A thread: its root, then the replies, oldest first. */
export function thread(channel, ts) {
  return sorted(channel, (message) => message.ts === ts || message.thread_ts === ts);
}

export function message(channel, ts) {
  return rooms.get(channel)?.get(ts) ?? null;
}

/** Redraws a message although nothing about it changed, for example when a click on it begins or ends. */
export function touch(channel, ts) {
  const known = message(channel, ts);
  if (!known) return;
  rooms.get(channel).set(ts, mark(known));
  tell(channel);
}

export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

function belongs(message, thread) {
  return thread === null ? !isReply(message) : message.thread_ts === thread;
}

function counts({ reply_count, latest_reply, reply_users }) {
  return { reply_count, latest_reply, reply_users };
}

// A root that came without its new count is counted here; a later message_changed of the root simply replaces it.
function countReply(room, reply) {
  const root = room.get(reply.thread_ts);
  if (!root || reply.ephemeral || !(Number(reply.ts) > Number(root.latest_reply ?? 0))) return;
  room.set(root.ts, mark({ ...root, reply_count: (root.reply_count ?? 0) + 1, latest_reply: reply.ts }));
}

/** Whether a fresh reading says nothing new, so that what is drawn can stay. */
function isSame(known, message) {
  const { revision: _, ...rest } = known ?? {};
  return JSON.stringify(rest) === JSON.stringify(message);
}

function mark(message) {
  revision += 1;
  return { ...message, revision };
}

function sorted(channel, wanted) {
  const all = [...(rooms.get(channel)?.values() ?? [])].filter(wanted);
  return all.sort((a, b) => Number(a.ts) - Number(b.ts));
}

function tell(channel) {
  for (const listen of listeners) listen(channel);
}
