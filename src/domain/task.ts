import { Invalid } from "../errors.ts";
import type { Risk } from "./action.ts";
import type { Responsibility } from "./duty.ts";

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

export const PLACE = /\{([a-z][a-z0-9-]{0,39})\}/g;

/** The names of the arguments that stand in an element of a command. */
export function placesIn(element: string): string[] {
  return [...element.matchAll(PLACE)].map((match) => match[1] ?? "");
}

/** Whether an argument's value is the beginning of an element: if it began with `-`, a program would take it for an option. */
export function begins({ command, isQuery = false }: Pick<Task, "command" | "isQuery">, name: string): boolean {
  return !isQuery && command.some((element) => element.startsWith(`{${name}}`));
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

/** A command for people to read: what is more than a plain word stands in quotes. */
export function shown(argv: readonly string[]): string {
  return argv.map((element) => (/^[\w@%+=:,./-]+$/.test(element) ? element : JSON.stringify(element))).join(" ");
}
