import { Invalid } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { PLACE, begins, shown, type TaskArgument, type Task, type Values } from "./task.ts";

/** The values that somebody gives for a task, and the command that they make. */

/** More than that nobody reads before they approve it. */
const LONGEST_COMMAND = 1_000;

/**
 * The values of all arguments, given or by default, and the command that they make: as many elements as the catalog has.
 * @throws Invalid for a value that is missing, not right, or for no argument of the task
 */
export function fillIn(task: Task, given: Values): { readonly values: Values; readonly argv: readonly string[] } {
  const names = task.arguments.map(({ name }) => name);
  const stray = Object.keys(given).find((name) => !names.includes(name));
  if (stray !== undefined) throw strayArgument(task, stray);
  const values = Object.fromEntries(
    task.arguments.map((argument) => {
      const { name } = argument;
      const value = Object.hasOwn(given, name) ? given[name] : argument.default;
      if (value === undefined)
        throw new Invalid(`\`${task.name}\` needs \`${name}\`: ${wanted(argument)}.`, { hint: `Write \`${name}=…\`.` });
      const read = readValue(task, argument, value);
      if ("wrong" in read) throw new Invalid(read.wrong);
      return [name, read.value] as const;
    }),
  );
  // In one go: what a value holds is never filled in again.
  const argv = task.command.map((element) =>
    element.replace(PLACE, (place, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? place) : place)),
  );
  const { length } = shown(argv);
  if (length > LONGEST_COMMAND)
    throw new Invalid(`That makes a command of ${length} characters, and who approves it has to read it.`, {
      hint: `At most ${LONGEST_COMMAND}: give shorter values.`,
    });
  return { values, argv };
}

function strayArgument(task: Task, name: string): Invalid {
  const names = task.arguments.map((argument) => argument.name);
  if (names.length === 0) return new Invalid(`\`${task.name}\` takes no arguments.`);
  const near = nearest(name, names);
  const hint =
    near === undefined ? `It takes ${names.map((each) => `\`${each}\``).join(", ")}.` : `Did you mean \`${near}\`?`;
  return new Invalid(`\`${task.name}\` takes no \`${name}\`.`, { hint });
}

export function wanted(argument: TaskArgument): string {
  if (argument.kind === "number") return `a whole number from ${argument.min} to ${argument.max}`;
  if (argument.kind === "text") return `text of at most ${argument.longest} characters`;
  return `one of ${argument.choices.join(", ")}`;
}

/** A value as the task takes it, or what is wrong with it as a sentence. */
export function readValue(
  task: Pick<Task, "command" | "isQuery">,
  argument: TaskArgument,
  written: string,
): { readonly value: string } | { readonly wrong: string } {
  const { name } = argument;
  if (argument.kind === "text") {
    const wrong = textProblem(name, argument.longest, written, begins(task, name));
    return wrong === null ? { value: written } : { wrong };
  }
  const value = argument.kind === "number" ? numberIn(argument, written) : choiceIn(argument, written);
  return value === undefined ? { wrong: `\`${name}\` must be ${wanted(argument)}.` } : { value };
}

/** A phone may write another dash, or a capital where a word begins. */
function plainly(text: string): string {
  return text
    .trim()
    .replaceAll(/[\u2010-\u2015\u2212]/g, "-")
    .toLowerCase();
}

function numberIn({ min, max }: { readonly min: number; readonly max: number }, written: string): string | undefined {
  const plain = plainly(written);
  const number = /^-?\d{1,15}$/.test(plain) ? Number(plain) : Number.NaN;
  return number >= min && number <= max ? String(number + 0) : undefined;
}

function choiceIn({ choices }: { readonly choices: readonly string[] }, written: string): string | undefined {
  if (choices.includes(written)) return written;
  const alike = choices.filter((choice) => plainly(choice) === plainly(written));
  return alike.length === 1 ? alike[0] : undefined;
}

/** What a card would not show as it is: whoever approves sees all that runs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|[^\S ]/u;

function textProblem(name: string, longest: number, text: string, isBeginning: boolean): string | null {
  const { length } = text;
  if (length === 0) return `\`${name}\` must not be empty.`;
  if (length > longest) return `\`${name}\` has ${length} characters; at most ${longest}.`;
  if (UNSEEN.test(text)) return `\`${name}\` must be one line of plain text, without characters that cannot be seen.`;
  if (text !== text.trim()) return `\`${name}\` must not begin or end with a space.`;
  if (isBeginning && text.startsWith("-"))
    return `\`${name}\` must not begin with \`-\`: the program would take it for an option.`;
  return null;
}
