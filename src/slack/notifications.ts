import type { ActionsBlock } from "@slack/types";
import type { EventLine } from "../domain/board/event-line.ts";
import type { Names } from "../domain/board/names.ts";
import type { Item } from "../domain/item.ts";
import { actions, button, type Message, section } from "./blocks.ts";
import { eventSentence } from "./events/sentence.ts";
import { ACTION_IDS } from "./ids.ts";
import { itemHeading, itemName } from "./item-words.ts";
import { plain, when } from "./text.ts";

/** What somebody hears again of an item whose card they have: that it still waits. The buttons do what the card's do. */
export function remindMessage(item: Item, serviceName: string | null): Message {
  const said = `${itemName(item, serviceName)} still waits for somebody · ${plain(item.summary)}`;
  return {
    text: `⏰ ${said}`,
    blocks: [
      section(
        `⏰ *${itemName(item, serviceName)}* still waits for somebody · ${plain(item.summary)} · since ${when(item.since)}`,
      ),
      choices(item),
    ],
  };
}

/** The last of a chain: everybody in the channel is called. */
export function callMessage(item: Item, serviceName: string | null, line: EventLine, names: Names): Message {
  const who = `${itemHeading(item, serviceName)} · since ${when(item.since)}`;
  return {
    text: `Nobody has acted: ${itemName(item, serviceName)} · ${plain(item.summary)}`,
    blocks: [section(`<!channel> ${who}\n${eventSentence(line, names, "thread")}`), choices(item)],
  };
}

function choices({ id }: Item): ActionsBlock {
  return actions([
    button("Take it", ACTION_IDS.take, `${id}`, "primary"),
    button("Seen, not mine", ACTION_IDS.seen, `${id}`),
  ]);
}
