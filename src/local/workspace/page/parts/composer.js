// Where one writes: Enter sends, Shift+Enter breaks the line, Up brings back, "/" and "@" offer what there is.

import { actingAs, post } from "../api.js";
import { appName, workspace } from "../directory.js";
import { el, freshId } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { completer } from "./completer.js";
import { history } from "./history.js";

/** What stands half written, by conversation and thread; it is there again when one comes back. */
const drafts = new Map();

/**
 * @param {{ channel: string, thread: string | null, placeholder: string, sent: () => void }} about
 */
export function composer({ channel, thread, placeholder, sent }) {
  const problem = el("div", { class: "composer-problem", role: "alert" });
  const hint = el("div", { class: "composer-hint" });
  const suggestions = el("div", {
    class: "suggestions",
    role: "listbox",
    id: freshId("suggestions"),
    "aria-label": "Suggestions",
    hidden: true,
  });
  const field = el("textarea", {
    id: thread ? null : "write",
    rows: 1,
    "aria-label": placeholder,
    placeholder,
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": suggestions.id,
    "aria-autocomplete": "list",
    enterkeyhint: "send",
  });
  const button = el(
    "button",
    { class: "send", type: "button", "aria-label": "Send", title: "Send (Enter)", onclick: () => void submit() },
    icon("send"),
  );
  const draft = `${channel}/${thread ?? ""}`;
  const past = history(field, `${workspace().team.id}.${actingAs()}`);
  const complete = completer(field, suggestions);

  function refresh() {
    drafts.set(draft, field.value);
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 240)}px`;
    button.classList.toggle("ready", field.value.trim() !== "");
    hint.replaceChildren(...usage(field.value));
  }
  async function submit() {
    const text = field.value.trim();
    if (text === "") return;
    past.add(text);
    set("");
    problem.textContent = "";
    button.classList.add("busy");
    const trouble = await send(channel, thread, text);
    button.classList.remove("busy");
    if (!trouble) return sent();
    problem.textContent = trouble;
    if (field.value === "") set(text);
  }
  function set(text) {
    field.value = text;
    complete.close();
    refresh();
  }
  field.addEventListener("input", () => {
    problem.textContent = "";
    refresh();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || complete.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void submit();
    } else if (past.key(event)) refresh();
  });
  complete.onPick(refresh);
  field.value = drafts.get(draft) ?? "";
  // In the next frame it stands in the page and can be measured.
  requestAnimationFrame(refresh);
  const node = el(
    "div",
    { class: "composer" },
    suggestions,
    problem,
    el("div", { class: "composer-box", onclick: () => field.focus() }, field, button),
    hint,
  );
  return { node, focus: () => field.focus({ preventScroll: true }) };
}

/**
 * Sends a message or slash command as the person of the page.
 * @returns {Promise<string | null>} the sentence to show when it could not be sent
 */
export async function send(channel, thread, text) {
  try {
    const answer = await post("send", { channel, text, ...(thread ? { thread_ts: thread } : {}) });
    return answer.ok ? null : (answer.error ?? "The message was not sent.");
  } catch (error) {
    return error.message;
  }
}

/** Under the field, while a known command is being typed: how it goes on. */
function usage(text) {
  const command = workspace().commands.find((one) => text === one.command || text.startsWith(`${one.command} `));
  if (!command) return [];
  const { usage_hint, description } = command;
  return [
    el("code", {}, `${command.command} ${usage_hint ?? ""}`.trim()),
    el("span", {}, `${description ?? ""} · ${appName()}`),
  ];
}
