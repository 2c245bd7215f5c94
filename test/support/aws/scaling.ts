import type { Ecs } from "./ecs.ts";
import { onlyOf, Refusal } from "./refusal.ts";
import { ACCOUNT, CLUSTER, REGION, type Service } from "./service.ts";

/** Application Auto Scaling for ECS: https://docs.aws.amazon.com/autoscaling/application/APIReference/ */

type Input = Readonly<Record<string, unknown>>;

export const SCALING: Readonly<Record<string, (ecs: Ecs, input: Input) => object>> = {
  DescribeScalableTargets({ services }, input) {
    onlyOf(input, {
      ServiceNamespace: "string",
      ResourceIds: "object",
      ScalableDimension: "string",
      MaxResults: "number",
      NextToken: "string",
    });
    checkPlace(input);
    const asked = input["ResourceIds"] as string[] | undefined;
    const found = [...services.values()].filter(
      (service) => service.bounds !== null && (asked?.includes(resourceOf(service)) ?? true),
    );
    return { ScalableTargets: found.map(shown) };
  },

  RegisterScalableTarget(ecs, input) {
    onlyOf(input, {
      ServiceNamespace: "string",
      ResourceId: "string",
      ScalableDimension: "string",
      MinCapacity: "number",
      MaxCapacity: "number",
    });
    checkPlace(input);
    const service = [...ecs.services.values()].find((each) => resourceOf(each) === input["ResourceId"]);
    if (service === undefined) throw new Refusal(400, "ValidationException", "ECS service doesn't exist.");
    const { bounds } = service;
    const min = (input["MinCapacity"] as number | undefined) ?? bounds?.min;
    const max = (input["MaxCapacity"] as number | undefined) ?? bounds?.max;
    if (min === undefined || max === undefined)
      throw new Refusal(400, "ValidationException", "MinCapacity and MaxCapacity are required for a new target.");
    if (min > max || min < 0)
      throw new Refusal(400, "ValidationException", "Maximum capacity cannot be less than minimum capacity");
    if (bounds?.min !== min || bounds.max !== max) ecs.effect("RegisterScalableTarget");
    service.bounds = { min, max, demand: bounds?.demand ?? null };
    // What is outside of them is brought inside at once.
    service.wanted = Math.min(Math.max(service.wanted, min), max);
    return { ScalableTargetARN: `arn:aws:application-autoscaling:${REGION}:${ACCOUNT}:scalable-target/0` };
  },
};

function resourceOf({ name }: Service): string {
  return `service/${CLUSTER}/${name}`;
}

function checkPlace({ ServiceNamespace, ScalableDimension = "ecs:service:DesiredCount" }: Input): void {
  if (ServiceNamespace !== "ecs" || ScalableDimension !== "ecs:service:DesiredCount")
    throw new Refusal(400, "ValidationException", "Unsupported service namespace, resource type or scalable dimension");
}

function shown(service: Service): object {
  return {
    ServiceNamespace: "ecs",
    ResourceId: resourceOf(service),
    ScalableDimension: "ecs:service:DesiredCount",
    MinCapacity: service.bounds?.min,
    MaxCapacity: service.bounds?.max,
    RoleARN: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
    CreationTime: 1_700_000_000,
    SuspendedState: {
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
    },
  };
}
