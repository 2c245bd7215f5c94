import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../../src/domain/catalog.ts";
import { kubernetes } from "../../src/providers/kubernetes/index.ts";
import { makeHome } from "./home.ts";
import { openCluster, type Kind, type TestCluster } from "./kubernetes/index.ts";
import { EVERYTHING, type Rule } from "./kubernetes/rights.ts";
import { providerDesk, type ProviderDesk } from "./provider-desk.ts";

/** A cluster and the provider beside it, for what is Kubernetes' own. */
export type Desk = ProviderDesk & {
  readonly cluster: TestCluster;
  /** The kubeconfig's path. */
  readonly config: string;
  /** Comes as a user who may do this. */
  as(name: string, rules?: readonly Rule[], namespace?: string): Promise<void>;
  target(kind?: Kind, more?: object): Target;
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

  async function as(name: string, rules = EVERYTHING, namespace?: string): Promise<void> {
    await writeFile(config, cluster.kubeconfig(cluster.user(name, rules, namespace)));
  }
  function target(kind: Kind = "deployments", more: object = {}): Target {
    const settings = { [SETTING[kind]]: NAME[kind], namespace: "shop", kubeconfig: { file: config }, ...more };
    return { key: "shop/web", service: "shop", name: "web", provider: "kubernetes", settings };
  }
  await as("daytwo");
  const desk = providerDesk(kubernetes, target);
  return {
    ...desk,
    cluster,
    config,
    as,
    target,
    async does(...asked) {
      const drawn = await desk.does(...asked);
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
