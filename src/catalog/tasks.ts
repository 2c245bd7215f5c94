import { given } from "../domain/given.ts";
import { begins, placesIn, type Task, type TaskArgument } from "../domain/task.ts";
import { readValue } from "../domain/task-values.ts";
import { suggestion } from "./complaints.ts";
import type { Complaints, Path } from "./complaints.ts";
import { KEY, KEY_RULE } from "./keys.ts";
import type { TaskKind } from "./kinds.ts";
import { TASK, TASK_ARGUMENT } from "./service-shapes.ts";
import type { DeclaredTargets } from "./targets.ts";
import type { Written } from "./written.ts";

/** Reads the tasks of a service: what may be run on its targets, and what whoever asks may fill in. */

export function readTasks(service: string, tasks: Written, targets: DeclaredTargets, complaints: Complaints): Task[] {
  return Object.entries(tasks).flatMap(
    ([name, value]) => readTask({ service, name }, value, targets, complaints) ?? [],
  );
}

function readTask(
  { service, name }: { readonly service: string; readonly name: string },
  value: unknown,
  targets: DeclaredTargets,
  complaints: Complaints,
): Task | undefined {
  const path = ["services", service, "tasks", name];
  const before = complaints.list.length;
  if (!KEY.test(name)) complaints.addKey(path, `A task's name ${KEY_RULE}.`);
  const {
    description,
    on,
    command: program,
    query,
    arguments: declared,
    for: helps,
    risk = query === undefined ? "high" : "read",
    timeout = query === undefined ? 300_000 : 30_000,
  } = complaints.parts(TASK, value, path);
  if (typeof value === "object" && value !== null && "command" in value === "query" in value)
    complaints.addKey(path, "A task has either a `command`, or on a database a `query`.");
  const readArguments = Object.entries(declared ?? {}).flatMap(
    ([key, one]) => readArgument(key, one, [...path, "arguments", key], complaints) ?? [],
  );
  const target = targetOf(on, query === undefined ? "command" : "query", path, targets, complaints);
  const command = query === undefined ? program : asCommand(query);
  if (command === undefined) return undefined;
  const task: Task = {
    name,
    ...given({ description }),
    target: `${service}/${target ?? ""}`,
    command,
    ...(query === undefined ? {} : { isQuery: true }),
    arguments: readArguments,
    ...given({ helps }),
    risk,
    timeout,
  };
  if (query === undefined) refuseProgram(command, [...path, "command", 0], complaints);
  else refuseQuery(query, [...path, "query"], complaints);
  refusePlaces(task, Object.keys(declared ?? {}), path, complaints);
  return complaints.list.length > before ? undefined : task;
}

/** Each value that is filled in stands once behind the text, as what `$1` and those after it are. */
function asCommand(query: string): string[] {
  const names = [...new Set(placesIn(query))];
  const text = names.reduce((left, name, index) => left.replaceAll(`{${name}}`, `$${index + 1}`), query);
  return [text, ...names.map((name) => `{${name}}`)];
}

function targetOf(
  on: string | undefined,
  kind: TaskKind,
  path: Path,
  targets: DeclaredTargets,
  complaints: Complaints,
): string | undefined {
  const running = targets.filter(({ actions }) => actions.includes("run"));
  const able = running.filter(({ provider }) => (provider?.tasks ?? "command") === kind).map(({ name }) => name);
  const [only, ...others] = able;
  if (on !== undefined) {
    if (able.includes(on)) return on;
    const cannot = running.some(({ name }) => name === on) ? `takes no \`${kind}\`` : "cannot run tasks";
    const message = targets.some(({ name }) => name === on)
      ? `What \`${on}\` is on ${cannot}.`
      : `There is no target \`${on}\`.`;
    complaints.add([...path, "on"], message, suggestion(on, able));
    return undefined;
  }
  if (only !== undefined && others.length === 0) return only;
  complaints.addKey(
    path,
    only === undefined
      ? `No target of this service can run ${kind === "query" ? "queries" : "tasks"}.`
      : "The task must say `on` which target it runs.",
    only === undefined ? "Declare one under `targets:` first." : suggestion("", able),
  );
  return undefined;
}

function readArgument(key: string, value: unknown, path: Path, complaints: Complaints): TaskArgument | undefined {
  if (!KEY.test(key)) complaints.addKey(path, `An argument's name ${KEY_RULE}.`);
  const written = complaints.shape(TASK_ARGUMENT, value, path);
  if (written === undefined) return undefined;
  const usual = given({ default: written.default });
  if ("one_of" in written) {
    const twice = written.one_of.find((choice, index) => written.one_of.indexOf(choice) !== index);
    if (twice !== undefined) complaints.add([...path, "one_of"], `\`${twice}\` is given twice. Keep one of them.`);
    return { name: key, kind: "one of", choices: written.one_of, ...usual };
  }
  if ("text" in written) return { name: key, kind: "text", longest: written.text, ...usual };
  const { min, max } = written.number;
  if (min > max) complaints.add([...path, "number", "min"], `\`min\` (${min}) is above \`max\` (${max}).`);
  return { name: key, kind: "number", min, max, ...usual };
}

/** What would make a value more than one literal argument, or what nobody can fill in. */
function refusePlaces(task: Task, declared: readonly string[], path: Path, complaints: Complaints): void {
  const { command, isQuery = false } = task;
  function at(index: number): Path {
    return [...path, ...(isQuery ? ["query"] : ["command", index])];
  }
  command.forEach((element, index) => {
    const stray = placesIn(element).find((name) => !declared.includes(name));
    if (stray !== undefined)
      complaints.add(
        at(index),
        `\`{${stray}}\` stands for an argument that is not declared.`,
        suggestion(stray, declared) ?? `Declare it: \`arguments: { ${stray}: { text: 80 } }\`.`,
      );
    if (!isQuery && placesIn(element).length > 0 && isCode(command, index))
      complaints.add(
        at(index),
        "A value would be read as code here.",
        "Let a file hold the code, and give it the value as an argument of its own.",
      );
  });
  for (const name of declared)
    if (!command.some((element) => placesIn(element).includes(name)))
      complaints.addKey(
        [...path, "arguments", name],
        isQuery ? `The query does not use \`{${name}}\`.` : `No element of the command uses \`{${name}}\`.`,
        "Put it where it belongs, or take the argument away.",
      );
  for (const argument of task.arguments) {
    refuseOptions(task, argument, [...path, "arguments", argument.name], complaints);
    refuseDefault(task, argument, [...path, "arguments", argument.name, "default"], complaints);
  }
}

/** In quotes a place would be text, and behind a second statement nothing is read only. */
function refuseQuery(query: string, path: Path, complaints: Complaints): void {
  const pieces = query.split("'");
  const [quoted] = pieces.flatMap((piece, index) => (index % 2 === 1 ? placesIn(piece) : []));
  if (quoted !== undefined)
    complaints.add(path, `In quotes \`{${quoted}}\` would be text.`, `A value needs none: write {${quoted}} alone.`);
  const text = pieces.filter((_piece, index) => index % 2 === 0).join("''");
  if (text.includes(";")) complaints.add(path, "A query is one statement, without `;`.");
  if (!READS.test(text.replaceAll(REMARK, " ").trim()))
    complaints.add(path, "A query begins with `select`, `with`, `values` or `table`.");
  const [ends] = ENDS.exec(text) ?? [];
  if (ends !== undefined)
    complaints.add(
      path,
      `\`${ends}\` ends something, and here nobody would approve it.`,
      "`/day2 end` does that, for whoever may.",
    );
}

const REMARK = /\/\*[\s\S]*?\*\/|--[^\n]*/g;
const READS = /^\(*\s*(?:select|with|values|table)\b/i;
/** What a role that may end sessions can do in a transaction that only reads. */
const ENDS = /pg_(?:terminate|cancel)_backend/i;

function refuseProgram([program = ""]: readonly string[], path: Path, complaints: Complaints): void {
  if (placesIn(program).length > 0) complaints.add(path, "The program itself cannot be filled in.");
  else if (program.startsWith("-"))
    complaints.add(path, "The first element is the program, and cannot begin with `-`.");
  else if (/\s/.test(program))
    complaints.add(
      path,
      "No shell splits this: the program's name has a space in it.",
      `Write each word as an element of its own: [${program.trim().split(/\s+/).join(", ")}].`,
    );
}

const INTERPRETERS = /(?:^|\/)(?:(?:ba|da|z|k|a|fi|c|tc)?sh|node|deno|bun|python[\d.]*|perl|ruby|php)$/;
const DATABASES = /(?:^|\/)(?:psql|mysql|mariadb|sqlite3|redis-cli|mongosh)$/;
/** `-c`, `-e`, `-lc`, `--eval` … : what follows is code. */
const CODE_OPTION = /^(?:-[a-zA-Z]*[ceErp]|--(?:command|eval|execute|print))$/;
const CODE = /^--(?:command|eval|execute|print)=/;

/** Whether the element is code to the program: what an interpreter is given by an option of its own, or a database anywhere. */
function isCode(command: readonly string[], index: number): boolean {
  const [element = "", option = ""] = [command[index], command[index - 1]];
  if (!CODE.test(element) && !CODE_OPTION.test(option)) return false;
  const before = command.slice(0, index);
  if (before.some((each) => DATABASES.test(each))) return true;
  const interpreter = before.findLastIndex((each) => INTERPRETERS.test(each));
  return interpreter !== -1 && before.slice(interpreter + 1).every((each) => each.startsWith("-"));
}

/** A value that begins an element must not be one that a program takes for an option. */
function refuseOptions(task: Task, argument: TaskArgument, path: Path, complaints: Complaints): void {
  const { name } = argument;
  if (!begins(task, name)) return;
  const hint = `Write it inside an element: \`--${name}={${name}}\`.`;
  if (argument.kind === "one of" && argument.choices.some((choice) => choice.startsWith("-")))
    complaints.add([...path, "one_of"], "A choice that begins with `-` would be an option to the program.", hint);
  if (argument.kind === "number" && argument.min < 0)
    complaints.add([...path, "number", "min"], "A number below 0 would be an option to the program.", hint);
}

function refuseDefault(task: Task, argument: TaskArgument, path: Path, complaints: Complaints): void {
  if (argument.default === undefined) return;
  const read = readValue(task, argument, argument.default);
  if ("wrong" in read) complaints.add(path, read.wrong);
}
