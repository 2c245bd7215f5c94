// What one sent before: Up in an empty field brings it back, Down goes forward again.

const KEEP = 50;

/** @param {HTMLTextAreaElement} field @param {string} who */
export function history(field, who) {
  const shelf = `daytwo.history.${who}`;
  let at = null;

  function lines() {
    return JSON.parse(sessionStorage.getItem(shelf) ?? "[]");
  }
  function add(text) {
    at = null;
    sessionStorage.setItem(shelf, JSON.stringify([...lines().filter((line) => line !== text), text].slice(-KEEP)));
  }
  /** @returns {boolean} whether the key was ours */
  function key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const all = lines();
    const walking = at !== null && field.value === all[at];
    if (!step || (field.value !== "" && !walking)) return false;
    if (!walking && step > 0) return false;
    event.preventDefault();
    at = Math.max(0, (walking ? at : all.length) + step);
    field.value = all[at] ?? "";
    if (at >= all.length) at = null;
    field.setSelectionRange(field.value.length, field.value.length);
    return true;
  }
  return { add, key };
}
