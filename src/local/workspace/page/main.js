// The page's way through: boot → sidebar and page → stream. A live event changes the store, the store redraws what shows it.

import { actAs, read } from "./api.js";
import { conversation, conversations, fillDirectory, workspace } from "./directory.js";
import { el } from "./lib/dom.js";
import { toast } from "./lib/toast.js";
import { channelPage } from "./parts/channel-page.js";
import { homePage } from "./parts/home-page.js";
import { syncModals } from "./parts/modals.js";
import { sidebar } from "./parts/sidebar.js";
import { threadPane } from "./parts/thread-pane.js";
import { go, linkTo, onRoute, route } from "./router.js";
import { drop, fill, onMessages, put } from "./store.js";
import { openStream } from "./stream.js";
import { keepTimesFresh } from "./text/dates.js";
import { markRead } from "./unread.js";

const PHONE = matchMedia("(max-width: 720px)");
const app = document.getElementById("app");

let side = null;
let page = null;
let pane = null;
let turn = Promise.resolve();

async function start() {
  await boot();
  side = sidebar();
  app.replaceChildren(
    side.node,
    el("main", { class: "main" }),
    el("div", { class: "offline", role: "status", hidden: true }, "Connection lost. Reconnecting…"),
  );
  app.querySelector("main").append(side.opener);
  onMessages(changed);
  onRoute(draw);
  draw();
  openStream({ event: live, state: connection });
  keepTimesFresh();
  listenToKeys();
}

/** Who and what there is, and every conversation's messages: all that the sidebar and the pages show. */
async function boot() {
  const answer = await read("boot");
  actAs(answer.me.id);
  fillDirectory(answer);
  const ids = conversations().map(({ id }) => id);
  const readings = await Promise.all(ids.map((channel) => read("messages", { channel })));
  ids.forEach((channel, index) => fill(channel, readings[index].messages));
}

function connection(isOpen) {
  app.querySelector(".offline").hidden = isOpen;
  if (isOpen) inTurn(afresh);
}

async function afresh() {
  await boot();
  side.draw();
  await pane?.load();
  await syncModals();
  if (page.key === "home") page.show((await read("home")).view);
}

/** Makes the page what the address says; keeps what is there already. */
function draw() {
  const at = route();
  const key = at.page === "home" ? "home" : at.channel;
  const main = app.querySelector("main");
  if (page?.key !== key) {
    page?.node.remove();
    page = at.page === "home" ? homePage() : channelPage(at.channel);
    main.append(page.node);
    page.draw();
    if (!PHONE.matches) page.focus();
  }
  drawPane(at);
  see();
  document.title = `${page.title} · ${workspace().team.name}`;
}

function drawPane(at) {
  const key = at.page === "channel" && at.thread ? `${at.channel}/${at.thread}` : null;
  if (pane?.key === key) return;
  pane?.node.remove();
  pane = key ? threadPane(at.channel, at.thread) : null;
  document.body.classList.toggle("with-thread", pane !== null);
  if (!pane) return;
  app.append(pane.node);
  pane.draw();
  inTurn(pane.load);
  if (!PHONE.matches) pane.focus();
}

/** What is on the screen counts as read. */
function see() {
  if (page.key !== "home" && document.visibilityState === "visible") markRead(page.key);
  side.draw();
}

function changed(channel) {
  if (page?.key === channel) page.draw();
  if (pane?.channel === channel) pane.draw();
  if (page) see();
}

const EVENTS = {
  message: ({ channel, message }) => take(channel, message),
  message_changed: ({ channel, message }) => take(channel, message),
  message_deleted: ({ channel, message }) => drop(channel, message.ts),
  home: ({ view }) => page.key === "home" && page.show(view),
  toast: ({ text }) => toast(text),
  view_opened: syncModals,
  view_pushed: syncModals,
  view_updated: syncModals,
  view_closed: syncModals,
};

function live(event) {
  const handle = EVENTS[event.type];
  if (handle) inTurn(() => handle(event));
}

/**
 * Readings and live events change the store one after the other: an event that comes in during a reading is applied
 * after it, so that an older picture never covers a newer one.
 */
function inTurn(step) {
  turn = turn.then(step).catch((error) => toast(error.message));
}

async function take(channel, message) {
  // A direct message that was opened just now is not in the directory yet.
  if (!conversation(channel)) await boot();
  put(channel, message);
}

function listenToKeys() {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") return;
    page.look?.();
    page.draw();
    see();
  });
  addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open], :popover-open")) return;
    if (event.key === "Escape" && pane && !document.body.classList.contains("drawer")) closePane();
    if (event.key === "F6") nextRegion(event);
  });
}

function closePane() {
  const back = pane.key.split("/")[1];
  go(linkTo(pane.channel));
  // hashchange comes later; the link that opened the thread gets the focus back.
  const row = page.node.querySelector(`[data-key="${CSS.escape(back)}"]`);
  (row?.querySelector(".replies, .tools a") ?? row)?.focus({ preventScroll: true });
}

/** F6 walks the regions: sidebar, page, thread. */
function nextRegion(event) {
  event.preventDefault();
  const regions = [app.querySelector(".places"), page, pane].filter(Boolean);
  const nodes = regions.map((region) => region.node ?? region);
  const here = nodes.findIndex((node) => node.contains(document.activeElement));
  const step = event.shiftKey ? -1 : 1;
  regions.at((here + step) % regions.length).focus();
}

start().catch((error) => {
  app.replaceChildren(
    el(
      "div",
      { class: "starting" },
      el("p", { role: "alert" }, error.message),
      el("a", { class: "button primary", href: "/" }, "Start again"),
    ),
  );
});
