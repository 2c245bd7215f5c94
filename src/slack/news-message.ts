import type { EventLine, Names } from "../domain/board.ts";
import type { Operation } from "../domain/operation.ts";
import { type Message, section } from "./blocks.ts";
import { eventSentence } from "./event-words.ts";
import { operationName, STATE_WORDS } from "./operation-words.ts";

/** What somebody hears directly about an operation, once: how it ended, or that it needs them. */
export function newsMessage(line: EventLine, operation: Operation, names: Names): Message {
  const said = eventSentence(line, names, "beneath");
  const headline = `${STATE_WORDS[operation.state].glyph} *${operationName(operation)}*`;
  return { text: `${operationName(operation)}: ${said}`, blocks: [section(`${headline}\n${said}`)] };
}
