// A conversation: head, the demo's buttons, messages, composer.

import { actingAs, post } from "../api.js";
import { channel as channelOf, conversation, person, userName, workspace } from "../directory.js";
import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { tellTrouble } from "../lib/toast.js";
import { roots } from "../store.js";
import { firstUnread } from "../unread.js";
import { mrkdwnLine } from "../text/mrkdwn.js";
import { avatar } from "./avatar.js";
import { composer, send } from "./composer.js";
import { withoutDismissed } from "./dismissed.js";
import { messageList } from "./message-list.js";

/** @param {string} channel */
export function channelPage(channel) {
  const at = conversation(channel);
  const title = at.kind === "dm" ? at.title : `#${at.title}`;
  let first = firstUnread(channel);
  const list = messageList({
    channel,
    label: `Messages in ${title}`,
    inThread: false,
    messages: () => withoutDismissed(roots(channel)),
    firstNew: () => first,
    opening: () => opening(at),
  });
  const write = composer({ channel, thread: null, placeholder: `Message ${title}`, sent: list.toBottom });
  const node = el(
    "section",
    { class: "page", "aria-label": title },
    head(at),
    demoButtons(channel),
    list.node,
    channelOf(channel)?.is_member === false ? joinBar(at) : write.node,
  );
  return {
    key: channel,
    title,
    node,
    draw: list.draw,
    focus: write.focus,
    /** What came while nobody looked is new again. */
    look: () => (first = firstUnread(channel)),
  };
}

function head(at) {
  const mark = at.kind === "dm" ? avatar(at.with, "small") : icon("hash");
  const topic = at.kind === "dm" ? person(at.with)?.tagline : at.topic;
  return el(
    "header",
    { class: "page-head" },
    el("h1", {}, mark, at.title),
    topic && el("p", { class: "topic" }, mrkdwnLine(topic)),
  );
}

/** What the demo offers to try: each presses its text into this channel as if it had been typed. */
function demoButtons(channel) {
  const { buttons } = workspace();
  if (!buttons?.length) return null;
  const press = async (event, text) => {
    const button = event.currentTarget;
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    await send(channel, null, text);
    button.removeAttribute("aria-disabled");
  };
  return el(
    "div",
    { class: "demo", role: "toolbar", "aria-label": "Try it" },
    el("span", { class: "demo-label" }, "Try it"),
    buttons.map(({ label, text }) =>
      el(
        "button",
        { class: "button small", type: "button", title: text, onclick: (event) => press(event, text) },
        label,
      ),
    ),
  );
}

/** In place of the composer for somebody who only looks in. */
function joinBar({ id, title }) {
  const join = async () => {
    await post("invite", { user: actingAs(), channel: id });
    location.reload();
  };
  return el(
    "div",
    { class: "join" },
    el("span", {}, `You are looking at #${title}.`),
    el("button", { class: "button primary", type: "button", onclick: () => tellTrouble(join()) }, "Join channel"),
  );
}

function opening(at) {
  const words =
    at.kind === "dm"
      ? `This is the very beginning of your direct messages with ${userName(at.with)}.`
      : `This is the very beginning of #${at.title}.`;
  const { commands } = workspace();
  const hint = commands[0] && el("p", {}, "Type ", el("code", {}, commands[0].command), " to see what needs you now.");
  return el(
    "div",
    { class: "opening" },
    at.kind === "dm" ? avatar(at.with, "large") : el("span", { class: "opening-mark" }, icon("hash")),
    el("h2", {}, at.title),
    el("p", {}, words),
    hint,
  );
}
