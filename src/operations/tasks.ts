import type { App } from "../app.ts";
import type { Arguments } from "../domain/action.ts";
import type { Service } from "../domain/catalog.ts";
import type { Operation } from "../domain/operation.ts";
import type { Sequence, SequenceAction, SequenceStep } from "../domain/sequence.ts";
import { refuseValues } from "../domain/task.ts";
import { sequenceNamed, taskNamed } from "../domain/declared-tasks.ts";
import { fillIn } from "../domain/task-values.ts";
import { Invalid } from "../errors.ts";
import type { Request } from "./request.ts";
import { serviceNamed } from "../ownership.ts";

/** What the catalog makes of a request for a task or a sequence: its target, its values and its steps. */

/** The request with its target and all of its values; a request for another action stays as it is. @throws Invalid */
export function withTask(service: Service, asked: Request): Request {
  if (asked.action !== "run") return asked;
  const { sequence: named, task: wanted = named, values = {} } = asked.arguments;
  const sequence = service.sequences?.find(({ name }) => name === wanted);
  if (sequence !== undefined) {
    refuseValues(sequence.name, values);
    return { ...asked, target: onlyOn(sequence, asked.target), arguments: { sequence: sequence.name } };
  }
  const task = taskNamed(service, wanted);
  const filled = fillIn(task, values);
  return { ...asked, target: onlyOn(task, asked.target), arguments: { task: task.name, values: filled.values } };
}

/** Where it runs, for a sequence where it begins. @throws Invalid where somebody wants it elsewhere */
function onlyOn(declared: { name: string; target: string } | Sequence, wanted: string | undefined): string {
  const target = "steps" in declared ? (declared.steps[0]?.target ?? "") : declared.target;
  if (wanted === undefined || wanted === target) return target;
  throw new Invalid(`\`${declared.name}\` runs on \`${target}\`.`, { hint: "Leave the target out." });
}

/**
 * The steps that an operation's plan is drawn of, as the catalog has them now: of a sequence its own, else the one that was
 * asked for; of tasks with their commands. @throws Invalid when it is there no more
 */
export function stepsFor(app: App, operation: Operation): readonly SequenceStep[] {
  const { action, service: key, target, arguments: asked } = operation;
  const service = serviceNamed(app.inForce().catalog, key);
  const steps =
    asked.sequence === undefined ? [{ action, target, arguments: asked }] : sequenceOf(app, operation).steps;
  return steps.map((step: SequenceStep) => ({
    ...withCommand(service, step),
    ...(step.undo === undefined ? {} : { undo: step.undo === true ? step.undo : withCommand(service, step.undo) }),
  }));
}

/** @throws Invalid when the catalog has it no more */
export function sequenceOf(app: App, { service, arguments: { sequence } }: Operation): Sequence {
  return sequenceNamed(serviceNamed(app.inForce().catalog, service), sequence);
}

function withCommand(service: Service, { action, target, arguments: asked }: SequenceAction): SequenceAction {
  return { action, target, arguments: action === "run" ? commanded(service, asked) : asked };
}

function commanded(service: Service, asked: Arguments): Arguments {
  const task = taskNamed(service, asked.task);
  const { values, argv } = fillIn(task, asked.values ?? {});
  return { task: task.name, values, command: { argv, timeout: task.timeout, risk: task.risk } };
}
