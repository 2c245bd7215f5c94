// Elements that hold a value. One entry an element type: how it is drawn, and the value it reports, in Slack's shape.

import { el } from "../lib/dom.js";
import { plainText, textInline } from "../text/text-object.js";
import { selects } from "./selects.js";
import { entered, keyOf } from "./surface.js";

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
  datepicker: (item, use) => picked(item, use, "date", "selected_date", item.initial_date),
  timepicker: (item, use) => picked(item, use, "time", "selected_time", item.initial_time),
  radio_buttons: radios,
  checkboxes,
  ...selects,
};

/** The value an element starts with, in the shape it would report; null when it starts empty. */
export function initialValue(item) {
  const starts = {
    value: item.initial_value,
    selected_option: item.initial_option,
    selected_options: item.initial_options,
    selected_user: item.initial_user,
    selected_users: item.initial_users,
    selected_channel: item.initial_channel,
    selected_conversation: item.initial_conversation,
    selected_date: item.initial_date,
    selected_time: item.initial_time,
  };
  return Object.fromEntries(Object.entries(starts).filter(([, value]) => value !== undefined));
}

function now(item, use) {
  return entered(use.where, use.block, item) ?? initialValue(item);
}

function common(item, use) {
  return { dataset: { focus: keyOf(use.block, item) }, "aria-label": use.aria ? null : use.label, ...use.aria };
}

function textField(item, use) {
  return item.multiline ? area(item, use) : line(item, use, {});
}

function line(item, use, more) {
  const field = el("input", {
    class: "field",
    type: "text",
    ...common(item, use),
    ...more,
    placeholder: plainText(item.placeholder) || null,
    maxlength: item.max_length,
    autocomplete: "off",
    value: now(item, use).value ?? "",
    oninput: () => use.change({ value: field.value || null }, false),
    onchange: () => use.change({ value: field.value || null }, true),
  });
  return field;
}

function area(item, use) {
  const field = el("textarea", {
    class: "field area",
    rows: 4,
    ...common(item, use),
    placeholder: plainText(item.placeholder) || null,
    maxlength: item.max_length,
    value: now(item, use).value ?? "",
    oninput: () => use.change({ value: field.value || null }, false),
    onchange: () => use.change({ value: field.value || null }, true),
  });
  return field;
}

function picked(item, use, type, name, initial) {
  const field = el("input", {
    class: "field picked",
    type,
    ...common(item, use),
    value: now(item, use)[name] ?? initial ?? "",
    onchange: () => use.change({ [name]: field.value || null }, true),
  });
  return field;
}

function radios(item, use) {
  return group(item, use, "radio", [now(item, use).selected_option?.value], (option) =>
    use.change({ selected_option: option }, true),
  );
}

function checkboxes(item, use) {
  const box = group(
    item,
    use,
    "checkbox",
    (now(item, use).selected_options ?? []).map(({ value }) => value),
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
