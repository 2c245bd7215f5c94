// Keeping a list of nodes equal to a list of rows: a row whose version did not change keeps its very node,
// so that focus, half-typed input and open menus elsewhere in the list survive a live update.

/** @typedef {{ key: string, version: string, build: () => HTMLElement }} Row */

/** @param {HTMLElement} container @param {Row[]} rows */
export function reconcile(container, rows) {
  const old = new Map([...container.children].map((node) => [node.dataset.key, node]));
  const focused = focusWithin(container);
  const wanted = rows.map((row) => {
    const kept = old.get(row.key);
    if (kept?.dataset.version === row.version) return kept;
    const node = row.build();
    node.dataset.key = row.key;
    node.dataset.version = row.version;
    return node;
  });
  const keep = new Set(wanted);
  for (const node of [...container.children]) if (!keep.has(node)) node.remove();
  wanted.forEach((node, index) => {
    if (container.children[index] !== node) container.insertBefore(node, container.children[index] ?? null);
  });
  focused?.restore();
}

/**
 * Remembers which control of which row has the focus. Controls that should keep it over a redraw carry data-focus.
 * @param {HTMLElement} container
 */
export function focusWithin(container) {
  const active = document.activeElement;
  if (!active || !container.contains(active) || active === container) return null;
  const row = active.closest("[data-key]")?.dataset.key;
  const control = active.closest("[data-focus]")?.dataset.focus;
  return {
    restore() {
      if (active.isConnected) return;
      const home = row === undefined ? container : container.querySelector(`[data-key="${CSS.escape(row)}"]`);
      const same = control === undefined ? null : home?.querySelector(`[data-focus="${CSS.escape(control)}"]`);
      (same ?? home ?? container).focus({ preventScroll: true });
    },
  };
}
