import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  MrkdwnElement,
  Overflow,
  PlainTextElement,
  PlainTextOption,
  SectionBlock,
} from "@slack/types";
import { type ActionId, postingBlockId } from "./ids.ts";

/** One-liners over Block Kit. */

/** `text` is what a notification shows; it is sent with `parse: none`, `link_names: false` and no unfurling. */
export type Message = {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  /** An uploaded file that nobody has seen yet: it is sent with the text, and cannot be changed. Where it cannot be, the blocks are sent. */
  readonly file?: { readonly id: string; readonly title: string };
};

/** Verbatim: Slack follows our own markup and turns nothing else into a link or a mention. */
export function mrkdwn(text: string): MrkdwnElement {
  return { type: "mrkdwn", text, verbatim: true };
}

export function words(text: string): PlainTextElement {
  return { type: "plain_text", text, emoji: false };
}

export function header(text: string): HeaderBlock {
  return { type: "header", text: words(text) };
}

export function section(text: string, accessory?: Button | Overflow): SectionBlock {
  return { type: "section", text: mrkdwn(text), ...(accessory === undefined ? {} : { accessory }) };
}

export function context(text: string): ContextBlock {
  return { type: "context", elements: [mrkdwn(text)] };
}

export function actions(elements: readonly (Button | Overflow)[]): ActionsBlock {
  return { type: "actions", elements: [...elements] };
}

export function button(label: string, action: ActionId, value: string, style?: "primary" | "danger"): Button {
  return { type: "button", text: words(label), action_id: action, value, ...(style === undefined ? {} : { style }) };
}

export function option(label: string, value: string): PlainTextOption {
  return { text: words(label), value };
}

export function overflow(action: ActionId, options: readonly PlainTextOption[]): Overflow {
  return { type: "overflow", action_id: action, options: [...options] };
}

/**
 * Lines as few sections, each within the 3,000 characters that Slack takes; a single line must fit by itself. Of more
 * than `budget` characters together the last lines are left out, and said to be.
 */
export function sections(lines: readonly string[], budget = 9_000): SectionBlock[] {
  const { rows, left } = fit(lines, budget);
  const texts: string[] = [];
  for (const line of left === 0 ? rows : [...rows, `and ${left} more`]) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length < 2_900) texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map((text) => section(text));
}

/**
 * As many of the rows, from the first on, as fit into `budget` characters of JSON; Slack refuses a message whose blocks
 * are longer than about 13,000 together. `left` says how many did not fit.
 */
export function fit<Row>(
  rows: readonly Row[],
  budget: number,
): { readonly rows: readonly Row[]; readonly left: number } {
  let length = 0;
  const fitting = rows.findIndex((row) => (length += JSON.stringify(row).length + 1) > budget);
  return fitting === -1 ? { rows, left: 0 } : { rows: rows.slice(0, fitting), left: rows.length - fitting };
}

/** A heading with its count, the lines that fit, and how many of `total` are left out; nothing where there are no lines. */
export function listed(
  heading: string,
  lines: readonly string[],
  total = lines.length,
  budget = 1_900,
): SectionBlock[] {
  if (lines.length === 0) return [];
  const { rows } = fit(lines, budget);
  const left = total - rows.length;
  return sections(
    [`*${heading}* (${total})`, ...rows, ...(left > 0 ? [`and ${left} more`] : [])],
    Number.POSITIVE_INFINITY,
  );
}

/** The same message with the posting's number in the ids of the blocks that have buttons, so that a stray copy can be told by its first click. */
export function withPosting(message: Message, posting: number): Message {
  const blocks = message.blocks.map((block, index) =>
    block.type === "actions" || (block.type === "section" && block.accessory !== undefined)
      ? { ...block, block_id: postingBlockId(posting, index) }
      : block,
  );
  return { ...message, blocks };
}
