import type { Change } from "../caller.ts";
import { formatDuration } from "../domain/measures.ts";
import { stepPlans } from "../domain/plan.ts";
import { Conflict } from "../errors.ts";
import type { StoredOperation } from "../store/operations.ts";
import { windowOver, type StoredWindow } from "../store/windows.ts";

/**
 * Times in which nothing is changed without a reason and somebody's approval. What takes back a change that did harm goes
 * on in them, since it was approved with that change; a change whose time is over stays until they end.
 */

/** A freeze that holds for anything that an operation does; null where none does. */
export async function freezeOn(change: Change, operation: StoredOperation): Promise<StoredWindow | null> {
  const plans = operation.plan === null ? [operation] : stepPlans(operation.plan);
  for (const action of new Set(plans.map((each) => each.action))) {
    const freeze = await windowOver(change.db, "freeze", { ...operation, action }, change.now);
    if (freeze !== null) return freeze;
  }
  return null;
}

/** What is said to who asks for a change in a freeze. */
export function frozen({ name, endsAt }: StoredWindow, service: string, now: Date): Conflict {
  const step = 60_000;
  const rest = formatDuration(Math.ceil((endsAt.getTime() - now.getTime()) / step) * step);
  return new Conflict(`"${name}" is on for another ${rest}: until then nothing is changed on ${service}.`, {
    hint: 'If it cannot wait, write "despite" and the reason behind the command, and somebody else must approve.',
  });
}
