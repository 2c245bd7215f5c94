// The pane at the right: a thread.

import { read } from "../api.js";
import { conversation } from "../directory.js";
import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { linkTo } from "../router.js";
import { fill, thread } from "../store.js";
import { composer } from "./composer.js";
import { withoutDismissed } from "./dismissed.js";
import { messageList } from "./message-list.js";

/** @param {string} channel @param {string} ts of the root */
export function threadPane(channel, ts) {
  const at = conversation(channel);
  const place = at.kind === "dm" ? at.title : `#${at.title}`;
  const list = messageList({
    channel,
    label: `Thread in ${place}`,
    inThread: true,
    messages: () => withoutDismissed(thread(channel, ts)),
    opening: () => el("div", { class: "thread-top" }),
  });
  const write = composer({ channel, thread: ts, placeholder: "Reply…", sent: list.toBottom });
  const node = el(
    "aside",
    { class: "thread", "aria-label": `Thread in ${place}` },
    el(
      "header",
      { class: "page-head" },
      el("h2", {}, "Thread", el("small", {}, place)),
      el(
        "a",
        { class: "icon-button", href: linkTo(channel), "aria-label": "Close thread", title: "Close thread (Escape)" },
        icon("close"),
      ),
    ),
    list.node,
    write.node,
  );
  async function load() {
    const { messages } = await read("messages", { channel, thread: ts });
    fill(channel, messages, ts);
  }
  return { key: `${channel}/${ts}`, channel, node, draw: list.draw, focus: write.focus, load };
}
