import type { Plan } from "../../../domain/action.ts";
import { Invalid } from "../../../errors.ts";
import { groups, type Work } from "../client.ts";
import { numberOf } from "./judge.ts";
import { goesBackTo, type Core } from "./see.ts";
import { boundOf } from "../../bounds.ts";

/** The one request that a plan for a group comes to. */
export function change(core: Core, { action, arguments: { release, sizes = {} } }: Plan): Work {
  const AutoScalingGroupName = core.group.AutoScalingGroupName;
  if (action === "scale") return toSizes(AutoScalingGroupName, sizes);
  if (release === undefined) return groups((api) => api.startInstanceRefresh({ AutoScalingGroupName }));
  if (goesBackTo(core) === release) return groups((api) => api.rollbackInstanceRefresh({ AutoScalingGroupName }));
  // Where a policy of mixed instances names it, this would take the place of the whole policy.
  const { LaunchTemplate: template } = core.group;
  if (template === undefined) throw new Invalid("The group has no launch template of its own any more.");
  const { LaunchTemplateId } = template;
  const Version = release.slice(release.lastIndexOf(":") + 1);
  return groups((api) =>
    api.startInstanceRefresh({
      AutoScalingGroupName,
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId, Version } },
    }),
  );
}

/** Where only bounds are set, AWS brings the size within them itself. */
function toSizes(AutoScalingGroupName: string, sizes: Readonly<Record<string, number>>): Work {
  const [DesiredCapacity, MinSize, MaxSize] = [numberOf(sizes), boundOf(sizes, "min"), boundOf(sizes, "max")];
  if (DesiredCapacity !== undefined && MinSize === undefined && MaxSize === undefined)
    // A cooldown is for policies: whoever asks by hand means now.
    return groups((api) => api.setDesiredCapacity({ AutoScalingGroupName, DesiredCapacity, HonorCooldown: false }));
  return groups((api) => api.updateAutoScalingGroup({ AutoScalingGroupName, DesiredCapacity, MinSize, MaxSize }));
}
