import { Invalid } from "../../errors.ts";
import { isServed, listAll } from "./api.ts";
import { autoscaler, type Autoscaler } from "./objects.ts";
import { KINDS, workloadOf, type Settings } from "./settings.ts";

/** What decides the number of a workload's pods. */

function pathIn({ namespace }: Settings, version = "v2"): string {
  return `/apis/autoscaling/${version}/namespaces/${namespace}/horizontalpodautoscalers`;
}

export function pathOfAutoscaler(where: Settings, { metadata: { name } }: Autoscaler): string {
  return `${pathIn(where)}/${name}`;
}

/** Null where nothing does. @throws Unavailable | Invalid where that cannot be seen */
export async function autoscalerOf(where: Settings, signal: AbortSignal): Promise<Autoscaler | null> {
  const { kind, name } = workloadOf(where);
  // A DaemonSet has no number that anybody could decide.
  if (kind === "daemonset") return null;
  const all = await listAll(where, { path: pathIn(where) }, autoscaler, signal).catch(async (error: unknown) => {
    if (!(error instanceof Invalid)) throw error;
    // A cluster before 1.23 has some under an earlier version.
    const served = await Promise.all(["v2", "v1"].map((each) => isServed(where, pathIn(where, each), signal)));
    if (served.includes(true)) throw error;
    return [];
  });
  const own = all.find(
    ({ spec: { scaleTargetRef } }) => scaleTargetRef.kind === KINDS[kind].kind && scaleTargetRef.name === name,
  );
  return own ?? null;
}
