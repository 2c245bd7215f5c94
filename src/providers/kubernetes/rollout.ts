import { workloadOf } from "./settings.ts";
import { short } from "./objects.ts";
import { wantedOf, type Around, type Core } from "./see.ts";

/** How far the cluster is with what a workload is to be, by what its controllers say. */

export type Rollout = {
  /** `held`: paused, with all pods that it is to have, of whatever template they are. */
  readonly state: "complete" | "held" | "moving" | "stuck";
  /** "3 of 4 updated, 2 available" */
  readonly words: string;
};

export type Counts = {
  readonly wanted: number;
  readonly running: number;
  readonly updated: number;
  readonly available: number;
};

export function countsOf({ where, workload }: Core): Counts {
  const { status } = workload;
  const wanted = wantedOf({ where, workload });
  const { kind } = workloadOf(where);
  if (kind === "daemonset")
    return {
      wanted,
      running: status.currentNumberScheduled,
      updated: status.updatedNumberScheduled,
      available: status.numberAvailable,
    };
  // A StatefulSet counts as updated what has the newest revision; once all have it, its count may be left at none.
  const isUpdated = kind === "statefulset" && status.updateRevision === status.currentRevision;
  return {
    wanted,
    running: status.replicas,
    updated: isUpdated ? status.replicas : status.updatedReplicas,
    available: kind === "statefulset" ? status.readyReplicas : status.availableReplicas,
  };
}

/** Pods are replaced only when somebody deletes them. */
export function isOnDelete({ workload }: Core): boolean {
  return workload.spec.updateStrategy?.type === "OnDelete";
}

/** Pods before this number stay as they are. */
function partitionOf({ workload }: Core): number {
  return workload.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}

/** How pods are replaced, where that is not a few at a time. */
export function replacing(core: Core): string | null {
  if (isOnDelete(core)) return "only when somebody deletes them (OnDelete)";
  if (core.workload.spec.strategy?.type === "Recreate") return "all at once: it is away meanwhile (Recreate)";
  const partition = partitionOf(core);
  return partition > 0 ? `only from number ${partition} on` : null;
}

export function rolloutOf(core: Core): Rollout {
  const { workload } = core;
  const { wanted, running, updated, available } = countsOf(core);
  const isSeen = workload.status.observedGeneration >= workload.metadata.generation;
  const pausedAt = workload.spec.paused ? ", and it is paused" : "";
  const words = `${updated} of ${wanted} updated, ${available} available${pausedAt}`;
  const isUpdated = isOnDelete(core) || updated >= wanted - partitionOf(core);
  if (isSeen && isUpdated && running === wanted && available >= wanted) return { state: "complete", words };
  if (isSeen && workload.spec.paused && running === wanted && available >= wanted) return { state: "held", words };
  return { state: isSeen && isStuck(core) ? "stuck" : "moving", words };
}

/**
 * Whether the cluster has given up waiting. What it said of the rollout before the last write stands for a moment after
 * it, with the new generation already seen: only what it says since counts.
 */
function isStuck({ workload: { metadata, status } }: Core): boolean {
  const said = status.conditions.find(({ type }) => type === "Progressing");
  if (said?.status !== "False" || said.reason !== "ProgressDeadlineExceeded") return false;
  const written = metadata.managedFields.find(({ manager }) => manager === MANAGER)?.time;
  const since = said.lastUpdateTime;
  return written === undefined || since === undefined || Date.parse(since) > Date.parse(written);
}

/** As whom we write: what managedFields call us. */
export const MANAGER = "daytwo";

/** Whether the last rollout got stuck, whoever asked for it. */
export function gaveUp({ workload: { status } }: Pick<Core, "workload">): boolean {
  return status.conditions.some(
    ({ type, status: value, reason }) =>
      type === "Progressing" && value === "False" && reason === "ProgressDeadlineExceeded",
  );
}

/** What pods wait for, in words. */
const WAITING: Readonly<Record<string, string>> = {
  ImagePullBackOff: "its image cannot be pulled",
  ErrImagePull: "its image cannot be pulled",
  InvalidImageName: "its image has a name that cannot be",
  ErrImageNeverPull: "its image is not there",
  CrashLoopBackOff: "its program ends as soon as it is started",
  CreateContainerConfigError: "a ConfigMap or Secret that it names is not there",
  CreateContainerError: "its container cannot be made",
  RunContainerError: "its program cannot be started",
};

export type Trouble = { readonly pod: string; readonly words: string; readonly said: string };

/**
 * The pod that a StatefulSet waits for, and goes on waiting for whatever its template becomes: only that somebody deletes it
 * helps. Null where nothing is in the way, or it replaces its pods in no order.
 */
export function heldBy({ where, workload }: Core, around: Around): string | null {
  const isOrdered = where.statefulset !== undefined && workload.spec.podManagementPolicy !== "Parallel";
  return isOrdered ? (troubleIn(around)?.pod ?? null) : null;
}

/** What lets it go on then. */
export function toDelete(pod: string, namespace: string): string {
  return `delete it (\`kubectl delete pod ${pod} -n ${namespace}\`)`;
}

/** Whether a pod was made from an earlier template of its StatefulSet. */
export function isOutdated(name: string, { workload }: Core, { pods }: Around): boolean {
  const made = pods.find(({ metadata }) => metadata.name === name)?.metadata.labels["controller-revision-hash"];
  return made !== undefined && made !== workload.status.updateRevision;
}

/** What the first pod says that is not well; null where none says anything. */
export function troubleIn({ pods, warnings }: Pick<Around, "pods" | "warnings">): Trouble | null {
  for (const { metadata, status } of pods) {
    const { name } = metadata;
    const unplaced = status.conditions.find(
      ({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable",
    );
    if (unplaced !== undefined) return { pod: name, words: "no node has room for it", said: short(unplaced.message) };
    // While an init container cannot run, the others only say that they wait for it.
    const all = [...status.initContainerStatuses, ...status.containerStatuses];
    const waiting = all.find(({ state }) => (state.waiting?.reason ?? "") in WAITING);
    if (waiting === undefined) continue;
    const reason = waiting.state.waiting?.reason ?? "";
    const said = warnings.find(({ involvedObject }) => involvedObject.name === name)?.message;
    return {
      pod: name,
      words: WAITING[reason] ?? reason,
      said: said === undefined ? reason : `${reason}: ${short(said)}`,
    };
  }
  return null;
}

/** "shop-web-7d4f: its image cannot be pulled (ImagePullBackOff: …)" */
export function troubleOf(around: Pick<Around, "pods" | "warnings">): string | null {
  const trouble = troubleIn(around);
  return trouble === null ? null : `${trouble.pod}: ${trouble.words} (${trouble.said})`;
}
