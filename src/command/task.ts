import type { Arguments } from "../domain/action.ts";
import { Invalid } from "../errors.ts";
import type { Words } from "./words.ts";

/** Reads which task is to be run, and the values for its arguments: `clear-cache region=us note="two words"`. */

const NAME = "[a-z][a-z0-9-]{0,39}";
const TASK = new RegExp(`['"\`]*(${NAME})['"\`]*[.,;!?]*(?=\\s|$)`);
const GIVEN = new RegExp(`(${NAME})\\s*=\\s*`);

/** In a thread: a task without a service before it. */
export const TASK_AHEAD = new RegExp(
  `^${NAME}(?:[.,;!?]*$|\\s+(?:please|pls|thanks)\\b|\\s+${NAME}\\s*=|\\s+despite\\s)`,
);

/** Without a task, the answer says which there are. */
export function readTask(words: Words): Arguments {
  if (/^despite(?=[\s:,]|$)/.test(words.rest)) return {};
  const task = words.take(TASK)?.[1]?.toLowerCase();
  if (task === undefined) return {};
  const values: Record<string, string> = {};
  for (let match = words.take(GIVEN); match !== null; match = words.take(GIVEN)) {
    const name = (match[1] ?? "").toLowerCase();
    if (Object.hasOwn(values, name)) throw new Invalid(`\`${name}\` is given twice; keep one.`);
    values[name] = takeValue(words, name);
  }
  return { task, values };
}

/** In quotes whatever is between them; else up to the next space, without a comma that separates. */
function takeValue(words: Words, name: string): string {
  const quoted = words.takeWritten(/"[^"]*"(?=[\s,;]|$)|'[^']*'(?=[\s,;]|$)/);
  const value = quoted === null ? words.takeWritten(/[^\s"']\S*?(?=[,;]*(?:\s|$))/) : quoted.slice(1, -1);
  words.take(/[,;]+(?=\s|$)/);
  if (value !== null) return value;
  throw new Invalid(
    words.rest === "" ? `\`${name}\` has no value.` : `The value of \`${name}\` has a quote too many or too few.`,
    {
      hint: 'Write it like `region=us`, and with spaces in quotes: `note="two words"`.',
    },
  );
}
