import type { InputBlock, KnownBlock, ModalView, RadioButtons, StaticSelect } from "@slack/types";
import { parseDuration } from "../domain/measures.ts";
import { Invalid } from "../errors.ts";
import { option, words } from "./blocks.ts";

/** Fields of our modals. A field's block and its element have one id, which is also its key in the errors. */

const SHORTEST = 60_000;
const LONGEST = 30 * 24 * 60 * 60_000;

/** What Slack sends of a view: block id → action id → what was entered. */
export type FormState = {
  readonly values: Readonly<Record<string, Readonly<Record<string, Entered>>>>;
};
export type Entered = {
  readonly value?: string | null | undefined;
  readonly selected_option?: { readonly value?: string | undefined } | null | undefined;
  readonly selected_user?: string | null | undefined;
};

/** A submission as read: what it says, or a sentence for each field that cannot be right. */
export type Submission<Value> = { readonly value: Value } | { readonly errors: Readonly<Record<string, string>> };

export type Choice = { readonly label: string; readonly value: string };

/** Titles and buttons of a modal have at most 24 characters. */
export function modal(
  callbackId: string,
  title: string,
  submit: string,
  metadata: string,
  blocks: readonly KnownBlock[],
): ModalView {
  return {
    type: "modal",
    callback_id: callbackId,
    private_metadata: metadata,
    title: words(title),
    submit: words(submit),
    close: words("Close"),
    blocks: [...blocks],
  };
}

type TextField = {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly optional?: boolean;
  readonly multiline?: boolean;
  readonly initial?: string;
  /** The most characters. */
  readonly longest?: number;
};

export function textField({
  id,
  label,
  hint,
  optional = false,
  multiline = false,
  initial,
  longest = 1_000,
}: TextField): InputBlock {
  return {
    type: "input",
    block_id: id,
    label: words(label),
    optional,
    ...(hint === undefined ? {} : { hint: words(hint) }),
    element: {
      type: "plain_text_input",
      action_id: id,
      multiline,
      max_length: longest,
      ...(initial === undefined || initial === "" ? {} : { initial_value: initial }),
    },
  };
}

export function wholeNumberField(
  id: string,
  label: string,
  initial?: number,
  { min, max }: { readonly min: number; readonly max?: number } = { min: 0 },
): InputBlock {
  return {
    type: "input",
    block_id: id,
    label: words(label),
    element: {
      type: "number_input",
      action_id: id,
      is_decimal_allowed: false,
      min_value: `${min}`,
      ...(max === undefined ? {} : { max_value: `${max}` }),
      ...(initial === undefined ? {} : { initial_value: `${initial}` }),
    },
  };
}

/** The first choice is chosen already unless told which. */
export function radioField(id: string, label: string, choices: readonly Choice[]): InputBlock {
  const options = choices.map((choice) => option(choice.label, choice.value));
  const element: RadioButtons = { type: "radio_buttons", action_id: id, options };
  return { type: "input", block_id: id, label: words(label), element: { ...element, ...first(options) } };
}

/** The first choice is chosen already. */
export function selectField(id: string, label: string, choices: readonly Choice[]): InputBlock {
  const options = choices.slice(0, 100).map((choice) => option(choice.label, choice.value));
  const element: StaticSelect = { type: "static_select", action_id: id, options };
  return { type: "input", block_id: id, label: words(label), element: { ...element, ...first(options) } };
}

/** Nothing is chosen yet: somebody has to say which. */
export function openSelectField(id: string, label: string, choices: readonly Choice[]): InputBlock {
  const options = choices.slice(0, 100).map((choice) => option(choice.label, choice.value));
  return {
    type: "input",
    block_id: id,
    label: words(label),
    element: { type: "static_select", action_id: id, options },
  };
}

export function personField(id: string, label: string): InputBlock {
  return { type: "input", block_id: id, label: words(label), element: { type: "users_select", action_id: id } };
}

/** What was typed, without spaces around it; null where nothing was. */
export function typed(state: FormState, id: string): string | null {
  const value = state.values[id]?.[id]?.value?.trim() ?? "";
  return value === "" ? null : value;
}

export function chosen(state: FormState, id: string): string | null {
  return state.values[id]?.[id]?.selected_option?.value ?? null;
}

/** What was chosen, or typed where there was nothing to choose from. */
export function entered(state: FormState, id: string): string | null {
  return chosen(state, id) ?? typed(state, id);
}

export function chosenPerson(state: FormState, id: string): string | null {
  return state.values[id]?.[id]?.selected_user ?? null;
}

/** ms of a typed duration, or the sentence that says what is wrong with it. */
export function durationOf(text: string): number | string {
  try {
    const ms = parseDuration(text);
    return ms < SHORTEST || ms > LONGEST ? "Between 1 minute and 30 days, please." : ms;
  } catch (error) {
    if (error instanceof Invalid) return error.message;
    throw error;
  }
}

/** The value where no field has a problem. */
export function submission<Value>(
  problems: Readonly<Record<string, string | null>>,
  value: () => Value,
): Submission<Value> {
  const errors = Object.fromEntries(
    Object.entries(problems).flatMap(([id, sentence]) => (sentence === null ? [] : [[id, sentence] as const])),
  );
  return Object.keys(errors).length === 0 ? { value: value() } : { errors };
}

function first<Option>(options: readonly Option[]): { initial_option: Option } | Record<never, never> {
  const [initial] = options;
  return initial === undefined ? {} : { initial_option: initial };
}
