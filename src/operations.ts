import { isDeepStrictEqual } from "node:util";
import { addMilliseconds } from "./domain/time.ts";
import type { App } from "./app.ts";
import { changeUnasked, changeFor, type Caller, type Change } from "./caller.ts";
import type { Action, Arguments } from "./domain/action.ts";
import type { Service, Target } from "./domain/catalog.ts";
import { decision, isOwn, standing, stateAfter } from "./domain/approving.ts";
import type { Approval, Operation } from "./domain/operation.ts";
import { authorise, type Ground } from "./domain/permit.ts";
import { actorKey, type Actor } from "./domain/actor.ts";
import { policyOf, type Policy } from "./domain/policy.ts";
import { Conflict, Invalid } from "./errors.ts";
import { channelOf } from "./items/shown.ts";
import { finish } from "./operations/ending.ts";
import { log, show } from "./operations/life.ts";
import { onCallOf, serviceNamed } from "./ownership.ts";
import { accountZone, groundOf } from "./people.ts";
import { actionsOn } from "./providers/index.ts";
import { notify } from "./store/events.ts";
import { itemById } from "./store/items.ts";
import { lockApproved } from "./store/operations-due.ts";
import {
  decisionsOf,
  insertDecision,
  insertOperation,
  lockOperation,
  saveOperation,
  twinOf,
  type StoredOperation,
} from "./store/operations.ts";
import { owe } from "./store/outbox.ts";
import { place, rootOf, wantAt } from "./store/postings.ts";
import { nameOfStep } from "./operations/stepping.ts";
import { stepIfAny, type Step } from "./store/steps.ts";
import { withTask } from "./operations/tasks.ts";

/** The operations door for people: ask, approve, deny, cancel. What a worker does to an operation is in `operations/running.ts`. */

export type Request = {
  readonly action: Action;
  readonly service: string;
  /** `service/name`; undefined = the only target of the service that can do it. */
  readonly target?: string | undefined;
  readonly arguments: Arguments;
  readonly item: number | null;
  /** Why policy's pause shall not hold it up; it then needs an approval. */
  readonly despite?: string;
  /** Draw the plan, show it to the one who asks, and stop there. */
  readonly preview?: boolean;
};

/** Asks for an action. A worker draws the plan; what happens then is up to the policy. The operation's number. */
export async function request(app: App, caller: Caller, asked: Request): Promise<Operation> {
  const allowed = mayRequest(app, caller, asked);
  return changeFor(app, caller, async (change) => {
    if (!(asked.preview ?? false)) await refuseTwin(change, allowed.target.key, allowed.asked);
    return insertRequest(app, change, caller, allowed);
  });
}

type Allowed = { readonly asked: Request; readonly service: Service; readonly target: Target; readonly policy: Policy };

/** @throws Invalid when there is nothing that can do it, Denied when the caller may not ask for it. */
export function mayRequest(app: App, caller: Caller, wanted: Request): Allowed {
  const { catalog } = app.inForce();
  const service = serviceNamed(catalog, wanted.service);
  const { task, sequence = task } = wanted.arguments;
  const policy = policyOf(catalog, service, { action: wanted.action, arguments: { sequence }, plan: null }, "low");
  authorise(
    "request",
    caller.actor,
    groundOf(app.inForce(), { service: service.key, item: wanted.item ?? undefined, policy }),
  );
  const asked = withTask(service, wanted);
  return { asked, service, target: targetFor(service, asked), policy };
}

/** The new operation, its card, and the job that draws its plan. */
export async function insertRequest(
  app: App,
  change: Change,
  caller: Caller,
  { asked, service, target, policy }: Allowed,
): Promise<StoredOperation> {
  const item = asked.item === null ? null : await itemById(change.db, asked.item);
  const operation = await insertOperation(change.db, {
    item: item?.id ?? null,
    service: service.key,
    environment: service.environment,
    target: target.key,
    action: asked.action,
    arguments: asked.arguments,
    requestedBy: actorKey(caller.actor),
    requestedAt: change.now,
    catalogVersion: app.inForce().version,
    expiresAt: addMilliseconds(change.now, policy.expiresAfter),
    reversalOf: null,
    preview: asked.preview ?? false,
    despite: asked.despite ?? null,
  });
  await log(change, operation, "operation.requested", {
    action: asked.action,
    target: target.key,
    arguments: asked.arguments,
    ...(asked.despite === undefined ? {} : { despite: asked.despite }),
  });
  const where = await placeFor(app, change, operation, caller.actor);
  await wantAt(change.db, "operation", operation.id, where, change.now);
  await show(change, operation);
  await owe(change.db, "operations", operation.id, change.now);
  return operation;
}

/** In the item's thread where there is one; a preview goes to who asked; else a card of its own in the service's channel. */
async function placeFor(app: App, change: Change, operation: StoredOperation, actor: Actor): Promise<string> {
  if (operation.preview) return place.person(actor.account);
  const root = operation.item === null ? null : await rootOf(change.db, "item", operation.item);
  return root === null ? place.channel(channelOf(app.inForce(), operation.service)) : place.thread(root.id);
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

/** Without what was left open. */
function stated(given: Arguments): Arguments {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The target that an action is for. @throws Invalid naming the choices. */
export function targetFor(service: Service, asked: Pick<Request, "action" | "target">): Target {
  const able = service.targets.filter((target) => actionsOn(target).includes(asked.action));
  const named =
    asked.target === undefined
      ? able
      : able.filter((target) => target.key === asked.target || target.name === asked.target);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  if (able.length === 0) {
    throw new Invalid(`Nothing that ${service.name} runs on can ${asked.action}.`, {
      hint: "`/day2 status` shows what it runs on; targets are named in the catalog.",
    });
  }
  throw new Invalid(`Which target of ${service.name}?`, {
    hint: `It can be ${able.map((target) => `\`${target.key}\``).join(" or ")}.`,
  });
}

/** What somebody who approves had before their eyes, and what they typed where that is asked for. */
export type Approving = { readonly seenHash: string | null; readonly typed: string | null };

/** Approves the plan that was on the card. @throws Conflict when that plan is not the one any more. */
export async function approve(app: App, caller: Caller, id: number, seen: Approving): Promise<void> {
  const said = { verdict: "approved", reason: null, ...seen } as const;
  await decide(app, caller, id, said, async (change, operation, decisions) => {
    const { catalog } = app.inForce();
    const given = standing(catalog, operation, decisions).size;
    await log(change, operation, "operation.approved", { approvals: given, needed: operation.approvals });
    const next = { ...operation, state: stateAfter(catalog, operation, decisions) };
    if (next.state === operation.state) return show(change, operation);
    await saveOperation(change.db, next);
    await owe(change.db, "operations", id, change.now);
    return show(change, next);
  });
}

/**
 * Goes on with requests whose approvals are enough only now: whoever gave one had lost the role for it, and has it again.
 * Nobody could, as each person decides once.
 */
export async function admitApproved(app: App): Promise<void> {
  await changeUnasked(app, async (change) => {
    for (const operation of await lockApproved(change.db, change.now, 20)) {
      const state = stateAfter(app.inForce().catalog, operation, await decisionsOf(change.db, operation.id));
      if (state === operation.state) continue;
      const next = { ...operation, state };
      await saveOperation(change.db, next);
      await log(change, next, "operation.admitted");
      await owe(change.db, "operations", next.id, change.now);
      await show(change, next);
    }
  });
}

/** Denies an operation, with a reason that everybody sees. */
export async function deny(app: App, caller: Caller, id: number, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("A denial needs a reason.");
  const said = { verdict: "denied", reason, seenHash: null } as const;
  await decide(app, caller, id, said, (change, operation) =>
    finish(app, change, operation, { move: "deny", outcome: `denied: ${reason}`, by: actorKey(caller.actor) }),
  );
}

/** Takes somebody's decision on a request; `then` is what it means for it. @throws Denied | Conflict */
export async function decide(
  app: App,
  caller: Caller,
  id: number,
  said: Pick<Approval, "verdict" | "reason"> & Pick<Approving, "seenHash"> & Partial<Approving>,
  then: (change: Change, operation: StoredOperation, decisions: readonly Approval[]) => Promise<void>,
): Promise<void> {
  // Found out before the transaction, which must not wait for another connection.
  const zone = await accountZone(app, caller.actor);
  const { people } = app.inForce().catalog;
  function nameOf(person: string): string {
    return people[person]?.name ?? `<@${person}>`;
  }
  await changeFor(app, caller, async (change) => {
    const operation = await locked(change, id);
    const made = await decisionsOf(change.db, id);
    const ground = groundFor(app, operation, caller.actor);
    const given = decision(operation, made, { ...said, actor: caller.actor, ground, now: change.now, nameOf, zone });
    await insertDecision(change.db, id, caller.actor.account, given);
    await then(change, operation, [...made, given]);
  });
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

/** @throws Invalid when there is none. */
export async function locked(change: Change, id: number): Promise<StoredOperation> {
  const operation = await lockOperation(change.db, id);
  if (operation === null)
    throw new Invalid(`There is no operation op-${id}.`, { hint: "`/day2` shows what waits for you." });
  return operation;
}

/** What decisions on an operation rest on. */
export function groundFor(app: App, operation: Operation, actor: Actor): Ground {
  const { catalog } = app.inForce();
  const service = catalog.services[operation.service];
  const policy = service === undefined ? undefined : policyOf(catalog, service, operation, "high");
  return groundOf(app.inForce(), {
    ...about(operation),
    ownRequest: isOwn(operation, actor),
    onCall: actor.person !== null && onCallOf(app.inForce(), operation.service, app.now()).includes(actor.person),
    policy,
  });
}

export function about({ id, service }: Operation): { operation: number; service: string } {
  return { operation: id, service };
}
