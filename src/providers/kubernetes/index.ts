import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { settings } from "./api.ts";
import { apply } from "./apply.ts";
import { isOfAutoscaler, tokenOn } from "./change.ts";
import { discovery } from "./discover.ts";
import { examine } from "./rights.ts";
import { observation } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { isOnDelete, rolloutOf, troubleOf } from "./rollout.ts";
import {
  aroundOf,
  coreOf,
  currentRelease,
  revisionsOf,
  settingsProblem,
  versionOf,
  wantedOf,
  type Core,
} from "./see.ts";
import { watch } from "./watch.ts";
import type { Provider, Verdict } from "../provider.ts";

/** Deployments, StatefulSets and DaemonSets: one workload a target. */
export const kubernetes: Provider = {
  name: "kubernetes",
  settings,
  actions: ["scale", "rollback", "restart"],
  about: {
    target: "a Deployment, StatefulSet or DaemonSet in Kubernetes",
    does: {
      scale: "sets the number of pods, or the bounds of the autoscaler that decides it",
      rollback: "brings the pod template of an earlier release back",
      restart: "replaces all pods, some at a time",
    },
    cannot: ["run tasks", "renew certificates", "pause or resume a rollout", "create or delete anything"],
    keeps: ["ConfigMaps and Secrets", "the number of pods", "the database"],
  },
  // Every write names the version that it rests on: one that arrives late finds another, or its own effect.
  settles: 10_000,
  discovery,
  examine: (target, signal) => examine(settings.parse(target.settings), signal),
  observe,
  watch,
  plan: drawPlan,
  apply,
  verify,
};

async function observe(target: Target, signal: AbortSignal): Promise<Observation> {
  const core = await coreOf(settings.parse(target.settings), signal);
  const problem = settingsProblem(core);
  if (problem !== null) throw problem;
  const [revisions, around] = await Promise.all([revisionsOf(core, signal), aroundOf(core, signal)]);
  return observation(target, core, { revisions, around });
}

async function verify(
  target: Target,
  plan: Plan,
  { token, signal }: { token: string; signal: AbortSignal },
): Promise<Verdict> {
  const core = await coreOf(settings.parse(target.settings), signal);
  if (tokenOn(core, plan) !== token)
    return versionOf(core) === plan.version
      ? { kind: "untouched", seen: "nothing was applied" }
      : { kind: "differs", seen: "nothing of ours was applied, and it changed meanwhile" };
  const other = otherwise(core, plan);
  if (other !== null) return { kind: "differs", seen: other };
  const { state, words } = rolloutOf(core);
  if (state === "complete") return { kind: "holds", seen: held(core, words) };
  const trouble = troubleOf(await aroundOf(core, signal));
  if (state === "stuck") return { kind: "failed", seen: `the rollout got stuck: ${trouble ?? words}` };
  return { kind: "pending", seen: trouble === null ? words : `${words}; ${trouble}` };
}

/** What it shows that the plan does not want; null where it is as planned. */
function otherwise(core: Core, plan: Plan): string | null {
  const { sizes = {}, release } = plan.arguments;
  if (release !== undefined && currentRelease(core) !== release) return `release ${currentRelease(core)} runs`;
  const now = wantedOf(core.workload);
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
