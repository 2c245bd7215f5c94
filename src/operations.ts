import { isDeepStrictEqual } from "node:util";
import type { App } from "./app.ts";
import { changeFor, type Caller, type Change } from "./caller.ts";
import type { Arguments } from "./domain/action.ts";
import { actorKey } from "./domain/actor.ts";
import { isOwn, standing, stateAfter } from "./domain/approving.ts";
import type { Operation } from "./domain/operation.ts";
import { authorise } from "./domain/permit.ts";
import { changeDue, nameOfOperation } from "./due.ts";
import { Conflict, Invalid } from "./errors.ts";
import { decide, type Approving } from "./operations/deciding.ts";
import { finish } from "./operations/ending.ts";
import { log, show, locked, about } from "./operations/shared.ts";
import { mayRequest, insertRequest } from "./operations/requesting.ts";
import type { Request } from "./operations/request.ts";
import { nameOfStep } from "./operations/stepping.ts";
import { groundOf } from "./people.ts";
import { notify } from "./store/events.ts";
import { lockApproved } from "./store/operations-due.ts";
import { saveOperation, twinOf, type StoredOperation } from "./store/operations.ts";
import { decisionsOf } from "./store/approvals.ts";
import { owe } from "./store/outbox.ts";
import { stepIfAny, type Step } from "./store/steps.ts";

/** The operations door for people: ask, approve, deny, cancel. What a worker does to an operation is in `operations/running.ts`. */

/** Asks for an action. A worker draws its plan; what happens then is up to policy. */
export async function request(app: App, caller: Caller, asked: Request): Promise<Operation> {
  const allowed = mayRequest(app, caller, asked);
  return changeFor(app, caller, async (change) => {
    if (!(asked.preview ?? false)) await refuseTwin(change, allowed.target.key, allowed.asked);
    return insertRequest(app, change, caller, allowed);
  });
}

async function refuseTwin(change: Change, target: string, { action, arguments: given }: Request): Promise<void> {
  const twin = await twinOf(change.db, target, action, given);
  if (twin === null) return;
  const isSame = isDeepStrictEqual(stated(twin.arguments), stated(given));
  const what = isSame ? "asks for that already" : `comes first: it asks for ${action} on ${target} otherwise`;
  throw new Conflict(`op-${twin.id} ${what}.`, {
    hint: `Cancel it first with \`/day2 cancel op-${twin.id}\`, or wait for it.`,
  });
}

/** The arguments that were given. */
function stated(given: Arguments): Arguments {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Approves the plan that was on the card. @throws Conflict when there is another plan by now */
export async function approve(app: App, caller: Caller, id: number, seen: Approving): Promise<void> {
  const said = { verdict: "approved", reason: null, ...seen } as const;
  await decide(app, caller, id, said, async (change, operation, decisions) => {
    const { catalog } = app.inForce();
    const given = standing(catalog, operation, decisions).size;
    await log(change, operation, "operation.approved", { approvals: given, needed: operation.approvals });
    const next = { ...operation, state: stateAfter(catalog, operation, decisions) };
    return next.state === operation.state ? show(change, operation) : goOn(change, next);
  });
}

/**
 * Goes on with requests whose approvals are enough only now: somebody who gave one had lost the role for it, and has it
 * again. No press would do it, because each person decides once.
 */
export async function admitApproved(app: App): Promise<void> {
  await changeDue(app, {
    what: "going on with approved requests",
    most: Infinity, // what still lacks somebody's role stays among them, until its time is over
    rows: lockApproved,
    nameOf: nameOfOperation,
    async work(change, operation) {
      const state = stateAfter(app.inForce().catalog, operation, await decisionsOf(change.db, operation.id));
      if (state === operation.state) return;
      await log(change, operation, "operation.admitted");
      await goOn(change, { ...operation, state });
    },
  });
}

async function goOn(change: Change, next: StoredOperation): Promise<void> {
  await saveOperation(change.db, next);
  await owe(change.db, "operations", next.id, change.now);
  await show(change, next);
}

/** Denies an operation, with a reason that everybody sees. */
export async function deny(app: App, caller: Caller, id: number, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("A denial needs a reason.");
  const said = { verdict: "denied", reason, seenHash: null } as const;
  await decide(app, caller, id, said, (change, operation) =>
    finish(app, change, operation, { move: "deny", outcome: `denied: ${reason}`, by: actorKey(caller.actor) }),
  );
}

/**
 * Withdraws an operation. One that runs is asked to stop; one whose outcome a person has to judge is closed without a
 * verdict, which frees its target.
 */
export async function cancel(app: App, caller: Caller, id: number): Promise<"cancelled" | "asked to stop" | "closed"> {
  return changeFor(app, caller, async (change) => {
    const operation = await locked(change, id);
    authorise(
      "cancel",
      caller.actor,
      groundOf(app.inForce(), { ...about(operation), ownRequest: isOwn(operation, caller.actor) }),
    );
    if (operation.state !== "running") {
      const outcome = `cancelled by ${caller.actor.name}`;
      await finish(app, change, operation, { move: "cancel", outcome, by: actorKey(caller.actor) });
      return "cancelled";
    }
    const step = await stepIfAny(change.db, id);
    if (step?.state === "needs_human") {
      await stopHere(app, change, caller, operation, step);
      return "closed";
    }
    await saveOperation(change.db, { ...operation, cancelRequestedAt: change.now });
    await log(change, operation, "operation.cancel_asked");
    await notify(change.db, "daytwo_cancel");
    await owe(change.db, "operations", id, change.now); // between two steps nobody has it in hand
    await show(change, operation);
    return "asked to stop";
  });
}

/** Closes an operation whose outcome stays unknown; its target is free again. */
export async function stopHere(
  app: App,
  change: Change,
  caller: Caller,
  operation: StoredOperation,
  step: Step,
): Promise<void> {
  await finish(app, change, operation, {
    move: "close",
    outcome: `closed by ${caller.actor.name} without knowing whether ${nameOfStep(operation, step)} happened`,
    by: actorKey(caller.actor),
  });
}
