import type { HomeView } from "@slack/types";
import type { Desk } from "../domain/board/desk.ts";
import { context, header, section } from "./blocks.ts";
import { deskBlocks, isQuiet } from "./desk-blocks.ts";
import { CALLBACK_IDS } from "./ids.ts";
import { onCallBlocks } from "./on-call-message.ts";
import { when } from "./text.ts";

/** The bot's Home tab: what needs this person now. */
export function homeTab(desk: Desk): HomeView {
  const watched = Object.keys(desk.catalog.services).length > 0;
  return {
    type: "home",
    callback_id: CALLBACK_IDS.home,
    blocks: [
      header("What needs you now"),
      ...(watched && isQuiet(desk) ? [section("🌿 Nothing. Enjoy the quiet.")] : []),
      ...(desk.onCall === undefined ? [] : onCallBlocks(desk.onCall, desk.names)),
      ...deskBlocks(desk, { rows: 15, characters: 3_800, board: true }),
      context(`As of ${when(desk.now)} · \`/day2 help\` shows everything I understand`),
    ],
  };
}
