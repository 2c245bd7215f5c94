import type { App } from "../app.ts";
import { changeFor, type Caller, type Change } from "../caller.ts";
import { ALL_WELL } from "../domain/aftermath.ts";
import { isOwn } from "../domain/approving.ts";
import type { Operation } from "../domain/operation.ts";
import { authorise } from "../domain/permit.ts";
import { actorKey } from "../domain/actor.ts";
import { Conflict } from "../errors.ts";
import { finish } from "./ending.ts";
import { log, show, about, locked } from "./shared.ts";
import { stopHere } from "../operations.ts";
import { insertRequest, mayRequest } from "./requesting.ts";
import type { Request } from "./request.ts";
import { groundOf } from "../people.ts";
import { operationById, type StoredOperation } from "../store/operations.ts";
import { owe } from "../store/outbox.ts";
import { stepDone, stepFailed } from "./stepping.ts";
import { saveStep, stepIfAny, type Step } from "../store/steps.ts";

/**
 * The operations door for whoever has to say how an operation ended, after the bot could not find it out. Until they do,
 * nothing is sent again and the target waits.
 */

/** Has a worker look at the target once more; what it sees closes the operation, or stands on its card. */
export async function lookAgain(app: App, caller: Caller, id: number): Promise<void> {
  await judge(app, caller, id, async (change, operation, step) => {
    await saveStep(change.db, { ...step, lookAskedAt: change.now });
    await log(change, operation, "operation.look_asked");
    await owe(change.db, "operations", id, change.now);
    await show(change, operation);
  });
}

/** A person saw that it happened: the operation counts as done and the checks look at once; a sequence goes on. */
export async function happened(app: App, caller: Caller, id: number): Promise<void> {
  await judge(app, caller, id, async (change, operation, step) => {
    const seen = `${caller.actor.name} looked and says that it happened`;
    await stepDone(app, change, operation, step, { seen, after: ALL_WELL, by: actorKey(caller.actor) });
  });
}

/**
 * A person saw that it did not happen: this operation ends, and they ask for the same anew, with a new plan and new
 * approvals. Returns the new operation; null for a sequence, which ends and takes back what is declared to be taken back.
 */
export async function didNotHappen(app: App, caller: Caller, id: number): Promise<Operation | null> {
  const before = await operationById(app.db, id);
  if (before !== null) mayJudge(app, caller, before);
  if (before?.plan?.steps !== undefined) {
    await judge(app, caller, id, async (change, operation, step) => {
      const outcome = `${caller.actor.name} looked and says that it did not happen`;
      await saveStep(change.db, { ...step, state: "failed", outcome, lookAskedAt: null });
      await stepFailed(app, change, operation, { move: "fail", outcome, by: actorKey(caller.actor) });
    });
    return null;
  }
  const allowed = before === null ? null : mayRequest(app, caller, sameAgain(before));
  return judge(app, caller, id, async (change, operation) => {
    const anew = allowed === null ? operation : await insertRequest(app, change, caller, allowed);
    await finish(app, change, operation, {
      move: "cancel",
      outcome: `${caller.actor.name} looked and says that it did not happen; asked for anew as op-${anew.id}`,
      by: actorKey(caller.actor),
    });
    return anew;
  });
}

function sameAgain({ action, service, target, arguments: given, item }: StoredOperation): Request {
  return { action, service, target, arguments: given, item };
}

/** Closes it without knowing: the target is free, and what it was for stays somebody's. */
export async function stop(app: App, caller: Caller, id: number): Promise<void> {
  await judge(app, caller, id, (change, operation, step) => stopHere(app, change, caller, operation, step));
}

/** @throws Conflict when nothing about the operation waits for a person (any more). */
async function judge<Result>(
  app: App,
  caller: Caller,
  id: number,
  work: (change: Change, operation: StoredOperation, step: Step) => Promise<Result>,
): Promise<Result> {
  return changeFor(app, caller, async (change) => {
    const operation = await locked(change, id);
    mayJudge(app, caller, operation);
    const step = await stepIfAny(change.db, id);
    if (operation.state !== "running" || step?.state !== "needs_human") {
      throw new Conflict(`Nothing about op-${id} waits for a person any more.`, {
        hint: `\`/day2 audit op-${id}\` shows what happened.`,
      });
    }
    return work(change, operation, step);
  });
}

/** @throws Denied */
function mayJudge(app: App, { actor }: Caller, operation: StoredOperation): void {
  const ownRequest = isOwn(operation, actor);
  authorise("judge", actor, groundOf(app.inForce(), { ...about(operation), ownRequest }));
}
