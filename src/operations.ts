import { addMilliseconds } from "date-fns/addMilliseconds";
import type { App } from "./app.ts";
import { changeFor, type Caller, type Change } from "./caller.ts";
import type { Action, Arguments } from "./domain/action.ts";
import type { Person, Service, Target } from "./domain/catalog.ts";
import { moveOperation, type Operation } from "./domain/operation.ts";
import { authorise, may, type Actor } from "./domain/permit.ts";
import { policyFor, type Policy } from "./domain/policy.ts";
import { Conflict, Invalid } from "./errors.ts";
import { channelOf } from "./item-life.ts";
import { finish, log, show } from "./operation-life.ts";
import { serviceNamed } from "./ownership.ts";
import { groundOf } from "./people.ts";
import { providerNamed } from "./providers/index.ts";
import { notify } from "./store/events.ts";
import { itemById } from "./store/items.ts";
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
import { saveStep, stepIfAny, type Step } from "./store/steps.ts";
import { withTask } from "./tasks.ts";

/** The operations door for people: ask, approve, deny, cancel. What a worker does to an operation is in `running.ts`. */

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
  const asked = withTask(service, wanted);
  const target = targetFor(service, asked);
  const policy = policyFor(catalog, asked.action, service, "low");
  authorise(
    "request",
    caller.actor,
    groundOf(app.inForce(), { service: service.key, item: asked.item ?? undefined, policy }),
  );
  return { asked, service, target, policy };
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
    requestedBy: caller.actor.person ?? caller.actor.account,
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
  const twin = await twinOf(change.db, target, action, given.task ?? null);
  if (twin === null) return;
  throw new Conflict(`op-${twin.id} asks for that already.`, {
    hint: `Cancel it first with \`/day2 cancel op-${twin.id}\`, or wait for it.`,
  });
}

/** The target that an action is for. @throws Invalid naming the choices. */
export function targetFor(service: Service, asked: Pick<Request, "action" | "target">): Target {
  const able = service.targets.filter((target) => providerNamed(target.provider).actions.includes(asked.action));
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

/** Approves the plan that was on the card. @throws Conflict when that plan is not the one any more. */
export async function approve(app: App, caller: Caller, id: number, seenHash: string | null): Promise<void> {
  await decide(app, caller, id, "approved", null, async (change, operation) => {
    if (seenHash !== null && seenHash !== operation.planHash)
      throw new Conflict(`op-${id} has changed since that card was drawn.`, {
        hint: "Read the new card and decide again.",
      });
    const given = (await decisionsOf(change.db, id)).filter((each) => each.verdict === "approved");
    await log(change, operation, "operation.approved", { approvals: given.length, needed: operation.approvals });
    if (given.length < operation.approvals) return show(change, operation);
    const next = { ...operation, state: moveOperation(id, operation.state, "approve") };
    await saveOperation(change.db, next);
    await owe(change.db, "operations", id, change.now);
    return show(change, next);
  });
}

/** Denies an operation, with a reason that everybody sees. */
export async function deny(app: App, caller: Caller, id: number, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("A denial needs a reason.");
  await decide(app, caller, id, "denied", reason, (change, operation) =>
    finish(app, change, operation, { move: "deny", outcome: `denied: ${reason}` }),
  );
}

async function decide(
  app: App,
  caller: Caller,
  id: number,
  verdict: "approved" | "denied",
  reason: string | null,
  then: (change: Change, operation: StoredOperation) => Promise<void>,
): Promise<void> {
  await changeFor(app, caller, async (change) => {
    const operation = await locked(change, id);
    const deed = verdict === "approved" ? "approve" : "deny";
    authorise(
      deed,
      caller.actor,
      groundOf(app.inForce(), { ...about(operation), ownRequest: isOwn(operation, caller.actor) }),
    );
    moveOperation(id, operation.state, deed);
    if (operation.expiresAt !== null && operation.expiresAt <= change.now)
      throw new Conflict(`op-${id} was not decided in time.`, {
        hint: "Ask for it again: the plan will be drawn from how things are now.",
      });
    const first = await insertDecision(change.db, {
      operation: id,
      person: caller.actor.person ?? caller.actor.account,
      account: caller.actor.account,
      verdict,
      reason,
      planHash: operation.planHash ?? "",
      at: change.now,
    });
    if (!first) throw new Conflict(`You have decided on op-${id} already.`);
    await then(change, operation);
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
      await finish(app, change, operation, { move: "cancel", outcome: `cancelled by ${caller.actor.name}` });
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
  await saveStep(change.db, { ...step, state: "failed", lookAskedAt: null });
  await finish(app, change, operation, {
    move: "close",
    outcome: `closed by ${caller.actor.name} without knowing whether it happened`,
  });
}

/** Who may approve an operation of a service, except whoever asked for it. */
export function approversOf(app: App, operation: Pick<Operation, "service" | "requestedBy">): Person[] {
  return Object.values(app.inForce().catalog.people).filter(
    (person) =>
      person.key !== operation.requestedBy &&
      may("approve", asActor(app, person), { service: operation.service, ownRequest: false, catalogHasPeople: true }),
  );
}

/** A person of the catalog as an actor, for asking what they could do. */
export function asActor(app: App, person: Person): Actor {
  return {
    person: person.key,
    account: person.slack[0] ?? "",
    team: app.workspace.team ?? "",
    kind: "member",
    role: person.role,
    services: person.services,
    name: person.name,
  };
}

/** @throws Invalid when there is none. */
export async function locked(change: Change, id: number): Promise<StoredOperation> {
  const operation = await lockOperation(change.db, id);
  if (operation === null)
    throw new Invalid(`There is no operation op-${id}.`, { hint: "`/day2` shows what waits for you." });
  return operation;
}

export function isOwn(operation: Operation, actor: Actor): boolean {
  return operation.requestedBy === (actor.person ?? actor.account);
}

export function about({ id, service }: Operation): { operation: number; service: string } {
  return { operation: id, service };
}
