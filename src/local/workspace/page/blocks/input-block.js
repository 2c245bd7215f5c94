// The input block: label, field, hint, error; and what a modal's inputs hold together.

import { el, freshId } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { tellTrouble } from "../lib/toast.js";
import { plainText } from "../text/text-object.js";
import { FIELDS } from "./fields.js";
import { act, enter, valueIn } from "./surface.js";

export function inputBlock(block, where) {
  const item = block.element;
  const [label, hint, error] = [freshId("label"), freshId("hint"), freshId("error")];
  const problem = where.errors[block.block_id];
  const described = [block.hint && hint, problem && error].filter(Boolean).join(" ");
  const aria = {
    "aria-labelledby": label,
    "aria-describedby": described || null,
    "aria-invalid": problem ? "true" : null,
    "aria-required": block.optional ? null : "true",
  };
  const field = FIELDS[item.type]?.(item, {
    block,
    where,
    label: plainText(block.label),
    aria,
    change(value, settled) {
      enter(where, block, item, value);
      if (block.dispatch_action && settled) tellTrouble(act(where, block, item, value));
    },
  });
  return el(
    "div",
    { class: problem ? "block-input wrong" : "block-input", dataset: { block: block.block_id } },
    el(
      "div",
      {
        class: "input-label",
        id: label,
        onclick: () => field?.querySelector?.("button,input")?.focus() ?? field?.focus(),
      },
      plainText(block.label),
      block.optional && el("span", { class: "optional" }, " (optional)"),
    ),
    field ?? el("span", { class: "block-unknown" }, `A field of type “${item.type}” is not drawn on this page.`),
    problem && el("div", { class: "input-error", id: error, role: "alert" }, icon("warning"), problem),
    block.hint && el("div", { class: "input-hint", id: hint }, plainText(block.hint)),
  );
}

/** The value of every input block, entered or initial: a view's state as Slack sends it. */
export function stateOf(blocks, where) {
  const values = { ...where.values };
  for (const block of blocks) {
    const item = block.type === "input" ? block.element : null;
    if (!item) continue;
    values[block.block_id] = { ...values[block.block_id], [item.action_id]: valueIn(where, block, item) };
  }
  return { values };
}
