import type { Handover } from "../domain/board/on-call.ts";
import type { Names } from "../domain/board/names.ts";
import { context, listed, type Message, section } from "./blocks.ts";
import { itemLineWithOwner } from "./item-words.ts";
import { mention, named, plain, when } from "./text.ts";

/** Said when somebody else is on call: who, until when, and what is open. It calls the one who comes on, and nobody else. */
export function handoverMessage({ name, from, to, until, by, items, count, now }: Handover, names: Names): Message {
  const rotation = plain(name, 60);
  if (to === null) {
    const text = `⚠️ Nobody in ${rotation} is available: nobody is on call`;
    return {
      text,
      blocks: [section(`*${text}*`), context("`/day2 oncall` says who could be · `/day2 cover` takes a turn")],
    };
  }
  const after = from === null ? "" : `, after ${named(names, { person: from })}`;
  const said = by === null ? "" : ` (said by ${named(names, { person: by })})`;
  const lines = items.map((item) => itemLineWithOwner(item, names, now));
  return {
    text: `📟 ${named(names, { person: to })} is on call for ${rotation}`,
    blocks: [
      section(
        `📟 ${mention(names, { person: to })} is on call for *${rotation}*${until === null ? "" : ` until ${when(until)}`}${after}${said}`,
      ),
      ...(items.length === 0 ? [context("Nothing is open.")] : listed("What is open", lines, count, 6_000)),
    ],
  };
}
