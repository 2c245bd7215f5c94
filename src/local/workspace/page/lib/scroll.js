// A message list does not jump: at the bottom it stays at the bottom, elsewhere what is being read stays where it is.

const NEAR = 48;

/** @param {HTMLElement} box */
export function atBottom(box) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
}

/** @param {HTMLElement} box */
export function toBottom(box) {
  box.scrollTop = box.scrollHeight;
}

/**
 * Runs a change of the list inside `box` without moving what the reader looks at.
 * @param {HTMLElement} box the scrolling element
 * @param {HTMLElement} list its keyed rows
 * @param {() => void} change
 */
export function holdStill(box, list, change) {
  const stick = atBottom(box);
  const anchor = stick ? null : firstVisible(box, list);
  change();
  if (stick) return toBottom(box);
  const now = anchor && list.querySelector(`[data-key="${CSS.escape(anchor.key)}"]`);
  if (now) box.scrollTop += now.getBoundingClientRect().top - anchor.top;
}

function firstVisible(box, list) {
  const edge = box.getBoundingClientRect().top;
  for (const row of list.children) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > edge) return { key: row.dataset.key, top };
  }
  return null;
}

/** Keeps `box` at its bottom while pictures load or the window changes its size. */
export function stickToBottom(box, list) {
  let stuck = true;
  box.addEventListener("scroll", () => (stuck = atBottom(box)), { passive: true });
  const watch = new ResizeObserver(() => stuck && toBottom(box));
  watch.observe(box);
  watch.observe(list);
}
