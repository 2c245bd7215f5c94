import type { z } from "zod";
import { Invalid } from "../../errors.ts";
import { openSight, openSightAround, type Unseen } from "../sight.ts";
import { listAll, look, sight } from "./api.ts";
import { autoscalerOf } from "./autoscaler.ts";
import { KINDS, workloadOf, type Settings } from "./settings.ts";
import { certificateOf, isIssuing, type Certificate } from "./certificate.ts";
import * as objects from "./objects.ts";
import { hashOf, imageOf, releaseOf, selectorText, type Autoscaler, type Template, type Workload } from "./objects.ts";

/** What there is of a target in its cluster. */

/** The workload, what decides its size, and its certificate where the catalog names one: all that a change rests on. */
export type Core = {
  readonly where: Settings;
  readonly workload: Workload;
  readonly autoscaler: Autoscaler | null;
  readonly certificate: Certificate | null;
  readonly unseen: Unseen;
};

export type Revision = {
  readonly release: string;
  readonly template: Template;
  readonly number: number;
  readonly createdAt: string;
  readonly annotations: Readonly<Record<string, string>>;
};

const APPS = "/apis/apps/v1";
/** What may be out of sight, under these names; plans go by some of them. */
export const UNSEEN = {
  autoscaler: "Autoscaler not seen",
  releases: "Releases not seen",
  pods: "Pods not seen",
  events: "Events not seen",
} as const;

export function pathOf(where: Settings): string {
  const { kind, name } = workloadOf(where);
  return `${APPS}/namespaces/${where.namespace}/${KINDS[kind].plural}/${name}`;
}

/** @throws Unavailable | Invalid */
export async function coreOf(where: Settings, signal: AbortSignal): Promise<Core> {
  const sees = openSight();
  const workload = await look(where, { path: pathOf(where) }, objects.workload, signal);
  const autoscaler = await sees.of(UNSEEN.autoscaler, autoscalerOf(where, signal), null);
  const certificate = await sees.of(objects.CERTIFICATE.unseen, certificateOf(where, signal), null);
  return { where, workload, autoscaler, certificate, unseen: sees.unseen };
}

/** Whether the autoscaler decides the number of pods: at none it stands aside, unless it went there itself. */
export function decides({ where, workload, autoscaler }: Core): boolean {
  return autoscaler !== null && (wantedOf({ where, workload }) > 0 || isAsleep(autoscaler));
}

/** Whether it has gone down to none until there is work, as it may from Kubernetes 1.37 on. */
export function isAsleep({ status: { conditions } }: Autoscaler): boolean {
  return conditions?.some(({ type, status }) => type === "ScaledToZero" && status === "True") === true;
}

/** Of a DaemonSet as many as nodes fit; one of the others where it does not say. */
export function wantedOf({ where, workload: { spec, status } }: Pick<Core, "where" | "workload">): number {
  return where.daemonset === undefined ? (spec.replicas ?? 1) : status.desiredNumberScheduled;
}

/** All that matters of it in one text: neither its status nor who last touched it, and no number that is not ours to decide. */
export function versionOf(core: Core): string {
  const { spec } = core.workload;
  const { minReplicas = null, maxReplicas = null } = core.autoscaler?.spec ?? {};
  const isUnseen = UNSEEN.autoscaler in core.unseen;
  return hashOf({
    template: spec.template,
    paused: spec.paused,
    replicas: isUnseen || decides(core) ? null : (spec.replicas ?? null),
    bounds: [minReplicas, maxReplicas],
    ...(isUnseen ? { isUnseen } : {}),
    ...certified(core.certificate),
  }).slice(0, 16);
}

function certified(certificate: Certificate | null): object {
  if (certificate === null) return {};
  const { metadata, status } = certificate;
  const { revision, lastFailureTime = null } = status;
  return { certificate: [metadata.name, metadata.generation, revision, lastFailureTime, isIssuing(status)] };
}

/** Every template that the cluster still has of it, the newest first. @throws Unavailable | Invalid */
export async function revisionsOf({ where, workload }: Core, signal: AbortSignal): Promise<Revision[]> {
  const { kind } = workloadOf(where);
  const query = { labelSelector: selectorText(workload.spec.selector) };
  const path = `${APPS}/namespaces/${where.namespace}`;
  function isOwn({ metadata }: { metadata: Workload["metadata"] }): boolean {
    return metadata.ownerReferences.some(({ uid }) => uid === workload.metadata.uid);
  }
  const found: Revision[] =
    kind === "deployment"
      ? (await listAll(where, { path: `${path}/replicasets`, query }, objects.replicaSet, signal))
          .filter(isOwn)
          .map(({ metadata, spec }) => revision(where, metadata, spec.template, numberIn(metadata)))
      : (await listAll(where, { path: `${path}/controllerrevisions`, query }, objects.controllerRevision, signal))
          .filter(isOwn)
          .map(({ metadata, data, revision: number }) => revision(where, metadata, data.spec.template, number));
  return found.toSorted((a, b) => b.number - a.number);
}

function numberIn({ annotations }: Workload["metadata"]): number {
  return Number(annotations["deployment.kubernetes.io/revision"] ?? 0);
}

function revision(
  { container }: Settings,
  metadata: Workload["metadata"],
  template: Template,
  number: number,
): Revision {
  const { creationTimestamp: createdAt, annotations } = metadata;
  const own = objects.bare(template);
  return { release: releaseOf(own, container), template: own, number, createdAt, annotations };
}

const WARNINGS = { fieldSelector: "type=Warning" };

/** What else there is to see: of none of it does a plan depend, and some of it may be out of sight. */
export type Around = {
  readonly pods: readonly objects.Pod[];
  readonly warnings: readonly objects.Event[];
  /** "241m CPU, 128 Mi"; null where no metrics-server tells. */
  readonly usage: string | null;
  readonly unseen: Unseen;
};

export async function aroundOf({ where, workload }: Core, signal: AbortSignal): Promise<Around> {
  const { namespace } = where;
  const query = { labelSelector: selectorText(workload.spec.selector) };
  const path = `/api/v1/namespaces/${namespace}`;
  const sees = openSightAround();
  const [pods, events, used] = await Promise.all([
    sees.of(UNSEEN.pods, listAll(where, { path: `${path}/pods`, query }, objects.pod, signal), []),
    sees.of(UNSEEN.events, listAll(where, { path: `${path}/events`, query: WARNINGS }, objects.event, signal), []),
    sight(
      listAll(
        where,
        { path: `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`, query },
        objects.podUsage,
        signal,
      ),
    ),
  ]);
  const { name } = workloadOf(where);
  const names = new Set([name, ...pods.map(({ metadata }) => metadata.name)]);
  // A ReplicaSet that may make no pods, by a quota or by rules, says so itself.
  function isOwn(object: objects.Event["involvedObject"]): boolean {
    return (
      names.has(object.name) || (object.kind === "ReplicaSet" && object.name.replace(/-[a-z0-9]{5,10}$/, "") === name)
    );
  }
  const warnings = events
    .filter(({ involvedObject }) => isOwn(involvedObject))
    .toSorted((a, b) => (whenOf(a) < whenOf(b) ? 1 : -1));
  return { pods, warnings, usage: usageOf(used), unseen: sees.unseen };
}

function whenOf({ lastTimestamp, eventTime }: objects.Event): string {
  return lastTimestamp ?? eventTime ?? "";
}

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/** "120500000n" → 0.1205 */
export function quantity(text: string): number {
  const [, digits = "0", unit = ""] = /^([\d.]+)(\w*)$/.exec(text) ?? [];
  return Number(digits) * (UNITS[unit] ?? 1);
}

function usageOf(used: readonly z.infer<typeof objects.podUsage>[]): string | null {
  const all = used.flatMap(({ containers }) => containers.map(({ usage }) => usage));
  if (all.length === 0) return null;
  const cpu = all.reduce((sum, each) => sum + quantity(each.cpu), 0);
  const memory = all.reduce((sum, each) => sum + quantity(each.memory), 0);
  return `${Math.round(cpu * 1_000)}m CPU, ${Math.round(memory / 2 ** 20)} Mi memory`;
}

export function settingsProblem(core: Core): Invalid | null {
  const { container } = core.where;
  const there = core.workload.spec.template.spec.containers.map(({ name }) => name);
  if (container === undefined || there.includes(container)) return null;
  return new Invalid(`It has no container called ${container}.`, { hint: `There is ${there.join(", ")}.` });
}

export function currentRelease({ where, workload }: Core): string {
  return releaseOf(workload.spec.template, where.container);
}

export function currentImage({ where, workload }: Core): string {
  return imageOf(workload.spec.template, where.container);
}
