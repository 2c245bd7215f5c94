/** Finding an element that a person acts on, and what Slack says of the action. */

import { fieldsOf, isFields, listOf, textOf } from "../json.ts";
import type { Fields } from "../json.ts";

export type Values = Record<string, Record<string, Fields>>;

/** The element with this action_id, in the block with this block_id. */
export function findElement(blocks: unknown, blockId: string, actionId: string): Fields | null {
  const block = find(blocks, (one) => one["block_id"] === blockId);
  return block === null ? null : find(block, (one) => one["action_id"] === actionId);
}

/** What the app gets in `actions` for `done`, as the page sent it. Null when the element does not offer that. */
export function actionOf(element: Fields, blockId: string, done: Fields): Fields | null {
  const { type, action_id, text, value, style, url } = element;
  const about = { type, action_id, block_id: blockId };
  if (type === "button") return { ...about, text, value, style, url };
  const entered = valueOf(element, done);
  return entered === null ? null : { ...about, ...entered };
}

/** What a person chose or entered, with the whole option for a value. Null when it is not on offer. */
export function valueOf(element: Fields, done: Fields): Fields | null {
  const type = textOf(element["type"]);
  const { selected_option, selected_options } = done;
  if (isFields(selected_option)) {
    const option = optionOf(element, selected_option);
    return option === null ? null : { type, selected_option: option };
  }
  if (Array.isArray(selected_options)) {
    const options = selected_options.map((one) => optionOf(element, fieldsOf(one)));
    return options.includes(null) ? null : { type, selected_options: options };
  }
  const { action_id: _action, block_id: _block, ...rest } = done;
  return { ...rest, type };
}

/** The values that a view starts with, block by block. */
export function initialValues(blocks: unknown): Values {
  const values: Values = {};
  for (const block of listOf(blocks).map(fieldsOf)) {
    const found: Fields[] = [];
    collect(block, found);
    for (const element of found) {
      const start = startOf(element);
      if (start === null) continue;
      const id = textOf(block["block_id"]);
      values[id] = { ...values[id], [textOf(element["action_id"])]: start };
    }
  }
  return values;
}

/** Slack asks for a required input itself, before the app hears of it. block_id → sentence. */
export function missingInputs(blocks: unknown, values: Values): Record<string, string> {
  const asked = listOf(blocks)
    .map(fieldsOf)
    .filter((block) => block["type"] === "input");
  const wrong = asked.flatMap((block): [string, string][] => {
    const element = fieldsOf(block["element"]);
    const id = textOf(block["block_id"]);
    const sentence = complaint(element, values[id]?.[textOf(element["action_id"])], block["optional"] === true);
    return sentence === null ? [] : [[id, sentence]];
  });
  return Object.fromEntries(wrong);
}

function complaint(element: Fields, entered: Fields | undefined, isOptional: boolean): string | null {
  const { type: _type, ...rest } = entered ?? {};
  const given = Object.values(rest).find(
    (one) => one !== null && one !== "" && !(Array.isArray(one) && one.length === 0),
  );
  if (given === undefined) return isOptional ? null : "Please complete this required field.";
  if (element["type"] === "number_input") return numberComplaint(element, textOf(given));
  const { min_length, max_length } = element;
  if (typeof given !== "string") return null;
  if (typeof min_length === "number" && given.length < min_length)
    return `This must be at least ${min_length} characters.`;
  if (typeof max_length === "number" && given.length > max_length)
    return `This must be at most ${max_length} characters.`;
  return null;
}

function numberComplaint(element: Fields, given: string): string | null {
  const number = Number(given);
  const { min_value, max_value, is_decimal_allowed } = element;
  if (!Number.isFinite(number)) return "Enter a number.";
  if (is_decimal_allowed !== true && !Number.isInteger(number)) return "Enter a whole number.";
  if (typeof min_value === "string" && number < Number(min_value)) return `Enter a number of at least ${min_value}.`;
  if (typeof max_value === "string" && number > Number(max_value)) return `Enter a number of at most ${max_value}.`;
  return null;
}

const EMPTY: Record<string, Fields> = {
  checkboxes: { selected_options: [] },
  multi_static_select: { selected_options: [] },
  radio_buttons: { selected_option: null },
  static_select: { selected_option: null },
  external_select: { selected_option: null },
  users_select: { selected_user: null },
  plain_text_input: { value: null },
  number_input: { value: null },
};

function startOf(element: Fields): Fields | null {
  const type = textOf(element["type"]);
  if (type === "button" || type === "overflow") return null;
  const initial = Object.keys(element).find((name) => name.startsWith("initial_"));
  if (initial === undefined) return { type, ...EMPTY[type] };
  // What starts as initial_date is reported as selected_date, and so on.
  return { type, [initial === "initial_value" ? "value" : initial.replace("initial", "selected")]: element[initial] };
}

function optionOf(element: Fields, chosen: Fields): Fields | null {
  if (textOf(element["type"]).includes("external")) return chosen;
  const groups = listOf(element["option_groups"]).flatMap((group) => listOf(fieldsOf(group)["options"]));
  return (
    [...listOf(element["options"]), ...groups].map(fieldsOf).find((one) => one["value"] === chosen["value"]) ?? null
  );
}

function find(value: unknown, isIt: (one: Fields) => boolean): Fields | null {
  if (isFields(value) && isIt(value)) return value;
  const inner = isFields(value) ? Object.values(value) : listOf(value);
  for (const one of inner) {
    const found = find(one, isIt);
    if (found !== null) return found;
  }
  return null;
}

function collect(value: unknown, into: Fields[]): void {
  if (isFields(value) && typeof value["action_id"] === "string") into.push(value);
  const inner = isFields(value) ? Object.values(value) : listOf(value);
  for (const one of inner) collect(one, into);
}
