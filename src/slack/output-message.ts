import type { KnownBlock } from "@slack/types";
import type { Output } from "../domain/program-output.ts";
import { section, type Message } from "./blocks.ts";
import { count } from "./text.ts";

/** What an operation printed, in its thread: as a file, or where none can be shown its last lines. */

const TAIL = 2_500; // characters

/** `what`: "op-17", or "op-17, step 2". */
export function outputMessage(what: string, output: Output, file: Message["file"] | null): Message {
  const { lines, cut } = output;
  const said = `${what} printed ${count(lines, "line")}`;
  const left = cut === 0 ? "" : `, without the first ${cut}: only the end is kept`;
  const none = `${said}. No file could be uploaded (that takes the scope \`files:write\`, and the bot in this channel), so these are the last ones:`;
  const blocks = [section(none), asPrinted(output.text.trimEnd().slice(-TAIL))];
  return file === null || file === undefined ? { text: none, blocks } : { text: `${said}${left}`, blocks, file };
}

/** Nothing in it is markup. */
function asPrinted(text: string): KnownBlock {
  return {
    type: "rich_text",
    elements: [{ type: "rich_text_preformatted", elements: [{ type: "text", text: text === "" ? " " : text }] }],
  };
}
