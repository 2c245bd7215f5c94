import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Found } from "../../domain/discovered.ts";
import { listAll } from "./api.ts";
import { KINDS, place, settings, workloadOf, type Kind } from "./settings.ts";
import type { Discovery } from "../provider.ts";

/** Every workload of a namespace, or of all that are people's own. */
export const discovery: Discovery = {
  place,
  async list(where, signal) {
    const there = place.parse(where);
    const found = await Promise.all((Object.keys(KINDS) as Kind[]).map((kind) => workloadsOf(kind, there, signal)));
    return found.flat().toSorted((a, b) => a.name.localeCompare(b.name));
  },
  /** The same name in two clusters is two things; whoever leaves the cluster out means the one that is looked at. */
  isSame(one, other) {
    const [a, b] = [settings.parse(one), settings.parse(other)];
    const isElsewhere = (["context", "kubeconfig"] as const).some(
      (part) => a[part] !== undefined && b[part] !== undefined && !isDeepStrictEqual(a[part], b[part]),
    );
    return a.namespace === b.namespace && isDeepStrictEqual(workloadOf(a), workloadOf(b)) && !isElsewhere;
  },
};

/** The cluster's own, which come and go with it. */
const ITS_OWN = /^kube-/;

const texts = z.record(z.string(), z.string()).default({});
const workload = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    labels: texts,
    annotations: texts,
    ownerReferences: z.array(z.unknown()).default([]),
  }),
});
type Metadata = z.infer<typeof workload>["metadata"];

async function workloadsOf(kind: Kind, where: z.infer<typeof place>, signal: AbortSignal): Promise<Found[]> {
  const { namespace, ...cluster } = where;
  const within = namespace === undefined ? "" : `/namespaces/${namespace}`;
  const all = await listAll(cluster, { path: `/apis/apps/v1${within}/${KINDS[kind].plural}` }, workload, signal);
  return (
    all
      .map(({ metadata }) => metadata)
      // What something else made and would make again is not people's to own.
      .filter((each) => each.ownerReferences.length === 0 && (namespace !== undefined || !ITS_OWN.test(each.namespace)))
      .map((each) => ({
        name: each.name,
        settings: { [kind]: each.name, namespace: each.namespace, ...cluster },
        partOf: each.labels["app.kubernetes.io/part-of"],
        owner: noted(each, "owner") ?? noted(each, "team"),
      }))
  );
}

/** The value of a label or annotation of that name, whatever its prefix: `team`, `example.com/team`. */
function noted({ labels, annotations }: Metadata, name: string): string | undefined {
  return Object.entries({ ...labels, ...annotations }).find(([key]) => key.split("/").at(-1) === name)?.[1];
}
