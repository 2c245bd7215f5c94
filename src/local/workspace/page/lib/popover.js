// One open popover at a time, beside its anchor, in the top layer (so also above a modal). Escape and a click elsewhere close it.

import { place } from "./place.js";

/**
 * @param {HTMLElement} popover @param {HTMLElement} anchor gets the focus back
 * @returns {() => void} closes it
 */
export function openPopover(popover, anchor) {
  // Inside the anchor's dialog, because everything outside an open modal is inert.
  (anchor.closest("dialog") ?? document.body).append(popover);
  popover.setAttribute("popover", "auto");
  anchor.setAttribute("aria-expanded", "true");
  popover.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    if (popover.contains(document.activeElement) || document.activeElement === document.body)
      anchor.focus({ preventScroll: true });
    popover.remove();
  });
  popover.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.stopPropagation();
  });
  popover.showPopover();
  place(popover, anchor);
  return () => popover.isConnected && popover.hidePopover();
}
