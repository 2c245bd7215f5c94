import { randomBytes } from "node:crypto";
import type { Obj } from "./object.ts";
import { named, type Store } from "./store.ts";

/** The pods of a workload, and what becomes of them: one that has a good image is ready a moment later, another one never. */

export type Troubles = {
  /** Images that do not exist, and those whose program ends at once. */
  readonly missing: Set<string>;
  readonly crashing: Set<string>;
};

export function startPod(
  store: Store,
  owner: Obj,
  { name, template, labels }: { name?: string; template: Obj; labels: Obj },
): void {
  store.create("pods", {
    metadata: {
      name: name ?? `${owner["metadata"].name as string}-${randomBytes(3).toString("hex").slice(0, 5)}`,
      namespace: owner["metadata"].namespace as string,
      labels: { ...template["metadata"].labels, ...labels },
      ownerReferences: [ownedBy(owner)],
    },
    spec: template["spec"] as Obj,
    status: { phase: "Pending", conditions: [{ type: "Ready", status: "False" }], containerStatuses: [] },
  });
}

export function ownedBy(owner: Obj): Obj {
  const { name, uid } = owner["metadata"] as Obj;
  return {
    apiVersion: owner["apiVersion"],
    kind: owner["kind"],
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function podsOf(store: Store, owner: Obj): Obj[] {
  const { namespace, uid } = owner["metadata"] as Obj;
  return store
    .list(named("pods"), namespace as string)
    .filter((pod) => (pod["metadata"].ownerReferences as Obj[]).some((each) => each["uid"] === uid));
}

export function isReady(pod: Obj): boolean {
  return (pod["status"].conditions as Obj[]).some((each) => each["type"] === "Ready" && each["status"] === "True");
}

export function imageOf(pod: Obj): string {
  return pod["spec"].containers[0].image as string;
}

/** Pods that were started before become ready, or tell why they do not. */
export function stepPods(store: Store, troubles: Troubles): void {
  for (const pod of store.list(named("pods"))) {
    const image = imageOf(pod);
    const name = pod["spec"].containers[0].name as string;
    const trouble = troubleOf(image, troubles);
    if (trouble === null && isReady(pod)) continue;
    const restarts = Number(pod["status"].containerStatuses[0]?.restartCount ?? -1) + 1;
    const state =
      trouble === null
        ? { running: { startedAt: store.now() } }
        : { waiting: { reason: trouble, message: `Back-off in "${name}"` } };
    store.update("pods", pod, (copy) => {
      copy["status"] = {
        phase: trouble === "ImagePullBackOff" ? "Pending" : "Running",
        conditions: [{ type: "Ready", status: trouble === null ? "True" : "False" }],
        containerStatuses: [
          { name, image, ready: trouble === null, restartCount: trouble === "CrashLoopBackOff" ? restarts : 0, state },
        ],
      };
    });
    if (trouble !== null && restarts === 0) warn(store, pod, trouble, image);
  }
}

function troubleOf(image: string, { missing, crashing }: Troubles): "ImagePullBackOff" | "CrashLoopBackOff" | null {
  if (missing.has(image)) return "ImagePullBackOff";
  return crashing.has(image) ? "CrashLoopBackOff" : null;
}

function warn(store: Store, pod: Obj, trouble: string, image: string): void {
  const { name, namespace, uid } = pod["metadata"] as Obj;
  store.create("events", {
    metadata: { name: `${name as string}.${randomBytes(4).toString("hex")}`, namespace },
    involvedObject: { apiVersion: "v1", kind: "Pod", name, namespace, uid },
    type: "Warning",
    reason: trouble === "ImagePullBackOff" ? "Failed" : "BackOff",
    message:
      trouble === "ImagePullBackOff"
        ? `Failed to pull image "${image}": not found`
        : `Back-off restarting failed container in pod ${name as string}`,
    count: 1,
    firstTimestamp: store.now(),
    lastTimestamp: store.now(),
  });
}
