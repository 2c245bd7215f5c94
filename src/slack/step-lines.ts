import type { Plan } from "../domain/action.ts";
import type { OperationCard, StepLine } from "../domain/board/operation-card.ts";
import { formatDuration } from "../domain/measures.ts";
import type { StepState } from "../domain/operation.ts";
import { shown } from "../domain/task.ts";
import { changesOf } from "./operation-words.ts";
import { joined, plain, when } from "./text.ts";

/** The steps of a sequence on its operation's card: what each would change, and once it runs how far each has come. */

export function stepLines({ operation, steps: begun }: OperationCard): readonly string[] {
  const { plan, startedAt, state } = operation;
  // Whoever closed it did so without knowing how its last step ended.
  const isOpen = state === "closed_unknown";
  const steps = begun.map((step, index) => (isOpen && index === begun.length - 1 ? { ...step, state: UNKNOWN } : step));
  const plans = plan?.steps ?? [];
  if (startedAt === null) return [`Changes, one after the other${takes(plan)}:`, ...plans.map(toDo)];
  return plans.map((each, index) => {
    const seq = index + 1;
    const own = steps.find((step) => step.undoes === null && step.seq === seq);
    const back = steps.find((step) => step.undoes === seq);
    const { glyph, said } = own === undefined ? { glyph: "▫️", said: "not begun" } : howFar(own);
    const more = back === undefined ? "" : `, ${BACK[back.state]}`;
    return `${back?.state === "done" ? "↩️" : glyph} ${seq}. ${plain(each.title, 140)} · ${said}${more}`;
  });
}

const UNKNOWN = "unknown" as const;

function takes(plan: Plan | null): string {
  const known = plan?.takes === undefined || plan.takes === 0 ? [] : [`about ${formatDuration(plan.takes)}`];
  const tasks = (plan?.steps ?? []).some((step) => step.takes === undefined) ? ["as long as its tasks take"] : [];
  const all = [...known, ...tasks];
  return all.length === 0 ? "" : ` (${all.join(", and ")})`;
}

function toDo(step: Plan, index: number): string {
  const { title, undo, stays, action } = step;
  // Of a task nobody knows what stays; where something takes it back, the plan's warning that nothing does is wrong.
  const isCovered = action === "run" && undo !== undefined;
  const left = stays.length === 0 || isCovered ? [] : [`stays: ${stays.map((fact) => plain(fact)).join("; ")}`];
  const back = undo === undefined ? [] : [`taken back if a later one fails${backBy(step)}`];
  return `${index + 1}. ${joined([plain(title, 140), ...detail(step), ...left, ...back], " · ")}`;
}

/** What the title does not say yet. */
function detail(step: Plan): string[] {
  if (step.action === "scale" || step.action === "rollback") return [];
  if (step.action === "run") return [step.reasons.map((reason) => plain(reason)).join("; ")];
  return [changesOf({ ...step, takes: undefined })];
}

function backBy({ undo }: Plan): string {
  if (undo?.arguments.command !== undefined)
    return `, by ${plain(undo.arguments.task ?? "")}: ${plain(shown(undo.arguments.command.argv), 1_100)}`;
  if (undo?.target === undefined) return "";
  const { sizes, release, process } = undo.arguments;
  const how = [
    ...Object.entries(sizes ?? {}).map(([name, size]) => `${name}=${size}`),
    ...[release, process].filter((each) => each !== undefined),
  ];
  return `, by ${plain([undo.action, undo.target, ...how].join(" "), 200)}`;
}

const HOW: Readonly<Record<Exclude<StepState, "done" | "intent" | "failed">, { glyph: string; said: string }>> = {
  ready: { glyph: "🕓", said: "comes next" },
  unknown: { glyph: "🔎", said: "not known whether it happened" },
  needs_human: { glyph: "🙋", said: "a person has to look" },
};

function howFar({ state, attempt, sentAt, doneAt }: StepLine): { glyph: string; said: string } {
  if (state === "intent") return { glyph: "▶️", said: `running${sentAt === null ? "" : ` since ${when(sentAt)}`}` };
  if (state === "failed")
    return attempt === 0 ? { glyph: "⛔", said: "not run" } : { glyph: "❌", said: "ended without success" };
  if (state !== "done") return HOW[state];
  const took = sentAt === null || doneAt === null ? "" : ` in ${formatDuration(doneAt.getTime() - sentAt.getTime())}`;
  return { glyph: "✅", said: `done${took}` };
}

const BACK: Readonly<Record<StepState, string>> = {
  ready: "is taken back next",
  intent: "is being taken back",
  unknown: "and not known whether it was taken back",
  needs_human: "and a person has to look whether it is taken back",
  done: "and taken back",
  failed: "and could not be taken back",
};
