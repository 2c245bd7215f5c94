import type { Plan } from "../domain/action.ts";
import type { OperationCard } from "../domain/board/operation-card.ts";
import { formatDuration } from "../domain/measures.ts";
import type { Operation } from "../domain/operation.ts";
import { keepsVisitorsOut } from "../domain/plan.ts";
import { changesOf } from "./operation-words.ts";
import { stepLines } from "./step-lines.ts";
import { joined, plain, when } from "./text.ts";

/** What an operation would change, for whoever decides on it. */

export function plan(card: OperationCard): readonly string[] {
  const drawn = card.operation.plan;
  if (drawn === null) return [];
  return [
    ...drawn.reasons.slice(0, 6).map((reason) => plain(reason)),
    ...changes(card),
    ...((drawn.uses ?? []).length === 0
      ? []
      : [`Takes: ${joined(drawn.uses?.map((each) => plain(each)) ?? [], "; ")}`]),
    ...(drawn.stays.length === 0
      ? []
      : [
          `Stays: ${joined(
            drawn.stays.map((fact) => plain(fact)),
            "; ",
          )}`,
        ]),
    ...lasting(drawn),
    ...despite(card.operation),
  ];
}

function lasting(drawn: Plan): readonly string[] {
  const { temporary } = drawn.arguments;
  if (temporary !== undefined) return [`Taken back by itself after ${formatDuration(temporary)}`];
  if (keepsVisitorsOut(drawn)) return ["Stays so until somebody turns it off; an item has that before your eyes"];
  return drawn.action === "pause" ? ["Stays so until somebody resumes it; an item has that before your eyes"] : [];
}

function despite({ despite: reason, plan: drawn }: Operation): readonly string[] {
  if (reason === null) return [];
  const through = drawn?.through;
  const what =
    through === undefined
      ? "policy's pause"
      : `“${plain(through.freeze, 80)}”, in which nothing is to change until ${when(new Date(through.until))}`;
  return [`Despite ${what}: ${plain(reason, 300)}`];
}

/** What a task changes nobody sees; its plan says what it runs. */
export function changes(card: OperationCard): readonly string[] {
  const { operation } = card;
  if (operation.plan?.steps !== undefined) return stepLines(card);
  return operation.plan === null || operation.action === "run"
    ? []
    : [`Changes: ${changesOf(operation.plan) || "nothing that can be seen"}`];
}

export function looksAgain({ operation }: OperationCard): readonly string[] {
  if (operation.plan?.steps !== undefined)
    return ["Looks again just before each step, and stops there if anything else moved"];
  return ["Looks again just before running, and stops if anything moved"];
}
