// The stack of modals the app opened for this person. The workspace holds the stack; here its top is shown.

import { post, read } from "../api.js";
import { drawBlocks } from "../blocks/index.js";
import { stateOf } from "../blocks/input-block.js";
import { surface } from "../blocks/surface.js";
import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { focusWithin } from "../lib/keyed.js";
import { tellTrouble, toast } from "../lib/toast.js";
import { plainText } from "../text/text-object.js";

const FIRST_FIELD = ".block-input :is(input, textarea, button):not([hidden]), .modal-body button, .modal-foot .primary";

/** What was entered, by view; kept while the view is on the stack, also under another. */
const surfaces = new Map();
let dialog = null;
let before = null;
let stack = [];
let asked = 0;

/** Reads the stack afresh and shows its top, or nothing. */
export async function syncModals() {
  const mine = (asked += 1);
  const { views } = await read("view");
  // An older reading may come in after a newer one.
  if (mine !== asked) return;
  stack = views;
  for (const id of surfaces.keys()) if (!stack.some((view) => view.id === id)) surfaces.delete(id);
  const top = stack.at(-1);
  if (top) show(top);
  else hide();
}

function show(view) {
  if (!dialog) open();
  const isSame = dialog.dataset.view === view.id;
  const focused = isSame ? focusWithin(dialog) : null;
  const scrolled = isSame ? dialog.querySelector(".modal-body").scrollTop : 0;
  dialog.dataset.view = view.id;
  dialog.replaceChildren(form(view));
  dialog.querySelector(".modal-body").scrollTop = scrolled;
  if (isSame) focused?.restore();
  else (dialog.querySelector(FIRST_FIELD) ?? dialog.querySelector("button")).focus();
}

function open() {
  before = document.activeElement;
  dialog = el("dialog", { class: "modal", "aria-labelledby": "modal-title" });
  dialog.addEventListener("cancel", (event) => {
    // A browser may insist (a second Escape in a row); then the close event follows.
    if (!event.cancelable) return;
    event.preventDefault();
    tellTrouble(close());
  });
  dialog.addEventListener("close", () => {
    hide();
    tellTrouble(close());
  });
  document.body.append(dialog);
  dialog.showModal();
}

function hide() {
  if (!dialog) return;
  // Not close() first: that gives the focus back but, in Chromium, can leave the caret in the removed dialog.
  dialog.remove();
  dialog = null;
  if (before?.isConnected) before.focus({ preventScroll: true });
}

function surfaceOf(view) {
  const known = surfaces.get(view.id) ?? surface({ view_id: view.id }, redraw);
  surfaces.set(view.id, known);
  return known;
}

function redraw() {
  if (dialog && stack.length > 0) show(stack.at(-1));
}

function form(view) {
  const where = surfaceOf(view);
  const back = stack.length > 1;
  const submit =
    view.submit &&
    el("button", { class: "button primary", type: "submit", dataset: { focus: "submit" } }, plainText(view.submit));
  const cancel = el(
    "button",
    { class: "button", type: "button", dataset: { focus: "close" }, onclick: () => tellTrouble(close()) },
    plainText(view.close) || (back ? "Back" : "Close"),
  );
  return el(
    "form",
    {
      novalidate: true,
      onsubmit(event) {
        event.preventDefault();
        tellTrouble(send(view, where, submit));
      },
    },
    el(
      "header",
      { class: "modal-head" },
      el("h2", { id: "modal-title" }, plainText(view.title)),
      el(
        "button",
        {
          class: "icon-button",
          type: "button",
          "aria-label": "Close",
          dataset: { focus: "x" },
          onclick: () => tellTrouble(close()),
        },
        icon("close"),
      ),
    ),
    el("div", { class: "modal-body" }, drawBlocks(view.blocks, where)),
    el("footer", { class: "modal-foot" }, cancel, submit),
  );
}

async function send(view, where, button) {
  if (!button || button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await post("submit", { view_id: view.id, state: stateOf(view.blocks, where) });
    where.errors = answer.errors ?? {};
    if (!answer.ok && answer.error) toast(answer.error);
    await syncModals();
    if (answer.errors) showErrors();
  } finally {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
  }
}

function showErrors() {
  redraw();
  dialog?.querySelector(".wrong :is(input, textarea, button)")?.focus();
}

async function close() {
  const top = stack.at(-1);
  if (top) await post("close", { view_id: top.id });
  await syncModals();
}
