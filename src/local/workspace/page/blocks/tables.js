// The table and data_table blocks: the first row is the head.

import { el } from "../lib/dom.js";
import { withEmoji } from "../text/emoji.js";
import { richText } from "./rich-text.js";

/** @param {any} block */
export function tableBlock(block) {
  const [head, ...rows] = block.rows;
  const settings = block.column_settings ?? [];
  const line = (tag) => (cells) =>
    el(
      "tr",
      {},
      cells.map((cell, index) =>
        el(tag, { class: columnClass(settings[index], cell), scope: tag === "th" ? "col" : null }, content(cell)),
      ),
    );
  const caption = block.caption && el("caption", {}, block.caption.text ?? block.caption);
  // Focusable, so that a wide table can be scrolled by keyboard.
  return el(
    "div",
    { class: "table", tabindex: 0 },
    el("table", {}, caption, el("thead", {}, line("th")(head)), el("tbody", {}, rows.map(line("td")))),
  );
}

function columnClass(setting, cell) {
  const align = setting?.align ?? (cell.type === "raw_number" ? "right" : "left");
  return `${align}${setting?.is_wrapped ? " wrapped" : ""}`;
}

function content(cell) {
  return cell.type === "rich_text" ? richText(cell) : withEmoji(cell.text ?? String(cell.value ?? ""));
}
