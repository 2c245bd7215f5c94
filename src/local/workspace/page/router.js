// What the address bar says: #/channel/<name or id>, #/dm/<name or id>, #/home, #/thread/<channel>/<ts>.

import { channelName, conversation, conversations } from "./directory.js";

/** @typedef {{ page: "channel", channel: string, thread: string | null } | { page: "home" }} Route */

/** @returns {Route} the first conversation when the address names nothing that is here */
export function route() {
  const [page, where, ts] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (page === "home") return { page: "home" };
  const channel = find(page, where ?? "") ?? conversations()[0]?.id;
  return { page: "channel", channel, thread: page === "thread" && ts ? ts : null };
}

/** @param {string} channel conversation id */
export function linkTo(channel) {
  const at = conversation(channel);
  if (at?.kind === "dm") return `#/dm/${encodeURIComponent(at.with)}`;
  return `#/channel/${encodeURIComponent(channelName(channel))}`;
}

export function linkToThread(channel, ts) {
  return `#/thread/${encodeURIComponent(conversation(channel)?.kind === "dm" ? channel : channelName(channel))}/${ts}`;
}

/** @param {string} hash */
export function go(hash) {
  if (location.hash !== hash) location.hash = hash;
}

/** @param {() => void} listen called after every change of the address */
export function onRoute(listen) {
  addEventListener("hashchange", listen);
}

function find(page, where) {
  const named = where.replace(/^#/, "");
  const same = (at) => at.id === named || at.with === named || (page !== "dm" && at.title === named);
  return conversations().find(same)?.id ?? null;
}
