import { z } from "zod";
import { doubled } from "../../domain/back-off.ts";
import { canonical } from "../../domain/canonical.ts";
import type { Target } from "../../domain/catalog.ts";
import { CLUSTER, listenTo } from "./api.ts";
import { settings, workloadOf, type Kind, type Settings } from "./settings.ts";
import { complaintOf, complaintOfSilence } from "../http-json.ts";
import * as objects from "./objects.ts";
import { gaveUp, troubleIn } from "./rollout.ts";
import { pause } from "../../wait.ts";
import type { WatchUse } from "../provider.ts";

/**
 * What goes wrong with workloads, heard from their clusters as it happens. It only says where to look: nothing that is
 * heard is kept, and pods that come and go in good order say nothing.
 */

type Source = {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly path: (namespace: string) => string;
  /** The workload whose trouble this object tells of, as `workloadKey` has it; null where it tells of none. */
  readonly troubled: (object: unknown) => string | null;
};

const SOURCES: readonly Source[] = [
  {
    name: "pods",
    kinds: ["deployment", "statefulset", "daemonset"],
    path: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
    troubled(object) {
      const pod = objects.pod.safeParse(object).data;
      if (pod === undefined || troubleIn({ pods: [pod], warnings: [] }) === null) return null;
      return keeperOf(pod);
    },
  },
  {
    name: "deployments.apps",
    kinds: ["deployment"],
    path: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
    troubled(object) {
      const workload = objects.workload.safeParse(object).data;
      return workload !== undefined && gaveUp({ workload }) ? workloadKey("Deployment", workload.metadata.name) : null;
    },
  },
];

function workloadKey(kind: string, name: string): string {
  return `${kind.toLowerCase()} ${name}`;
}

/** A Deployment keeps its pods by way of a ReplicaSet, which is called after it and after the pods' template. */
function keeperOf({ metadata: { ownerReferences, labels } }: objects.Pod): string | null {
  const [owner] = ownerReferences;
  if (owner === undefined) return null;
  if (owner.kind !== "ReplicaSet") return workloadKey(owner.kind, owner.name);
  const ending = `-${labels["pod-template-hash"] ?? ""}`;
  return owner.name.endsWith(ending) ? workloadKey("Deployment", owner.name.slice(0, -ending.length)) : null;
}

/** One source of one namespace, for all targets that are there. */
type Watch = {
  readonly source: Source;
  readonly where: Settings;
  /** By `workloadKey`. */
  readonly targets: ReadonlyMap<string, readonly Target[]>;
};

function watchesOf(targets: readonly Target[]): Watch[] {
  const there = targets.flatMap((target) => {
    const where = settings.parse(target.settings);
    const { kind, name } = workloadOf(where);
    const { kubeconfig, context, namespace } = where;
    return SOURCES.filter(({ kinds }) => kinds.includes(kind)).map((source) => ({
      key: canonical([source.name, namespace, { kubeconfig, context }]),
      workload: workloadKey(kind, name),
      source,
      where,
      target,
    }));
  });
  return [...Map.groupBy(there, ({ key }) => key).values()].flatMap((group) => {
    const byWorkload = Map.groupBy(group, ({ workload }) => workload);
    return group.slice(0, 1).map(({ source, where }) => ({
      source,
      where,
      targets: new Map([...byWorkload].map(([workload, each]) => [workload, each.map(({ target }) => target)])),
    }));
  });
}

const MOST = 50; // connections that are kept open
const ENDS = 240; // seconds after which the cluster is asked to end an answer
const SILENCE = (ENDS + 30) * 1_000;
const STEADY = 10_000; // ms that one is heard which is none of the failures in a row
const WAIT = { first: 250, most: 60_000 }; // ms between two tries
const TOLD = 3; // failures in a row that are worth a word

/** Hears of these targets until the signal ends it. */
export async function watch(targets: readonly Target[], use: WatchUse): Promise<void> {
  const all = watchesOf(targets);
  for (const each of all.slice(MOST)) use.unheard(`${nameOf(each)}: there are ${MOST} others already`);
  await Promise.all(all.slice(0, MOST).map((each) => keepOn(each, use)));
}

function nameOf({ source, where }: Watch): string {
  return `${source.name} in ${where.namespace}`;
}

/** Where it has come to; without a version the cluster begins with all that is there. */
type Place = { version?: string | undefined };

async function keepOn(each: Watch, use: WatchUse): Promise<void> {
  const place: Place = {};
  let failures = 0;
  while (!use.signal.aborted) {
    const { lasted, why } = await hear(each, place, use);
    if (use.signal.aborted) return;
    failures = lasted > STEADY ? 0 : failures + 1;
    if (failures === TOLD) use.unheard(`${nameOf(each)}: ${why}`);
    await pause(doubled(failures, WAIT), use.signal);
  }
}

const happened = z.object({
  type: z.string(),
  object: z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string().optional() }).default({}) }),
});
const GONE = 410;

/** What ended it, and how long it was heard until then (ms); -Infinity where it never was. */
type End = { readonly lasted: number; readonly why: string };

async function hear({ source, where, targets }: Watch, place: Place, use: WatchUse): Promise<End> {
  const from = place.version === undefined ? {} : { resourceVersion: place.version };
  const query = { watch: "true", allowWatchBookmarks: "true", timeoutSeconds: String(ENDS), ...from };
  let since = Infinity;
  function begun(): void {
    since = performance.now();
  }
  function heard(line: unknown): void {
    const { type, object } = happened.safeParse(line).data ?? {};
    // A mistake over there, or a version that it has forgotten: it begins anew with all that is there.
    place.version = type === "ERROR" ? undefined : (object?.metadata.resourceVersion ?? place.version);
    if (type !== "ADDED" && type !== "MODIFIED") return;
    const workload = source.troubled(object);
    for (const target of targets.get(workload ?? "") ?? []) use.troubled(target);
  }
  function ended(why: string): End {
    return { lasted: performance.now() - since, why };
  }
  try {
    const sent = { path: source.path(where.namespace), query };
    const instead = await listenTo(where, sent, { signal: use.signal, silence: SILENCE, begun, heard });
    if (instead === null) return ended("the cluster ends it again and again");
    if (instead.status === GONE) place.version = undefined;
    return ended(complaintOf(instead, CLUSTER)?.message ?? `the cluster answered ${instead.status}`);
  } catch (error) {
    return ended(complaintOfSilence(error, CLUSTER).message);
  }
}
