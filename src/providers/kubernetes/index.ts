import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { settings } from "./settings.ts";
import { apply } from "./apply.ts";
import { discovery } from "./discover.ts";
import { examine } from "./rights.ts";
import { observation } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { verify } from "./judge.ts";
import { aroundOf, coreOf, revisionsOf, settingsProblem, UNSEEN } from "./see.ts";
import { watch } from "./watch.ts";
import type { Provider } from "../provider.ts";
import { openSight } from "../sight.ts";

/** Deployments, StatefulSets and DaemonSets: one workload a target. */
export const kubernetes: Provider = {
  name: "kubernetes",
  settings,
  whereabouts: ({ deployment, statefulset, daemonset, namespace, context, kubeconfig }) => ({
    deployment,
    statefulset,
    daemonset,
    namespace,
    context,
    kubeconfig,
  }),
  actions: ["scale", "rollback", "restart", "renew-cert", "pause", "resume"],
  about: {
    target: "a Deployment, StatefulSet or DaemonSet in Kubernetes",
    does: {
      scale: "sets the number of pods, or the bounds of the autoscaler that decides it",
      rollback: "brings the pod template of an earlier release back",
      restart: "replaces all pods, some at a time",
      pause: "holds rollouts of a Deployment back",
      resume: "lets them go on, with what was changed meanwhile",
      "renew-cert": "has cert-manager issue a new certificate",
    },
    cannot: ["run tasks", "pause a StatefulSet or DaemonSet", "create or delete anything"],
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
  const sees = openSight();
  const [revisions, around] = await Promise.all([
    sees.of(UNSEEN.releases, revisionsOf(core, signal), []),
    aroundOf(core, signal),
  ]);
  const seen = observation(target, core, { revisions, around });
  return { ...seen, facts: { ...seen.facts, ...sees.unseen } };
}
