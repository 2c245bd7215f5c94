import type { App } from "../app.ts";
import type { Caller, Change } from "../caller.ts";
import { actorKey, type Actor } from "../domain/actor.ts";
import type { Action } from "../domain/action.ts";
import type { Service, Target } from "../domain/catalog.ts";
import { authorise } from "../domain/permit.ts";
import { policyOf, type Policy } from "../domain/policy.ts";
import { addMilliseconds } from "../domain/time.ts";
import { Invalid } from "../errors.ts";
import { channelOf } from "../items/card-and-thread.ts";
import { serviceNamed } from "../ownership.ts";
import { groundOf } from "../people.ts";
import { actionsOn } from "../providers/index.ts";
import { itemById } from "../store/items.ts";
import { insertOperation, type StoredOperation } from "../store/operations.ts";
import { owe } from "../store/outbox.ts";
import { place, rootOf, wantAt } from "../store/postings.ts";
import { log, show } from "./shared.ts";
import { withTask } from "./tasks.ts";
import type { Request } from "./request.ts";

/** What a request for an action becomes: an operation, its card, and the job that draws its plan. */

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

/** The target that an action is for. @throws Invalid naming the choices. */
export function targetFor(service: Service, asked: Pick<Request, "action" | "target">): Target {
  const able = service.targets.filter((target) => actionsOn(target).includes(asked.action));
  const named =
    asked.target === undefined
      ? able
      : able.filter((target) => target.key === asked.target || target.name === asked.target);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  if (able.length === 0) throw nothingFor(service, asked.action);
  throw new Invalid(`Which target of ${service.name}?`, {
    hint: `It can be ${able.map((target) => `\`${target.key}\``).join(" or ")}.`,
  });
}

function nothingFor({ key, name, targets }: Service, action: Action): Invalid {
  if (targets.length === 0) {
    return new Invalid(`The catalog does not say what ${name} runs on, so \`${action}\` has nothing to act on.`, {
      hint: `Name it under \`targets\` of \`${key}\` in the catalog; \`/day2 help providers\` lists what there can be.`,
    });
  }
  const able = targets.map((target) => {
    const actions = actionsOn(target).map((each) => `\`${each}\``);
    return `\`${target.key}\` (${target.provider}): ${actions.length === 0 ? "none" : actions.join(", ")}`;
  });
  return new Invalid(`\`${action}\` cannot be done on anything that ${name} runs on.`, {
    hint: `Its actions: ${able.join("; ")}.`,
  });
}
