// A person's picture: initials on a colour of their own; the app has its icon.

import { person, userName, workspace } from "../directory.js";
import { el } from "../lib/dom.js";

/** @param {string} id user id @param {"tiny" | "small" | "large"} size */
export function avatar(id, size) {
  if (id === workspace().bot.user_id) return el("img", { class: `avatar ${size}`, src: "/page/icon.svg", alt: "" });
  const initials = nameOf(id)
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return el(
    "span",
    { class: `avatar ${size} ${person(id)?.kind ?? ""}`, style: { "--hue": String(hue(id)) }, "aria-hidden": "true" },
    initials,
  );
}

function nameOf(id) {
  return workspace().user_groups.find((group) => group.id === id)?.name ?? userName(id);
}

// Spread over the circle by place in the list, so that no two neighbours look alike.
function hue(id) {
  const place = workspace().people.findIndex((one) => one.id === id);
  return (225 + Math.max(0, place) * 97) % 360;
}
