import type { EventLine } from "../../domain/board/event-line.ts";
import type { WindowLine } from "../../domain/board/window-line.ts";
import { count, joined, when } from "../text.ts";
import { openWindow, windowName, windowTimes } from "../window-words.ts";
import { because, text, type Sentences } from "./detail.ts";

/** What happened to services, windows and the catalog, and what else is written down. */

export const OTHER_SENTENCES: Sentences = {
  "service.checked": ({ who }) => `${who} asked for a look now`,
  "service.added": ({ who, detail }) => `${who} added ${text(detail["address"])}`,
  "service.removed": ({ who, detail }) => `${who} removed ${text(detail["address"])}, which was added here`,
  "service.addition_ended": ({ detail }) =>
    `What was added here ended: the catalog declares it itself, as ${text(detail["as"])}`,
  "service.assigned": ({ who, detail }) =>
    `${who} gave ${text(detail["responsibility"])} to ${text(detail["party"]) || "nobody"}`,
  "service.assignment_ended": ({ detail }) =>
    `What was said here about ${text(detail["responsibility"])} ended: the catalog holds again`,
  "window.planned": ({ who, detail }) =>
    `${windowTimes(windowIn(detail))} (${text(detail["name"])}): planned by ${who}`,
  "window.opened": ({ names, detail }) =>
    `${openWindow(windowIn(detail), names)}: ${WINDOW_MEANS[windowIn(detail).kind]}`,
  "window.closed": ({ detail }) => `${windowName(windowIn(detail))} is over (${text(detail["name"])})`,
  "window.ended": ({ who, detail }) =>
    `${windowName(windowIn(detail))} (${text(detail["name"])}) was ${detail["opened"] === true ? "ended" : "taken back"} by ${who}${again(detail["next"])}`,
  "catalog.imported": ({ detail }) =>
    `A new catalog is in force, with ${count(Number(detail["services"]), "service")}${listOf(detail["changes"])}`,
  "digest.read": ({ who }) => `${who} read the digest`,
  "demo.changed": ({ who, detail }) => `${who} changed the demo${because(detail["what"])}`,
  refused: ({ who, detail }) => `${who} was refused${because(detail["why"])}`,
};

const CHANGES_SHOWN = 12;

function listOf(value: unknown): string {
  const all = Array.isArray(value) ? value.map(text) : [];
  if (all.length === 0) return "";
  const left = all.length - CHANGES_SHOWN;
  return `: ${joined([...all.slice(0, CHANGES_SHOWN), ...(left > 0 ? [`and ${left} more`] : [])], "; ")}`;
}

const WINDOW_MEANS = {
  maintenance: "failing checks and alerts call nobody until then; what still fails at its end opens an item",
  freeze: "changes need a reason and an approval",
} as const;

function again(next: unknown): string {
  return typeof next === "string" ? `; it begins again ${when(new Date(next))}` : "";
}

/** The window that an event is of, as its detail has it. */
function windowIn(detail: EventLine["detail"]): WindowLine {
  const [action, where, by] = [detail["action"], detail["where"], detail["by"]];
  return {
    id: Number(detail["window"]),
    kind: detail["of"] === "freeze" ? "freeze" : "maintenance",
    name: typeof detail["name"] === "string" ? detail["name"] : "",
    action: typeof action === "string" ? action : null,
    where: typeof where === "string" ? where : null,
    startsAt: new Date(String(detail["from"])),
    endsAt: new Date(String(detail["until"])),
    weekly: detail["weekly"] === true,
    by: typeof by === "string" ? by : null,
  };
}
