// Light, dark, or as the system has it. theme-early.js applies the choice before the first paint.

import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";

const THEMES = {
  auto: { next: "light", icon: "auto", says: "Colours follow the system" },
  light: { next: "dark", icon: "sun", says: "Light colours" },
  dark: { next: "auto", icon: "moon", says: "Dark colours" },
};

export function themeButton() {
  const button = el("button", {
    class: "icon-button theme",
    type: "button",
    onclick: () => choose(THEMES[current()].next),
  });
  function choose(name) {
    localStorage.setItem("daytwo.theme", name);
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    draw();
  }
  function draw() {
    const theme = THEMES[current()];
    button.replaceChildren(icon(theme.icon));
    button.title = `${theme.says}. Press to change.`;
    button.setAttribute("aria-label", button.title);
  }
  draw();
  return button;
}

function current() {
  return document.documentElement.dataset.theme ?? "auto";
}
