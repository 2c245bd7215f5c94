import { addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { askApprovers, asleepOf } from "./asking.ts";
import { changeUnasked, type Change } from "../caller.ts";
import type { Plan, Risk } from "../domain/action.ts";
import { moveOperation } from "../domain/operation.ts";
import { fitsAlone } from "../domain/approving.ts";
import { goesBackToSize, movedFrom, planHash, sizeChanges, stepPlans } from "../domain/plan.ts";
import {
  checkBounds,
  checkCooldown,
  checkStep,
  directionOf,
  policyFor,
  policyOf,
  type Policy,
} from "../domain/policy.ts";
import { stepName } from "../domain/sequence.ts";
import { Expected } from "../errors.ts";
import { freezeOn, frozen } from "./freezes.ts";
import { finish } from "./ending.ts";
import { log, show } from "./shared.ts";
import { withUses } from "./resource-use.ts";
import type { StoredWindow } from "../store/windows.ts";
import { lockOperation, operationById, saveOperation, type StoredOperation } from "../store/operations.ts";
import { owe } from "../store/outbox.ts";
import { nothingCame, stopping } from "./stepping.ts";
import { lastDone, stepIfAny } from "../store/steps.ts";

/** The operations door for the worker that draws a plan: policy refuses it, admits it, or has people approve it. */

/**
 * Takes the plan that a worker drew from a fresh look: refused by policy, put before approvers, or queued at once. Where
 * another version of the catalog than `drawnBy` is in force by now, which may mean another place, it is drawn again.
 */
export async function planned(app: App, id: number, fromProvider: Plan, drawnBy: number | null): Promise<void> {
  const asked = await operationById(app.db, id);
  const plan = await withUses(app.db, app.inForce().catalog, asked?.service, fromProvider, app.now());
  const asleep = await asleepFor(app, asked, plan);
  await changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || operation.state !== "planning") return;
    const { catalog, version } = app.inForce();
    if (version !== drawnBy) return owe(change.db, "operations", id, change.now);
    const service = catalog.services[operation.service];
    if (service === undefined) return;
    const policy = policyOf(catalog, service, { ...operation, plan }, plan.risk);
    const freeze = operation.reversalOf === null ? await freezeOn(change, { ...operation, plan }) : null;
    const through = freeze === null ? undefined : { freeze: freeze.name, until: freeze.endsAt.toISOString() };
    const drawn: StoredOperation = {
      ...operation,
      plan: {
        ...(await withRestores(change, operation, plan)),
        ...(through === undefined ? {} : { through }),
        ...(policy.typed ? { typed: true } : {}),
      },
      planHash: planHash(plan, version),
      catalogVersion: version,
      approvals: approvalsFor(operation, policy, plan.risk),
    };
    const refusal = await refusalOf(change, drawn, {
      plan,
      freeze,
      policyFor: (step) => policyFor(catalog, step.action, service, step.risk),
    });
    if (refusal !== null) return finish(app, change, drawn, { move: "refuse", outcome: refusal });
    if (operation.preview)
      return finish(app, change, drawn, {
        move: "cancel",
        outcome: "a preview: nothing was asked for and nothing changes",
      });
    const isReversal = operation.reversalOf !== null;
    const expiresAt = isReversal ? operation.expiresAt : addMilliseconds(change.now, policy.expiresAfter);
    await admit(app, change, { ...drawn, expiresAt, aloneAt: aloneAt(drawn, policy, change.now) }, asleep);
  });
}

/** Which of those who would be asked first are asleep; empty where nobody is asked. */
async function asleepFor(app: App, operation: StoredOperation | null, plan: Plan): Promise<ReadonlySet<string>> {
  const { catalog } = app.inForce();
  const service = operation === null ? undefined : catalog.services[operation.service];
  if (operation === null || service === undefined || operation.preview) return new Set();
  const needed = approvalsFor(operation, policyOf(catalog, service, { ...operation, plan }, plan.risk), plan.risk);
  return needed === 0 ? new Set() : asleepOf(app, operation);
}

/** A reversal was approved with its parent; going over a freeze or pause, or destroying something, always takes a second person. */
function approvalsFor({ reversalOf, despite }: StoredOperation, policy: Policy, risk: Risk): number {
  if (reversalOf !== null) return 0;
  const never0 = despite !== null || risk === "destructive";
  return never0 ? Math.max(1, policy.approvals) : policy.approvals;
}

/** A provider does not see earlier sizes: whether this one was had before is known from the last change of size. */
async function withRestores(change: Change, { target }: StoredOperation, plan: Plan): Promise<Plan> {
  if (plan.action !== "scale") return plan;
  const last = await lastDone(change.db, target, plan.action);
  return { ...plan, restores: goesBackToSize(plan, last?.plan ?? null) };
}

function aloneAt(operation: StoredOperation, { aloneAfter }: Policy, now: Date): Date | null {
  return aloneAfter !== null && fitsAlone(operation) ? addMilliseconds(now, aloneAfter) : null;
}

async function admit(app: App, change: Change, drawn: StoredOperation, asleep: ReadonlySet<string>): Promise<void> {
  const waits = drawn.approvals > 0;
  const admitted = { ...drawn, state: moveOperation(drawn.id, drawn.state, waits ? "propose" : "admit") };
  await log(change, admitted, "operation.planned", { title: drawn.plan?.title, approvals: drawn.approvals });
  const next = waits ? await askApprovers(app, change, admitted, asleep) : admitted;
  await saveOperation(change.db, next);
  // Whoever asked for it knows; they hear when it has ended, or needs them.
  if (!waits) await owe(change.db, "operations", next.id, change.now);
  await show(change, next);
}

async function refusalOf(
  change: Change,
  operation: StoredOperation,
  { plan, freeze, policyFor }: { plan: Plan; freeze: StoredWindow | null; policyFor: (step: Plan) => Policy },
): Promise<string | null> {
  if (operation.reversalOf !== null) return changedSince(plan, await operationById(change.db, operation.reversalOf));
  try {
    if (freeze !== null && operation.despite === null) throw frozen(freeze, operation.service, change.now);
  } catch (error) {
    return sentences(error);
  }
  for (const [index, step] of stepPlans(plan).entries()) {
    try {
      await checkLimits(change, operation, policyFor(step), step);
    } catch (error) {
      return `${plan.steps === undefined ? "" : `${stepName(plan, index + 1)}: `}${sentences(error)}`;
    }
  }
  return null;
}

/** What is wrong, and what would be right. @throws whatever is no fault of the request */
function sentences(error: unknown): string {
  if (error instanceof Expected) return error.sentences;
  throw error;
}

/** @throws Invalid | Conflict when a step goes further than its policy allows, or sooner. */
async function checkLimits(change: Change, { despite }: StoredOperation, policy: Policy, step: Plan): Promise<void> {
  checkBounds(policy, step);
  checkStep(policy, sizeChanges(step));
  const direction = directionOf(sizeChanges(step));
  if (direction === null || despite !== null) return;
  const last = await lastDone(change.db, step.target, step.action);
  checkCooldown(policy, direction, last?.at ?? null, change.now);
}

/** A change is taken back only from what it left: anything else was somebody's decision since. */
function changedSince(plan: Plan, parent: StoredOperation | null): string | null {
  return parent?.plan === undefined || parent.plan === null ? null : movedFrom(parent.plan, plan, `op-${parent.id}`);
}

/** By which version of the catalog something was found; `seq` is the step's that was due, where one was. */
type Found = { readonly by: number | null; readonly seq?: number };

/**
 * Ends an operation whose next step has no effect and may not have one any more. Where another version of the catalog is in
 * force by now, which may say otherwise, a worker looks anew.
 */
export async function refuse(app: App, id: number, why: string, { by, seq = 1 }: Found): Promise<void> {
  await app.followCatalog();
  await changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || operation.finishedAt !== null) return;
    if (app.inForce().version !== by) return owe(change.db, "operations", id, change.now);
    // Where it runs, it was sent before, surely without effect, or it is a later step, which nothing is sent of.
    const step = operation.state === "running" ? await stepIfAny(change.db, id) : null;
    if (step !== null && (step.state !== "ready" || step.seq !== seq)) return;
    const ending = stopping(operation, why);
    // A plan that others' work on the target made void is drawn anew for a taking back, and compared with what it takes back.
    await finish(app, change, operation, operation.state === "planning" ? ending : nothingCame(operation, ending));
  });
}

const AGAIN = 120_000; // ms until what did not answer is looked at again

/**
 * The target of an operation does not answer. A reversal, which nobody waits for, is tried again until its time is over;
 * anything else is refused.
 */
export async function putOff(app: App, id: number, why: string, found: Found): Promise<void> {
  const isPutOff = await changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || operation.reversalOf === null) return false;
    if (operation.state !== "planning" && operation.state !== "queued") return false;
    await saveOperation(change.db, { ...operation, heartbeatAt: addMilliseconds(change.now, AGAIN) });
    await log(change, operation, "operation.later", { reason: why });
    return true;
  });
  if (!isPutOff) await refuse(app, id, why, found);
}
