import type { Plan } from "../../domain/action.ts";
import { pathOf, type Sent, type Settings } from "./api.ts";
import { Invalid } from "../../errors.ts";
import { LATEST } from "./run-plan.ts";
import { allTo, isManual, OPERATION, RESTARTED, type Service } from "./run-see.ts";
import { INSTANCES } from "./kind.ts";

/**
 * The one request that a plan for a Cloud Run service comes to. The etag is that of what was read: Google takes the change
 * only while it is still that. Fields that are named and not set are emptied; all others stay. @throws Invalid without one
 */
export function change(where: Settings, service: Service, plan: Plan, token: string): Sent {
  if (service.etag === "") throw new Invalid("Google gives it no etag, by which a change is compared.");
  const [fields, to] = changed(service, plan, token);
  const annotations = { ...service.annotations, [OPERATION]: token };
  return {
    method: "PATCH",
    path: pathOf(where),
    query: { updateMask: ["annotations", ...fields].join(",") },
    body: { etag: service.etag, annotations, ...to },
  };
}

function changed(service: Service, { action, arguments: given }: Plan, token: string): readonly [string[], object] {
  if (action === "scale") {
    const field = isManual(service) ? "manualInstanceCount" : "minInstanceCount";
    return [[`scaling.${field}`], { scaling: { [field]: given.sizes?.[INSTANCES] } }];
  }
  if (action === "rollback") {
    const to = given.release === LATEST ? null : (given.release ?? "");
    return [["traffic"], { traffic: allTo(service, to) }];
  }
  // With a name of its own in the template the new revision would be the old one over again.
  const annotations = { ...service.template.annotations, [RESTARTED]: token };
  return [["template.annotations", "template.revision"], { template: { annotations } }];
}
