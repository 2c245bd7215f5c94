import { Invalid } from "../errors.ts";
import type { Arguments, Plan, Risk } from "./action.ts";
import type { Responsibility, Service, Target } from "./catalog.ts";
import { formatDuration } from "./measures.ts";
import { nearest } from "./nearest.ts";
import type { Sequence } from "./sequence.ts";

/**
 * A task that the catalog declares for a service: a program and its arguments, some of which whoever asks for it fills in.
 * There is no shell anywhere: a value, whatever it is, becomes part of one literal argument.
 */

/** What whoever asks may fill in. */
export type TaskArgument = { readonly name: string } & (
  | { readonly kind: "one of"; readonly choices: readonly string[] }
  | { readonly kind: "number"; readonly min: number; readonly max: number }
  | { readonly kind: "text"; readonly longest: number }
) & { readonly default?: string | undefined };

export type Task = {
  readonly name: string;
  readonly description?: string | undefined;
  /** The key of the target that it runs on. */
  readonly target: string;
  /** The program and its arguments; `{name}` in one stands for the value of an argument. */
  readonly command: readonly string[];
  /** Whether it is a query: its text, which no value is filled into, and the values that it asks with. */
  readonly isQuery?: boolean | undefined;
  /** In the order in which they are asked for. */
  readonly arguments: readonly TaskArgument[];
  /** What it helps with: it is offered first on such items. */
  readonly helps?: Responsibility | undefined;
  readonly risk: Risk;
  /** ms after which it is stopped. */
  readonly timeout: number;
};

/** What a form needs to know of a task. */
export type Declared = Pick<Task, "name" | "description" | "arguments" | "command" | "isQuery">;

/** Values of a task's arguments by their names. */
export type Values = Readonly<Record<string, string>>;

/** More than that nobody reads before they approve it. */
const LONGEST_COMMAND = 1_000;

const PLACE = /\{([a-z][a-z0-9-]{0,39})\}/g;

/** The names of the arguments that stand in an element of a command. */
export function placesIn(element: string): string[] {
  return [...element.matchAll(PLACE)].map((match) => match[1] ?? "");
}

/** Whether an argument's value is the beginning of an element: if it began with `-`, a program would take it for an option. */
export function begins({ command, isQuery = false }: Pick<Task, "command" | "isQuery">, name: string): boolean {
  return !isQuery && command.some((element) => element.startsWith(`{${name}}`));
}

/** @throws Invalid saying which tasks there are, and which sequences */
export function taskNamed(service: Service, wanted: string | undefined): Task {
  const found = service.tasks?.find((task) => task.name === wanted);
  if (found !== undefined) return found;
  throw nothingNamed(service, wanted);
}

/** @throws Invalid saying which there are */
export function sequenceNamed(service: Service, wanted: string | undefined): Sequence {
  const found = service.sequences?.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw nothingNamed(service, wanted);
}

function nothingNamed({ key, name, tasks = [], sequences = [] }: Service, wanted: string | undefined): Invalid {
  const what = tasks.length === 0 && sequences.length > 0 ? "sequence" : "task";
  if (tasks.length + sequences.length === 0)
    return new Invalid(`${name} has no tasks.`, { hint: "They are declared under its `tasks` in the catalog." });
  const near = nearest(
    wanted ?? "",
    [...tasks, ...sequences].map((each) => each.name),
  );
  const usages = [
    ...tasks.map((task) => usageOf(key, task)),
    ...sequences.map((sequence) => `/day2 run ${key} ${sequence.name}`),
  ];
  return new Invalid(wanted === undefined ? `Which ${what} of ${name}?` : `${name} has no ${what} \`${wanted}\`.`, {
    hint:
      near === undefined
        ? `It has ${usages
            .slice(0, 10)
            .map((usage) => `\`${usage}\``)
            .join(", ")}.`
        : `Did you mean \`${near}\`?`,
  });
}

/** @throws Invalid for values given to what takes none */
export function refuseValues(name: string, given: Values): void {
  if (Object.keys(given).length > 0) throw new Invalid(`\`${name}\` takes no arguments.`);
}

/** "/day2 run shop clear-cache region=eu|us [days=7]" */
export function usageOf(service: string, task: Task): string {
  const given = task.arguments.map((argument) =>
    argument.default === undefined ? `${argument.name}=${shapeOf(argument)}` : `[${argument.name}=${argument.default}]`,
  );
  return ["/day2 run", service, task.name, ...given].join(" ");
}

function shapeOf(argument: TaskArgument): string {
  if (argument.kind === "number") return `${argument.min}…${argument.max}`;
  return argument.kind === "text" ? "…" : argument.choices.slice(0, 5).join("|");
}

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

function wanted(argument: TaskArgument): string {
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

/** A command for people to read: what is more than a plain word stands in quotes. */
export function shown(argv: readonly string[]): string {
  return argv.map((element) => (/^[\w@%+=:,./-]+$/.test(element) ? element : JSON.stringify(element))).join(" ");
}

const LINE = 190; // characters that a card shows of one reason

/** The plan of a task whose command is filled in: the same for every provider that can run one. */
export function drawTask(
  { task = "", values = {}, command }: Arguments,
  { service }: Target,
): Pick<Plan, "arguments" | "risk" | "title" | "changes" | "reasons" | "stays"> {
  if (command === undefined) throw new Invalid("Which task?");
  const given = Object.entries(values).map(([name, value]) => `${name} ${shortened(value)}`);
  return {
    arguments: { task, values, command },
    risk: command.risk,
    title: `Run ${task} on ${service}${given.length === 0 ? "" : ` (${given.join(", ")})`}`,
    changes: {},
    reasons: [
      ...runsLines("Runs", command.argv),
      `Stopped after ${formatDuration(command.timeout)} if it has not ended by then`,
    ],
    stays: ["what the task itself does is not known to Daytwo, and cannot be taken back by it"],
  };
}

/** All of a command for whoever approves it, after these words. */
export function runsLines(words: string, argv: readonly string[]): string[] {
  return inLines(`${words} ${shown(argv)}`, LINE);
}

function shortened(value: string): string {
  const [first = "", ...rest] = inLines(value, 39);
  return rest.length === 0 ? value : `${first}…`;
}

/** The whole text, cut between characters into lines of at most so many UTF-16 units. */
function inLines(text: string, longest: number): string[] {
  const lines = [""];
  for (const character of text) {
    const line = lines.at(-1) ?? "";
    if (line.length + character.length > longest) lines.push(character);
    else lines.splice(-1, 1, line + character);
  }
  return lines;
}
