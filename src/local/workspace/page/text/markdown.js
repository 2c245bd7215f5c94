// The `markdown` block: standard Markdown, as much of it as Slack draws.

import { el } from "../lib/dom.js";
import { emoji } from "./emoji.js";
import { drawInline } from "./inline.js";
import { link, reference } from "./references.js";

const RULES = [
  { at: /\\([\\`*_{}[\]()#+\-.!~|<>])/y, draw: ([, sign]) => sign },
  { at: /`([^`\n]+)`/y, draw: ([, body]) => el("code", {}, body) },
  { at: /\[([^\]\n]+)\]\(([^()\s]+)\)/y, draw: ([, label, href], inner) => link(href, ...inner(label)) },
  { at: /<((?:https?:|[@#!])[^<>\n]+)>/y, draw: ([, body], inner) => reference(body, inner) },
  { at: /https?:\/\/[^\s<>()*`]*[^\s<>()*`.,;:!?\]'"_~]/y, wordStart: true, draw: ([url]) => link(url) },
  { at: /:([a-z0-9_+-]+):/y, draw: ([, name]) => emoji(name) },
  mark(/\*\*(?=\S)([^\n]*?\S)\*\*/y, "b"),
  mark(/__(?=\S)([^\n]*?\S)__/y, "b"),
  mark(/~~(?=\S)([^\n]*?\S)~~/y, "s"),
  mark(/\*(?=[^\s*])([^\n]*?[^\s*])\*/y, "i"),
  { ...mark(/_(?=[^\s_])([^\n]*?[^\s_])_(?!\w)/y, "i"), wordStart: true },
];

function mark(at, tag) {
  return { at, draw: ([, body], inner) => el(tag, {}, ...inner(body)) };
}

function inline(text) {
  return drawInline(text, RULES, (plain) => plain);
}

// Each kind of block: what its first line looks like, which lines belong to it, how it is drawn.
const BLOCKS = [
  { starts: /^#{1,6}\s/, take: 1, draw: ([line]) => heading(line) },
  { starts: /^(?:---+|\*\*\*+)\s*$/, take: 1, draw: () => el("hr") },
  {
    starts: /^>/,
    goesOn: /^>/,
    draw: (rows) => el("blockquote", {}, ...paragraphs(rows.map((row) => row.replace(/^> ?/, "")))),
  },
  { starts: /^\s*\|.*\|\s*$/, goesOn: /^\s*\|/, draw: (rows) => table(rows) },
  { starts: /^\s*[-*+]\s/, goesOn: /^(?:\s*[-*+]\s|\s{2,}\S)/, draw: (rows) => list("ul", rows, /^\s*[-*+]\s+/) },
  { starts: /^\s*\d+[.)]\s/, goesOn: /^(?:\s*\d+[.)]\s|\s{2,}\S)/, draw: (rows) => list("ol", rows, /^\s*\d+[.)]\s+/) },
];

/** @param {string} text @returns {HTMLElement} */
export function markdown(text) {
  return el("div", { class: "text markdown" }, ...blocks(text.split("\n")));
}

function blocks(rows) {
  const out = [];
  for (let at = 0; at < rows.length;) {
    const { nodes, next } = blockAt(rows, at);
    out.push(...nodes);
    at = next;
  }
  return out;
}

function blockAt(rows, at) {
  if (rows[at].trim() === "") return { nodes: [], next: at + 1 };
  if (rows[at].startsWith("```")) return fence(rows, at);
  const kind = BLOCKS.find(({ starts }) => starts.test(rows[at]));
  let next = at + 1;
  if (kind?.goesOn) while (next < rows.length && kind.goesOn.test(rows[next])) next += 1;
  if (kind) return { nodes: [kind.draw(rows.slice(at, next))], next };
  while (next < rows.length && isParagraph(rows[next])) next += 1;
  return { nodes: paragraphs(rows.slice(at, next)), next };
}

function isParagraph(row) {
  return row.trim() !== "" && !row.startsWith("```") && !BLOCKS.some(({ starts }) => starts.test(row));
}

function fence(rows, at) {
  const close = rows.findIndex((row, index) => index > at && row.startsWith("```"));
  const end = close < 0 ? rows.length : close;
  return { nodes: [el("pre", {}, rows.slice(at + 1, end).join("\n"))], next: end + 1 };
}

function heading(line) {
  const [, marks, text] = /^(#+)\s+(.*?)\s*#*$/.exec(line);
  return el(
    "p",
    { class: `heading heading-${Math.min(3, marks.length)}`, role: "heading", "aria-level": marks.length + 2 },
    ...inline(text),
  );
}

function paragraphs(rows) {
  return [el("p", {}, ...rows.flatMap((row, index) => (index > 0 ? [el("br"), ...inline(row)] : inline(row))))];
}

function list(tag, rows, sign) {
  const items = [];
  for (const row of rows) {
    if (sign.test(row)) items.push([row.replace(sign, "")]);
    else items.at(-1).push(row.trim());
  }
  return el(tag, {}, ...items.map((text) => el("li", {}, ...inline(text.join(" ")))));
}

function table(rows) {
  const cells = rows.map((row) =>
    row
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim()),
  );
  const [head, ...body] = cells.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell)));
  const line = (tag) => (row) => el("tr", {}, ...row.map((cell) => el(tag, {}, ...inline(cell))));
  return el(
    "div",
    { class: "table" },
    el("table", {}, el("thead", {}, line("th")(head)), el("tbody", {}, ...body.map(line("td")))),
  );
}
