// How far this person has read each conversation; kept in this browser.

import { actingAs } from "./api.js";
import { workspace } from "./directory.js";
import { roots } from "./store.js";

function shelf() {
  return `daytwo.read.${workspace().team.id}.${actingAs()}`;
}

function marks() {
  return JSON.parse(localStorage.getItem(shelf()) ?? "{}");
}

// The ts up to which the conversation was read; "0" when it never was.
function readUpTo(channel) {
  return marks()[channel] ?? "0";
}

/** Where reading goes on; null when all is read, or when nothing ever was. */
export function firstUnread(channel) {
  const upTo = readUpTo(channel);
  return upTo === "0" ? null : (news(channel)[0]?.ts ?? null);
}

/** Marks all that is there as read. Answers whether anything was unread. */
export function markRead(channel) {
  const latest = roots(channel).at(-1)?.ts;
  if (!latest || Number(latest) <= Number(readUpTo(channel))) return false;
  localStorage.setItem(shelf(), JSON.stringify({ ...marks(), [channel]: latest }));
  return true;
}

/** Root messages of others after the mark: how many, and how many of them speak to this person. */
export function unread(channel, isDirect) {
  const all = news(channel);
  const me = `<@${actingAs()}`;
  const calls = isDirect ? all : all.filter((message) => JSON.stringify([message.text, message.blocks]).includes(me));
  return { news: all.length, calls: calls.length };
}

function news(channel) {
  const upTo = Number(readUpTo(channel));
  return roots(channel).filter((message) => Number(message.ts) > upTo && message.user !== actingAs());
}
