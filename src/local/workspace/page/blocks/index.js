// Block Kit as DOM. Written by hand because the npm renderers (slack-blocks-to-jsx and its like) only draw: they are
// React, and know nothing of clicks, inputs, errors under fields or a state to submit. One entry a block type.

import { el } from "../lib/dom.js";
import { markdown } from "../text/markdown.js";
import { plainText, textBlock, textInline } from "../text/text-object.js";
import { element } from "./elements.js";
import { imageElement, pictureBlock } from "./images.js";
import { inputBlock } from "./input-block.js";
import { richText } from "./rich-text.js";
import { tableBlock } from "./tables.js";

const BLOCKS = {
  header: (block) => el("h3", { class: "block-header" }, plainText(block.text)),
  section,
  context: (block) =>
    el(
      "div",
      { class: "block-context" },
      block.elements.map((part) =>
        part.type === "image" ? imageElement(part, "tiny") : el("span", {}, textInline(part)),
      ),
    ),
  actions: (block, where) =>
    el(
      "div",
      { class: "block-actions" },
      block.elements.map((part) => element(part, block, where)),
    ),
  divider: () => el("hr", { class: "block-divider" }),
  image: pictureBlock,
  input: inputBlock,
  rich_text: (block) => richText(block),
  markdown: (block) => markdown(block.text),
  table: tableBlock,
  data_table: tableBlock,
  alert: (block) =>
    el("div", { class: `block-alert ${block.level ?? "default"}`, role: "note" }, textBlock(block.text)),
};

/**
 * @param {any[]} blocks @param {import("./surface.js").Surface} where
 * @returns {HTMLElement}
 */
export function drawBlocks(blocks, where) {
  return el(
    "div",
    { class: "blocks" },
    blocks.map((block) => BLOCKS[block.type]?.(block, where) ?? unknown(block)),
  );
}

function section(block, where) {
  const { text, fields, accessory } = block;
  const words = [
    text && textBlock(text),
    fields &&
      el(
        "div",
        { class: "fields" },
        fields.map((field) => textBlock(field)),
      ),
  ];
  const side =
    accessory &&
    el(
      "div",
      { class: "accessory" },
      accessory.type === "image" ? imageElement(accessory, "side") : element(accessory, block, where),
    );
  return el(
    "div",
    { class: accessory ? `block-section with-${accessory.type}` : "block-section" },
    el("div", { class: "words" }, words),
    side,
  );
}

function unknown({ type }) {
  return el("div", { class: "block-unknown" }, `A block of type “${type}” is not drawn on this page.`);
}
