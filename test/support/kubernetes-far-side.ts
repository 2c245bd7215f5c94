import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { kubernetes } from "../../src/providers/kubernetes/index.ts";
import type { FarSide } from "./far-side.ts";
import { freePort } from "./free-port.ts";
import { openCluster } from "./kubernetes/index.ts";

/** A cluster with a Deployment, as the suite for every provider has it. */
export async function openKubernetesFarSide(): Promise<FarSide> {
  const cluster = await openCluster();
  await cluster.runs("deployments", "shop-web");
  cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
  await cluster.settles();
  const token = cluster.user("daytwo");
  const stranger = "a-token-of-somebody-else";
  const nowhere = `https://127.0.0.1:${await freePort()}`;
  const name = `KUBECONFIG_${randomBytes(4).toString("hex").toUpperCase()}`;
  const configs = {
    [name]: cluster.kubeconfig(token),
    [`${name}_STRANGER`]: cluster.kubeconfig(stranger),
    [`${name}_NOWHERE`]: cluster.kubeconfig(token, nowhere),
  };
  Object.assign(process.env, configs);

  function target(env: string, deployment = "shop-web"): Target {
    const settings = { deployment, namespace: "shop", kubeconfig: { env } };
    return { key: "shop/web", service: "shop", name: "web", provider: "kubernetes", settings };
  }
  return {
    provider: kubernetes,
    target: target(name),
    wrong: {
      nowhere: target(`${name}_NOWHERE`),
      missing: target(name, "nothing"),
      stranger: target(`${name}_STRANGER`),
      unarmed: target(`${name}_UNARMED`),
    },
    change: { action: "rollback", arguments: { release: "v140" } },
    other: { action: "scale", arguments: { sizes: { web: 4 } } },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /2 web/ },
    secrets: [token, stranger],
    changes: (ending) => cluster.server.changes(ending),
    looks: (ending) => cluster.server.looks(ending),
    isHolding: () => cluster.server.isHolding(),
    release: () => cluster.server.release(),
    moves: () => cluster.changes("deployments", "shop-web", (object) => void (object["spec"].replicas = 7)),
    takesLong: () => cluster.holdsBack(true),
    finishes: () => cluster.holdsBack(false),
    fails: () => cluster.crashes("registry.example.com/shop-web:v140"),
    effects: () => cluster.effects.map((effect) => effect.token),
    async close() {
      for (const each of Object.keys(configs)) delete process.env[each];
      await cluster.close();
    },
  };
}
