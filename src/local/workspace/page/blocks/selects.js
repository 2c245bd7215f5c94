// The select elements: one or many, of options, people, channels, or of what the app suggests.

import { actingAs } from "../api.js";
import { channelName, humans, userName, workspace } from "../directory.js";
import { el } from "../lib/dom.js";
import { openChoices } from "../lib/choices.js";
import { icon } from "../lib/icons.js";
import { avatar } from "../parts/avatar.js";
import { plainText } from "../text/text-object.js";
import { keyOf, suggest, valueIn } from "./surface.js";

// Each source of choices: the ends of the value's names in Slack's payload, and what there is to choose from.
const SOURCES = {
  static: { one: "option", choices: (item) => optionChoices(item.option_groups ?? item.options ?? []) },
  external: {
    one: "option",
    choices:
      (item, { where, block }) =>
      async (typed) =>
        optionChoices(await suggest(where, block, item, typed)),
  },
  users: { one: "user", choices: () => humans().map(userChoice) },
  channels: { one: "channel", choices: () => workspace().channels.map(channelChoice) },
  conversations: { one: "conversation", choices: () => workspace().channels.map(channelChoice) },
};

/** @type {Record<string, (item: any, use: import("./fields.js").Use) => HTMLElement>} */
export const selects = Object.fromEntries(
  Object.entries(SOURCES).flatMap(([name, source]) => [
    [`${name}_select`, (item, use) => select(item, use, source, false)],
    [`multi_${name}_select`, (item, use) => select(item, use, source, true)],
  ]),
);

function select(item, use, source, many) {
  const name = `selected_${source.one}${many ? "s" : ""}`;
  const now = () => [valueIn(use.where, use.block, item)[name] ?? []].flat();
  const face = el("span", { class: "select-face" });
  const anchor = el(
    "button",
    {
      class: "field select",
      type: "button",
      role: "combobox",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      dataset: { focus: keyOf(use.block, item) },
      ...use.aria,
      onclick: open,
    },
    face,
    icon("chevron"),
  );
  const outside = el("div", { class: "select-box" }, anchor);

  function open() {
    const ids = () => new Set(now().map((value) => value.value ?? value));
    openChoices(anchor, {
      label: use.label,
      choices: source.choices(item, use),
      chosen: ({ value }) => ids().has(value),
      many,
      pick,
    });
  }
  function pick(choice) {
    const others = now().filter((value) => (value.value ?? value) !== choice.value);
    const took = others.length < now().length;
    if (!many) return change(choice.option);
    if (took) return change(others);
    if (others.length < (item.max_selected_items ?? Infinity)) change([...others, choice.option]);
  }
  function change(value) {
    use.change({ [name]: value }, true);
    draw();
  }
  function draw() {
    const values = now();
    const empty = plainText(item.placeholder) || (many ? "Choose some" : "Choose one");
    face.replaceChildren(
      ...(values.length === 0
        ? [el("span", { class: "placeholder" }, empty)]
        : values.map((value) => chip(value, many))),
    );
    if (!use.aria)
      anchor.setAttribute("aria-label", `${use.label}${values.length > 0 ? `: ${values.map(nameOf).join(", ")}` : ""}`);
    clear?.toggleAttribute("hidden", values.length === 0);
  }
  const clear =
    use.block.optional &&
    el(
      "button",
      {
        class: "icon-button clear",
        type: "button",
        "aria-label": `Clear ${use.label}`,
        onclick: () => change(many ? [] : null),
      },
      icon("close"),
    );
  if (clear) outside.append(clear);
  draw();
  return outside;
}

function chip(value, many) {
  return el("span", { class: many ? "chip" : "chosen" }, nameOf(value));
}

function nameOf(value) {
  if (value.text) return plainText(value.text);
  return value.startsWith("C") ? `#${channelName(value)}` : userName(value);
}

function optionChoices(options) {
  return options.flatMap((one) =>
    one.options ? one.options.map((option) => optionChoice(option, plainText(one.label))) : [optionChoice(one)],
  );
}

function optionChoice(option, group) {
  return {
    value: option.value,
    text: plainText(option.text),
    description: plainText(option.description),
    group,
    option,
  };
}

function userChoice({ id, name }) {
  return {
    value: id,
    text: userName(id),
    description: id === actingAs() ? "you" : `@${name}`,
    icon: () => avatar(id, "tiny"),
    option: id,
  };
}

function channelChoice({ id, name }) {
  return { value: id, text: `#${name}`, option: id };
}
