// Ephemeral messages that this person put away. Nobody else had them, so it is kept in this browser.

const SHELF = "daytwo.dismissed";
const KEEP = 300;

function all() {
  return JSON.parse(localStorage.getItem(SHELF) ?? "[]");
}

export function dismiss(ts) {
  localStorage.setItem(SHELF, JSON.stringify([...all(), ts].slice(-KEEP)));
}

/** @param {any[]} messages */
export function withoutDismissed(messages) {
  const gone = new Set(all());
  return messages.filter(({ ts, ephemeral }) => !(ephemeral && gone.has(ts)));
}
