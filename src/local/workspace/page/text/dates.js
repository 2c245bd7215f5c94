// Times as people read them, in the zone of the browser.

import { workspaceNow } from "../directory.js";
import { el } from "../lib/dom.js";

const DAY = 86_400_000;

const FORMATS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

function format(name, at) {
  return new Intl.DateTimeFormat("en-GB", FORMATS[name]).format(at);
}

/** "Today", "Yesterday", "Tomorrow", or null. */
function nearDay(at) {
  const start = (time) => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((start(at) - start(workspaceNow())) / DAY);
  return { 0: "Today", "-1": "Yesterday", 1: "Tomorrow" }[days] ?? null;
}

/** "just now", "5 minutes ago", "in 2 hours"; for sentences. @param {number} at milliseconds */
export function relative(at) {
  const seconds = Math.round((at - workspaceNow()) / 1000);
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? [];
  if (!unit) return seconds > 30 ? "in less than a minute" : "just now";
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/**
 * Slack's date tokens: {date_short_pretty}, {time}, {ago} and the rest.
 * @param {number} at milliseconds @param {string} pattern
 */
export function fillPattern(at, pattern) {
  return pattern.replace(/\{([a-z_]+)\}/g, (whole, token) => {
    if (token === "ago") return relative(at);
    const base = token.replace(/_pretty$/, "");
    if (!(base in FORMATS)) return whole;
    const near = token.endsWith("_pretty") ? nearDay(at) : null;
    return near?.toLowerCase() ?? format(base, at);
  });
}

/** A ts ("1700000000.000100") in milliseconds. */
export function tsToMs(ts) {
  return Number(ts) * 1000;
}

export function clockTime(at) {
  return format("time", at);
}

export function fullTime(at) {
  return `${format("date_long", at)} at ${format("time_secs", at)}`;
}

/** The title of a day divider: "Today", "Yesterday" or the date. */
export function dayTitle(at) {
  return nearDay(at) ?? new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" }).format(at);
}

/**
 * A time that says itself again as it passes.
 * @param {number} at milliseconds @param {(at: number) => string} say
 */
export function livingTime(at, say) {
  const node = el("time", { datetime: new Date(at).toISOString(), title: fullTime(at) }, say(at));
  node.refresh = () => {
    const text = say(at);
    if (node.textContent !== text) node.textContent = text;
  };
  node.classList.add("living");
  return node;
}

/** Refreshes every living time on the page, four times a minute. */
export function keepTimesFresh() {
  setInterval(() => document.querySelectorAll("time.living").forEach((node) => node.refresh?.()), 15_000);
}
