/** Objects as the API has them: whatever a client sends, so nothing can be said of their fields beforehand. */
// oxlint-disable-next-line typescript/no-explicit-any -- the double checks what it is sent by hand, as a server does
export type Obj = Record<string, any>;

/** A refusal as the API words it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: Obj;
  readonly code: number;

  constructor(code: number, reason: string, message: string, details: Obj = {}) {
    super(message);
    this.code = code;
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      details,
      code,
    };
  }
}

export type Resource = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly short: readonly string[];
  readonly verbs: readonly string[];
  readonly scale?: boolean;
  /** Whether its status is written for itself, and nothing else by that. */
  readonly status?: boolean;
};

const READ = ["get", "list", "watch"];
const WRITE = ["get", "list", "patch", "watch"];

export const RESOURCES: readonly Resource[] = [
  { group: "", version: "v1", plural: "pods", singular: "pod", kind: "Pod", short: ["po"], verbs: [...READ, "delete"] },
  { group: "", version: "v1", plural: "events", singular: "event", kind: "Event", short: ["ev"], verbs: READ },
  ...(
    [
      ["deployments", "deployment", "Deployment", "deploy", WRITE, true],
      ["statefulsets", "statefulset", "StatefulSet", "sts", WRITE, true],
      ["daemonsets", "daemonset", "DaemonSet", "ds", WRITE, false],
      ["replicasets", "replicaset", "ReplicaSet", "rs", READ, true],
      ["controllerrevisions", "controllerrevision", "ControllerRevision", "", READ, false],
    ] as const
  ).map(([plural, singular, kind, short, verbs, scale]) => ({
    group: "apps",
    version: "v1",
    plural,
    singular,
    kind,
    short: short === "" ? [] : [short],
    verbs,
    scale,
  })),
  {
    group: "autoscaling",
    version: "v2",
    plural: "horizontalpodautoscalers",
    singular: "horizontalpodautoscaler",
    kind: "HorizontalPodAutoscaler",
    short: ["hpa"],
    verbs: WRITE,
  },
  {
    group: "metrics.k8s.io",
    version: "v1beta1",
    plural: "pods",
    singular: "pod",
    kind: "PodMetrics",
    short: [],
    verbs: ["get", "list"],
  },
  {
    group: "cert-manager.io",
    version: "v1",
    plural: "certificates",
    singular: "certificate",
    kind: "Certificate",
    short: ["cert"],
    verbs: WRITE,
    status: true,
  },
  {
    group: "cert-manager.io",
    version: "v1",
    plural: "certificaterequests",
    singular: "certificaterequest",
    kind: "CertificateRequest",
    short: ["cr"],
    verbs: READ,
  },
  {
    group: "acme.cert-manager.io",
    version: "v1",
    plural: "challenges",
    singular: "challenge",
    kind: "Challenge",
    short: [],
    verbs: READ,
  },
];

export function apiVersionOf({ group, version }: Pick<Resource, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

/** "deployments.apps" */
export function qualified({ group, plural }: Pick<Resource, "group" | "plural">): string {
  return group === "" ? plural : `${plural}.${group}`;
}
