import type { EventLine, Names } from "../domain/board.ts";
import type { Party } from "../domain/catalog.ts";
import { type Message, section } from "./blocks.ts";
import { eventSentence } from "./event-words.ts";
import { mention } from "./text.ts";

/** One event as a reply in its item's thread. Only who has to act now is mentioned: the one that it was handed to. */
export function timelineLine(line: EventLine, names: Names): Message {
  const said = eventSentence(line, names, "thread");
  const receiver = line.kind === "item.handed_off" ? partyOf(line.detail["to"]) : null;
  const call = receiver === null ? "" : `\n${mention(names, receiver)}, it is yours now`;
  return { text: said, blocks: [section(`${said}${call}`)] };
}

function partyOf(value: unknown): Party | null {
  if (typeof value !== "object" || value === null) return null;
  if ("person" in value && typeof value.person === "string") return { person: value.person };
  return "team" in value && typeof value.team === "string" ? { team: value.team } : null;
}
