import type { App } from "../app.ts";
import { missingAuthority as missing } from "../domain/approving.ts";
import type { Approval } from "../domain/operation.ts";
import { onCallOf } from "../ownership.ts";
import type { StoredOperation } from "../store/operations.ts";

/** Whether everything that allowed an operation still holds by the catalog in force: asked again before every step. */

/** Why the operation may not run now, as a sentence; null when everything that it needs still stands. */
export function missingAuthority(
  app: App,
  operation: StoredOperation,
  decisions: readonly Approval[],
  now: Date,
): string | null {
  const inForce = app.inForce();
  return missing(inForce.catalog, operation, decisions, {
    onCall: onCallOf(inForce, operation.service, now),
    now,
  });
}
