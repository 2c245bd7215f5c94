// One message: who, when, what, its thread, and what one can do with it.

import { post } from "../api.js";
import { drawBlocks } from "../blocks/index.js";
import { pictureBlock } from "../blocks/images.js";
import { surface } from "../blocks/surface.js";
import { appName, userName, workspace } from "../directory.js";
import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { openMenu } from "../lib/menu.js";
import { tellTrouble, toast } from "../lib/toast.js";
import { linkToThread } from "../router.js";
import { drop, touch } from "../store.js";
import { clockTime, fullTime, livingTime, relative, tsToMs } from "../text/dates.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { avatar } from "./avatar.js";
import { dismiss } from "./dismissed.js";

/** What was entered and pressed in a message outlives its redraws. */
const surfaces = new Map();

/**
 * @param {string} channel @param {any} message
 * @param {{ compact: boolean, inThread: boolean }} place compact: the author stands above already
 */
export function messageRow(channel, message, { compact, inThread }) {
  const { ts, user, ephemeral, subtype } = message;
  const at = tsToMs(ts);
  const when = el("time", { class: "when", datetime: new Date(at).toISOString(), title: fullTime(at) }, clockTime(at));
  const head = el(
    "div",
    { class: "message-head" },
    el("span", { class: "who" }, userName(user)),
    message.bot_id && el("span", { class: "app-mark" }, "App"),
    when,
  );
  const quiet =
    ephemeral &&
    el(
      "div",
      { class: "only-you" },
      icon("eye"),
      "Only visible to you",
      el("button", { class: "link", type: "button", onclick: () => hide(channel, ts) }, "Dismiss"),
    );
  return el(
    "article",
    {
      class: ["message", compact && "compact", ephemeral && "ephemeral", subtype && "told"].filter(Boolean).join(" "),
      tabindex: -1,
      "aria-label": `${userName(user)}, ${clockTime(at)}`,
    },
    quiet,
    el("div", { class: "message-side" }, compact ? when.cloneNode(true) : avatar(user, "large")),
    el(
      "div",
      { class: "message-main" },
      !compact && head,
      content(channel, message),
      files(message),
      !inThread && replies(channel, message),
    ),
    !ephemeral && tools(channel, message, inThread),
  );
}

function content(channel, message) {
  const { ts, text, blocks } = message;
  if (!blocks?.length) return el("div", { class: "message-text" }, mrkdwn(text ?? ""));
  const key = `${channel}/${ts}`;
  const where = surfaces.get(key) ?? surface({ channel, message_ts: ts }, () => touch(channel, ts));
  surfaces.set(key, where);
  return drawBlocks(blocks, where);
}

function files({ files: shared = [] }) {
  return shared.map((file) =>
    file.mimetype.startsWith("image/")
      ? pictureBlock({ image_url: file.url_private, alt_text: file.title, title: { text: file.title } })
      : el("a", { class: "file", href: file.url_private, target: "_blank" }, file.title),
  );
}

function replies(channel, { ts, reply_count, latest_reply, reply_users }) {
  if (!reply_count) return null;
  const last = latest_reply && livingTime(tsToMs(latest_reply), (at) => `Last reply ${relative(at)}`);
  return el(
    "a",
    { class: "replies", href: linkToThread(channel, ts), dataset: { focus: "replies" } },
    (reply_users ?? []).slice(0, 4).map((id) => avatar(id, "small")),
    el("span", { class: "count" }, `${reply_count} ${reply_count === 1 ? "reply" : "replies"}`),
    last,
  );
}

/** The bar over a message: answer in its thread, and the app's message shortcuts. */
function tools(channel, message, inThread) {
  const { ts, thread_ts } = message;
  const shortcuts = workspace().shortcuts.filter(({ type }) => type === "message" || type === "message_action");
  const more = el(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-label": "More actions",
      title: "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      dataset: { focus: "more" },
      onclick: () => openMenu(more, "Message actions", [...shortcuts.map(shortcut), copyLink]),
    },
    icon("more"),
  );
  const reply = el(
    "a",
    {
      class: "icon-button",
      href: linkToThread(channel, thread_ts ?? ts),
      "aria-label": "Reply in thread",
      title: "Reply in thread",
      dataset: { focus: "reply" },
    },
    icon("thread"),
  );
  const copyLink = {
    label: "Copy link",
    pick: () => tellTrouble(copy(`${location.origin}/${linkToThread(channel, thread_ts ?? ts)}`)),
  };

  function shortcut({ name, callback_id }) {
    return { label: name, description: appName(), icon: icon("bolt"), pick: () => tellTrouble(run(callback_id)) };
  }
  async function run(callback_id) {
    const answer = await post("shortcut", { callback_id, channel, message_ts: ts });
    if (!answer.ok) toast(answer.error);
  }
  return el("div", { class: "tools" }, !inThread && reply, more);
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast("Link copied.");
}

function hide(channel, ts) {
  dismiss(ts);
  drop(channel, ts);
}

/** Whether the next message needs no head of its own. */
export function follows(previous, message) {
  return (
    previous?.user === message.user &&
    !previous.ephemeral &&
    !message.ephemeral &&
    Number(message.ts) - Number(previous.ts) < 300 &&
    !message.blocks?.length
  );
}
