import { createHash } from "node:crypto";
import type { Obj } from "./object.ts";
import { isReady, ownedBy, podsOf, startPod } from "./pods.ts";
import { named, type Store } from "./store.ts";

/** What the controllers of StatefulSets and DaemonSets do: a revision for every template, and their pods one at a time. */

const HASH = "controller-revision-hash";
export const NODES = 3;

export function stepSet(store: Store, plural: "statefulsets" | "daemonsets", set: Obj, holdsBack: boolean): void {
  const { generation, name } = set["metadata"] as Obj;
  const revision = currentRevision(store, set);
  if (!holdsBack) replacePods(store, plural, set, revision);
  const pods = podsOf(store, set);
  const updated = pods.filter((pod) => pod["metadata"].labels[HASH] === revision["metadata"].name);
  const ready = pods.filter(isReady).length;
  const fresh = store.get(named(plural), set["metadata"].namespace as string, name as string) ?? set;
  const isUpdated = updated.length === pods.length;
  store.update(plural, fresh, (copy) => {
    copy["status"] =
      plural === "statefulsets"
        ? {
            observedGeneration: generation,
            replicas: pods.length,
            readyReplicas: ready,
            availableReplicas: ready,
            updatedReplicas: updated.length,
            currentReplicas: isUpdated ? pods.length : pods.length - updated.length,
            updateRevision: revision["metadata"].name,
            currentRevision: isUpdated
              ? revision["metadata"].name
              : (copy["status"].currentRevision ?? revision["metadata"].name),
          }
        : {
            observedGeneration: generation,
            desiredNumberScheduled: NODES,
            currentNumberScheduled: pods.length,
            updatedNumberScheduled: updated.length,
            numberReady: ready,
            numberAvailable: ready,
            numberMisscheduled: 0,
          };
  });
}

function currentRevision(store: Store, set: Obj): Obj {
  const { name, namespace, uid } = set["metadata"] as Obj;
  const revisions = store
    .list(named("controllerrevisions"), namespace as string)
    .filter((each) => (each["metadata"].ownerReferences as Obj[]).some((owner) => owner["uid"] === uid));
  const highest = Math.max(0, ...revisions.map((each) => Number(each["revision"])));
  const data = { spec: { template: { ...set["spec"].template, $patch: "replace" } } };
  const found = revisions.find((each) => meant(each["data"]) === meant(data));
  if (found !== undefined) {
    if (found["revision"] !== highest)
      store.update("controllerrevisions", found, (copy) => void (copy["revision"] = highest + 1));
    return found;
  }
  const hash = createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 10);
  const cause = set["metadata"].annotations?.["kubernetes.io/change-cause"] as string | undefined;
  return store.create("controllerrevisions", {
    metadata: {
      name: `${name as string}-${hash}`,
      namespace,
      labels: set["spec"].template.metadata.labels as Obj,
      ...(cause === undefined ? {} : { annotations: { "kubernetes.io/change-cause": cause } }),
      ownerReferences: [ownedBy(set)],
    },
    data,
    revision: highest + 1,
  });
}

/** As 1.34 compares them: revisions of before have an empty `creationTimestamp` in their template. */
function meant(data: unknown): string {
  return JSON.stringify(data, (key, value: unknown) =>
    key === "creationTimestamp" && value === null ? undefined : value,
  );
}

/**
 * A StatefulSet's pods by their number from the last, a DaemonSet's in any order; the next one when all others are ready. A
 * StatefulSet that is ordered waits for the very pod too that never becomes ready, whatever its template is by now.
 */
function replacePods(store: Store, plural: "statefulsets" | "daemonsets", set: Obj, revision: Obj): void {
  const wanted = plural === "statefulsets" ? Number(set["spec"].replicas) : NODES;
  const pods = podsOf(store, set).toSorted((a, b) =>
    String(a["metadata"].name) < String(b["metadata"].name) ? 1 : -1,
  );
  const partition = Number(set["spec"].updateStrategy?.rollingUpdate?.partition ?? 0);
  const outdated = pods.find(
    (pod) =>
      pod["metadata"].labels[HASH] !== revision["metadata"].name &&
      (partition === 0 || Number(String(pod["metadata"].name).split("-").at(-1)) >= partition),
  );
  const unready = pods.find((pod) => !isReady(pod));
  const isOrdered = plural === "statefulsets" && set["spec"].podManagementPolicy !== "Parallel";
  if (pods.length > wanted) return store.remove("pods", pods[0] as Obj);
  if (pods.length < wanted) {
    const taken = new Set(pods.map((pod) => pod["metadata"].name as string));
    const name = Array.from({ length: wanted }, (_, index) => `${set["metadata"].name as string}-${index}`).find(
      (each) => !taken.has(each),
    );
    return startPod(store, set, {
      ...(name === undefined ? {} : { name }),
      template: set["spec"].template as Obj,
      labels: { [HASH]: revision["metadata"].name },
    });
  }
  if (set["spec"].updateStrategy?.type === "OnDelete" || outdated === undefined) return;
  if (unready === undefined || (!isOrdered && unready === outdated)) store.remove("pods", outdated);
}
