import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { Expected } from "../../errors.ts";
import { call, settings, type Settings } from "./api.ts";
import type { Work } from "./client.ts";
import { judge } from "./judge.ts";
import { coreOf, goesBackTo, scalableOf, type Core } from "./see.ts";
import { AWS } from "./words.ts";
import { outcomeOf, outcomeOfSilence } from "../http-json.ts";
import type { ApplyUse, Outcome } from "../provider.ts";
import { untilClear } from "../until-clear.ts";

/** Sends a plan's one request, and follows what ECS makes of it. */

const LATER = 5_000; // ms, the most between two looks: each is some of the account's requests

/**
 * ECS compares nothing before it changes something, and knows no request again. So it is looked at right before, and what
 * shows already is not sent: what is left is a moment between the look and the request.
 */
export async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const where = settings.parse(target.settings);
  let core: Core;
  try {
    core = await coreOf(where, use.signal);
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    return { kind: "refused", reason: `it could not be looked at just before acting: ${error.message}` };
  }
  const { kind, seen } = judge(core, plan);
  if (kind === "differs") return { kind: "refused", reason: `it changed since the plan was drawn: ${seen}` };
  if (kind === "failed") return { kind: "failed", reason: seen };
  const ended = kind === "untouched" ? await send(where, requestFor(core, plan), use) : null;
  if (ended !== null) return ended;
  return untilClear(async () => judge(await coreOf(where, use.signal), plan), { name: AWS.name, later: LATER }, use);
}

/** Null where AWS took it. */
async function send(where: Settings, work: Work, { token, signal }: ApplyUse): Promise<Outcome | null> {
  try {
    return outcomeOf(await call(where, work, { signal, operation: token }), AWS);
  } catch (error) {
    return outcomeOfSilence(error, AWS);
  }
}

function requestFor(core: Core, { action, arguments: { release, sizes = {} } }: Plan): Work {
  const { cluster, service } = core.where;
  if (action === "restart") return ({ ecs }) => ecs.updateService({ cluster, service, forceNewDeployment: true });
  if (action === "scale") return toSizes(core, sizes);
  if (core.latest !== null && goesBackTo(core.latest)?.release === release) {
    const { arn: serviceDeploymentArn } = core.latest;
    return ({ ecs }) => ecs.stopServiceDeployment({ serviceDeploymentArn, stopType: "ROLLBACK" });
  }
  return ({ ecs }) => ecs.updateService({ cluster, service, taskDefinition: release });
}

function toSizes({ where, service: found, bounds }: Core, sizes: Readonly<Record<string, number>>): Work {
  const { cluster, service } = where;
  if (bounds === null) {
    const [desiredCount] = Object.values(sizes);
    return ({ ecs }) => ecs.updateService({ cluster, service, desiredCount });
  }
  function bound(end: string): number | undefined {
    return Object.entries(sizes).find(([process]) => process.endsWith(end))?.[1];
  }
  // Whatever runs outside of them is brought inside at once.
  const wanted = { MinCapacity: bound(".min") ?? bounds.min, MaxCapacity: bound(".max") ?? bounds.max };
  return ({ scaling }) => scaling.registerScalableTarget({ ...scalableOf(found), ...wanted });
}
