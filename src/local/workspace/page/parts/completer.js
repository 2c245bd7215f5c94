// Suggestions above the composer: slash commands at the start of a message, people after an "@".

import { humans, person, userName, workspace } from "../directory.js";
import { el, freshId } from "../lib/dom.js";
import { avatar } from "./avatar.js";

const MOST = 8;

/** @typedef {{ insert: string, node: () => Node[] }} Suggestion */

// What stands before the caret, and what may replace it.
const SOURCES = [
  { before: /^\/\S*$/, find: commands },
  { before: /(?:^|[\s(])@([\w.-]*)$/, find: people },
];

/** @param {HTMLTextAreaElement} field @param {HTMLElement} box */
export function completer(field, box) {
  let found = [];
  let current = 0;
  let length = 0;
  let picked = () => {};

  function look() {
    const before = field.value.slice(0, field.selectionStart);
    const source = SOURCES.find((one) => one.before.test(before));
    const match = source?.before.exec(before);
    const typed = match?.[1] ?? match?.[0] ?? "";
    found = source ? source.find(typed.toLowerCase()).slice(0, MOST) : [];
    // A name that is written out already needs no suggestion: Enter sends.
    if (found.length === 1 && found[0].insert.trim() === typed) found = [];
    length = typed.length;
    current = 0;
    draw();
  }
  function draw() {
    box.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
    const rows = found.map(({ node }, index) =>
      el(
        "div",
        {
          class: index === current ? "choice current" : "choice",
          role: "option",
          id: freshId("suggestion"),
          "aria-selected": String(index === current),
          onpointerdown: (event) => event.preventDefault(),
          onclick: () => pick(index),
        },
        node(),
      ),
    );
    box.replaceChildren(...rows);
    if (rows[current]) field.setAttribute("aria-activedescendant", rows[current].id);
    else field.removeAttribute("aria-activedescendant");
  }
  function pick(index) {
    const caret = field.selectionStart;
    field.setRangeText(found[index].insert, caret - length, caret, "end");
    close();
    field.focus();
    picked();
  }
  function close() {
    found = [];
    draw();
  }
  const KEYS = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => pick(current),
    Tab: () => pick(current),
    Escape: close,
  };
  function move(step) {
    current = (current + step + found.length) % found.length;
    draw();
  }
  field.addEventListener("input", look);
  field.addEventListener("blur", close);
  return {
    close,
    onPick: (listen) => (picked = listen),
    /** @returns {boolean} whether the key was meant for the suggestions */
    key(event) {
      if (found.length === 0 || event.shiftKey || !KEYS[event.key]) return false;
      event.preventDefault();
      event.stopPropagation();
      KEYS[event.key]();
      return true;
    },
  };
}

function commands(typed) {
  return workspace()
    .commands.filter(({ command }) => command.startsWith(typed))
    .map(({ command, description, usage_hint }) => ({
      insert: `${command} `,
      node: () => [
        el("b", {}, command),
        el("span", { class: "dim" }, usage_hint ?? ""),
        el("small", {}, description ?? ""),
      ],
    }));
}

function people(typed) {
  const { bot, user_groups } = workspace();
  const groups = user_groups.map(({ id, handle, name }) => ({ id, name: handle, title: name }));
  return [person(bot.user_id), ...humans(), ...groups]
    .filter(
      ({ id, name, title = userName(id) }) =>
        name.toLowerCase().startsWith(typed) || title.toLowerCase().startsWith(typed),
    )
    .map(({ id, name, title = userName(id) }) => ({
      insert: `${name} `,
      node: () => [avatar(id, "tiny"), el("b", {}, title), el("span", { class: "dim" }, `@${name}`)],
    }));
}
