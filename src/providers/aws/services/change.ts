import type { Plan } from "../../../domain/action.ts";
import { ecs, scaling, type Work } from "../client.ts";
import { goesBackTo, scalableOf, type Core } from "./see.ts";
import { boundOf } from "../../bounds.ts";

/** The one request that a plan for a service comes to. */
export function change(core: Core, { action, arguments: { release, sizes = {} } }: Plan): Work {
  const { cluster, service } = core.where;
  if (action === "restart") return ecs((api) => api.updateService({ cluster, service, forceNewDeployment: true }));
  if (action === "scale") return toSizes(core, sizes);
  if (core.latest !== null && goesBackTo(core.latest)?.release === release) {
    const { arn: serviceDeploymentArn } = core.latest;
    return ecs((api) => api.stopServiceDeployment({ serviceDeploymentArn, stopType: "ROLLBACK" }));
  }
  return ecs((api) => api.updateService({ cluster, service, taskDefinition: release }));
}

function toSizes({ where, service: found, bounds }: Core, sizes: Readonly<Record<string, number>>): Work {
  const { cluster, service } = where;
  if (bounds === null) {
    const [desiredCount] = Object.values(sizes);
    return ecs((api) => api.updateService({ cluster, service, desiredCount }));
  }
  // Whatever runs outside of them is brought inside at once.
  const MinCapacity = boundOf(sizes, "min") ?? bounds.min;
  const MaxCapacity = boundOf(sizes, "max") ?? bounds.max;
  return scaling((api) => api.registerScalableTarget({ ...scalableOf(found), MinCapacity, MaxCapacity }));
}
