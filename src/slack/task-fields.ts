import type { KnownBlock } from "@slack/types";
import type { Arguments } from "../domain/action.ts";
import type { Declared, TaskArgument } from "../domain/task.ts";
import { readValue } from "../domain/task-values.ts";
import { context, section } from "./blocks.ts";
import {
  type FormState,
  type Submission,
  entered,
  openSelectField,
  selectField,
  submission,
  textField,
  wholeNumberField,
} from "./form.ts";
import { literal, plain } from "./text.ts";

/** The fields of a task: one for each of its arguments. */

export function taskFields(task: Declared | null): readonly KnownBlock[] {
  if (task === null) return [section("The catalog does not have this task any more.")];
  const said = task.description === undefined ? [] : [context(plain(task.description))];
  return [...said, ...task.arguments.map(fieldOf)];
}

function idOf(name: string): string {
  return `argument.${name}`;
}

function fieldOf(argument: TaskArgument): KnownBlock {
  const { name, default: usual } = argument;
  const [id, label] = [idOf(name), literal(name, 75)];
  if (argument.kind === "number") {
    const initial = usual === undefined ? undefined : Number(usual);
    return wholeNumberField(id, label, initial, argument);
  }
  if (argument.kind === "text")
    return textField({ id, label, longest: argument.longest, ...(usual === undefined ? {} : { initial: usual }) });
  const choices = argument.choices.map((choice) => ({ label: literal(choice, 75), value: choice }));
  if (usual === undefined) return openSelectField(id, label, choices);
  return selectField(
    id,
    label,
    [...choices].sort((a, b) => Number(b.value === usual) - Number(a.value === usual)),
  );
}

/** What was entered, or what is wrong with it, field by field. */
export function readTaskFields(task: Declared | null, state: FormState): Submission<Arguments> {
  if (task === null) return { value: {} };
  const given = task.arguments.map((argument) => {
    const id = idOf(argument.name);
    const written = entered(state, id) ?? "";
    const read = readValue(task, argument, written);
    return { argument, id, read, written };
  });
  const problems = given.map(({ id, read }) => [id, "wrong" in read ? read.wrong.replaceAll("`", "") : null] as const);
  return submission(Object.fromEntries(problems), () => ({
    task: task.name,
    values: Object.fromEntries(given.map(({ argument, written }) => [argument.name, written])),
  }));
}
