import type { ItemCard } from "../domain/board/item-card.ts";
import type { Before, Blind, News } from "../domain/board/surroundings.ts";
import { joined, named, plain, timeOfDay } from "./text.ts";

/** What was going on around an item: what changed just before it began, and what else is not well. */

export function beforeLine({ before, names }: Pick<ItemCard, "before" | "names">): string[] {
  if (before === null) return [];
  const { news, more, watched, blind } = before;
  const parts = [
    ...news.map((each) => newsWords(each, names)),
    ...(more === 0 ? [] : [`and ${more} more`]),
    ...(news.length === 0 && watched !== null ? [nothingSeen(watched)] : []),
    ...(blind.length === 0 ? [] : [`cannot see ${blindWords(blind)}`]),
  ];
  return parts.length === 0 ? [] : [`Just before: ${joined(parts, "; ", 1_200)}`];
}

function newsWords({ place, what, by, at, dated }: News, names: ItemCard["names"]): string {
  const where = place === null ? "" : `${plain(place, 80)}: `;
  const who = by === null ? "" : ` by ${named(names, by)}`;
  return `${where}${plain(what, 120)}${who}, ${dated ? "" : "seen "}${timeOfDay(at)}`;
}

function nothingSeen({ since }: NonNullable<Before["watched"]>): string {
  return since === null ? "nothing seen" : `nothing seen since the first look, ${timeOfDay(since)}`;
}

const WHY: Readonly<Record<Blind["why"], string>> = {
  "no target": "no target in the catalog",
  "never looked at": "not looked at yet",
  "not looked at lately": "not looked at lately",
  "not reached": "the last look failed",
};
const BLIND_SHOWN = 4;

function blindWords(blind: readonly Blind[]): string {
  const shown = blind.slice(0, BLIND_SHOWN).map(({ place, why }) => `${plain(place, 80)} (${WHY[why]})`);
  const left = blind.length - shown.length;
  return [...shown, ...(left === 0 ? [] : [`${left} more`])].join(", ");
}

export function neighbourLine({ neighbours: { shown, more } }: Pick<ItemCard, "neighbours">): string[] {
  if (shown.length === 0) return [];
  const parts = shown.map(({ place, summary }) => `${place === null ? "" : `${plain(place, 80)} `}${plain(summary)}`);
  return [`Also: ${[...parts, ...(more === 0 ? [] : [`and ${more} more`])].join("; ")}`];
}
