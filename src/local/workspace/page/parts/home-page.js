// The app's Home tab, as it published it for this person.

import { post, read } from "../api.js";
import { drawBlocks } from "../blocks/index.js";
import { surface } from "../blocks/surface.js";
import { appName, workspace } from "../directory.js";
import { el } from "../lib/dom.js";
import { focusWithin } from "../lib/keyed.js";
import { tellTrouble, toast } from "../lib/toast.js";
import { linkTo } from "../router.js";
import { avatar } from "./avatar.js";

export function homePage() {
  const { bot, dms } = workspace();
  const direct = dms.find(({ user }) => user === bot.user_id);
  const body = el("div", { class: "home-body", tabindex: -1 }, waiting());
  const where = surface({ home: true }, draw);
  let view = null;

  function show(next) {
    if (!next) return;
    view = next;
    draw();
  }
  function draw() {
    if (!view) return;
    const focused = focusWithin(body);
    const { scrollTop } = scroller;
    body.replaceChildren(drawBlocks(view.blocks, where));
    scroller.scrollTop = scrollTop;
    focused?.restore();
  }
  async function load() {
    // First what was there, then the knock: what the app publishes upon it must not be covered by the older view.
    show((await read("home")).view);
    const opened = await post("home");
    if (opened.ok === false) toast(opened.error);
  }
  const scroller = el("div", { class: "scroller" }, body);
  const tabs = el(
    "nav",
    { class: "tabs", "aria-label": appName() },
    el("a", { href: "#/home", "aria-current": "page" }, "Home"),
    direct && el("a", { href: linkTo(direct.id) }, "Messages"),
  );
  const node = el(
    "section",
    { class: "page home", "aria-label": `${appName()}, Home` },
    el("header", { class: "page-head" }, el("h1", {}, avatar(bot.user_id, "small"), appName()), tabs),
    scroller,
  );
  tellTrouble(load());
  return {
    key: "home",
    title: `${appName()} Home`,
    node,
    draw,
    show,
    focus: () => body.focus({ preventScroll: true }),
  };
}

function waiting() {
  return el(
    "div",
    { class: "opening" },
    el("h2", {}, "One moment"),
    el("p", {}, `${appName()} is preparing your Home.`),
  );
}
