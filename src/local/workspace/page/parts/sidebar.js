// The left column: workspace, acting person, channels, direct messages, the app's Home. On a phone it is a drawer.

import { actingAs } from "../api.js";
import { appName, conversation, humans, person, userName, workspace } from "../directory.js";
import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { focusWithin } from "../lib/keyed.js";
import { openMenu } from "../lib/menu.js";
import { linkTo, route } from "../router.js";
import { unread } from "../unread.js";
import { avatar } from "./avatar.js";
import { themeButton } from "./theme.js";

/** @returns {{ node: HTMLElement, opener: HTMLElement, draw: () => void, close: () => void }} opener: the button that opens the drawer */
export function sidebar() {
  const lists = el("nav", { class: "places", "aria-label": "Conversations", tabindex: -1 });
  const shade = el("div", { class: "shade", onclick: close });
  const node = el(
    "div",
    { class: "sidebar", id: "sidebar" },
    top(),
    switcher(),
    lists,
    el("p", { class: "sidebar-foot" }, "Everything here happens on this machine only."),
  );
  const opener = el(
    "button",
    {
      class: "icon-button opener",
      type: "button",
      "aria-label": "Open the sidebar",
      "aria-controls": "sidebar",
      "aria-expanded": "false",
      onclick: open,
    },
    icon("menu"),
  );

  function open() {
    document.body.classList.add("drawer");
    opener.setAttribute("aria-expanded", "true");
    (lists.querySelector("[aria-current]") ?? lists.querySelector("a"))?.focus();
  }
  function close() {
    const was = document.body.classList.contains("drawer");
    document.body.classList.remove("drawer");
    opener.setAttribute("aria-expanded", "false");
    if (was && node.contains(document.activeElement)) opener.focus();
  }
  node.addEventListener("click", (event) => event.target.closest("a") && close());
  addEventListener("keydown", (event) => event.key === "Escape" && close());
  function draw() {
    const focused = focusWithin(lists);
    lists.replaceChildren(...places());
    focused?.restore();
    opener.classList.toggle("news", lists.querySelector(".unread") !== null);
  }
  return { node: el("div", { class: "sidebar-frame" }, shade, node), opener, draw, close };
}

function top() {
  const { team } = workspace();
  return el(
    "header",
    { class: "sidebar-top" },
    el("img", { class: "mark", src: "/page/icon.svg", alt: "" }),
    el("div", { class: "sidebar-title" }, el("strong", {}, team.name), el("small", {}, "Daytwo local workspace")),
    themeButton(),
  );
}

/** Who one acts as. Another person is another address: `?as=`. */
function switcher() {
  const me = person(actingAs());
  const anchor = el(
    "button",
    {
      class: "switcher",
      type: "button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": `Acting as ${userName(me.id)}. Change the person.`,
      onclick: show,
    },
    avatar(me.id, "large"),
    el(
      "span",
      { class: "switcher-text" },
      el("small", {}, "Acting as"),
      el("strong", {}, userName(me.id)),
      el("span", { class: "tagline" }, me.tagline || me.kind),
    ),
    icon("chevron"),
  );
  function show() {
    openMenu(
      anchor,
      "Act as",
      humans().map(({ id, tagline, kind }) => ({
        label: userName(id),
        description: tagline || kind,
        icon: avatar(id, "large"),
        checked: id === me.id,
        href: `/?as=${id}${location.hash}`,
      })),
    );
  }
  return anchor;
}

function places() {
  const { channels, dms, bot } = workspace();
  const here = route();
  const current = here.page === "channel" ? here.channel : null;
  const row = ({ id }) => placeRow(conversation(id), id === current);
  return [
    ...group("Channels", channels.map(row)),
    ...(dms.length > 0 ? group("Direct messages", dms.map(row)) : []),
    ...group("Apps", [
      el(
        "a",
        {
          class: "place",
          href: "#/home",
          "aria-current": here.page === "home" ? "page" : null,
          dataset: { key: "home" },
        },
        avatar(bot.user_id, "small"),
        el("span", { class: "place-name" }, appName()),
        el("span", { class: "place-note" }, "Home"),
      ),
    ]),
  ];
}

function group(title, rows) {
  return [
    el("h2", { class: "places-title" }, title),
    el(
      "ul",
      { class: "places-list" },
      rows.map((row) => el("li", {}, row)),
    ),
  ];
}

function placeRow({ id, kind, title, with: other }, isCurrent) {
  const { news, calls } = isCurrent ? { news: 0, calls: 0 } : unread(id, kind === "dm");
  return el(
    "a",
    {
      class: news > 0 ? "place unread" : "place",
      href: linkTo(id),
      "aria-current": isCurrent ? "page" : null,
      dataset: { key: id },
    },
    kind === "dm" ? avatar(other, "small") : icon("hash"),
    el("span", { class: "place-name" }, title),
    news > 0 && el("span", { class: "sr" }, "unread"),
    calls > 0 && el("span", { class: "badge", "aria-label": `${calls} for you` }, String(calls)),
  );
}
