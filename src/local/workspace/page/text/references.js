// What stands between angle brackets in Slack's text, and its rich_text twins: people, channels, groups, dates, links.

import { actingAs } from "../api.js";
import { channelName, groupName, userName } from "../directory.js";
import { el } from "../lib/dom.js";
import { linkTo, linkToThread } from "../router.js";
import { fillPattern, livingTime } from "./dates.js";

/** @param {string} id */
export function userMention(id) {
  const mine = id === actingAs();
  return el("span", { class: mine ? "mention mention-me" : "mention" }, `@${userName(id)}`);
}

export function channelMention(id, label) {
  return el("a", { class: "mention", href: linkTo(id) }, `#${label || channelName(id)}`);
}

export function groupMention(id, label) {
  return el("span", { class: "mention" }, `@${(label || groupName(id)).replace(/^@/, "")}`);
}

/** @param {"here" | "channel" | "everyone"} range */
export function broadcast(range) {
  return el("span", { class: "mention mention-me" }, `@${range}`);
}

/** @param {number} seconds @param {string} pattern @param {string} fallback @param {string} [href] */
export function date(seconds, pattern, fallback, href) {
  if (!Number.isFinite(seconds)) return fallback;
  const time = livingTime(seconds * 1000, (at) => fillPattern(at, pattern));
  return href ? link(href, time) : time;
}

const WEB = /^(https?:|mailto:|tel:)/i;

/** A link; one to this very workspace stays in this window. Schemes other than web, mail and phone stay text. */
export function link(href, ...label) {
  const shown = label.length > 0 ? label : [href.replace(/^(mailto|tel):/, "")];
  if (!WEB.test(href) || !URL.canParse(href)) return el("span", {}, ...shown);
  const inside = insideLink(href);
  if (inside) return el("a", { href: inside }, ...shown);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...shown);
}

/** A permalink of this workspace (/archives/<channel>/p<ts without its dot>), or an address of this page, as a hash. */
function insideLink(href) {
  const { origin, pathname, hash, searchParams } = new URL(href);
  if (origin !== location.origin) return null;
  const [, channel, seconds, micros] = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(pathname) ?? [];
  return channel ? linkToThread(channel, searchParams.get("thread_ts") ?? `${seconds}.${micros}`) : hash || null;
}

/** The content of <…>. @param {string} body @param {(label: string) => (Node | string)[]} draw for link labels */
export function reference(body, draw) {
  const [target, label] = cut(body, "|");
  const kinds = [
    [/^@([A-Z0-9]+)$/, ([, id]) => userMention(id)],
    [/^#([A-Z0-9]+)$/, ([, id]) => channelMention(id, label)],
    [/^!subteam\^([A-Z0-9]+)$/, ([, id]) => groupMention(id, label)],
    [/^!date\^(-?\d+)\^([^^]*)(?:\^(.*))?$/, ([, at, pattern, href]) => date(Number(at), pattern, label, href)],
    [/^!(here|channel|everyone)$/, ([, range]) => broadcast(range)],
  ];
  for (const [pattern, make] of kinds) {
    const match = pattern.exec(target);
    if (match) return make(match);
  }
  return link(target, ...(label ? draw(label) : []));
}

function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
