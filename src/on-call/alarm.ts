import type { Item } from "../domain/item.ts";

/** "#151 shop: 38 % of requests fail": an item in one line, where nothing is marked up. */
export function itemWords({ id, summary }: Pick<Item, "id" | "summary">, service: string | null): string {
  return `#${id}${service === null ? "" : ` ${service}`}: ${summary}`;
}
