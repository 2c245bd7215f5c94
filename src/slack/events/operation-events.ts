import type { EventLine } from "../../domain/board/event-line.ts";
import { because, text, people, OURSELVES, type Sentences } from "./detail.ts";

/** What happened to operations. */

export const OPERATION_SENTENCES: Sentences = {
  "operation.requested": ({ who, what, detail }) =>
    `${who} asked for ${what}: ${text(detail["action"])} ${taskOn(detail["arguments"])}${text(detail["target"])}${despite(detail["despite"])}`,
  "operation.planned": ({ what, detail }) => `The plan of ${what} is drawn${because(detail["title"])}`,
  "operation.asked": ({ what, names, detail }) => `Asked ${people(names, detail["people"])} to approve ${what}`,
  "operation.approved": ({ who, what, detail }) => `${who} approved ${what}${ofNeeded(detail)}`,
  "operation.admitted": ({ what }) => `The approvals of ${what} are enough again: somebody has the role for it back`,
  "operation.alone_offered": ({ what, names, detail }) =>
    `Nobody has answered: ${people(names, detail["people"])}, on call, may go alone with ${what}, and a reason`,
  "operation.gone_alone": ({ who, what, detail }) =>
    `${who}, on call, went alone with ${what}, without an approval${because(detail["reason"])}`,
  "operation.started": ({ what, detail }) =>
    `${what} ${detail["back"] === true ? "takes back" : "runs"}${stepOf(detail)}`,
  "operation.step_done": ({ what, detail }) =>
    `${stepOf(detail).trim()} of ${what} is ${detail["back"] === true ? "taken back" : "done"}${because(detail["seen"])}`,
  "operation.step_back": ({ what, detail }) => `${what} goes no further:${stepOf(detail)} is taken back`,
  "operation.reversal_started": ({ who, what, detail }) =>
    who === OURSELVES
      ? `${what} takes op-${text(detail["of"])} back, as it was due`
      : `${who} takes op-${text(detail["of"])} back now, with ${what}`,
  "operation.not_taken_back": ({ what, detail }) =>
    `${what} ${detail["isUnknown"] === true ? "may not have been" : "was not"} taken back${because(detail["why"])}`,
  "operation.unknown": ({ what, detail }) =>
    `Not known yet whether ${what}${ofStep(detail)} happened: looking, and nothing is sent again${because(detail["reason"])}`,
  "operation.later": ({ what, detail }) =>
    `${what}${ofStep(detail)} waits, and is tried again${because(detail["reason"])}`,
  "operation.untouched": ({ what, detail }) =>
    `${what}${ofStep(detail)} had no effect: it is tried again${because(detail["seen"])}`,
  "operation.needs_person": ({ what, detail }) =>
    `A person has to say whether ${what}${ofStep(detail)} happened${because(detail["seen"])}`,
  "operation.progress": ({ what, detail }) => `${what}${because(detail["text"])}`,
  "operation.output": ({ what, detail }) => `What ${what}${ofStep(detail)} printed, ${text(detail["lines"])} lines`,
  "operation.look_asked": ({ who, what }) => `${who} asked for another look at ${what}`,
  "operation.cancel_asked": ({ who, what }) => `${who} asked ${what} to stop`,
  "operation.succeeded": ({ what, detail }) => `${what} is done${because(detail["outcome"])}`,
  "operation.failed": ({ what, detail }) => `${what} failed${because(detail["outcome"])}`,
  "operation.reverted": ({ what, detail }) => `${what} failed and was taken back${because(detail["outcome"])}`,
  "operation.closed_unknown": ({ what, detail }) =>
    `${what} is closed, and how it ended is not known${because(detail["outcome"])}`,
  "operation.refused": ({ what, detail }) => `${what} was not run${because(detail["outcome"])}`,
  "operation.denied": ({ who, what, detail }) => `${who} on ${what}${because(detail["outcome"])}`,
  "operation.expired": ({ what, detail }) => `${what} was not run${because(detail["outcome"])}`,
  "operation.cancelled": ({ who, what, detail }) =>
    text(detail["outcome"]).startsWith("cancelled by")
      ? `${who} cancelled ${what}`
      : `${what} ended${because(detail["outcome"])}`,
};

/** ", step 2 of 3 (Restart shop),". */
function ofStep(detail: EventLine["detail"]): string {
  const step = stepOf(detail);
  return step === "" ? "" : `,${step},`;
}

/** " step 2 of 3 (Restart shop)"; nothing where there is only one. */
function stepOf(detail: EventLine["detail"]): string {
  const [step, of, title] = [text(detail["step"]), text(detail["of"]), text(detail["title"])];
  return step === "" ? "" : ` step ${step} of ${of}${title === "" ? "" : ` (${title})`}`;
}

/** "trim-logs on ", of the arguments that ask for a task. */
function taskOn(given: unknown): string {
  const { task: name, sequence }: { task?: unknown; sequence?: unknown } = given ?? {};
  const task = text(name ?? sequence);
  return task === "" ? "" : `${task} on `;
}

function despite(value: unknown): string {
  const reason = text(value);
  return reason === "" ? "" : `, despite policy: ${reason}`;
}

function ofNeeded(detail: EventLine["detail"]): string {
  const [given, needed] = [text(detail["approvals"]), text(detail["needed"])];
  return given === "" || needed === "" ? "" : ` (${given} of ${needed})`;
}
