import { z } from "zod";
import { Invalid } from "../../../errors.ts";
import { listAll, look, type GroupPlace } from "../api.ts";
import { groups } from "../client.ts";
import * as objects from "./objects.ts";
import type { Group, Instance, Policy, Refresh } from "./objects.ts";
import { openSight, openSightAround, type Unseen } from "../../sight.ts";

/** What there is of an Auto Scaling group. */

/** All that a change rests on. */
export type Core = {
  readonly where: GroupPlace;
  readonly group: Group;
  /** Names of the policies that decide its size; none where nothing does. */
  readonly policies: readonly string[];
  /** Of the six weeks that AWS remembers, the newest first. */
  readonly refreshes: readonly Refresh[];
  /** Why instances do not come about, in AWS' own words; null where they do. */
  readonly trouble: string | null;
  readonly unseen: Unseen;
};

/** What may be out of sight, under these names; plans go by some of them. */
export const UNSEEN = {
  policies: "Scaling policies not seen",
  refreshes: "Instance refreshes not seen",
  activities: "Activities not seen",
} as const;

/** @throws Unavailable | Invalid */
export async function groupOf(where: GroupPlace, signal: AbortSignal): Promise<Core> {
  const [sees, around] = [openSight(), openSightAround()];
  const before = await called(where, signal);
  const [policies, refreshes] = await Promise.all([
    sees.of(UNSEEN.policies, policiesOf(where, signal), []),
    sees.of(UNSEEN.refreshes, refreshesOf(where, signal), []),
  ]);
  const group = isBehind(before, refreshes[0]) ? await called(where, signal) : before;
  const isShort = unitsOf(group.Instances.filter(isUp)) < group.DesiredCapacity;
  return {
    where,
    group,
    policies: policies.filter((each) => decides(each, group)).map(({ PolicyName }) => PolicyName),
    refreshes,
    trouble: isShort ? await around.of(UNSEEN.activities, troubleOf(where, signal), null) : null,
    unseen: { ...sees.unseen, ...around.unseen },
  };
}

/** A group is changed as its refresh ends: one that ended since the group was asked has brought what the group did not show yet. */
function isBehind(group: Group, last: Refresh | undefined): boolean {
  const brought = last?.Status === "Successful" ? broughtBy({ group }, last) : null;
  return brought !== null && brought !== ownRelease({ group });
}

async function called(where: GroupPlace, signal: AbortSignal): Promise<Group> {
  const asked = groups((api) => api.describeAutoScalingGroups({ AutoScalingGroupNames: [where.group] }));
  const { AutoScalingGroups } = await look(where, asked, found, signal);
  const [own] = AutoScalingGroups;
  if (own === undefined)
    throw new Invalid(`There is no Auto Scaling group called ${where.group} in ${where.region}.`, {
      hint: `\`aws autoscaling describe-auto-scaling-groups --region ${where.region}\` shows what there is.`,
    });
  return own;
}
const found = z.object({ AutoScalingGroups: z.array(objects.group).default([]) });

function policiesOf({ group: AutoScalingGroupName, ...where }: GroupPlace, signal: AbortSignal): Promise<Policy[]> {
  return listAll(
    where,
    ({ maxResults: MaxRecords, nextToken: NextToken }) =>
      groups(async (api) => {
        const page = await api.describePolicies({ AutoScalingGroupName, MaxRecords, NextToken });
        return { items: page.ScalingPolicies, nextToken: page.NextToken };
      }),
    objects.policy,
    signal,
  );
}

/** A forecast needs no alarm, and may be there to be looked at only; all other policies go by what CloudWatch tells. */
function decides({ Enabled, PolicyType, PredictiveScalingConfiguration: forecast }: Policy, group: Group): boolean {
  if (PolicyType === "PredictiveScaling") return Enabled && forecast?.Mode === "ForecastAndScale";
  return Enabled && !isSuspended(group, "AlarmNotification");
}

function refreshesOf({ group: AutoScalingGroupName, ...where }: GroupPlace, signal: AbortSignal): Promise<Refresh[]> {
  return listAll(
    where,
    ({ maxResults: MaxRecords, nextToken: NextToken }) =>
      groups(async (api) => {
        const page = await api.describeInstanceRefreshes({ AutoScalingGroupName, MaxRecords, NextToken });
        return { items: page.InstanceRefreshes, nextToken: page.NextToken };
      }),
    objects.refresh,
    signal,
  );
}

/** What the last activity that has ended says, where it ended without success. */
async function troubleOf(where: GroupPlace, signal: AbortSignal): Promise<string | null> {
  const { group: AutoScalingGroupName } = where;
  const { Activities } = await look(
    where,
    groups((api) => api.describeScalingActivities({ AutoScalingGroupName, MaxRecords: 20 })),
    z.object({ Activities: z.array(objects.activity).default([]) }),
    signal,
  );
  const last = Activities.find(({ EndTime }) => EndTime !== undefined);
  if (last === undefined || !/^(Failed|Cancelled)$/.test(last.StatusCode)) return null;
  return last.StatusMessage ?? "an activity of its group failed";
}

function isSuspended({ SuspendedProcesses }: Group, process: string): boolean {
  return SuspendedProcesses.some(({ ProcessName }) => ProcessName === process);
}

export function isInService({ LifecycleState }: Instance): boolean {
  return LifecycleState === "InService";
}

export function isUp(instance: Instance): boolean {
  return isInService(instance) && instance.HealthStatus.toLowerCase() === "healthy";
}

/** Of the group's size, which counts instances or what each of them weighs. */
export function unitsOf(instances: readonly Instance[]): number {
  return instances.reduce((sum, { WeightedCapacity }) => sum + Number(WeightedCapacity), 0);
}

/** Whether an instance comes, goes or is being changed. */
export function isMoving({ LifecycleState }: Instance): boolean {
  return /^(Pending|Terminating(?!:Retained)|Detaching|EnteringStandby|ReplacingRootVolume)/.test(LifecycleState);
}

/** What a release is called: the launch template and its version, "shop-web:12". */
export function releaseOf({ LaunchTemplateName, LaunchTemplateId, Version }: objects.Template): string {
  return `${LaunchTemplateName ?? LaunchTemplateId}:${Version}`;
}

/** The launch template that instances are started from; a policy names it where they are mixed. */
function templateOf<Template>({
  LaunchTemplate,
  MixedInstancesPolicy,
}: objects.Configuration<Template>): Template | undefined {
  return LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
}

/** What a group starts instances from: where it has no template, its launch configuration. */
export function ownRelease({ group }: Pick<Core, "group">): string | undefined {
  const template = templateOf(group);
  return template === undefined ? group.LaunchConfigurationName : releaseOf(template);
}

/** The release that a refresh is to bring; null where it replaces instances by equal ones, or names no template. */
export function broughtBy({ group }: Pick<Core, "group">, { DesiredConfiguration }: Refresh): string | null {
  const brought = DesiredConfiguration === undefined ? undefined : templateOf(DesiredConfiguration);
  if (brought === undefined) return null;
  const { LaunchTemplateId, LaunchTemplateName, Version = "$Default" } = brought;
  const own = templateOf(group);
  // Whoever asked for it may have named it by either.
  const [one, other] =
    LaunchTemplateId === undefined
      ? [LaunchTemplateName, own?.LaunchTemplateName]
      : [LaunchTemplateId, own?.LaunchTemplateId];
  return own !== undefined && one === other
    ? releaseOf({ ...own, Version })
    : `${LaunchTemplateName ?? LaunchTemplateId}:${Version}`;
}

/** How far the last refresh is, by what it says of itself; all that is not here has ended. */
const PHASES: Readonly<Record<string, "under way" | "going back" | "ending">> = {
  Pending: "under way",
  InProgress: "under way",
  Baking: "under way",
  RollbackInProgress: "going back",
  Cancelling: "ending",
};

export function phaseOf({ Status }: Refresh): "under way" | "going back" | "ending" | "ended" {
  return PHASES[Status] ?? "ended";
}

/** The refresh that is under way, in whichever direction. */
export function refreshNow({ refreshes: [last] }: Core): Refresh | undefined {
  return last === undefined || phaseOf(last) === "ended" ? undefined : last;
}

/** What instances are being replaced by, else what they are started from. */
export function currentRelease(core: Core): string | undefined {
  const now = refreshNow(core);
  const brought = now !== undefined && phaseOf(now) === "under way" ? broughtBy(core, now) : null;
  return brought ?? ownRelease(core);
}

/** Whether it always means the same: `$Latest` is whatever version somebody makes next. */
export function isFixed(release: string): boolean {
  return /:\d+$/.test(release);
}

/** What AWS would go back to if the refresh that is under way is taken back; null where it could not. */
export function goesBackTo(core: Core): string | null {
  const now = refreshNow(core);
  const own = ownRelease(core);
  if (now === undefined || phaseOf(now) !== "under way" || now.DesiredConfiguration === undefined) return null;
  return own !== undefined && isFixed(own) && core.group.LaunchConfigurationName === undefined ? own : null;
}
