import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Verdict } from "../provider.ts";
import { settings } from "./settings.ts";
import { isOfAutoscaler, PAUSED, tokenOn } from "./change.ts";
import { renewed } from "./renewal.ts";
import { heldBy, isOnDelete, isOutdated, rolloutOf, toDelete, troubleOf } from "./rollout.ts";
import { aroundOf, coreOf, currentRelease, decides, UNSEEN, versionOf, wantedOf, type Core } from "./see.ts";
import { mustSee } from "../sight.ts";

/** What a look says of a plan that was, or may have been, applied. */

export async function verify(
  target: Target,
  plan: Plan,
  { token, signal }: { token: string; signal: AbortSignal },
): Promise<Verdict> {
  const core = await coreOf(settings.parse(target.settings), signal);
  if (isOfAutoscaler(plan)) mustSee(core, UNSEEN.autoscaler);
  if (tokenOn(core, plan) !== token)
    return versionOf(core) === plan.version
      ? { kind: "untouched", seen: "nothing was applied" }
      : { kind: "differs", seen: "nothing of ours was applied, and it changed meanwhile" };
  const other = otherwise(core, plan);
  if (other !== null) return { kind: "differs", seen: other };
  return becoming(core, plan, signal);
}

/** How far the cluster is with what it took. */
export async function becoming(core: Core, plan: Plan, signal: AbortSignal): Promise<Verdict> {
  if (plan.action === "pause") return { kind: "holds", seen: rolloutOf(core).words };
  if (isOfAutoscaler(plan) && isOutside(core))
    return { kind: "pending", seen: `${held(core, rolloutOf(core).words)}, and has not acted on it yet` };
  if (plan.action !== "renew-cert") return rolledOut(core, signal);
  const found = core.certificate;
  return found === null
    ? { kind: "pending", seen: "its certificate cannot be seen" }
    : renewed(core.where, found, signal);
}

async function rolledOut(core: Core, signal: AbortSignal): Promise<Verdict> {
  const { state, words } = rolloutOf(core);
  if (state === "complete" || state === "held") return { kind: "holds", seen: held(core, words) };
  const around = await aroundOf(core, signal);
  const trouble = troubleOf(around);
  if (state === "stuck") return { kind: "failed", seen: `the rollout got stuck: ${trouble ?? words}` };
  const pod = heldBy(core, around);
  const waits = pod !== null && isOutdated(pod, core, around);
  const help = waits ? `; the StatefulSet waits for it all the same: ${toDelete(pod, core.where.namespace)}` : "";
  return { kind: "pending", seen: trouble === null ? words : `${words}; ${trouble}${help}` };
}

/** Whether its autoscaler has yet to bring the number within its bounds. */
function isOutside(core: Core): boolean {
  const { minReplicas, maxReplicas } = core.autoscaler?.spec ?? { minReplicas: 0, maxReplicas: Infinity };
  const wanted = wantedOf(core);
  return decides(core) && (wanted < minReplicas || wanted > maxReplicas);
}

/** What it shows that the plan does not want; null where it is as planned. */
function otherwise(core: Core, plan: Plan): string | null {
  const { sizes = {}, release } = plan.arguments;
  if (release !== undefined && currentRelease(core) !== release) return `release ${currentRelease(core)} runs`;
  const paused = PAUSED[plan.action];
  if (paused !== undefined && core.workload.spec.paused !== paused) return paused ? "it is not paused" : "it is paused";
  const now = wantedOf(core);
  if (plan.action !== "scale") return null;
  if (!isOfAutoscaler(plan)) {
    const [wanted] = Object.values(sizes);
    return wanted === now ? null : `${core.workload.metadata.name} is to be ${now}`;
  }
  const { minReplicas, maxReplicas } = core.autoscaler?.spec ?? { minReplicas: 0, maxReplicas: 0 };
  const wrong = Object.entries(sizes).find(
    ([process, count]) => count !== (process.endsWith(".min") ? minReplicas : maxReplicas),
  );
  return wrong === undefined ? null : `its autoscaler has ${minReplicas} to ${maxReplicas}`;
}

function held(core: Core, words: string): string {
  const release = `release ${currentRelease(core)}, ${words}`;
  const bounds = core.autoscaler?.spec;
  const within = bounds === undefined ? "" : `; its autoscaler has ${bounds.minReplicas} to ${bounds.maxReplicas}`;
  return isOnDelete(core) ? `${release}${within}; pods are replaced when somebody deletes them` : `${release}${within}`;
}
