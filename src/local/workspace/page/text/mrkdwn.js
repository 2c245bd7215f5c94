// Slack's own mark-up, "mrkdwn": *bold* _italic_ ~strike~ `code` ```pre``` > quote, lists by hand, <references>, :emoji:.

import { el } from "../lib/dom.js";
import { emoji, isJumbo } from "./emoji.js";
import { drawInline } from "./inline.js";
import { link, reference } from "./references.js";

const RULES = [
  { at: /`([^`\n]+)`/y, draw: ([, body]) => el("code", {}, unescape(body)) },
  { at: /<([^<>\n]+)>/y, draw: ([, body], inner) => reference(unescape(body), inner) },
  { at: /:([a-z0-9_+-]+):/y, draw: ([, name]) => emoji(name) },
  { at: /https?:\/\/[^\s<>|*`]*[^\s<>|*`.,;:!?)\]'"_~]/y, wordStart: true, draw: ([url]) => link(unescape(url)) },
  pair(/\*(?![\s*])([^\n]*?[^\s*])\*(?![\p{L}\p{N}])/uy, "b"),
  pair(/_(?![\s_])([^\n]*?[^\s_])_(?![\p{L}\p{N}])/uy, "i"),
  pair(/~(?![\s~])([^\n]*?[^\s~])~(?![\p{L}\p{N}])/uy, "s"),
];

function pair(at, tag) {
  return { at, wordStart: true, draw: ([, body], inner) => el(tag, {}, ...inner(body)) };
}

/** @param {string} text as Slack stores it: & < > escaped @returns {HTMLElement} */
export function mrkdwn(text) {
  const box = el("div", { class: isJumbo(text) ? "text jumbo" : "text" });
  text.split("```").forEach((part, index, all) => {
    const fenced = index % 2 === 1 && index < all.length - 1;
    if (fenced) box.append(el("pre", {}, unescape(part.replace(/^\n|\n$/g, ""))));
    else box.append(...lines(index % 2 === 1 ? `\`\`\`${part}` : trimAround(part, index, all.length)));
  });
  return box;
}

/** One line of mrkdwn, for labels and context. */
export function mrkdwnLine(text) {
  return drawInline(text, RULES, unescape);
}

function trimAround(part, index, count) {
  const head = index > 0 ? part.replace(/^\n/, "") : part;
  return index < count - 1 ? head.replace(/\n$/, "") : head;
}

const QUOTE = /^(?:>|&gt;) ?/;
const ITEM = /^(\s*)(?:•|◦|-|\d+\.)\s+/;

/** Lines in a row of one kind make one block: quote, list item or plain text. */
function lines(text) {
  const out = [];
  let last = null;
  for (const line of text === "" ? [] : text.split("\n")) {
    const kind = QUOTE.test(line) ? "quote" : ITEM.test(line) ? "item" : "plain";
    if (kind === "item") out.push(item(line));
    else if (kind === last) out.at(-1).append(el("br"), ...mrkdwnLine(bare(line, kind)));
    else out.push(el(kind === "quote" ? "blockquote" : "div", {}, ...mrkdwnLine(bare(line, kind))));
    last = kind;
  }
  return out;
}

function bare(line, kind) {
  return kind === "quote" ? line.replace(QUOTE, "") : line;
}

function item(line) {
  const [mark, indent] = ITEM.exec(line);
  const sign = mark.trim().replace(/^-$/, "•");
  const style = { "--indent": String(Math.min(4, Math.floor(indent.length / 2))) };
  return el(
    "div",
    { class: "line-item", style },
    el("span", { class: "sign" }, sign),
    el("span", {}, ...mrkdwnLine(line.slice(mark.length))),
  );
}

/** Slack escapes exactly these three. */
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
