import type { Obj } from "./object.ts";
import { stepDeployment } from "./deployments.ts";
import { stepPods, type Troubles } from "./pods.ts";
import { stepSet } from "./sets.ts";
import { named, type Store } from "./store.ts";

/** Everything that happens in the cluster by itself, one step of all controllers at a time. */

export type Autoscaling = {
  /** How many pods the load asks for, by the autoscaler's name; without one it leaves the number within its bounds alone. */
  readonly demand: Map<string, number>;
};

const SECOND = 1_000;
const SYNC = 15; // s between two looks of an autoscaler

export function stepCluster(
  store: Store,
  { troubles, demand, holdsBack }: { troubles: Troubles; demand: Map<string, number>; holdsBack: boolean },
): void {
  store.passes(SECOND);
  if ((Date.parse(store.now()) / SECOND) % SYNC === 0)
    for (const autoscaler of store.list(named("horizontalpodautoscalers"))) stepAutoscaler(store, autoscaler, demand);
  if (!holdsBack) stepPods(store, troubles);
  for (const each of store.list(named("deployments"))) stepDeployment(store, each, { holdsBack });
  for (const plural of ["statefulsets", "daemonsets"] as const)
    for (const each of store.list(named(plural))) stepSet(store, plural, each, holdsBack);
}

/** The number of pods is its own, within its bounds; at none it stands aside, unless it went there itself, as it may from 1.37 on. */
function stepAutoscaler(store: Store, autoscaler: Obj, demand: Map<string, number>): void {
  const { scaleTargetRef, minReplicas = 1, maxReplicas } = autoscaler["spec"] as Obj;
  const { namespace, name } = autoscaler["metadata"] as Obj;
  const plural = `${(scaleTargetRef.kind as string).toLowerCase()}s`;
  const workload = store.get(named(plural), namespace as string, scaleTargetRef.name as string);
  if (workload === undefined) return;
  const now = Number(workload["spec"].replicas);
  const asked = demand.get(name as string) ?? now;
  const slept = ((autoscaler["status"].conditions ?? []) as Obj[]).some(
    ({ type, status }) => type === "ScaledToZero" && status === "True",
  );
  const standsAside = now === 0 && !slept;
  const wanted = standsAside ? 0 : Math.min(Math.max(asked, minReplicas as number), maxReplicas as number);
  if (wanted !== now) store.update(plural, workload, (copy) => void (copy["spec"].replicas = wanted));
  store.update("horizontalpodautoscalers", autoscaler, (copy) => {
    copy["status"] = {
      currentReplicas: Number(workload["status"].replicas ?? 0),
      desiredReplicas: wanted,
      conditions: [
        {
          type: "ScalingActive",
          status: standsAside ? "False" : "True",
          reason: standsAside ? "ScalingDisabled" : "ValidMetricFound",
        },
        { type: "ScaledToZero", status: wanted === 0 && !standsAside ? "True" : "False" },
      ],
    };
  });
}

/** Whether nothing is under way any more. */
export function isAtRest(store: Store): boolean {
  return (
    store
      .list(named("deployments"))
      .every(
        ({ metadata, spec, status }) =>
          status.observedGeneration === metadata.generation &&
          (spec.paused === true ? [] : [status.replicas, status.availableReplicas, status.updatedReplicas]).every(
            (each) => each === spec.replicas,
          ),
      ) &&
    store
      .list(named("statefulsets"))
      .every(
        ({ metadata, spec, status }) =>
          status.observedGeneration === metadata.generation &&
          [status.replicas, status.readyReplicas].every((each) => each === spec.replicas) &&
          (status.updateRevision === status.currentRevision ||
            spec.updateStrategy?.type === "OnDelete" ||
            status.updatedReplicas >= spec.replicas - Number(spec.updateStrategy?.rollingUpdate?.partition ?? 0)),
      ) &&
    store
      .list(named("daemonsets"))
      .every(
        ({ metadata, status }) =>
          status.observedGeneration === metadata.generation &&
          [status.updatedNumberScheduled, status.numberAvailable].every(
            (each) => each === status.desiredNumberScheduled,
          ),
      )
  );
}
