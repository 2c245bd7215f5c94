import { createHash } from "node:crypto";
import { z } from "zod";
import { canonical } from "../../domain/canonical.ts";

/** The parts of Kubernetes' objects that the provider reads, and what can be told from them alone. */

const texts = z.record(z.string(), z.string()).default({});
export const metadata = z.object({
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().default(0),
  creationTimestamp: z.string(),
  labels: texts,
  annotations: texts,
  ownerReferences: z.array(z.object({ uid: z.string(), kind: z.string(), name: z.string() })).default([]),
  managedFields: z.array(z.object({ manager: z.string().optional(), time: z.string().optional() })).default([]),
});
const container = z.looseObject({ name: z.string(), image: z.string().optional() });
const noted = z.record(z.string(), z.string()).optional();
/** Whole, with all that we do not know of: it is compared, and sent back as it was. */
const template = z.looseObject({
  metadata: z.looseObject({ labels: noted, annotations: noted }).optional(),
  spec: z.looseObject({ containers: z.array(container) }),
});
export type Template = z.infer<typeof template>;

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
  lastUpdateTime: z.string().optional(),
});
const selector = z.object({
  matchLabels: texts,
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
    .default([]),
});
const count = z.number().default(0);

export const workload = z.object({
  metadata,
  spec: z.object({
    replicas: z.number().optional(),
    selector,
    template,
    paused: z.boolean().default(false),
    progressDeadlineSeconds: z.number().optional(),
    strategy: z.object({ type: z.string().optional() }).optional(),
    podManagementPolicy: z.string().optional(),
    updateStrategy: z
      .object({
        type: z.string().optional(),
        rollingUpdate: z.object({ partition: z.number().optional() }).nullish(),
      })
      .optional(),
  }),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      currentRevision: z.string().optional(),
      updateRevision: z.string().optional(),
      desiredNumberScheduled: count,
      currentNumberScheduled: count,
      updatedNumberScheduled: count,
      numberReady: count,
      numberAvailable: count,
      conditions: z.array(condition).default([]),
    })
    .prefault({}),
});
export type Workload = z.infer<typeof workload>;

export const autoscaler = z.object({
  metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
    minReplicas: z.number().default(1),
    maxReplicas: z.number(),
  }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish() }).prefault({}),
});
export type Autoscaler = z.infer<typeof autoscaler>;

export const replicaSet = z.object({ metadata, spec: z.object({ template }) });
export const controllerRevision = z.object({
  metadata,
  revision: z.number(),
  data: z.object({ spec: z.object({ template }) }),
});

const state = z.object({ waiting: z.object({ reason: z.string().default("") }).optional() }).prefault({});
const containers = z
  .array(z.object({ name: z.string(), image: z.string().default(""), restartCount: count, state }))
  .default([]);
export const pod = z.object({
  metadata,
  status: z
    .object({
      conditions: z.array(condition).default([]),
      initContainerStatuses: containers,
      containerStatuses: containers,
    })
    .prefault({}),
});
export type Pod = z.infer<typeof pod>;

export const event = z.object({
  message: z.string().default(""),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  involvedObject: z.object({ kind: z.string().default(""), name: z.string().default("") }),
});
export type Event = z.infer<typeof event>;

export const podUsage = z.object({
  containers: z.array(z.object({ usage: z.object({ cpu: z.string(), memory: z.string() }) })),
});

/** Where the operation that last changed an object is kept: in the same write as its effect. */
export const OPERATION = "daytwo.dev/operation";
/** Where only the status is ours to write: a condition of that type, whose message it is. */
export const OPERATION_CONDITION = "daytwo.dev/Operation";
export const RESTARTED = "kubectl.kubernetes.io/restartedAt";
export const CAUSE = "kubernetes.io/change-cause";

/**
 * A template as somebody released it: without what a restart and the controller put into it. An empty `creationTimestamp` stands in
 * templates that a cluster before 1.34 wrote, and in none that a later one answers with.
 */
export function released(given: Template): object {
  const { metadata: { labels = {}, annotations = {}, creationTimestamp: _, ...more } = {}, ...rest } = given;
  return {
    ...rest,
    metadata: { ...more, labels: without(labels, "pod-template-hash"), annotations: without(annotations, RESTARTED) },
  };
}

/** Without the controller's label, as it belongs into a workload. */
export function bare(given: Template): Template {
  const { metadata: { labels, creationTimestamp: _, ...more } = {}, ...rest } = given;
  const { $patch: __, ...fields } = rest as { $patch?: unknown } & Template;
  return {
    ...fields,
    metadata: { ...more, ...(labels === undefined ? {} : { labels: without(labels, "pod-template-hash") }) },
  };
}

function without(given: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([key]) => key !== name));
}

export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/** The image of the container that counts. */
export function imageOf({ spec: { containers } }: Template, container: string | undefined): string {
  const found = containers.find(({ name }) => name === container) ?? containers[0];
  return found?.image ?? "";
}

/**
 * What a release is called: its image's tag, and four digits by which the same tag with another configuration is another
 * release. It stays the same whatever revision it gets by going back, and whenever it is restarted.
 */
export function releaseOf(given: Template, container: string | undefined): string {
  return `${tagOf(imageOf(given, container))}.${hashOf(released(given)).slice(0, 4)}`;
}

const DIGEST = 12;

function tagOf(image: string): string {
  const [name = "", digest] = image.split("@");
  const tag = /:([\w][\w.-]*)$/.exec(name.split("/").at(-1) ?? "")?.[1];
  if (tag !== undefined) return tag;
  return digest === undefined ? "latest" : (digest.split(":").at(-1) ?? "").slice(0, DIGEST);
}

/** Labels as a list is asked for by them. */
export function selectorText({ matchLabels, matchExpressions }: Workload["spec"]["selector"]): string {
  const terms = matchExpressions.map(({ key, operator, values }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
  });
  return [...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`), ...terms].join(",");
}

/** What is told of a certificate, under these names; whether it can be renewed goes by them. */
export const CERTIFICATE = {
  named: "Certificate",
  issuing: "Being issued",
  failed: "Not issued",
  again: "Tried again",
  unseen: "Certificate not seen",
} as const;

const LONGEST_LINE = 160;

/** The first line of what is said, as long as it fits. */
export function short(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line;
}
