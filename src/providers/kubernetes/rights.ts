import { z } from "zod";
import { Expected } from "../../errors.ts";
import { look } from "./api.ts";
import { KINDS, workloadOf, type Settings } from "./settings.ts";
import type { Standing } from "../provider.ts";

/** Who we are in a cluster and what we may do there, as the cluster itself says. */

type Need = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Of this one alone. */
  readonly name?: string;
  readonly what: string;
};

const HEARING = "hearing at once of a rollout that fails";

/** All that the provider does to a target, and what for. */
function needsOf(where: Settings): Need[] {
  const { kind, name } = workloadOf(where);
  const { plural } = KINDS[kind];
  const revisions = kind === "deployment" ? "replicasets" : "controllerrevisions";
  const size: Need[] = [
    { verb: "list", group: "autoscaling", resource: "horizontalpodautoscalers", what: "seeing what decides its size" },
    { verb: "patch", group: "autoscaling", resource: "horizontalpodautoscalers", what: "scale, where there is one" },
  ];
  return [
    { verb: "get", group: "apps", resource: plural, name, what: "seeing it" },
    { verb: "patch", group: "apps", resource: plural, name, what: "every action" },
    { verb: "list", group: "apps", resource: revisions, what: "seeing its releases, and rollback" },
    { verb: "list", group: "", resource: "pods", what: "saying why a rollout is stuck" },
    { verb: "watch", group: "", resource: "pods", what: HEARING },
    ...(kind === "deployment" ? [{ verb: "watch", group: "apps", resource: plural, what: HEARING }] : []),
    { verb: "list", group: "", resource: "events", what: "saying why a rollout is stuck" },
    ...(kind === "daemonset" ? [] : size),
    ...certificateNeeds(where.certificate?.name),
  ];
}

function certificateNeeds(name: string | undefined): Need[] {
  if (name === undefined) return [];
  const own = { group: "cert-manager.io", resource: "certificates", name };
  return [
    { ...own, verb: "get", what: "seeing its certificate" },
    { ...own, verb: "patch", subresource: "status", what: "renew-cert" },
    { verb: "list", group: "cert-manager.io", resource: "certificaterequests", what: "seeing which one was issued" },
    { verb: "list", group: "acme.cert-manager.io", resource: "challenges", what: "saying what an issuer waits for" },
  ];
}

const review = z.object({ status: z.object({ allowed: z.boolean() }) });
const self = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

/** @throws Unavailable | Invalid */
export async function examine(where: Settings, signal: AbortSignal): Promise<Standing> {
  const { namespace } = where;
  const answers = await Promise.all(
    needsOf(where).map(async (need) => {
      const { what: _, ...asked } = need;
      const resourceAttributes = { ...asked, namespace };
      const body = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes },
      };
      const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
      return { need, allowed: (await look(where, { method: "POST", path, body }, review, signal)).status.allowed };
    }),
  );
  return {
    identity: await identityOf(where, signal),
    missing: answers
      .filter(({ allowed }) => !allowed)
      .map(({ need: { verb, group, resource, subresource, what } }) => {
        const path = subresource === undefined ? resource : `${resource}/${subresource}`;
        const full = group === "" ? path : `${path}.${group}`;
        return `${verb} ${full} in ${namespace} (for ${what})`;
      }),
  };
}

/** Clusters before 1.28 do not say it. */
async function identityOf(where: Settings, signal: AbortSignal): Promise<string> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  try {
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const said = await look(where, { method: "POST", path, body }, self, signal);
    return said.status.userInfo.username;
  } catch (error) {
    if (error instanceof Expected) return "somebody whom the cluster does not name";
    throw error;
  }
}
