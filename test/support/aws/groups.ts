import { hex, templateId, type Group, type Instance, type Refresh } from "./group.ts";
import { Refusal } from "./refusal.ts";
import { taken, type Input, type QueryApi } from "./query.ts";
import { ACCOUNT, REGION } from "./service.ts";

/** Amazon EC2 Auto Scaling as its API reference has it: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/ */

export type Groups = {
  readonly groups: Map<string, Group>;
  /** How many of a list come at most, whatever was asked for. */
  page: number;
  /** Something was changed by a request. */
  effect(action: string): void;
  /** What whoever asks has to be allowed beside the operation itself. @throws Refusal */
  permits(action: string): void;
};

export const GROUPS: QueryApi<Groups> = {
  service: "autoscaling",
  version: "2011-01-01",
  namespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
  operations: {
    DescribeAutoScalingGroups(state, given) {
      const input = taken(given, { AutoScalingGroupNames: "list", MaxRecords: "number", NextToken: "string" });
      const names = input["AutoScalingGroupNames"] as string[] | undefined;
      const all = [...state.groups.values()].filter(({ name }) => names?.includes(name) ?? true);
      return paged(state, input, { all, name: "AutoScalingGroups", show: shown });
    },

    DescribePolicies(state, given) {
      const input = taken(given, { AutoScalingGroupName: "string", MaxRecords: "number", NextToken: "string" });
      const { policies } = groupIn(state, input);
      return paged(state, input, {
        all: policies,
        name: "ScalingPolicies",
        show: ({ name: PolicyName, type: PolicyType, isEnabled: Enabled, mode: Mode }) => ({
          PolicyName,
          PolicyType,
          Enabled,
          PredictiveScalingConfiguration: PolicyType === "PredictiveScaling" ? { Mode } : undefined,
        }),
      });
    },

    DescribeInstanceRefreshes(state, given) {
      const input = taken(given, { AutoScalingGroupName: "string", MaxRecords: "number", NextToken: "string" });
      const group = groupIn(state, input);
      return paged(state, input, {
        all: group.refreshes,
        name: "InstanceRefreshes",
        show: (each) => refreshShown(group, each),
      });
    },

    DescribeScalingActivities(state, given) {
      const input = taken(given, { AutoScalingGroupName: "string", MaxRecords: "number", NextToken: "string" });
      const { activities, name } = groupIn(state, input);
      return paged(state, input, {
        all: activities,
        name: "Activities",
        show: ({ id, at, code, message }) => ({
          ActivityId: id,
          AutoScalingGroupName: name,
          Cause: "an instance was started in response to a difference between desired and actual capacity",
          StartTime: at,
          EndTime: at,
          StatusCode: code,
          StatusMessage: message,
          Progress: 100,
        }),
      });
    },

    SetDesiredCapacity(state, given) {
      const input = taken(given, {
        AutoScalingGroupName: "string",
        DesiredCapacity: "number",
        HonorCooldown: "boolean",
      });
      const group = groupIn(state, input);
      const wanted = input["DesiredCapacity"] as number;
      if (wanted > group.max || wanted < group.min)
        throw invalid(
          `New SetDesiredCapacity value ${wanted} is ${wanted > group.max ? `above max value ${group.max}` : `below min value ${group.min}`} for the AutoScalingGroup.`,
        );
      if (wanted !== group.wanted) state.effect("SetDesiredCapacity");
      group.wanted = wanted;
      return {};
    },

    UpdateAutoScalingGroup(state, given) {
      const input = taken(given, {
        AutoScalingGroupName: "string",
        MinSize: "number",
        MaxSize: "number",
        DesiredCapacity: "number",
      });
      const group = groupIn(state, input);
      const {
        MinSize: min = group.min,
        MaxSize: max = group.max,
        DesiredCapacity: number,
      } = input as {
        MinSize?: number;
        MaxSize?: number;
        DesiredCapacity?: number;
      };
      if (min > max) throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
      if (number !== undefined && (number < min || number > max))
        throw invalid(`Desired capacity:${number} must be between the specified min size:${min} and max size:${max}`);
      Object.assign(group, { min, max, wanted: number ?? Math.min(Math.max(group.wanted, min), max) });
      state.effect("UpdateAutoScalingGroup");
      return {};
    },

    StartInstanceRefresh(state, given) {
      const input = taken(given, {
        AutoScalingGroupName: "string",
        DesiredConfiguration: "object",
        Preferences: "object",
      });
      const group = groupIn(state, input);
      const [last] = group.refreshes;
      if (last !== undefined && last.endedAt === undefined)
        throw new Refusal(
          400,
          "InstanceRefreshInProgress",
          "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
        );
      const brings = broughtBy(state, group, input["DesiredConfiguration"] as Input | undefined);
      const refresh = refreshes(group, brings);
      state.effect("StartInstanceRefresh");
      return { InstanceRefreshId: refresh.id };
    },

    RollbackInstanceRefresh(state, given) {
      const input = taken(given, { AutoScalingGroupName: "string" });
      const group = groupIn(state, input);
      const [last] = group.refreshes;
      if (last === undefined || last.endedAt !== undefined)
        throw new Refusal(400, "ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found.");
      if (last.brings === null || group.version.startsWith("$"))
        throw new Refusal(400, "IrreversibleInstanceRefresh", "The Instance Refresh cannot be rolled back.");
      last.isGoingBack = true;
      last.status = "RollbackInProgress";
      state.effect("RollbackInstanceRefresh");
      return { InstanceRefreshId: last.id };
    },
  },
};

/** Somebody replaces all instances, by those of another version where it is named. */
export function refreshes(group: Group, brings: string | null): Refresh {
  const refresh: Refresh = {
    id: hex(16),
    status: "Pending",
    startedAt: new Date(),
    brings,
    isMixed: group.isMixed,
    percent: 0,
    left: group.instances.length,
    isGoingBack: false,
  };
  group.refreshes.unshift(refresh);
  return refresh;
}

/** @throws Refusal */
function broughtBy(state: Groups, group: Group, configuration: Input | undefined): string | null {
  if (configuration === undefined) return null;
  const template = taken((configuration["LaunchTemplate"] ?? {}) as Input, {
    LaunchTemplateId: "string",
    LaunchTemplateName: "string",
    Version: "string",
  });
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version: version } = template as Record<string, string>;
  if ((id === undefined) === (name === undefined))
    throw invalid("Valid requests must contain either launchTemplateId or LaunchTemplateName");
  if (id !== undefined && id !== templateId(group)) throw invalid("The specified launch template does not exist.");
  state.permits("ec2:RunInstances");
  if (version === undefined || (/^\d+$/.test(version) && Number(version) > group.latest))
    throw invalid(`Could not find the specified version ${version} for the launch template with ID ${id}.`);
  return version;
}

type List<Item> = { readonly all: readonly Item[]; readonly name: string; show(item: Item): object };

function paged<Item>({ page }: Groups, input: Input, { all, name, show }: List<Item>): object {
  const from = input["NextToken"] === undefined ? 0 : Number(input["NextToken"]);
  const most = (input["MaxRecords"] as number | undefined) ?? 50;
  if (most > 100) throw invalid("The maximum value of MaxRecords is 100.");
  const next = from + Math.min(page, most);
  const member = all.slice(from, next).map(show);
  return { [name]: { member }, NextToken: next < all.length ? next : undefined };
}

function invalid(message: string): Refusal {
  return new Refusal(400, "ValidationError", message);
}

function groupIn({ groups }: Groups, { AutoScalingGroupName: name }: Input): Group {
  const found = groups.get(String(name));
  if (found === undefined)
    throw invalid(`AutoScalingGroup name not found - AutoScalingGroup '${String(name)}' not found`);
  return found;
}

function templateShown(group: Group, Version: string): object {
  return { LaunchTemplateId: templateId(group), LaunchTemplateName: group.name, Version };
}

function configured(template: object, isMixed: boolean): object {
  if (!isMixed) return { LaunchTemplate: template };
  return { MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification: template } } };
}

function shown(group: Group): object {
  const { name, min, max, wanted, version, isMixed, instances, suspended, tags } = group;
  return {
    AutoScalingGroupName: name,
    AutoScalingGroupARN: `arn:aws:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:0:autoScalingGroupName/${name}`,
    ...configured(templateShown(group, version), isMixed),
    MinSize: min,
    MaxSize: max,
    DesiredCapacity: wanted,
    DefaultCooldown: 300,
    AvailabilityZones: { member: [`${REGION}a`] },
    HealthCheckType: "EC2",
    HealthCheckGracePeriod: 0,
    Instances: { member: instances.map((each) => instanceShown(group, each)) },
    CreatedTime: new Date(1_700_000_000_000),
    SuspendedProcesses: {
      member: suspended.map((ProcessName) => ({
        ProcessName,
        SuspensionReason: "User suspended at 2026-11-30T02:10Z",
      })),
    },
    Tags: {
      member: Object.entries(tags).map(([Key, Value]) => ({
        ResourceId: name,
        ResourceType: "auto-scaling-group",
        Key,
        Value,
        PropagateAtLaunch: true,
      })),
    },
    NewInstancesProtectedFromScaleIn: false,
  };
}

function instanceShown(group: Group, { id, state, isHealthy, isProtected, version, weight }: Instance): object {
  return {
    InstanceId: id,
    InstanceType: "m7i.large",
    AvailabilityZone: `${REGION}a`,
    LifecycleState: state,
    HealthStatus: isHealthy ? "Healthy" : "Unhealthy",
    LaunchTemplate: templateShown(group, version),
    ProtectedFromScaleIn: isProtected,
    WeightedCapacity: weight ?? undefined,
  };
}

function refreshShown(
  group: Group,
  { id, status, reason, startedAt, endedAt, brings, isMixed, percent, left }: Refresh,
): object {
  // As it was asked for: by the template's id or its name.
  const template = { LaunchTemplateId: templateId(group), Version: brings };
  return {
    InstanceRefreshId: id,
    AutoScalingGroupName: group.name,
    Status: status,
    StatusReason: reason,
    StartTime: startedAt,
    EndTime: endedAt,
    PercentageComplete: percent,
    InstancesToUpdate: left,
    DesiredConfiguration: brings === null ? undefined : configured(template, isMixed),
  };
}
