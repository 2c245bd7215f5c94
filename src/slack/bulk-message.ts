import type { Names } from "../domain/board/names.ts";
import type { Bulk } from "../domain/bulk.ts";
import { type Message, sections } from "./blocks.ts";
import { count, joined, named } from "./text.ts";

/** What became of many items that somebody took or acknowledged at once, for them alone. */

export type TookHow = "own" | "ack";

const WORDS = {
  own: {
    done: (list: string, one: boolean) => `${list} ${one ? "is" : "are"} yours.`,
    yours: (list: string, one: boolean) => `${list} ${one ? "was" : "were"} yours already.`,
    held: (many: number, who: string) => `${many} ${many === 1 ? "is" : "are"} ${who}’s already.`,
    none: "There was nothing to take. `/day2 items` lists what is open, and who has it.",
  },
  ack: {
    done: (list: string) => `You have seen ${list}.`,
    yours: (list: string) => `You had seen ${list} already.`,
    held: (many: number, who: string) => `${many} ${many === 1 ? "was" : "were"} seen by ${who} first.`,
    none: "There was nothing to acknowledge. `/day2 items` lists what is open, and who has seen it.",
  },
} as const;

/** `again` is what does the same for what is left. */
export function bulkMessage(how: TookHow, took: Bulk, names: Names, again: string): Message {
  const words = WORDS[how];
  const lines = [
    took.done.length === 0 ? words.none : words.done(numbers(took.done), took.done.length === 1),
    ...(took.yours.length === 0 ? [] : [words.yours(numbers(took.yours), took.yours.length === 1)]),
    ...took.held.slice(0, 5).map(({ who, count: many }) => words.held(many, named(names, { person: who }))),
    ...(took.resolved.length === 0 ? [] : [`Already resolved: ${numbers(took.resolved)}.`]),
    ...(took.missing.length === 0
      ? []
      : [`There is no ${numbers(took.missing)}: \`/day2 items\` lists the open ones.`]),
    ...(took.denied.length === 0 ? [] : [`Your role does not let you change ${numbers(took.denied)}.`]),
    ...(took.left === 0 ? [] : [`${leftWords(took.left)} left: \`${again}\` goes on.`]),
  ];
  return { text: lines[0] ?? words.none, blocks: sections([lines.join("\n")]) };
}

function leftWords(left: number): string {
  return left > 1_000 ? "More than 1000 are" : `${count(left, "more is", "more are")}`;
}

/** "#1, #2, #5"; of many the first, and how many. */
function numbers(ids: readonly number[]): string {
  const shown = joined(
    ids.slice(0, 30).map((id) => `#${id}`),
    ", ",
  );
  return ids.length > 30 ? `${shown} and ${ids.length - 30} more` : shown;
}
