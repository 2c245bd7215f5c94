/** What a person reads on a card: its visible text, and the labels they can press. */

import { fieldsOf, isFields, listOf, textOf } from "../../src/local/json.ts";
import type { Fields } from "../../src/local/json.ts";

/** Something a person can press: a button, or one option of a menu. */
export interface Pressable {
  label: string;
  /** What the page sends as `action`. */
  action: Fields;
}

const MENUS = new Set(["overflow", "static_select", "radio_buttons"]);

/** All visible text, a line for each text object; labels of buttons and menus are not text. */
export function visibleText(blocks: unknown, names: ReadonlyMap<string, string>): string {
  return texts(blocks)
    .map((text) => readable(text, names))
    .join("\n");
}

export function pressables(blocks: unknown): Pressable[] {
  return listOf(blocks).flatMap((block) => inside(block, textOf(fieldsOf(block)["block_id"])));
}

function inside(value: unknown, blockId: string): Pressable[] {
  if (Array.isArray(value)) return value.flatMap((one) => inside(one, blockId));
  if (!isFields(value)) return [];
  const id = textOf(value["block_id"]) || blockId;
  if (typeof value["action_id"] !== "string") return Object.values(value).flatMap((one) => inside(one, id));
  const { type, action_id, text, value: carried } = value;
  const about = { type, action_id, block_id: id };
  if (type === "button") return [{ label: textOf(fieldsOf(text)["text"]), action: { ...about, value: carried } }];
  if (!MENUS.has(textOf(type))) return [];
  return optionsOf(value).map((option) => ({
    label: textOf(fieldsOf(option["text"])["text"]),
    action: { ...about, selected_option: option },
  }));
}

export function optionsOf(element: Fields): Fields[] {
  const groups = listOf(element["option_groups"]).flatMap((group) => listOf(fieldsOf(group)["options"]));
  return [...listOf(element["options"]), ...groups].map(fieldsOf);
}

function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (!isFields(value) || typeof value["action_id"] === "string") return [];
  const { text, title, alt_text } = value;
  if (typeof text === "string") return [text];
  if (value["type"] === "raw_number") return [String(Number(value["value"]))];
  if (value["type"] === "rich_text_section") return [textOfRun(value)];
  const own = [title, alt_text].filter((one) => typeof one === "string");
  return [...own, ...Object.values(value).flatMap((one) => (typeof one === "object" ? texts(one) : []))];
}

function textOfRun(section: Fields): string {
  return listOf(section["elements"])
    .map(fieldsOf)
    .map(
      (part) => textOf(part["text"]) || textOf(part["url"]) || (part["user_id"] ? `<@${textOf(part["user_id"])}>` : ""),
    )
    .join("");
}

function readable(text: string, names: ReadonlyMap<string, string>): string {
  return text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (_whole, id: string) => `@${names.get(id) ?? id}`)
    .replace(
      /<!subteam\^(\w+)(?:\|@?([^>]*))?>/g,
      (_whole, id: string, label?: string) => `@${label ?? names.get(id) ?? id}`,
    )
    .replace(/<#(\w+)(?:\|([^>]*))?>/g, (_whole, id: string, label?: string) => `#${label || (names.get(id) ?? id)}`)
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<(https?:[^|>]+)\|([^>]*)>/g, "$2")
    .replace(/<(https?:[^>]+)>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
