/** Filling a modal as a person does: by the label above each field. */

import { fieldsOf, listOf, textOf } from "../../src/local/json.ts";
import type { Fields } from "../../src/local/json.ts";
import { optionsOf } from "./slack-text.ts";

export type Entered = string | number | string[] | null;
export type State = Record<string, Record<string, Fields>>;

/** Asks the app what it offers for what was typed into an external select. */
export type Suggest = (about: { action_id: string; block_id: string; value: string }) => Promise<Fields[]>;

/** The state of one field, found by its label, block_id or action_id. Throws when there is no such field. */
export async function fieldState(blocks: unknown, name: string, entered: Entered, suggest: Suggest): Promise<State> {
  const inputs = listOf(blocks).map(fieldsOf).flatMap(fields);
  const field = inputs.find((one) => one.label === name || one.blockId === name || one.actionId === name);
  if (field === undefined) {
    throw new Error(
      `There is no field "${name}". There are: ${inputs.map((one) => one.label || one.blockId).join(", ")}.`,
    );
  }
  const value = await valueFor(field, entered, suggest);
  return { [field.blockId]: { [field.actionId]: { type: field.element["type"], ...value } } };
}

interface Field {
  label: string;
  blockId: string;
  actionId: string;
  element: Fields;
}

function fields(block: Fields): Field[] {
  const elements = [block["element"], block["accessory"], ...listOf(block["elements"])].map(fieldsOf);
  return elements
    .filter((element) => typeof element["action_id"] === "string" && element["type"] !== "button")
    .map((element) => ({
      label: textOf(fieldsOf(block["label"])["text"]),
      blockId: textOf(block["block_id"]),
      actionId: textOf(element["action_id"]),
      element,
    }));
}

/** Element type → the key of its value, where that is the text itself. */
const KEYS: Record<string, string> = {
  plain_text_input: "value",
  number_input: "value",
  email_text_input: "value",
  url_text_input: "value",
  users_select: "selected_user",
  channels_select: "selected_channel",
  conversations_select: "selected_conversation",
  multi_users_select: "selected_users",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
};

async function valueFor(field: Field, entered: Entered, suggest: Suggest): Promise<Fields> {
  const { element, actionId, blockId } = field;
  const type = textOf(element["type"]);
  const key = KEYS[type];
  if (key !== undefined)
    return { [key]: typeof entered === "number" && type !== "datetimepicker" ? String(entered) : entered };
  const asked = { action_id: actionId, block_id: blockId, value: String(entered) };
  const options = type.includes("external") ? await suggest(asked) : optionsOf(element);
  if (type.startsWith("multi_") || type === "checkboxes") {
    return {
      selected_options: (Array.isArray(entered) ? entered : [String(entered)]).map((one) => optionNamed(options, one)),
    };
  }
  return { selected_option: entered === null ? null : optionNamed(options, String(entered)) };
}

function optionNamed(options: Fields[], name: string): Fields {
  const found = options.find((one) => labelOf(one) === name || one["value"] === name);
  if (found !== undefined) return found;
  throw new Error(`"${name}" is not on offer. There are: ${options.map(labelOf).join(", ")}.`);
}

function labelOf(option: Fields): string {
  return textOf(fieldsOf(option["text"])["text"]);
}
