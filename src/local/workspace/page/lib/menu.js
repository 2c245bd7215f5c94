// A menu: arrow keys, Home, End, Enter, Escape.

import { el } from "./dom.js";
import { openPopover } from "./popover.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} [description]
 * @property {Node} [icon]
 * @property {boolean} [checked] set on every item of a group where one is chosen
 * @property {string} [href] a link instead of a command
 * @property {() => void} [pick]
 */

/** @param {HTMLElement} anchor @param {string} title @param {MenuItem[]} items */
export function openMenu(anchor, title, items) {
  let close = () => {};
  const menu = el(
    "div",
    { class: "menu", role: "menu", "aria-label": title },
    items.map((item) => row(item, () => close())),
  );
  menu.addEventListener("keydown", (event) => walk(menu, event));
  close = openPopover(menu, anchor);
  (menu.querySelector("[aria-checked=true]") ?? menu.firstElementChild)?.focus({ preventScroll: true });
}

function row({ label, description, icon, checked, href, pick }, close) {
  const role = checked === undefined ? "menuitem" : "menuitemradio";
  const properties = {
    class: "menu-item",
    role,
    tabindex: -1,
    "aria-checked": checked === undefined ? null : String(checked),
  };
  const text = el("span", { class: "menu-text" }, el("span", {}, label), description && el("small", {}, description));
  const choose = () => {
    close();
    pick?.();
  };
  if (href) return el("a", { ...properties, href, onclick: choose, ...outward(href) }, icon, text);
  return el("button", { ...properties, type: "button", onclick: choose }, icon, text);
}

function outward(href) {
  return /^https?:/.test(href) && !href.startsWith(location.origin)
    ? { target: "_blank", rel: "noopener noreferrer" }
    : {};
}

const STEPS = { ArrowDown: (at) => at + 1, ArrowUp: (at) => at - 1, Home: () => 0, End: () => -1 };

function walk(menu, event) {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll(".menu-item")];
  const next = step(items.indexOf(document.activeElement));
  items.at(next % items.length)?.focus();
}
