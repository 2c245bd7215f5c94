import type { EventLine, Names } from "../domain/board.ts";
import type { Party } from "../domain/catalog.ts";
import { type Message, section } from "./blocks.ts";
import { eventSentence } from "./event-words.ts";
import { mention } from "./text.ts";

/** One event as a reply in its item's thread. Only who has to act now is mentioned, and never who just acted. */
export function timelineLine(line: EventLine, names: Names): Message {
  const said = eventSentence(line, names, "thread");
  const receiver = callsSomebody(line) ? partyOf(line.detail["to"]) : null;
  const call = receiver === null || isActor(line, receiver) ? "" : `\n${mention(names, receiver)}, it is yours now`;
  return { text: said, blocks: [section(`${said}${call}`)] };
}

/** Whether an item becomes somebody else's by it. */
function callsSomebody({ kind, detail }: EventLine): boolean {
  return kind === "item.handed_off" || (kind === "item.released" && detail["taken"] === true);
}

function isActor({ person, account }: EventLine, receiver: Party): boolean {
  return "person" in receiver && (receiver.person === person || receiver.person === account);
}

function partyOf(value: unknown): Party | null {
  if (typeof value !== "object" || value === null) return null;
  if ("person" in value && typeof value.person === "string") return { person: value.person };
  return "team" in value && typeof value.team === "string" ? { team: value.team } : null;
}
