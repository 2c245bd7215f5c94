/** A managed instance group as its manager moves it on: machines come, go and are started anew one after the other. */

export type Instance = {
  readonly name: string;
  version: string;
  action: "NONE" | "CREATING" | "DELETING" | "RESTARTING" | "RECREATING";
  failure: string | null;
  /** How often it was started. */
  starts: number;
};
export type Version = {
  name?: string;
  instanceTemplate: string;
  targetSize?: { fixed?: number; percent?: number; calculated?: number };
};
export type Autoscaler = { mode: string; minNumReplicas: number; maxNumReplicas: number };

export type Group = {
  readonly path: string;
  /** What the group's configuration for all of its instances gives each. */
  readonly labels: Record<string, string>;
  targetSize: number;
  versions: Version[];
  policy: { type: string; minimalAction: string; mostDisruptiveAllowedAction?: string };
  autoscaler: Autoscaler | null;
  /** Every change makes another. */
  fingerprint: string;
  instances: Instance[];
  /** How many machines there may be at all. */
  quota: number;
  /** Requests that were answered, by their ids. */
  readonly answered: Map<string, object>;
};

let number = 0;

export function newGroup(path: string, size: number): Group {
  const group: Group = {
    path,
    labels: {},
    targetSize: 0,
    versions: [{ instanceTemplate: `${path.replace(/\/zones.*$/, "")}/global/instanceTemplates/shop-v142` }],
    policy: { type: "PROACTIVE", minimalAction: "RESTART" },
    autoscaler: null,
    fingerprint: "",
    instances: [],
    quota: 100,
    answered: new Map(),
  };
  declare(group, { targetSize: size });
  return group;
}

export function declare(group: Group, declared: Partial<Group>): void {
  number += 1;
  Object.assign(group, declared, { fingerprint: Buffer.from(`print-${number}`).toString("base64") });
}

function versionOf({ versions }: Group): string {
  return versions[0]?.name ?? "";
}

export function isReached(group: Group): boolean {
  return group.instances.every(({ version }) => version === versionOf(group));
}

export function isStable(group: Group): boolean {
  const { instances, targetSize, policy } = group;
  const isAtRest = instances.length === targetSize && instances.every(({ action }) => action === "NONE");
  return isAtRest && (policy.type !== "PROACTIVE" || isReached(group));
}

/** One moment of the group's manager. */
export function step(group: Group): void {
  for (const each of group.instances) {
    if (each.action === "DELETING" || each.action === "NONE") continue;
    const running = group.instances.filter(({ action }) => action === "NONE").length;
    if (each.action === "CREATING" && running >= group.quota)
      each.failure = "Quota 'CPUS' exceeded. Limit: 8.0 in region europe-west1.";
    else Object.assign(each, { action: "NONE", failure: null, version: versionOf(group), starts: each.starts + 1 });
  }
  group.instances = group.instances.filter(({ action }) => action !== "DELETING");
  const staying = group.instances.length;
  for (const each of group.instances.slice(group.targetSize)) each.action = "DELETING";
  for (let more = staying; more < group.targetSize; more += 1) {
    number += 1;
    const version = versionOf(group);
    group.instances.push({ name: `shop-${number}`, version, action: "CREATING", failure: null, starts: 0 });
  }
  const stale = group.instances.find(({ version }) => version !== versionOf(group));
  if (group.policy.type !== "PROACTIVE" || stale === undefined || group.instances.some(isBusy)) return;
  stale.action = group.policy.minimalAction === "RESTART" ? "RESTARTING" : "RECREATING";
}

function isBusy({ action }: Instance): boolean {
  return action !== "NONE";
}

const API = "https://www.googleapis.com/compute/v1/";

export function shown(group: Group): object {
  const { path, labels, targetSize, versions, policy, autoscaler, fingerprint } = group;
  const place = path.slice(0, path.indexOf("/instanceGroupManagers"));
  return {
    kind: "compute#instanceGroupManager",
    id: "3187645081726354",
    name: path.slice(path.lastIndexOf("/") + 1),
    instanceTemplate: versions[0]?.instanceTemplate,
    versions: versions.map((each) => ({ ...each, targetSize: { ...each.targetSize, calculated: targetSize } })),
    ...(Object.keys(labels).length === 0 ? {} : { allInstancesConfig: { properties: { labels } } }),
    fingerprint,
    targetSize,
    updatePolicy: { ...policy, maxSurge: { fixed: 0, calculated: 0 }, maxUnavailable: { fixed: 1, calculated: 1 } },
    status: {
      isStable: isStable(group),
      versionTarget: { isReached: isReached(group) },
      ...(autoscaler === null ? {} : { autoscaler: `${API}${place}/autoscalers/shop-scaler` }),
    },
  };
}

export function shownInstance({ name, version, action, failure }: Instance): object {
  return {
    instance: `${API}projects/acme-shop/zones/europe-west1-b/instances/${name}`,
    id: "7721",
    ...(action === "CREATING" ? {} : { instanceStatus: action === "NONE" ? "RUNNING" : "STOPPING" }),
    currentAction: action,
    version: { name: version },
    ...(failure === null
      ? {}
      : { lastAttempt: { errors: { errors: [{ code: "QUOTA_EXCEEDED", message: failure }] } } }),
  };
}
