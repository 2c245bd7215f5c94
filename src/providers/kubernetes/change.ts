import type { Action, Plan } from "../../domain/action.ts";
import { bare, hashOf, OPERATION, RESTARTED, CAUSE, type Template } from "./objects.ts";
import { renewedBy } from "./certificate.ts";
import type { Change } from "./patch.ts";
import { toRenew } from "./renewal.ts";
import { pathOfAutoscaler } from "./autoscaler.ts";
import { pathOf, type Core, type Revision } from "./see.ts";

/** The one write that a plan comes to: on condition of the version that was read, and with the token of its operation in it. */

/** What `spec.paused` of a Deployment is to be after an action on it. */
export const PAUSED: Readonly<Partial<Record<Action, boolean>>> = { pause: true, resume: false };

/** Whether the plan changes the bounds of the autoscaler, and not the workload. */
export function isOfAutoscaler({ arguments: { sizes = {} } }: Plan): boolean {
  return Object.keys(sizes).some((process) => /\.(min|max)$/.test(process));
}

/** The token of the operation that last changed what this plan would. */
export function tokenOn(core: Core, plan: Plan): string | undefined {
  if (plan.action === "renew-cert") {
    const found = core.certificate;
    return found === null ? undefined : renewedBy(found.status);
  }
  const object = isOfAutoscaler(plan) ? core.autoscaler : core.workload;
  return object?.metadata.annotations[OPERATION];
}

/** Null where what is to be changed is not there. */
export function changeFor(core: Core, plan: Plan, use: Use): Change | null {
  return CHANGES[plan.action]?.(core, use, plan) ?? null;
}

type Use = { readonly token: string; readonly revision: Revision | null; readonly now: Date };

const CHANGES: Readonly<Partial<Record<Action, (core: Core, use: Use, plan: Plan) => Change | null>>> = {
  scale: toSize,
  rollback: (core, { revision, token }) => (revision === null ? null : toTemplate(core, revision, token)),
  restart: (core, { token, now }) => merged(core, { template: restarted(now) }, token, () => true),
  pause: toPaused,
  resume: toPaused,
  "renew-cert"(core, { token, now }) {
    const found = core.certificate;
    return found === null ? null : toRenew(core.where, found, token, now);
  },
};

function toPaused(core: Core, { token }: Use, { action }: Plan): Change {
  const paused = PAUSED[action] === true;
  return merged(core, { paused }, token, (spec) => (spec["paused"] ?? false) === paused);
}

function toSize(core: Core, { token }: Use, plan: Plan): Change | null {
  if (isOfAutoscaler(plan)) return core.autoscaler === null ? null : toBounds(core, core.autoscaler, plan, token);
  const [replicas] = Object.values(plan.arguments.sizes ?? {});
  return merged(core, { replicas }, token, (spec) => spec["replicas"] === replicas);
}

function restarted(now: Date): object {
  return { metadata: { annotations: { [RESTARTED]: now.toISOString().replace(/\.\d+Z$/, "Z") } } };
}

type Spec = Readonly<Record<string, unknown>>;

function merged({ where, workload }: Core, spec: object, token: string, expects: (spec: Spec) => boolean): Change {
  const { resourceVersion } = workload.metadata;
  return {
    path: pathOf(where),
    type: "application/merge-patch+json",
    body: { metadata: { resourceVersion, annotations: { [OPERATION]: token } }, spec },
    expects: ({ spec: answered }) => expects((answered ?? {}) as Spec),
  };
}

function toBounds({ where }: Core, autoscaler: NonNullable<Core["autoscaler"]>, plan: Plan, token: string): Change {
  const bounds = Object.entries(plan.arguments.sizes ?? {}).map(
    ([process, count]) => [process.endsWith(".min") ? "minReplicas" : "maxReplicas", count] as const,
  );
  const { resourceVersion } = autoscaler.metadata;
  return {
    path: pathOfAutoscaler(where, autoscaler),
    type: "application/merge-patch+json",
    body: { metadata: { resourceVersion, annotations: { [OPERATION]: token } }, spec: Object.fromEntries(bounds) },
    expects: ({ spec }) => bounds.every(([name, count]) => (spec as Spec | undefined)?.[name] === count),
  };
}

/** What says something of a revision alone, or of what its object was last applied from, stays as it is when going back. */
const KEPT = [
  "kubectl.kubernetes.io/last-applied-configuration",
  "deployment.kubernetes.io/revision",
  "deployment.kubernetes.io/revision-history",
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deprecated.deployment.rollback.to",
  "deprecated.daemonset.template.generation",
];

/**
 * The template of that revision and no more, as kubectl's own undo has it: with what a Deployment's revision says of
 * itself, such as why it was made. The cluster has no call for it.
 */
function toTemplate({ where, workload }: Core, { template, annotations: noted }: Revision, token: string): Change {
  const { resourceVersion, annotations } = workload.metadata;
  const isDeployment = where.deployment !== undefined;
  const others = isDeployment
    ? Object.fromEntries(Object.entries(noted).filter(([key]) => !KEPT.includes(key)))
    : { [CAUSE]: noted[CAUSE] };
  const kept = Object.entries(annotations).filter(([key]) => !isDeployment || KEPT.includes(key));
  const all = { ...Object.fromEntries(kept), ...others, [OPERATION]: token };
  return {
    path: pathOf(where),
    type: "application/json-patch+json",
    body: [
      { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
      { op: "add", path: "/metadata/annotations", value: JSON.parse(JSON.stringify(all)) as unknown },
      { op: "replace", path: "/spec/template", value: template },
    ],
    expects: ({ spec }) => {
      const made = (spec as { template?: Template } | undefined)?.template;
      return made !== undefined && hashOf(bare(made)) === hashOf(template);
    },
  };
}
