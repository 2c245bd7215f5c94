import type { KnownBlock, ModalView } from "@slack/types";
import type { Item } from "../domain/item.ts";
import { section } from "./blocks.ts";
import { modal } from "./form.ts";
import type { CallbackId } from "./ids.ts";
import { itemHeading } from "./item-words.ts";

/** A form about an item, which it names first. */
export function itemModal(
  id: CallbackId,
  item: Item,
  { title, submit }: { readonly title: string; readonly submit: string },
  fields: readonly KnownBlock[],
): ModalView {
  return modal(id, title, submit, `${item.id}`, [section(itemHeading(item)), ...fields]);
}
