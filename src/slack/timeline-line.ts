import type { EventLine, Names } from "../domain/board.ts";
import type { Party } from "../domain/catalog.ts";
import { type Message, section } from "./blocks.ts";
import { eventSentence } from "./event-words.ts";
import { mention } from "./text.ts";

/** One event as a reply in its item's thread. Only who has to act now is mentioned: whom it was handed to, and whom it wakes. */
export function timelineLine(line: EventLine, names: Names): Message {
  const said = eventSentence(line, names, "thread");
  const calls = CALLS[line.kind];
  const receiver = calls === undefined ? null : partyOf(line.detail["to"]);
  const call = receiver === null ? "" : `\n${mention(names, receiver)}, ${calls}`;
  return { text: said, blocks: [section(`${said}${call}`)] };
}

const CALLS: Readonly<Record<string, string>> = {
  "item.handed_off": "it is yours now",
  "item.woke": "it waits for you again",
};

function partyOf(value: unknown): Party | null {
  if (typeof value !== "object" || value === null) return null;
  if ("person" in value && typeof value.person === "string") return { person: value.person };
  return "team" in value && typeof value.team === "string" ? { team: value.team } : null;
}
