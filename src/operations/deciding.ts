import type { App } from "../app.ts";
import { changeFor, type Caller, type Change } from "../caller.ts";
import type { Actor } from "../domain/actor.ts";
import { decision, isOwn } from "../domain/approving.ts";
import type { Approval, Operation } from "../domain/operation.ts";
import type { Ground } from "../domain/permit.ts";
import { policyOf } from "../domain/policy.ts";
import { onCallOf } from "../ownership.ts";
import { groundOf, nameOf } from "../people.ts";
import { accountZone } from "../slack-accounts.ts";
import type { StoredOperation } from "../store/operations.ts";
import { decisionsOf, insertDecision } from "../store/approvals.ts";
import { locked, about } from "./shared.ts";

/** Taking a person's decision on an operation, and what it rests on. */

/** What somebody who approves had before their eyes, and what they typed where that is asked for. */
export type Approving = { readonly seenHash: string | null; readonly typed: string | null };

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
  const { actor } = caller;
  await changeFor(app, caller, async (change) => {
    const operation = await locked(change, id);
    const made = await decisionsOf(change.db, id);
    const ground = groundFor(app, operation, actor);
    const by = { actor, ground, now: change.now, nameOf: (key: string) => nameOf(app.inForce(), key), zone };
    const given = decision(operation, made, { ...said, ...by });
    await insertDecision(change.db, id, actor.account, given);
    await then(change, operation, [...made, given]);
  });
}

/** What a permit to decide on an operation rests on. */
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
