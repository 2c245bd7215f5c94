import type { z } from "zod";
import type { Action, Arguments } from "../domain/action.ts";
import { given } from "../domain/given.ts";
import type { Sequence, SequenceAction, SequenceStep } from "../domain/sequence.ts";
import { shown, type Task } from "../domain/task.ts";
import { fillIn } from "../domain/task-values.ts";
import { Invalid } from "../errors.ts";
import { suggestion } from "./complaints.ts";
import type { Complaints, Path } from "./complaints.ts";
import { KEY, KEY_RULE } from "./keys.ts";
import { SEQUENCE, STEP, STEP_ACTIONS, STEP_BACK } from "./service-shapes.ts";
import type { DeclaredTargets } from "./targets.ts";
import type { Written } from "./written.ts";

/** Reads the sequences of a service: its own actions and tasks, one after the other, and what takes each of them back. */

type WrittenStep = Partial<z.output<typeof STEP_BACK>>;

/** What the steps may refer to. `taskNames` also has those of tasks that are not right. */
type Around = {
  readonly targets: DeclaredTargets;
  readonly tasks: readonly Task[];
  readonly taskNames: readonly string[];
};
type Reading = Around & { readonly service: string; readonly complaints: Complaints };

export function readSequences(service: string, sequences: Written, around: Around, complaints: Complaints): Sequence[] {
  const reading = { ...around, service, complaints };
  return Object.entries(sequences).flatMap(([name, value]) => readSequence(name, value, reading) ?? []);
}

function readSequence(name: string, value: unknown, reading: Reading): Sequence | undefined {
  const { service, complaints } = reading;
  const path = ["services", service, "sequences", name];
  const before = complaints.list.length;
  if (!KEY.test(name)) complaints.addKey(path, `A sequence's name ${KEY_RULE}.`);
  if (reading.taskNames.includes(name))
    complaints.addKey(path, `There is a task \`${name}\` already.`, "Both are asked for by name: give it another one.");
  const { description, for: helps, steps = [] } = complaints.parts(SEQUENCE, value, path);
  const read = steps.flatMap((step, index) => readStep(step, [...path, "steps", index], reading) ?? []);
  if (complaints.list.length > before) return undefined;
  const length = read
    .flatMap(({ undo, ...own }) => [own, ...(undo === undefined || undo === true ? [] : [undo])])
    .reduce((sum, step) => sum + lengthOf(step, reading), 0);
  if (length > LONGEST) {
    const message = `Its tasks' commands have ${length} characters together, and who approves it has to read them.`;
    complaints.addKey(path, message, `At most ${LONGEST}: make two of it.`);
    return undefined;
  }
  return { name, ...given({ description, helps }), steps: read };
}

/** More than that nobody reads before they approve it. */
const LONGEST = 3_000;

function lengthOf({ arguments: { task: name, values = {} } }: SequenceAction, { tasks }: Reading): number {
  const task = tasks.find((each) => each.name === name);
  return task === undefined ? 0 : shown(fillIn(task, values).argv).length;
}

function readStep(value: unknown, path: Path, reading: Reading): SequenceStep | undefined {
  const written = reading.complaints.shape(STEP, value, path);
  if (written === undefined) return undefined;
  const { undo, ...own } = written;
  const step = readAction(own, path, reading);
  const back = undo === undefined ? undefined : readUndo(undo, own, [...path, "undo"], reading);
  return step === undefined ? undefined : { ...step, ...given({ undo: back }) };
}

/** What a plan knows to take back by itself. */
const HAS_A_WAY_BACK: ReadonlySet<Action> = new Set(["scale", "rollback"]);

function readUndo(undo: unknown, step: WrittenStep, path: Path, reading: Reading): SequenceStep["undo"] | undefined {
  const { complaints } = reading;
  if (undo !== true) {
    const written = complaints.shape(STEP_BACK, undo, path);
    return written === undefined ? undefined : readAction(written, path, reading);
  }
  const [action] = actionsIn(step);
  if (action === undefined || HAS_A_WAY_BACK.has(action)) return true;
  complaints.add(
    path,
    `Daytwo does not know how to take \`${action}\` back.`,
    "Say what does, as a step of its own: `undo: { run: a-task }`; or take `undo` away.",
  );
  return undefined;
}

function actionsIn(step: WrittenStep): Action[] {
  return STEP_ACTIONS.filter((action) => step[action] !== undefined);
}

function readAction(step: WrittenStep, path: Path, reading: Reading): SequenceAction | undefined {
  const { complaints, service } = reading;
  const [action, second] = actionsIn(step);
  if (action === undefined) {
    complaints.add(
      path,
      "A step must say what it does.",
      `With one of ${STEP_ACTIONS.map((each) => `\`${each}\``).join(", ")}.`,
    );
    return undefined;
  }
  if (second !== undefined) {
    complaints.addKey(
      [...path, second],
      `A step does one thing, and this one is \`${action}\` already.`,
      "Make it two.",
    );
    return undefined;
  }
  if (step.with !== undefined && action !== "run") {
    complaints.addKey([...path, "with"], "Only a task (`run`) takes values.");
    return undefined;
  }
  if (action === "run") return readRun(step, path, reading);
  const target = targetOf(action, step.on, path, reading);
  return target === undefined ? undefined : { action, target: `${service}/${target}`, arguments: argumentsOf(step) };
}

function argumentsOf({ scale, rollback, restart }: WrittenStep): Arguments {
  if (scale !== undefined) return { sizes: scale };
  if (rollback !== undefined) return rollback === true ? {} : { release: rollback };
  return restart === undefined || restart === true ? {} : { process: restart };
}

function readRun(step: WrittenStep, path: Path, { complaints, tasks, taskNames }: Reading): SequenceAction | undefined {
  const { run = "", with: values = {}, on } = step;
  const task = tasks.find(({ name }) => name === run);
  if (task === undefined) {
    // A task that is not right has its own complaints.
    if (!taskNames.includes(run))
      complaints.add(
        [...path, "run"],
        `There is no task \`${run}\`.`,
        suggestion(run, taskNames) ?? "Declare it under `tasks:` first.",
      );
    return undefined;
  }
  if (on !== undefined && task.target.split("/")[1] !== on) {
    complaints.add([...path, "on"], `\`${run}\` runs on \`${task.target}\`.`, "Leave `on` out.");
    return undefined;
  }
  try {
    return { action: "run", target: task.target, arguments: { task: run, values: fillIn(task, values).values } };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    complaints.add([...path, step.with === undefined ? "run" : "with"], error.message, error.hint);
    return undefined;
  }
}

function targetOf(action: Action, on: string | undefined, path: Path, reading: Reading): string | undefined {
  const { targets, complaints } = reading;
  const able = targets.filter(({ actions }) => actions.includes(action)).map(({ name }) => name);
  const [only, ...others] = able;
  if (on !== undefined && able.includes(on)) return on;
  if (on === undefined && only !== undefined && others.length === 0) return only;
  if (on === undefined) {
    const message =
      only === undefined
        ? `No target of this service can ${action}.`
        : `It must say \`on\` which target it is to ${action}.`;
    complaints.add(path, message, only === undefined ? "Declare one under `targets:` first." : suggestion("", able));
    return undefined;
  }
  const message = targets.some(({ name }) => name === on)
    ? `What \`${on}\` is on cannot ${action}.`
    : `There is no target \`${on}\`.`;
  complaints.add([...path, "on"], message, suggestion(on, able));
  return undefined;
}
