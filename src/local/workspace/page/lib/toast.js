// Short notes at the foot of the window.

import { el } from "./dom.js";
import { icon } from "./icons.js";

const STAYS = 8000;

/** @param {string} text */
export function toast(text) {
  // The workspace says some troubles twice: in its answer and on the stream.
  if ([...document.querySelectorAll(".toast > span")].some((shown) => shown.textContent === text)) return;
  const note = el("div", { class: "toast" }, el("span", {}, text));
  const dismiss = () => note.remove();
  note.append(
    el("button", { class: "icon-button", type: "button", "aria-label": "Dismiss", onclick: dismiss }, icon("close")),
  );
  const box = document.getElementById("toasts");
  box.append(note);
  // Shown anew, it lies above a modal that was opened since.
  box.hidePopover();
  box.showPopover();
  setTimeout(dismiss, STAYS);
}

/** For promises nobody waits for: what went wrong is told, not lost. */
export function tellTrouble(promise) {
  promise.catch((error) => toast(error.message));
}
