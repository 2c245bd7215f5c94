// The rich_text block.

import { el } from "../lib/dom.js";
import { emoji } from "../text/emoji.js";
import { broadcast, channelMention, date, groupMention, link, userMention } from "../text/references.js";

const PARTS = {
  rich_text_section: (part) => el("div", {}, inline(part.elements)),
  rich_text_preformatted: (part) => el("pre", {}, inline(part.elements)),
  rich_text_quote: (part) => el("blockquote", {}, inline(part.elements)),
  rich_text_list: list,
};

const LEAVES = {
  text: ({ text }) => withBreaks(text),
  link: ({ url, text }) => link(url, ...(text ? [text] : [])),
  emoji: ({ name, unicode }) =>
    unicode ? String.fromCodePoint(...unicode.split("-").map((code) => Number.parseInt(code, 16))) : emoji(name),
  user: ({ user_id }) => userMention(user_id),
  channel: ({ channel_id }) => channelMention(channel_id),
  usergroup: ({ usergroup_id }) => groupMention(usergroup_id),
  broadcast: ({ range }) => broadcast(range),
  date: ({ timestamp, format, fallback, url }) => date(timestamp, format, fallback ?? "", url),
  color: ({ value }) => el("code", {}, value),
};

const STYLES = { code: "code", bold: "b", italic: "i", strike: "s" };

/** @param {any} block */
export function richText(block) {
  return el(
    "div",
    { class: "text rich" },
    block.elements.map((part) => PARTS[part.type]?.(part)),
  );
}

/** @param {any[]} leaves */
function inline(leaves) {
  return leaves.map((leaf) => styled(LEAVES[leaf.type]?.(leaf) ?? "", leaf.style ?? {}));
}

function styled(content, style) {
  const tags = Object.keys(STYLES).filter((name) => style[name]);
  return tags.reduce((inner, name) => el(STYLES[name], {}, inner), content);
}

function withBreaks(text) {
  return text.split("\n").flatMap((row, index) => (index > 0 ? [el("br"), row] : [row]));
}

function list({ style, elements, indent = 0, offset = 0 }) {
  const tag = style === "ordered" ? "ol" : "ul";
  const properties = { style: { "--indent": String(indent) }, start: tag === "ol" && offset > 0 ? offset + 1 : null };
  return el(
    tag,
    properties,
    elements.map((item) => el("li", {}, inline(item.elements))),
  );
}
