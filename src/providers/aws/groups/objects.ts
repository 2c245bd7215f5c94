import { z } from "zod";

/** What EC2 Auto Scaling says of a group, as far as it matters here. */

/** Both its id and its name are said; asked for, it is named by one of them. */
export const template = z.object({
  LaunchTemplateId: z.string(),
  LaunchTemplateName: z.string().optional(),
  /** A number, `$Latest` or `$Default`. */
  Version: z.string().default("$Default"),
});
export type Template = z.infer<typeof template>;

/** By its id, its name or both. */
const templateAsAsked = z.object({
  LaunchTemplateId: z.string().optional(),
  LaunchTemplateName: z.string().optional(),
  Version: z.string().optional(),
});

/** What a group starts instances from: a template, or the policy of mixed instances that names one. */
function configuration<Template extends z.ZodType>(template: Template) {
  const policy = z.object({
    LaunchTemplate: z.object({ LaunchTemplateSpecification: template.optional() }).optional(),
  });
  return { LaunchTemplate: template.optional(), MixedInstancesPolicy: policy.optional() };
}
export type Configuration<Template> = {
  readonly LaunchTemplate?: Template | undefined;
  readonly MixedInstancesPolicy?:
    | { readonly LaunchTemplate?: { readonly LaunchTemplateSpecification?: Template | undefined } | undefined }
    | undefined;
};

export const instance = z.object({
  /** Pending, InService, Terminating, Standby … */
  LifecycleState: z.string(),
  HealthStatus: z.string(),
  ProtectedFromScaleIn: z.boolean().default(false),
  /** How many units of the group's size it is; one where it does not say. */
  WeightedCapacity: z.string().default("1"),
  LaunchTemplate: template.optional(),
});
export type Instance = z.infer<typeof instance>;

export const group = z.object({
  AutoScalingGroupName: z.string(),
  MinSize: z.int(),
  MaxSize: z.int(),
  DesiredCapacity: z.int(),
  HealthCheckGracePeriod: z.int().default(0), // s
  DefaultInstanceWarmup: z.int().optional(), // s
  CreatedTime: z.date(),
  ...configuration(template),
  LaunchConfigurationName: z.string().optional(),
  Instances: z.array(instance).default([]),
  SuspendedProcesses: z.array(z.object({ ProcessName: z.string() })).default([]),
});
export type Group = z.infer<typeof group>;

export const refresh = z.object({
  InstanceRefreshId: z.string(),
  Status: z.string(),
  StatusReason: z.string().optional(),
  EndTime: z.date().optional(),
  PercentageComplete: z.int().default(0),
  InstancesToUpdate: z.int().optional(),
  /** What the group is to be once it has ended well; none where it only replaces instances by equal ones. */
  DesiredConfiguration: z.object(configuration(templateAsAsked)).optional(),
});
export type Refresh = z.infer<typeof refresh>;

export const policy = z.object({
  PolicyName: z.string(),
  PolicyType: z.string().optional(),
  Enabled: z.boolean().default(true),
  PredictiveScalingConfiguration: z.object({ Mode: z.string().default("ForecastOnly") }).optional(),
});
export type Policy = z.infer<typeof policy>;

export const activity = z.object({
  /** Successful, Failed, Cancelled, or how it is under way. */
  StatusCode: z.string(),
  StatusMessage: z.string().optional(),
  EndTime: z.date().optional(),
});
