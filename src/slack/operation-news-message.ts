import type { EventLine } from "../domain/board/event-line.ts";
import type { Names } from "../domain/board/names.ts";
import { OPERATION_STATES, type Operation } from "../domain/operation.ts";
import { type Message, section } from "./blocks.ts";
import { eventSentence } from "./events/sentence.ts";
import { operationName, STATE_WORDS } from "./operation-words.ts";

/** What somebody hears directly about an operation, once: how it ended, or that it needs them. */
export function newsMessage(line: EventLine, operation: Operation, names: Names): Message {
  const said = eventSentence(line, names, "beneath");
  const headline = `${glyphOf(line.kind)} *${operationName(operation)}*`;
  return { text: `${operationName(operation)}: ${said}`, blocks: [section(`${headline}\n${said}`)] };
}

/** Of what happened, which stays true, and not of how the operation stands by the time that it is told. */
function glyphOf(kind: string): string {
  const state = OPERATION_STATES.find((each) => kind === `operation.${each}`);
  if (state !== undefined) return STATE_WORDS[state].glyph;
  return kind === "operation.gone_alone" ? "⚠️" : "🙋";
}
