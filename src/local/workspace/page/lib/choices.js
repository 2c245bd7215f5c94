// A list to choose from, with a field to filter it: behind every select of Block Kit.

import { el, freshId } from "./dom.js";
import { place } from "./place.js";
import { openPopover } from "./popover.js";

const SEARCH_FROM = 8;
const PAUSE = 150;

/** @typedef {{ value: string, text: string, description?: string, group?: string, icon?: () => Node, option: any }} Choice */

/**
 * @param {HTMLElement} anchor
 * @param {object} about
 * @param {string} about.label
 * @param {Choice[] | ((typed: string) => Promise<Choice[]>)} about.choices a function asks anew as one types
 * @param {(choice: Choice) => boolean} about.chosen
 * @param {boolean} [about.many] stays open, and a second pick takes back
 * @param {(choice: Choice) => void} about.pick
 */
export function openChoices(anchor, about) {
  const list = el("div", {
    class: "choices-list",
    role: "listbox",
    id: freshId("choices"),
    "aria-label": about.label,
    "aria-multiselectable": about.many ? "true" : null,
  });
  const search = el("input", {
    class: "choices-search",
    type: "text",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": list.id,
    "aria-label": `Filter ${about.label}`,
    placeholder: "Type to filter",
    autocomplete: "off",
    spellcheck: "false",
  });
  const asks = typeof about.choices === "function";
  const wide = asks || about.choices.length >= SEARCH_FROM;
  const popover = el("div", { class: wide ? "choices" : "choices few" }, search, list);
  let shown = [];
  let current = 0;
  // What is shown may still be the answer to what was typed before: Enter then waits for the one that is on its way.
  let overtaken = false;
  let eager = false;

  function draw(choices) {
    shown = choices;
    overtaken = false;
    current = Math.max(0, choices.findIndex(about.chosen));
    list.replaceChildren(...rows());
    if (popover.isConnected) place(popover, anchor);
    highlight();
    if (eager) take(current);
    eager = false;
  }
  function rows() {
    if (shown.length === 0) return [el("div", { class: "choices-empty" }, "Nothing matches.")];
    return shown.flatMap((choice, index) => {
      const head = choice.group && choice.group !== shown[index - 1]?.group;
      return [
        head && el("div", { class: "choices-group" }, choice.group),
        optionRow(choice, () => take(index), about.chosen(choice)),
      ].filter(Boolean);
    });
  }
  function highlight() {
    [...list.querySelectorAll("[role=option]")].forEach((row, index) => {
      row.classList.toggle("current", index === current);
      if (index !== current) return;
      search.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    });
  }
  function take(index) {
    const choice = shown[index];
    if (!choice) return;
    about.pick(choice);
    if (!about.many) return close();
    current = index;
    list.replaceChildren(...rows());
    highlight();
  }
  const find = finder(about.choices, draw);
  function filter() {
    overtaken = true;
    find(search.value);
  }
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) current = (current + step + shown.length) % Math.max(1, shown.length);
    if (event.key === "Enter" && overtaken) eager = true;
    else if (event.key === "Enter") take(current);
    if (step || event.key === "Enter") event.preventDefault();
    if (event.key === "Tab") close();
    if (step) highlight();
  });
  const close = openPopover(popover, anchor);
  popover.style.minWidth = `${anchor.getBoundingClientRect().width}px`;
  search.focus({ preventScroll: true });
  filter();
}

/** Filters a fixed list at once; asks a function after a pause, and drops answers that were overtaken. */
function finder(choices, draw) {
  if (typeof choices !== "function") {
    return (typed) => draw(choices.filter(({ text }) => text.toLowerCase().includes(typed.trim().toLowerCase())));
  }
  let asked = 0;
  return (typed) => {
    const mine = (asked += 1);
    setTimeout(
      async () => {
        if (mine !== asked) return;
        const found = await choices(typed).catch(() => []);
        if (mine === asked) draw(found);
      },
      mine === 1 ? 0 : PAUSE,
    );
  };
}

function optionRow(choice, pick, chosen) {
  return el(
    "div",
    {
      class: "choice",
      role: "option",
      id: freshId("choice"),
      "aria-selected": String(chosen),
      onclick: pick,
      onpointerdown: (event) => event.preventDefault(),
    },
    choice.icon?.(),
    el("span", { class: "choice-text" }, choice.text, choice.description && el("small", {}, choice.description)),
  );
}
