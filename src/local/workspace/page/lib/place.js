// Where a popover goes: under its anchor, or above it when there is more room; never outside the window.

const GAP = 4;
const EDGE = 8;

/** @param {HTMLElement} popover already shown @param {Element} anchor */
export function place(popover, anchor) {
  const at = anchor.getBoundingClientRect();
  const below = innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  popover.style.maxHeight = `${Math.max(below, above)}px`;
  const { width, height } = popover.getBoundingClientRect();
  const under = height <= below || below >= above;
  popover.style.top = `${under ? at.bottom + GAP : at.top - GAP - height}px`;
  popover.style.left = `${Math.min(Math.max(EDGE, at.left), innerWidth - width - EDGE)}px`;
}
