import { z } from "zod";
import type { ServicePlace } from "../api.ts";
import { ecs, scaling } from "../client.ts";
import type { Tries } from "../rights.ts";

const services = z.object({ services: z.tuple([z.object({ currentServiceDeployment: z.string() })]) });
const deployments = z.object({
  serviceDeployments: z.tuple([z.object({ targetServiceRevision: z.object({ arn: z.string() }) })]),
});

/** Asks once for all that looking at a service takes. */
export async function rights({ cluster, service }: ServicePlace, tries: Tries): Promise<void> {
  const found = await tries(
    "ecs:DescribeServices",
    "seeing it",
    ecs((api) => api.describeServices({ cluster, services: [service] })),
  );
  const ResourceIds = [`service/${cluster}/${service}`];
  await tries(
    "application-autoscaling:DescribeScalableTargets",
    "seeing what decides its size",
    scaling((api) => api.describeScalableTargets({ ServiceNamespace: "ecs", ResourceIds })),
  );
  await tries(
    "ecs:ListServiceDeployments",
    "seeing its releases",
    ecs((api) => api.listServiceDeployments({ cluster, service })),
  );
  const latest = services.safeParse(found).data?.services[0].currentServiceDeployment;
  if (latest === undefined) return;
  const deployed = await tries(
    "ecs:DescribeServiceDeployments",
    "seeing how a deployment goes",
    ecs((api) => api.describeServiceDeployments({ serviceDeploymentArns: [latest] })),
  );
  const revision = deployments.safeParse(deployed).data?.serviceDeployments[0].targetServiceRevision.arn;
  if (revision === undefined) return;
  await tries(
    "ecs:DescribeServiceRevisions",
    "seeing its releases",
    ecs((api) => api.describeServiceRevisions({ serviceRevisionArns: [revision] })),
  );
}
