import type { Desk } from "../domain/board/desk.ts";
import { type Message, context, section } from "./blocks.ts";
import { asideInShort, deskBlocks, isQuiet } from "./desk-blocks.ts";
import { count } from "./text.ts";

/** The answer to bare `/day2`: the Home tab in short, for the one who typed it. */
export function deskMessage(desk: Desk): Message {
  if (Object.keys(desk.catalog.services).length === 0) {
    return { text: "Nothing is watched yet.", blocks: deskBlocks(desk, ROOM) };
  }
  if (isQuiet(desk)) {
    const text = "Nothing needs you now.";
    return {
      text,
      blocks: [
        section(`🌿 ${text}`),
        ...asideInShort(desk),
        context("`/day2 status` shows how everything is · `/day2 help` what I understand"),
      ],
    };
  }
  const parts = [
    ...(desk.waitingCount === 0 ? [] : [`${count(desk.waitingCount, "approval")} waiting for you`]),
    ...(desk.mineCount === 0 ? [] : [`${count(desk.mineCount, "item")} of yours`]),
    ...(desk.unownedCount === 0 ? [] : [`${count(desk.unownedCount, "item")} without an owner`]),
  ];
  return { text: parts.join(", "), blocks: deskBlocks(desk, ROOM) };
}

const ROOM = { rows: 5, characters: 3_000 };
