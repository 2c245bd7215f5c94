import type { App } from "../src/app.ts";
import { keepObservation } from "../src/observing.ts";
import type { Plan, Undo } from "../src/domain/action.ts";
import type { Target } from "../src/domain/catalog.ts";
import type { Observation } from "../src/domain/observation.ts";
import type { Operation } from "../src/domain/operation.ts";
import { movedFrom } from "../src/domain/plan.ts";
import { afterwards, expectedOf, unexpected, wholePlan, type Due, type SequenceStep } from "../src/domain/sequence.ts";
import { Expected, Invalid, Unavailable } from "../src/errors.ts";
import { serviceNamed } from "../src/ownership.ts";
import { providerNamed } from "../src/providers/index.ts";
import type { Provider } from "../src/providers/provider.ts";
import { sequenceOf, stepsFor } from "../src/operations/tasks.ts";

/** Draws plans from what is seen of targets: first to be approved, and once more just before acting. */

const LOOK = 30_000; // ms that one observation may take

/**
 * The plan of an operation from a fresh look at its targets; each step of a sequence from how those before it leave its
 * target. @throws Expected where that cannot be done
 */
export async function draw(app: App, operation: Operation, stopping: AbortSignal): Promise<Plan> {
  const steps = stepsFor(app, operation);
  const { sequence } = operation.arguments;
  const seen = new Map<string, Observation>();
  const plans: Plan[] = [];
  for (const [index, step] of steps.entries()) {
    try {
      const target = targetIn(app, operation.service, step.target);
      const now = seen.get(target.key) ?? (await lookAt(app, target, stopping));
      const plan = acting(app, target).plan({ action: step.action, arguments: step.arguments, target }, now);
      seen.set(target.key, afterwards(now, plan));
      plans.push(sequence === undefined ? plan : { ...plan, expects: expectedOf(now), undo: undoOf(step, plan) });
    } catch (error) {
      if (sequence === undefined || !(error instanceof Expected)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new Invalid(`Step ${index + 1} of ${steps.length} (${step.action} ${step.target}): ${error.message}`, hint);
    }
  }
  const [only] = plans;
  if (only === undefined) throw new Error("an operation without a step");
  // What only Daytwo knows stays with the plan: a provider has no word for "for 2 h".
  const { temporary } = operation.arguments;
  if (temporary !== undefined) return { ...only, arguments: { ...only.arguments, temporary } };
  return sequence === undefined ? only : wholePlan(sequenceOf(app, operation), operation.service, plans);
}

/** @throws Invalid when the catalog says that its plan knows how to take it back, and the plan does not */
function undoOf({ undo }: SequenceStep, plan: Plan): Undo | undefined {
  if (undo !== true) return undo;
  if (plan.undo === undefined) throw new Invalid("It cannot be taken back by itself, as the catalog says that it is.");
  return plan.undo;
}

function targetIn(app: App, service: string, key: string): Target {
  const target = serviceNamed(app.inForce().catalog, service).targets.find((each) => each.key === key);
  if (target === undefined) throw new Invalid(`${key} is no longer in the catalog.`);
  return target;
}

async function lookAt(app: App, target: Target, stopping: AbortSignal): Promise<Observation> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(LOOK)]);
  return keepObservation(app, target, await acting(app, target).observe(target, signal));
}

function acting(app: App, target: Target): Provider {
  const provider = providerNamed(target.provider);
  if (app.actions === "all" || provider.name === "local") return provider;
  return { ...provider, plan: () => refusedHere(provider.name) };
}

function refusedHere(provider: string): never {
  throw new Invalid(
    `Without Slack, Daytwo only looks at ${provider}: start it with DAYTWO_LOCAL_ACTIONS=1 to let it act.`,
  );
}

/** What is to be sent, or why nothing is; `isAway`: the target does not answer, and may later. */
export type Drawn = { readonly plan: Plan } | { readonly moved: string; readonly isAway?: boolean };

/**
 * Looks again just before acting: what was approved holds only while the target is what it was. A later step finds what
 * the steps before it did; its plan is drawn afresh, and must say the same. So is what takes a step back.
 */
export async function drawAgain(provider: Provider, target: Target, due: Due, stopping: AbortSignal): Promise<Drawn> {
  try {
    const seen = await provider.observe(target, AbortSignal.any([stopping, AbortSignal.timeout(LOOK)]));
    if (due.kind === "back") return drawBack(provider, target, due, seen);
    const { plan } = due;
    // A query reads what is there by then: nothing that was seen has to be as it was.
    const isQuery = plan.action === "run" && provider.tasks === "query";
    if (isQuery || seen.version === plan.version) return { plan };
    if (!due.isLater || plan.expects === undefined)
      return { moved: "it changed since this plan was drawn, so nothing was done; ask again to see the new plan" };
    return drawLater(provider, target, plan, plan.expects, seen);
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    const moved = `it could not be looked at just before acting: ${error.message}`;
    return { moved, isAway: error instanceof Unavailable };
  }
}

function drawLater(
  provider: Provider,
  target: Target,
  plan: Plan,
  expects: NonNullable<Plan["expects"]>,
  seen: Observation,
): Drawn {
  const other = unexpected(expects, seen) ?? differs(plan, drawnFrom(provider, target, plan, seen));
  if (other !== null) return { moved: `it is not as it was approved: ${other}. Nothing more is sent` };
  return { plan: { ...plan, version: seen.version } };
}

function drawBack(
  provider: Provider,
  target: Target,
  { undo, of }: Extract<Due, { kind: "back" }>,
  seen: Observation,
): Drawn {
  const plan = drawnFrom(provider, target, undo, seen);
  if (typeof plan === "string") return { moved: plan };
  const isOwn = undo.target === undefined;
  const moved = isOwn ? movedFrom(of, plan, "its step") : null;
  return moved === null ? { plan } : { moved };
}

/** Why it cannot be drawn, as a sentence, where it cannot. */
function drawnFrom(provider: Provider, target: Target, wanted: Undo, seen: Observation): Plan | string {
  try {
    return provider.plan({ action: wanted.action, arguments: wanted.arguments, target }, seen);
  } catch (error) {
    if (error instanceof Expected) return error.message;
    throw error;
  }
}

/** What a plan that was drawn afresh would change otherwise than the approved one; null where they are the same. */
function differs(approved: Plan, now: Plan | string): string | null {
  if (typeof now === "string") return now;
  const all = [...new Set([...Object.keys(approved.changes), ...Object.keys(now.changes)])];
  const other = all.find((what) => said(approved, what) !== said(now, what));
  return other === undefined ? null : `${other} would be ${said(now, other)}, and not ${said(approved, other)}`;
}

function said({ changes }: Plan, what: string): string {
  return changes[what]?.join(" → ") ?? "left alone";
}
