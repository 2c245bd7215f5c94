import type { Names } from "../domain/board/names.ts";
import type { Item, ItemState, Severity } from "../domain/item.ts";
import { ago, named, plain } from "./text.ts";

/** How items are said in one line, the same on every card and list. */

const SEVERITY_GLYPHS: Readonly<Record<Severity, string>> = { warning: "🟡", critical: "🔴" };

const STATE_GLYPHS: Readonly<Record<ItemState, string | null>> = { open: null, snoozed: "💤", resolved: "✅" };

export function itemGlyph({ severity, state }: Item): string {
  return STATE_GLYPHS[state] ?? SEVERITY_GLYPHS[severity];
}

/** "#151 shop". */
export function itemName({ id, service }: Item, serviceName: string | null = service): string {
  return `#${id}${serviceName === null ? "" : ` ${plain(serviceName, 60)}`}`;
}

/** "🔴 *#151 shop* · 38 % of requests fail". */
export function itemHeading(item: Item, serviceName: string | null = item.service): string {
  return `${itemGlyph(item)} *${itemName(item, serviceName)}* · ${plain(item.summary)}`;
}

/** The same in short, for a list. */
export function itemInShort(item: Item): string {
  return `${itemGlyph(item)} *${itemName(item)}* · ${plain(item.summary, 120)}`;
}

/** "🔴 *#151 shop* · 38 % of requests fail · 3 days ago". */
export function itemLine(item: Item, now: Date): string {
  return `${itemInShort(item)} · ${ago(now, item.since)}`;
}

/** The same with its owner: "… · Ana". */
export function itemLineWithOwner(item: Item, names: Names, now: Date): string {
  return `${itemLine(item, now)} · ${item.owner === null ? "nobody's" : named(names, item.owner)}`;
}
