import { RISKS, type Action, type Arguments, type Expected, type Plan, type Risk, type Undo } from "./action.ts";
import type { Responsibility } from "./duty.ts";
import type { Observation } from "./observation.ts";
import type { StepState } from "./operation.ts";
import { stepPlans } from "./plan.ts";

/**
 * A sequence that the catalog declares: several actions on the targets of one service, in order, asked for and approved as
 * one operation. Each step is taken as a plain operation's is; only what is declared to be is taken back where one fails.
 */

export type SequenceAction = {
  readonly action: Action;
  /** The key of the target. */
  readonly target: string;
  readonly arguments: Arguments;
};
/** `undo`: what takes the step back; true is what its plan says. */
export type SequenceStep = SequenceAction & { readonly undo?: true | SequenceAction | undefined };

export type Sequence = {
  readonly name: string;
  readonly description?: string | undefined;
  /** What it helps with: it is offered first on such items. */
  readonly helps?: Responsibility | undefined;
  readonly steps: readonly SequenceStep[];
};

/** How a target that was seen like this is expected to be once the plan is done. */
export function afterwards(seen: Observation, { arguments: { sizes, release }, action }: Plan): Observation {
  if (action === "rollback" && release !== undefined) return { ...seen, release };
  if (action !== "scale" || sizes === undefined) return seen;
  return { ...seen, sizes: seen.sizes.map((size) => ({ ...size, wanted: sizes[size.process] ?? size.wanted })) };
}

/** What a step counts on when it begins. */
export function expectedOf({ release, sizes }: Observation): Expected {
  return {
    release: release ?? null,
    sizes: Object.fromEntries(sizes.map(({ process, wanted }) => [process, wanted])),
  };
}

/** What is not as expected, in words; null where all is. */
export function unexpected(expects: Expected, seen: Observation): string | null {
  const now = expectedOf(seen);
  if (now.release !== expects.release)
    return `release ${now.release ?? "none"} runs there, and not ${expects.release ?? "none"}`;
  const processes = [...new Set([...Object.keys(expects.sizes), ...Object.keys(now.sizes)])];
  const other = processes.find((process) => now.sizes[process] !== expects.sizes[process]);
  if (other === undefined) return null;
  return `${other} is ${now.sizes[other] ?? "not there"}, and not ${expects.sizes[other] ?? "absent"}`;
}

/** The plan of the whole: every step as it is drawn, and on which target where there are several. */
export function wholePlan(
  { name, description }: Pick<Sequence, "name" | "description">,
  service: string,
  steps: readonly Plan[],
): Plan {
  const [first] = steps;
  if (first === undefined) throw new Error(`${name} has no steps`);
  const isOnOne = steps.every(({ target }) => target === first.target);
  return withSteps(
    {
      action: "run",
      target: first.target,
      arguments: { sequence: name },
      risk: first.risk,
      version: first.version,
      title: `Run ${name} on ${service} (${steps.length === 1 ? "1 step" : `${steps.length} steps`})`,
      changes: {},
      reasons: description === undefined ? [] : [description],
      stays: [],
    },
    isOnOne ? steps : steps.map((step) => ({ ...step, title: `${step.target.split("/")[1]}: ${step.title}` })),
  );
}

/** The whole with these steps: as risky as the riskiest, and as long as all of them. What stays, each says of itself. */
export function withSteps(whole: Plan, steps: readonly Plan[]): Plan {
  const uses = steps.flatMap((step) => step.uses ?? []);
  return {
    ...whole,
    risk: highest(steps.flatMap((step) => partsOf(step).map(({ risk }) => risk))),
    ...(uses.length === 0 ? {} : { uses }),
    takes: steps.reduce((sum, { takes = 0 }) => sum + takes, 0),
    steps,
  };
}

function highest(risks: readonly Risk[]): Risk {
  return RISKS.findLast((risk) => risks.includes(risk)) ?? "high";
}

/** What policy is asked about: every action that may be taken, and how risky it is. */
export function partsOf(plan: Plan): { readonly action: Action; readonly risk: Risk }[] {
  return stepPlans(plan).flatMap(({ action, risk, undo, expects }) => [
    { action, risk },
    ...(undo === undefined || expects === undefined
      ? []
      : [{ action: undo.action, risk: undo.arguments.command?.risk ?? risk }]),
  ]);
}

/** A step as far as it has come. */
export type Went = {
  readonly seq: number;
  /** The step that it takes back; null of one that the plan has. */
  readonly undoes: number | null;
  readonly state: StepState;
  readonly attempt: number;
  readonly outcome: string | null;
};

/** What a step is to do, as it was approved. */
export type Due =
  | { readonly kind: "onward"; readonly plan: Plan; readonly isLater: boolean }
  | { readonly kind: "back"; readonly undo: Undo; readonly of: Plan };

/** @throws Error when the plan has no such step */
export function dueOf(plan: Plan, { seq, undoes }: Pick<Went, "seq" | "undoes">): Due {
  const own = stepPlans(plan)[(undoes ?? seq) - 1];
  if (own === undefined) throw new Error(`the plan has no step ${undoes ?? seq}`);
  if (undoes === null) return { kind: "onward", plan: own, isLater: seq > 1 };
  if (own.undo === undefined) throw new Error(`step ${undoes} is not to be taken back`);
  return { kind: "back", undo: own.undo, of: own };
}

export function targetOf(due: Due): string {
  return due.kind === "onward" ? due.plan.target : (due.undo.target ?? due.of.target);
}

/** The last step that is done, is to be taken back, and was not yet; null where there is none. */
export function nextToTakeBack(plan: Plan, went: readonly Went[]): number | null {
  const tried = new Set(went.map(({ undoes }) => undoes));
  const left = went.filter(
    ({ seq, undoes, state }) =>
      undoes === null && state === "done" && !tried.has(seq) && stepPlans(plan)[seq - 1]?.undo !== undefined,
  );
  return left.length === 0 ? null : Math.max(...left.map(({ seq }) => seq));
}

/** The steps that are done and stay so. */
export function lasting(went: readonly Went[]): number[] {
  const back = new Set(takenBack(went));
  return went.flatMap(({ seq, undoes, state }) => (undoes === null && state === "done" && !back.has(seq) ? [seq] : []));
}

function takenBack(went: readonly Went[]): number[] {
  return went.flatMap(({ undoes, state }) => (undoes !== null && state === "done" ? [undoes] : []));
}

/** "step 2 of 3 (Restart shop)". */
export function stepName(plan: Plan, seq: number): string {
  const steps = stepPlans(plan);
  return `step ${seq} of ${steps.length} (${steps[seq - 1]?.title ?? "unknown"})`;
}

/**
 * How far it came and why it ended there, for whoever was not looking. `unknown` is the step of which nobody knows whether
 * it happened, where there is one.
 */
export function account(plan: Plan, went: readonly Went[], why: string | null, unknown: Went | null = null): string {
  const stopped = went.findLast(({ undoes }) => undoes === null);
  const failedBack = went.find(
    ({ seq, undoes, state }) => undoes !== null && state === "failed" && seq !== unknown?.seq,
  );
  // One that was not begun is named in why it ended, or is with those that were not.
  const isLeft = why !== null && stopped?.attempt === 0;
  const begun = (stopped?.seq ?? 0) - (isLeft ? 1 : 0);
  const left = stepPlans(plan).flatMap((_, index) => (index + 1 > begun ? [index + 1] : []));
  return [
    why ?? (stopped === undefined ? "nothing was begun" : `${stepName(plan, stopped.seq)} ${howItEnded(stopped)}`),
    ...(failedBack === undefined
      ? []
      : [`step ${failedBack.undoes} could not be taken back: ${failedBack.outcome ?? "no reason known"}`]),
    ...listed("taken back", takenBack(went)),
    ...listed(
      "done, and stays as it is now",
      lasting(went).filter((seq) => seq !== unknown?.undoes),
    ),
    ...listed("not begun", left),
  ].join("; ");
}

function howItEnded({ state, attempt, outcome }: Went): string {
  const said = outcome ?? "no reason known";
  if (state === "done") return `is done: ${said}`;
  return attempt === 0 ? `was not begun: ${said}` : `ended without success: ${said}`;
}

function listed(what: string, steps: readonly number[]): string[] {
  if (steps.length === 0) return [];
  return [`${what}: ${steps.length === 1 ? "step" : "steps"} ${steps.toSorted((a, b) => a - b).join(", ")}`];
}
