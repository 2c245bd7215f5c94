import type { EventLine } from "../domain/board/event-line.ts";
import type { Names } from "../domain/board/names.ts";
import type { Party } from "../domain/duty.ts";
import { type Message, section } from "./blocks.ts";
import { eventSentence } from "./events/sentence.ts";
import { mention } from "./text.ts";

/** One event as a reply in its item's thread. Only who has to act now is mentioned, and never who just acted. */
export function timelineLine(line: EventLine, names: Names): Message {
  const said = eventSentence(line, names, "thread");
  const calls = callOf(line);
  const receiver = calls === undefined ? null : partyOf(line.detail["to"]);
  const call = receiver === null || isActor(line, receiver) ? "" : `\n${mention(names, receiver)}, ${calls}`;
  return { text: said, blocks: [section(`${said}${call}`)] };
}

const CALLS: Readonly<Record<string, string>> = {
  "item.handed_off": "it is yours now",
  "item.released": "it is yours now",
  "item.woke": "it waits for you again",
};

/** What whoever it is for is told. Given back is only what somebody had taken. */
function callOf({ kind, detail }: EventLine): string | undefined {
  return kind === "item.released" && detail["taken"] !== true ? undefined : CALLS[kind];
}

function isActor({ person, account }: EventLine, receiver: Party): boolean {
  return "person" in receiver && (receiver.person === person || receiver.person === account);
}

function partyOf(value: unknown): Party | null {
  if (typeof value !== "object" || value === null) return null;
  if ("person" in value && typeof value.person === "string") return { person: value.person };
  return "team" in value && typeof value.team === "string" ? { team: value.team } : null;
}
