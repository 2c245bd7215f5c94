import type { EventLine } from "../domain/board/event-line.ts";
import type { Names } from "../domain/board/names.ts";
import { type Message, context, listed, sections } from "./blocks.ts";
import { eventSentence } from "./events/sentence.ts";
import { plain, when } from "./text.ts";

/** The audit of an item, operation or service, newest first. `about` is what was asked for: "#142", "op-17", "shop"; `count` counts what is not given too. */
export function historyMessage(
  about: string,
  lines: readonly EventLine[],
  names: Names,
  { count = lines.length, isMore = false }: { readonly count?: number; readonly isMore?: boolean } = {},
): Message {
  const title = `What happened with ${plain(about, 60)}`;
  if (lines.length === 0) return { text: title, blocks: sections([`*${title}*: nothing was recorded.`]) };
  const said = lines
    .toSorted((a, b) => b.id - a.id)
    .map((line) => `${when(line.at)} · ${eventSentence(line, names, "list")}${through(line)}`);
  return {
    text: title,
    blocks: [
      ...listed(title, said, count, 9_000),
      context(`Newest first${isMore ? "; more is not counted" : ""}. What is recorded cannot be changed.`),
    ],
  };
}

/** By which way in a person asked; the bot's own surface says nothing. */
function through({ person, account, surface }: EventLine): string {
  return person === null && account === null ? "" : ` · by ${plain(surface, 30)}`;
}
