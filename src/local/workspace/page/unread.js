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

/** The ts up to which the conversation was read; "0" when it never was. */
export function readUpTo(channel) {
  return marks()[channel] ?? "0";
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
  const after = Number(readUpTo(channel));
  const news = roots(channel).filter((message) => Number(message.ts) > after && message.user !== actingAs());
  const mine = `<@${actingAs()}`;
  const calls = isDirect ? news : news.filter((message) => JSON.stringify([message.text, message.blocks]).includes(mine));
  return { news: news.length, calls: calls.length };
}
