import type { App } from "./app.ts";
import type { Approval } from "./domain/operation.ts";
import { may } from "./domain/permit.ts";
import { policyFor } from "./domain/policy.ts";
import { approversOf, asActor } from "./operations.ts";
import type { StoredOperation } from "./store/operations.ts";

/** Whether what an operation was allowed by still stands: asked again before every step. */

/** Why the operation may not run now, as a sentence; null when everything that it needs still stands. */
export function missingAuthority(app: App, operation: StoredOperation, decisions: readonly Approval[]): string | null {
  if (operation.reversalOf !== null) return null; // approved with its parent
  const { catalog } = app.inForce();
  const approving = new Set(approversOf(app, operation).map((person) => person.key));
  const standing = decisions.filter((each) => each.verdict === "approved" && approving.has(each.person));
  if (standing.length < operation.approvals)
    return "an approval no longer stands: somebody lost the role for it; ask again";
  const requester = catalog.people[operation.requestedBy];
  const service = catalog.services[operation.service];
  if (requester === undefined || service === undefined) return "whoever asked for it is no longer in the catalog";
  const policy = policyFor(catalog, operation.action, service, operation.plan?.risk ?? "high");
  const allowed = may("request", asActor(app, requester), { service: service.key, policy, catalogHasPeople: true });
  return allowed ? null : `${requester.name} no longer has the role to ask for it`;
}
