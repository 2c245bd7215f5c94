// Interactive elements: buttons and menus here, fields in fields.js. One entry an element type.

import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { openMenu } from "../lib/menu.js";
import { tellTrouble } from "../lib/toast.js";
import { plainText } from "../text/text-object.js";
import { FIELDS } from "./fields.js";
import { act, enter, keyOf } from "./surface.js";

const ELEMENTS = { button, workflow_button: button, overflow };

/** @param {any} item an element of a section or actions block: choosing acts at once */
export function element(item, block, where) {
  const make = ELEMENTS[item.type];
  if (make) return make(item, block, where);
  const field = FIELDS[item.type];
  if (!field)
    return el("span", { class: "block-unknown" }, `An element of type “${item.type}” is not drawn on this page.`);
  return field(item, {
    block,
    where,
    label: plainText(item.placeholder) || "Choose",
    change(value, settled) {
      enter(where, block, item, value);
      if (settled) tellTrouble(act(where, block, item, value));
    },
  });
}

function button(item, block, where) {
  const busy = where.busy.has(keyOf(block, item));
  const properties = {
    class: `button ${item.style ?? ""}`,
    dataset: { focus: keyOf(block, item) },
    "aria-label": item.accessibility_label,
  };
  const press = () =>
    tellTrouble(
      act(where, block, item, { value: item.value, text: item.text, ...(item.style ? { style: item.style } : {}) }),
    );
  if (item.url)
    return el(
      "a",
      { ...properties, href: item.url, target: "_blank", rel: "noopener noreferrer", onclick: press },
      plainText(item.text),
    );
  // aria-disabled instead of disabled: a disabled button would lose the keyboard's place.
  const waiting = busy ? { "aria-disabled": "true", "aria-busy": "true" } : {};
  return el(
    "button",
    { ...properties, ...waiting, type: "button", onclick: () => busy || press() },
    el("span", {}, plainText(item.text)),
  );
}

function overflow(item, block, where) {
  const busy = where.busy.has(keyOf(block, item));
  const anchor = el(
    "button",
    {
      class: "button overflow",
      type: "button",
      "aria-label": item.accessibility_label ?? "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-disabled": busy ? "true" : null,
      "aria-busy": busy ? "true" : null,
      dataset: { focus: keyOf(block, item) },
      onclick: () => busy || openMenu(anchor, "More actions", item.options.map(choice)),
    },
    icon("more"),
  );
  function choice(option) {
    return {
      label: plainText(option.text),
      description: plainText(option.description),
      href: option.url,
      pick: () => tellTrouble(act(where, block, item, { selected_option: option })),
    };
  }
  return anchor;
}
