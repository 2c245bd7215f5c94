import { createHash } from "node:crypto";
import type { Obj } from "./object.ts";
import { isReady, ownedBy, podsOf, startPod } from "./pods.ts";
import { named, type Store } from "./store.ts";

/**
 * What the controller of deployments does, as its documents and its own source have it: a ReplicaSet for every template,
 * revisions, a rolling update within surge and unavailability, conditions, and a deadline after which it only says so.
 */

const NOT_COPIED = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deployment.kubernetes.io/revision",
  "deployment.kubernetes.io/revision-history",
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deprecated.deployment.rollback.to",
]);
const REVISION = "deployment.kubernetes.io/revision";

export function stepDeployment(store: Store, deployment: Obj, { holdsBack }: { holdsBack: boolean }): void {
  const isNew = deployment["status"].observedGeneration !== deployment["metadata"].generation;
  const current =
    deployment["spec"].paused === true
      ? setsOf(store, deployment).find(hasTemplateOf(deployment))
      : currentSet(store, deployment);
  if (!holdsBack && !isNew) roll(store, deployment, current, setsOf(store, deployment));
  report(store, store.get(named("deployments"), ...placeOf(deployment)) ?? deployment, { current, isNew });
}

function placeOf({ metadata }: Obj): [string, string] {
  return [metadata.namespace as string, metadata.name as string];
}

function setsOf(store: Store, { metadata }: Obj): Obj[] {
  return store
    .list(named("replicasets"), metadata.namespace as string)
    .filter((set) => (set["metadata"].ownerReferences as Obj[]).some((each) => each["uid"] === metadata.uid));
}

function withoutHash(template: Obj): string {
  const copy = structuredClone(template);
  delete copy["metadata"].labels["pod-template-hash"];
  return JSON.stringify(sorted(copy));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function hasTemplateOf(deployment: Obj): (set: Obj) => boolean {
  const wanted = withoutHash(deployment["spec"].template as Obj);
  return (set) => withoutHash(set["spec"].template as Obj) === wanted;
}

/** The ReplicaSet of the template there is now: made, or found again and numbered anew. */
function currentSet(store: Store, deployment: Obj): Obj {
  const sets = setsOf(store, deployment);
  const highest = Math.max(0, ...sets.map(revisionOf));
  const found = sets.find(hasTemplateOf(deployment));
  const set = found ?? makeSet(store, deployment);
  const revision = found !== undefined && revisionOf(found) === highest ? highest : highest + 1;
  const copied = Object.entries((deployment["metadata"].annotations ?? {}) as Obj).filter(
    ([key]) => !NOT_COPIED.has(key),
  );
  store.update("replicasets", set, (copy) => {
    copy["metadata"].annotations = {
      ...copy["metadata"].annotations,
      ...Object.fromEntries(copied),
      [REVISION]: String(revision),
    };
  });
  store.update("deployments", deployment, (copy) => {
    copy["metadata"].annotations = { ...copy["metadata"].annotations, [REVISION]: String(revision) };
  });
  return store.get(named("replicasets"), ...placeOf(set)) ?? set;
}

function revisionOf({ metadata }: Obj): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

function makeSet(store: Store, deployment: Obj): Obj {
  const { name, namespace } = deployment["metadata"] as Obj;
  const template = structuredClone(deployment["spec"].template) as Obj;
  const hash = createHash("sha256").update(withoutHash(template)).digest("hex").slice(0, 10);
  template["metadata"].labels["pod-template-hash"] = hash;
  return store.create("replicasets", {
    metadata: {
      name: `${name as string}-${hash}`,
      namespace,
      labels: template["metadata"].labels as Obj,
      annotations: {},
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...deployment["spec"].selector.matchLabels, "pod-template-hash": hash } },
      template,
    },
    status: { replicas: 0, readyReplicas: 0, availableReplicas: 0 },
  });
}

/** One pod more of what is wanted, and one less of what is not, as far as surge and unavailability allow. */
function roll(store: Store, deployment: Obj, current: Obj | undefined, sets: readonly Obj[]): void {
  // Paused in the middle of a rollout, both stay as they are.
  if (deployment["spec"].paused === true && sets.filter((set) => podsOf(store, set).length > 0).length > 1) return;
  const wanted = Number(deployment["spec"].replicas);
  const isRunning = sets.find((set) => deployment["spec"].paused === true && podsOf(store, set).length > 0);
  const target = isRunning ?? current ?? sets.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0];
  if (target === undefined) return;
  const others = sets.filter((set) => set["metadata"].uid !== target["metadata"].uid);
  const pods = podsOf(store, target);
  const old = others.flatMap((set) => podsOf(store, set));
  const available = [...pods, ...old].filter(isReady).length;
  const surge = Math.ceil(wanted / 4);
  const hash = target["spec"].template.metadata.labels["pod-template-hash"] as string;
  if (pods.length < wanted && pods.length + old.length < wanted + surge)
    startPod(store, target, { template: target["spec"].template as Obj, labels: { "pod-template-hash": hash } });
  if (pods.length > wanted) store.remove("pods", pods.find((pod) => !isReady(pod)) ?? (pods[0] as Obj));
  const spare = old.find((pod) => !isReady(pod)) ?? (available > wanted - Math.floor(wanted / 4) ? old[0] : undefined);
  if (spare !== undefined) store.remove("pods", spare);
  for (const set of sets) {
    const counted = podsOf(store, set);
    store.update("replicasets", store.get(named("replicasets"), ...placeOf(set)) ?? set, (copy) => {
      copy["spec"].replicas =
        set === target || set["metadata"].uid === target["metadata"].uid ? wanted : counted.length;
      const ready = counted.filter(isReady).length;
      copy["status"] = { replicas: counted.length, readyReplicas: ready, availableReplicas: ready };
    });
  }
}

/** A new generation is counted at once; what was said of the last one stands a moment longer. */
function report(store: Store, deployment: Obj, { current, isNew }: { current: Obj | undefined; isNew: boolean }): void {
  const wanted = Number(deployment["spec"].replicas);
  const pods = setsOf(store, deployment).flatMap((set) => podsOf(store, set));
  const updated = current === undefined ? [] : podsOf(store, current);
  const available = pods.filter(isReady).length;
  const counts = {
    replicas: pods.length,
    updatedReplicas: updated.length,
    readyReplicas: available,
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
  };
  const isDone = pods.length === wanted && updated.length === wanted && available === wanted;
  store.update("deployments", deployment, (copy) => {
    const { status } = copy as { status: Obj };
    const moved = Object.entries(counts).some(([key, count]) => (status[key] ?? 0) !== count);
    Object.assign(status, counts, { observedGeneration: copy["metadata"].generation as number });
    if (isNew && status["conditions"] !== undefined) return;
    status["conditions"] = [
      condition(
        store,
        status,
        "Available",
        available >= wanted - Math.floor(wanted / 4)
          ? ["True", "MinimumReplicasAvailable", "Deployment has minimum availability."]
          : ["False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."],
      ),
      progressing(store, copy, { isDone, moved, set: String(current?.["metadata"].name) }),
    ];
  });
}

type Said = readonly [status: string, reason: string, message: string];

function condition(store: Store, status: Obj, type: string, [value, reason, message]: Said, moved = false): Obj {
  const before = ((status["conditions"] ?? []) as Obj[]).find((each) => each["type"] === type);
  if (before?.["status"] === value && before["reason"] === reason && !moved) return before;
  const at = store.now();
  const lastTransitionTime = (before?.["status"] === value ? before["lastTransitionTime"] : at) as string;
  return { type, status: value, reason, message, lastUpdateTime: at, lastTransitionTime };
}

function progressing(store: Store, { spec, status }: Obj, seen: { isDone: boolean; moved: boolean; set: string }): Obj {
  const before = ((status.conditions ?? []) as Obj[]).find((each) => each["type"] === "Progressing");
  const waited = before === undefined ? 0 : Date.parse(store.now()) - Date.parse(before["lastUpdateTime"] as string);
  const deadline = Number(spec.progressDeadlineSeconds ?? 600) * 1_000;
  // A rollout that was complete is over: pods that come or go afterwards are none, and no deadline runs.
  if (
    spec.paused !== true &&
    before?.["reason"] === "NewReplicaSetAvailable" &&
    status.replicas === status.updatedReplicas
  )
    return before;
  return condition(store, status as Obj, "Progressing", saidOf(), seen.moved);

  function saidOf(): Said {
    const set = `ReplicaSet "${seen.set}"`;
    if (spec.paused === true) return ["Unknown", "DeploymentPaused", "Deployment is paused"];
    if (before?.["reason"] === "DeploymentPaused") return ["Unknown", "DeploymentResumed", "Deployment is resumed"];
    if (seen.isDone) return ["True", "NewReplicaSetAvailable", `${set} has successfully progressed.`];
    const isOver = before?.["reason"] === "ProgressDeadlineExceeded" || waited > deadline;
    if (!seen.moved && isOver) return ["False", "ProgressDeadlineExceeded", `${set} has timed out progressing.`];
    return ["True", "ReplicaSetUpdated", `${set} is progressing.`];
  }
}
