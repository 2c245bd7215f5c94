import type { Names } from "../../domain/board/names.ts";
import { named } from "../text.ts";
import { because, text, until, party, person, rotation, people, type EventParts, type Sentences } from "./detail.ts";

/** Whom items told, and who is on call. */

export const ON_CALL_SENTENCES: Sentences = {
  "item.told": toldWords,
  "item.woken": ({ names, detail }) => `${person(names, detail["person"])} was woken by ${text(detail["by"])}`,
  "item.not_woken": ({ names, detail }) =>
    `${person(names, detail["person"])} could not be woken by ${text(detail["by"]) || "what the catalog says"}${detail["again"] === true ? " yet" : ""}${because(detail["why"])}`,
  "item.passed_on": ({ what, names, detail }) =>
    detail["to"] === null
      ? `Nobody is on call any more: ${what} is nobody's`
      : `The turn is over: ${what} goes to ${party(names, detail["to"])}`,
  "rotation.covered": ({ who, names, detail }) =>
    `${who} put ${person(names, detail["person"])} on call for ${rotation(names, detail["rotation"])}${
      typeof detail["covering"] === "string" ? ` for ${person(names, detail["covering"])}` : ""
    }${until(detail["until"])}`,
  "rotation.covered_ended": ({ names, detail }) =>
    `${person(names, detail["person"])} stands in for ${rotation(names, detail["rotation"])} no more${endedBy(detail["why"])}`,
  "person.away": ({ who, names, detail }) =>
    `${who} said that ${person(names, detail["person"])} is away${until(detail["until"])}`,
  "person.away_ended": ({ names, detail }) =>
    `${person(names, detail["person"])} is not away any more${endedBy(detail["why"])}`,
  "rotation.handed_over": ({ names, detail }) =>
    detail["to"] === null
      ? `Nobody in ${rotation(names, detail["rotation"])} is available: nobody is on call`
      : `${person(names, detail["to"])} is on call for ${rotation(names, detail["rotation"])}${until(detail["until"])}`,
};

const RUNG_WORDS: Readonly<Record<string, string>> = {
  owner: "who has it",
  "on-call": "on call",
  next: "next in turn",
};

/** "Ana is away until …: told Ben, on call, directly". */
function toldWords({ names, detail }: EventParts): string {
  const skipped = (Array.isArray(detail["skipped"]) ? detail["skipped"] : []).map((each: unknown) =>
    skippedWords(names, each, detail["people"]),
  );
  const before = skipped.length === 0 ? "" : `${skipped.join("; ")}: `;
  if (detail["channel"] === true) return `${before}Nobody has acted: told the whole channel`;
  const again = `${detail["again"] === true ? " again" : ""}${heldWords(names, detail["held"])}`;
  if (typeof detail["team"] === "string")
    return `${before}told ${named(names, { team: detail["team"] })} directly${again}`;
  const rung = RUNG_WORDS[text(detail["rung"])];
  return `${before}told ${people(names, detail["people"])}${rung === undefined ? "" : `, ${rung},`} directly${again}`;
}

function heldWords(names: Names, value: unknown): string {
  return Array.isArray(value) && value.length > 0
    ? ` (no message to ${people(names, value)}, who has many of them; Home has all)`
    : "";
}

function skippedWords(names: Names, value: unknown, told: unknown): string {
  const { person: who, why }: { person?: unknown; why?: unknown } = value ?? {};
  if (why === "left") return `${person(names, who)} is not there any more`;
  if (why === "unreachable") return `${person(names, who)} cannot be reached`;
  if (typeof why !== "object" || why === null) return `${person(names, who)} is away${until(why)}`;
  const { words, until: end }: { words?: unknown; until?: unknown } = why;
  const isCalled = Array.isArray(told) && told.includes(who);
  return `${person(names, who)} is away (${text(words)}${end === null ? "" : `,${until(end)}`})${isCalled ? " and on call" : ""}`;
}

function endedBy(why: unknown): string {
  return why === "left" ? ", because the catalog does not know them any more" : "";
}
