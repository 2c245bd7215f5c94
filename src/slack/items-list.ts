import type { Names } from "../domain/board/names.ts";
import type { Item } from "../domain/item.ts";
import { type Message, listed, section } from "./blocks.ts";
import { itemLineWithOwner } from "./item-words.ts";
import { plain } from "./text.ts";

/** The answer to `/day2 items …`. `heading` says which: "Yours", "Nobody's", "Open items of shop"; `total` counts those not given too. */
export function itemsList(
  heading: string,
  items: readonly Item[],
  names: Names,
  now: Date,
  total = items.length,
): Message {
  const title = plain(heading, 80);
  if (items.length === 0) return { text: `${title}: none`, blocks: [section(`*${title}*: none. 🎉`)] };
  const lines = items.map((item) => itemLineWithOwner(item, names, now));
  return { text: `${title}: ${total}`, blocks: listed(title, lines, total, 9_000) };
}
