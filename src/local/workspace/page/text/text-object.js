// A Block Kit text object: plain_text, or mrkdwn.

import { withEmoji } from "./emoji.js";
import { mrkdwn, mrkdwnLine } from "./mrkdwn.js";
import { el } from "../lib/dom.js";

/** As a block of its own. @param {{ type: string, text: string, emoji?: boolean }} text */
export function textBlock(text) {
  return text.type === "mrkdwn" ? mrkdwn(text.text) : el("div", { class: "text plain" }, plainText(text));
}

/** As nodes inside a line. */
export function textInline(text) {
  return text.type === "mrkdwn" ? mrkdwnLine(text.text) : [plainText(text)];
}

/** As a string, for labels. */
export function plainText(text) {
  if (!text) return "";
  return text.emoji === false ? text.text : withEmoji(text.text);
}
