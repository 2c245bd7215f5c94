import type { GroupPlace } from "../api.ts";
import { groups } from "../client.ts";
import type { Tries } from "../rights.ts";

/** Asks once for all that looking at a group takes. */
export async function rights({ group: AutoScalingGroupName }: GroupPlace, tries: Tries): Promise<void> {
  const AutoScalingGroupNames = [AutoScalingGroupName];
  await tries(
    "autoscaling:DescribeAutoScalingGroups",
    "seeing it",
    groups((api) => api.describeAutoScalingGroups({ AutoScalingGroupNames })),
  );
  await tries(
    "autoscaling:DescribePolicies",
    "seeing what decides its size",
    groups((api) => api.describePolicies({ AutoScalingGroupName })),
  );
  await tries(
    "autoscaling:DescribeInstanceRefreshes",
    "seeing its releases",
    groups((api) => api.describeInstanceRefreshes({ AutoScalingGroupName })),
  );
  await tries(
    "autoscaling:DescribeScalingActivities",
    "seeing why instances do not come about",
    groups((api) => api.describeScalingActivities({ AutoScalingGroupName })),
  );
}
