import { z } from "zod";
import type { Target } from "../../domain/catalog.ts";
import { Unavailable } from "../../errors.ts";
import { call, look, settings } from "./api.ts";
import type { Work } from "./client.ts";
import { AWS, isDenied } from "./words.ts";
import { complaintOf, complaintOfSilence } from "../http-json.ts";
import type { Standing } from "../provider.ts";

/** Who we are at AWS, and what of looking it refuses: whether something may be changed, AWS only says when it is. */

const identity = z.object({ Arn: z.string() });
const services = z.object({ services: z.tuple([z.object({ currentServiceDeployment: z.string() })]) });
const deployments = z.object({
  serviceDeployments: z.tuple([z.object({ targetServiceRevision: z.object({ arn: z.string() }) })]),
});

/** @throws Unavailable | Invalid */
export async function examine(target: Target, signal: AbortSignal): Promise<Standing> {
  const where = settings.parse(target.settings);
  const { cluster, service } = where;
  const missing: string[] = [];
  async function tries(action: string, what: string, work: Work): Promise<unknown> {
    const answer = await call(where, work, { signal }).catch((error: unknown) => {
      throw complaintOfSilence(error, AWS);
    });
    const complaint = complaintOf(answer, AWS);
    if (complaint instanceof Unavailable) throw complaint;
    if (isDenied(answer)) missing.push(`${action} (for ${what})`);
    return answer.body;
  }
  const { Arn } = await look(where, ({ sts }) => sts.getCallerIdentity({}), identity, signal);
  const found = await tries("ecs:DescribeServices", "seeing it", ({ ecs }) =>
    ecs.describeServices({ cluster, services: [service] }),
  );
  await tries("application-autoscaling:DescribeScalableTargets", "seeing what decides its size", ({ scaling }) =>
    scaling.describeScalableTargets({ ServiceNamespace: "ecs", ResourceIds: [`service/${cluster}/${service}`] }),
  );
  await tries("ecs:ListServiceDeployments", "seeing its releases", ({ ecs }) =>
    ecs.listServiceDeployments({ cluster, service }),
  );
  const latest = services.safeParse(found).data?.services[0].currentServiceDeployment;
  if (latest === undefined) return { identity: Arn, missing };
  const deployed = await tries("ecs:DescribeServiceDeployments", "seeing how a deployment goes", ({ ecs }) =>
    ecs.describeServiceDeployments({ serviceDeploymentArns: [latest] }),
  );
  const revision = deployments.safeParse(deployed).data?.serviceDeployments[0].targetServiceRevision.arn;
  if (revision !== undefined)
    await tries("ecs:DescribeServiceRevisions", "seeing its releases", ({ ecs }) =>
      ecs.describeServiceRevisions({ serviceRevisionArns: [revision] }),
    );
  return { identity: Arn, missing };
}
