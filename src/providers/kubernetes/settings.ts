import { z } from "zod";
import { reference } from "../../domain/secret-reference.ts";
import { servedAt } from "../serves.ts";

/** What the catalog says of a workload: which cluster it is in, and which one it is. */

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const name = z.string().regex(NAME, "Write its name as kubectl shows it, like shop-web.");

export const KINDS = {
  deployment: { plural: "deployments", kind: "Deployment" },
  statefulset: { plural: "statefulsets", kind: "StatefulSet" },
  daemonset: { plural: "daemonsets", kind: "DaemonSet" },
} as const;
export type Kind = keyof typeof KINDS;
const EVERY_KIND = Object.keys(KINDS) as Kind[];

/** Which cluster, and which part of it. */
const PLACE = {
  namespace: name.describe("The namespace that it is in."),
  context: z
    .string()
    .min(1)
    .optional()
    .describe("The context of the kubeconfig; its current one where this is left out."),
  kubeconfig: reference
    .optional()
    .describe(
      "Where the kubeconfig is; left out, it is looked for as kubectl does, and in a pod the pod's own account is used.",
    ),
};
/** Where to look for what runs; without a namespace in all of them. */
export const place = z.strictObject({ ...PLACE, namespace: name.optional() });
export type Cluster = Omit<z.infer<typeof place>, "namespace">;

const certificate = z.strictObject({
  name: name.describe("The name of the Certificate, in the same namespace."),
  address: servedAt,
});

export const settings = z
  .strictObject({
    deployment: name.optional().describe("The Deployment's name; this, or one of the next two."),
    statefulset: name.optional().describe("The StatefulSet's name."),
    daemonset: name.optional().describe("The DaemonSet's name."),
    ...PLACE,
    container: name
      .optional()
      .describe("The container whose image is the release; the first one where this is left out."),
    certificate: certificate.optional().describe("Its certificate, where cert-manager has it."),
  })
  .refine((given) => EVERY_KIND.filter((kind) => given[kind] !== undefined).length === 1, {
    error: "Name one of `deployment`, `statefulset` and `daemonset`.",
  })
  .meta({ oneOf: EVERY_KIND.map((kind) => ({ required: [kind] })) });
export type Settings = z.infer<typeof settings>;

/** Which workload a target is. */
export function workloadOf(where: Settings): { readonly kind: Kind; readonly name: string } {
  for (const kind of EVERY_KIND) {
    const named = where[kind];
    if (named !== undefined) return { kind, name: named };
  }
  throw new Error("settings that name no workload");
}
