import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Action, Arguments, Plan } from "../../src/domain/action.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { kubernetes } from "../../src/providers/kubernetes/index.ts";
import type { Outcome, Standing, Verdict } from "../../src/providers/provider.ts";
import { makeHome } from "./home.ts";
import { openCluster, type Kind, type TestCluster } from "./kubernetes/index.ts";
import { EVERYTHING, type Rule } from "./kubernetes/rights.ts";

/** A cluster and the provider beside it, for what is Kubernetes' own. */
export type Desk = {
  readonly cluster: TestCluster;
  /** The kubeconfig's path. */
  readonly config: string;
  /** What was reported while things were done. */
  readonly lines: readonly string[];
  /** Comes as a user who may do this. */
  as(name: string, rules?: readonly Rule[], namespace?: string): Promise<void>;
  target(kind?: Kind, more?: object): Target;
  sees(target?: Target): Promise<Observation>;
  standing(target?: Target): Promise<Standing>;
  plan(action: Action, given?: Arguments, target?: Target): Promise<Plan>;
  apply(drawn: Plan, target?: Target): Promise<{ outcome: Outcome; verdict: Verdict }>;
  /** Planned, done and seen to be so. */
  does(action: Action, given?: Arguments, target?: Target): Promise<Plan>;
  /** Somebody releases another image, and it is rolled out. */
  deploys(kind: Kind, tag: string): Promise<void>;
  close(): Promise<void>;
};

const SETTING: Readonly<Record<Kind, string>> = {
  deployments: "deployment",
  statefulsets: "statefulset",
  daemonsets: "daemonset",
};
export const NAME: Readonly<Record<Kind, string>> = {
  deployments: "shop-web",
  statefulsets: "shop-cache",
  daemonsets: "shop-agent",
};

export async function openDesk(): Promise<Desk> {
  const home = await makeHome("kubernetes");
  const config = join(home, "config");
  const cluster = await openCluster();
  const lines: string[] = [];
  let steps = 0;

  async function as(name: string, rules = EVERYTHING, namespace?: string): Promise<void> {
    await writeFile(config, cluster.kubeconfig(cluster.user(name, rules, namespace)));
  }
  function target(kind: Kind = "deployments", more: object = {}): Target {
    const settings = { [SETTING[kind]]: NAME[kind], namespace: "shop", kubeconfig: { file: config }, ...more };
    return { key: "shop/web", service: "shop", name: "web", provider: "kubernetes", settings };
  }
  function sees(on = target()): Promise<Observation> {
    return kubernetes.observe(on, signal());
  }
  async function plan(action: Action, given: Arguments = {}, on = target()): Promise<Plan> {
    return kubernetes.plan({ action, arguments: given, target: on }, await sees(on));
  }
  async function apply(drawn: Plan, on = target()): Promise<{ outcome: Outcome; verdict: Verdict }> {
    steps += 1;
    const use = { token: `step-${steps}`, signal: signal() };
    const outcome = await kubernetes.apply(on, drawn, { ...use, report: (line) => void lines.push(line) });
    return { outcome, verdict: await kubernetes.verify(on, drawn, use) };
  }
  await as("daytwo");
  return {
    cluster,
    config,
    lines,
    as,
    target,
    sees,
    async standing(on = target()) {
      if (kubernetes.examine === undefined) throw new Error("the provider says nothing of rights");
      return kubernetes.examine(on, signal());
    },
    plan,
    apply,
    async does(action, given = {}, on = target()) {
      const drawn = await plan(action, given, on);
      expect(await apply(drawn, on)).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
      await cluster.settles();
      return drawn;
    },
    async deploys(kind, tag) {
      cluster.deploys(kind, NAME[kind], `registry.example.com/shop-web:${tag}`, `deploy of ${tag}`);
      await cluster.settles();
    },
    async close() {
      await cluster.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function signal(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
