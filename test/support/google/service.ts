import { randomUUID } from "node:crypto";

/** A Cloud Run service as its control plane moves it on: what is declared takes a moment to come about, and can fail. */

export type Share = { type?: string; revision?: string; percent?: number; tag?: string };
export type Template = {
  annotations?: Record<string, string>;
  revision?: string | undefined;
  serviceAccount: string;
  containers: { image: string }[];
};
export type Scaling = {
  scalingMode?: "AUTOMATIC" | "MANUAL";
  minInstanceCount?: number;
  maxInstanceCount?: number;
  manualInstanceCount?: number;
};
export type Revision = {
  readonly name: string;
  readonly createTime: string;
  readonly creator: string;
  readonly template: Template;
  state: "CONDITION_RECONCILING" | "CONDITION_SUCCEEDED" | "CONDITION_FAILED";
};

/** What is declared, and what has become of it. */
export type Service = {
  readonly path: string;
  readonly labels: Record<string, string>;
  annotations: Record<string, string>;
  template: Template;
  scaling: Scaling;
  traffic: Share[];
  generation: number;
  observed: number;
  /** Every write makes another. */
  etag: string;
  reconciling: boolean;
  failure: string | null;
  statuses: Share[];
  readonly revisions: Revision[];
  ready: Revision | undefined;
  uri: string;
  /** Images that do not start, and whether traffic cannot be moved. */
  readonly broken: Set<string>;
  isStuck: boolean;
};

export const LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST";
export const BY_NAME = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
export const RUNS_AS = "shop-run@acme-shop.iam.gserviceaccount.com";

/** Every moment is a second after the one before. */
let moment = Date.parse("2026-11-30T08:00:00Z");
function now(): string {
  moment += 1_000;
  return new Date(moment).toISOString().replace(".000Z", ".123456Z");
}

function newEtag(): string {
  return `"${Buffer.from(randomUUID()).toString("base64url").slice(0, 22)}/${moment}"`;
}

export function newService(path: string, uri: string): Service {
  return {
    path,
    labels: {},
    annotations: {},
    template: { serviceAccount: RUNS_AS, containers: [] },
    scaling: {},
    traffic: [{ type: LATEST, percent: 100 }],
    generation: 0,
    observed: 0,
    etag: newEtag(),
    reconciling: false,
    failure: null,
    statuses: [],
    revisions: [],
    ready: undefined,
    uri,
    broken: new Set(),
    isStuck: false,
  };
}

export type Declared = Pick<Service, "annotations" | "template" | "scaling" | "traffic">;

/** Somebody declares it anew, wholly or in part; another template is another revision. */
export function declare(service: Service, declared: Partial<Declared>, creator: string): void {
  const isOther = declared.template !== undefined && !same(declared.template, service.template);
  Object.assign(service, declared, { etag: newEtag(), reconciling: true, generation: service.generation + 1 });
  if (!isOther) return;
  const number = String(service.revisions.length + 1).padStart(5, "0");
  const own = service.template.revision ?? `${lastOf(service.path)}-${number}-${randomUUID().slice(0, 3)}`;
  service.revisions.push({
    name: own,
    createTime: now(),
    creator,
    template: service.template,
    state: "CONDITION_RECONCILING",
  });
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** One moment of the control plane. */
export function step(service: Service): void {
  if (!service.reconciling) return;
  const newest = service.revisions.at(-1);
  if (newest?.state === "CONDITION_RECONCILING") {
    const fails = newest.template.containers.some(({ image }) => service.broken.has(image));
    newest.state = fails ? "CONDITION_FAILED" : "CONDITION_SUCCEEDED";
    if (!fails) service.ready = newest;
    return;
  }
  const failure = newest?.state === "CONDITION_FAILED" ? notReady(newest) : null;
  if (service.isStuck) service.failure = "Traffic could not be moved: the route did not become ready.";
  else {
    service.failure = failure;
    service.statuses = service.ready === undefined ? [] : service.traffic.map((each) => ({ ...each }));
    if (failure === null) service.observed = service.generation;
  }
  Object.assign(service, { reconciling: false, etag: newEtag() });
}

function notReady({ name }: Revision): string {
  return `Revision '${name}' is not ready and cannot serve traffic. The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable within the allocated timeout. Logs for this revision might contain more information.\n\nLogs URL: https://console.cloud.google.com/logs/viewer?project=acme-shop`;
}

/** Which revision serves the most, by its name. */
export function servingOf({ statuses, ready, revisions }: Service): Revision | undefined {
  const [most] = statuses.toSorted((a, b) => (b.percent ?? 0) - (a.percent ?? 0));
  return most?.type === BY_NAME ? revisions.find(({ name }) => name === most.revision) : ready;
}

/** As the API shows it: 64 bits as text, and nothing that is none, false or empty. */
export function shown(service: Service): object {
  const { path, labels, annotations, template, scaling, traffic, etag, uri, statuses, ready, failure } = service;
  const newest = service.revisions.at(-1);
  const settled = failure === null ? { state: "CONDITION_SUCCEEDED" } : { state: "CONDITION_FAILED", message: failure };
  return bare({
    name: path,
    uid: "3f0c7a8e-0d1b-4a52-9c1e-5f1f2a9c7e10",
    generation: String(service.generation),
    observedGeneration: String(service.observed),
    labels,
    annotations,
    template: bare(template),
    scaling: bare(scaling),
    traffic: traffic.map(bare),
    // Of what goes to the latest it does not say which that is.
    trafficStatuses: statuses.map((each) => bare({ ...each, uri: each.tag && `https://${each.tag}---shop.run.app` })),
    latestReadyRevision: ready && `${path}/revisions/${ready.name}`,
    latestCreatedRevision: newest && `${path}/revisions/${newest.name}`,
    reconciling: service.reconciling,
    terminalCondition: { type: "Ready", ...(service.reconciling ? { state: "CONDITION_RECONCILING" } : settled) },
    uri,
    etag,
  });
}

/** As version 1 of the API shows it, without what is not asked for there: where it is stands among its labels. */
export function shownByKnative({ path, labels, annotations, uri }: Service): object {
  const [, region = ""] = /\/locations\/([^/]+)/.exec(path) ?? [];
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: {
      name: lastOf(path),
      namespace: "482910573364",
      labels: { ...labels, "cloud.googleapis.com/location": region },
      annotations,
    },
    status: { url: uri },
  };
}

export function shownRevision({ path }: Service, { name, createTime, creator, template, state }: Revision): object {
  const { containers, serviceAccount } = template;
  return {
    name: `${path}/revisions/${name}`,
    createTime,
    creator,
    containers,
    serviceAccount,
    conditions: [
      { type: "Active", state: "CONDITION_FAILED", severity: "INFO", revisionReason: "RETIRED" },
      { type: "Ready", state },
    ],
  };
}

export function bare(value: object): object {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, each]) => ![undefined, 0, false, ""].includes(each as undefined) && !same(each, {}) && !same(each, []),
    ),
  );
}
