// The scrolling list of messages of a channel or a thread, kept equal to the store.

import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { reconcile } from "../lib/keyed.js";
import { atBottom, holdStill, stickToBottom, toBottom } from "../lib/scroll.js";
import { dayTitle, tsToMs } from "../text/dates.js";
import { isReply } from "../store.js";
import { follows, messageRow } from "./message.js";

const SHOWN = 200;

/**
 * @param {object} about
 * @param {string} about.channel
 * @param {string} about.label
 * @param {boolean} about.inThread
 * @param {() => any[]} about.messages
 * @param {() => string | null} [about.firstNew] ts of the first message that was not read yet
 * @param {() => HTMLElement} about.opening what stands above the first message
 */
export function messageList(about) {
  const rows = el("div", { class: "rows", role: "log", "aria-label": about.label });
  const box = el("div", { class: "scroller" }, el("div", { class: "filler" }), rows);
  const jump = el(
    "button",
    { class: "jump", type: "button", hidden: true, onclick: () => toBottom(box) },
    icon("down"),
    "New messages",
  );
  let limit = SHOWN;
  let count = 0;

  function draw() {
    const all = about.messages();
    const before = count;
    count = all.length;
    holdStill(box, rows, () => reconcile(rows, rowsOf(all)));
    if (count > before && before > 0 && !atBottom(box)) jump.hidden = false;
  }
  function rowsOf(all) {
    const shown = all.slice(-limit);
    const earlier = {
      key: "earlier",
      version: "1",
      build: () => el("button", { class: "earlier", type: "button", onclick: showEarlier }, "Show earlier messages"),
    };
    const opening = { key: "opening", version: "1", build: about.opening };
    const firstNew = about.firstNew?.();
    return [
      shown.length < all.length ? earlier : opening,
      ...shown.flatMap((message, index) => entry(message, shown[index - 1], message.ts === firstNew)),
    ];
  }
  function entry(message, previous, isNew) {
    const day = dayTitle(tsToMs(message.ts));
    const newDay = !previous || dayTitle(tsToMs(previous.ts)) !== day;
    const isFirstReply = about.inThread && isReply(message) && previous && !isReply(previous);
    const compact = !newDay && !isNew && !isFirstReply && follows(previous, message);
    return [
      isFirstReply && divider("replies", "count", repliesSay(count)),
      newDay && !about.inThread && divider(`day ${day}`, "day", day),
      isNew && divider("new", "new", "New"),
      {
        key: message.ts,
        version: `${message.revision}${compact ? "c" : ""}`,
        build: () => messageRow(about.channel, message, { compact, inThread: about.inThread }),
      },
    ].filter(Boolean);
  }
  function showEarlier() {
    limit += SHOWN;
    draw();
  }
  box.addEventListener("scroll", () => atBottom(box) && (jump.hidden = true), { passive: true });
  stickToBottom(box, rows);
  return { node: el("div", { class: "list" }, box, jump), draw, toBottom: () => toBottom(box) };
}

/** @param {number} count of messages in a thread, its root among them */
function repliesSay(count) {
  return count === 2 ? "1 reply" : `${count - 1} replies`;
}

function divider(key, kind, text) {
  return {
    key,
    version: text,
    build: () => el("div", { class: `divider ${kind}`, role: "separator", "aria-label": text }, el("span", {}, text)),
  };
}
