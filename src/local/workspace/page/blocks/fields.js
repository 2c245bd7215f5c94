// Elements that hold a value. One entry an element type: how it is drawn, and the value it reports, in Slack's shape.

import { el } from "../lib/dom.js";
import { plainText, textInline } from "../text/text-object.js";
import { selects } from "./selects.js";
import { keyOf, valueIn } from "./surface.js";

/**
 * @typedef {object} Use
 * @property {any} block
 * @property {import("./surface.js").Surface} where
 * @property {string} label for people who do not see the page
 * @property {Record<string, string>} [aria] attributes that tie the field to its label, hint and error
 * @property {(value: Record<string, any>, settled: boolean) => void} change settled: not in the middle of typing
 */

/** @type {Record<string, (item: any, use: Use) => HTMLElement>} */
export const FIELDS = {
  plain_text_input: textField,
  number_input: (item, use) => line(item, use, { inputmode: item.is_decimal_allowed ? "decimal" : "numeric" }),
  email_text_input: (item, use) => line(item, use, { type: "email" }),
  url_text_input: (item, use) => line(item, use, { type: "url" }),
  datepicker: (item, use) => picked(item, use, "date"),
  timepicker: (item, use) => picked(item, use, "time"),
  radio_buttons: radios,
  checkboxes,
  ...selects,
};

function common(item, use) {
  return { dataset: { focus: keyOf(use.block, item) }, "aria-label": use.aria ? null : use.label, ...use.aria };
}

function textField(item, use) {
  if (item.multiline) return written("textarea", item, use, { class: "field area", rows: 4 });
  return line(item, use, {});
}

function line(item, use, more) {
  return written("input", item, use, { class: "field", type: "text", autocomplete: "off", ...more });
}

function written(tag, item, use, more) {
  const tells = (settled) => () => use.change({ value: field.value || null }, settled);
  const field = el(tag, {
    ...common(item, use),
    ...more,
    placeholder: plainText(item.placeholder) || null,
    maxlength: item.max_length,
    value: valueIn(use.where, use.block, item).value ?? "",
    oninput: tells(false),
    onchange: tells(true),
  });
  return field;
}

function picked(item, use, type) {
  const name = `selected_${type}`;
  const field = el("input", {
    class: "field picked",
    type,
    ...common(item, use),
    value: valueIn(use.where, use.block, item)[name] ?? "",
    onchange: () => use.change({ [name]: field.value || null }, true),
  });
  return field;
}

function radios(item, use) {
  return group(item, use, "radio", [valueIn(use.where, use.block, item).selected_option?.value], (option) =>
    use.change({ selected_option: option }, true),
  );
}

function checkboxes(item, use) {
  const box = group(
    item,
    use,
    "checkbox",
    (valueIn(use.where, use.block, item).selected_options ?? []).map(({ value }) => value),
    () => {
      const on = [...box.querySelectorAll("input")].map((input) => input.checked);
      use.change({ selected_options: item.options.filter((_, index) => on[index]) }, true);
    },
  );
  return box;
}

function group(item, use, type, chosen, change) {
  const { "aria-required": _, ...aria } = use.aria ?? {};
  const name = `${use.where.at.view_id ?? use.where.at.message_ts ?? "home"}.${keyOf(use.block, item)}`;
  const rows = item.options.map((option) =>
    el(
      "label",
      { class: "tick" },
      el("input", {
        type,
        name,
        value: option.value,
        checked: chosen.includes(option.value),
        dataset: { focus: `${keyOf(use.block, item)}/${option.value}` },
        onchange: () => change(option),
      }),
      el("span", {}, textInline(option.text), option.description && el("small", {}, textInline(option.description))),
    ),
  );
  return el(
    "div",
    {
      class: "ticks",
      role: type === "radio" ? "radiogroup" : "group",
      "aria-label": use.aria ? null : use.label,
      ...aria,
    },
    rows,
  );
}
