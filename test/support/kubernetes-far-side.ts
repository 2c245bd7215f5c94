import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { kubernetes } from "../../src/providers/kubernetes/index.ts";
import type { FarSide } from "./far-side.ts";
import { openCluster, type TestCluster } from "./kubernetes/index.ts";

/** A cluster with a Deployment, as the suite for every provider has it. */
export async function openKubernetesFarSide(): Promise<FarSide> {
  const cluster = await openCluster();
  await cluster.runs("deployments", "shop-web");
  cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
  await cluster.settles();
  return {
    ...around(cluster, {}),
    change: { action: "rollback", arguments: { release: "v140" } },
    other: { action: "scale", arguments: { sizes: { web: 4 } } },
    moves: () => cluster.changes("deployments", "shop-web", (object) => void (object["spec"].replicas = 7)),
    fails: () => cluster.crashes("registry.example.com/shop-web:v140"),
  };
}

/** The same, with a certificate that cert-manager keeps. */
export async function openKubernetesCertificateFarSide(): Promise<FarSide> {
  const cluster = await openCluster();
  await cluster.runs("deployments", "shop-web");
  await cluster.certificates.certifies("shop-tls");
  const renewal = { action: "renew-cert" as const, arguments: {} };
  return {
    ...around(cluster, { certificate: { name: "shop-tls" } }),
    change: renewal,
    other: renewal,
    moves: () => cluster.changes("certificates", "shop-tls", (object) => void (object["spec"].dnsNames = ["other"])),
    fails: () => cluster.certificates.refuses("the order is invalid"),
  };
}

function around(cluster: TestCluster, more: object): Omit<FarSide, "change" | "other" | "moves" | "fails"> {
  const token = cluster.user("daytwo");
  const stranger = "a-token-of-somebody-else";
  const nowhere = "https://127.0.0.1:1"; // a port of root's, where nobody listens
  const name = `KUBECONFIG_${randomBytes(4).toString("hex").toUpperCase()}`;
  const configs = {
    [name]: cluster.kubeconfig(token),
    [`${name}_STRANGER`]: cluster.kubeconfig(stranger),
    [`${name}_NOWHERE`]: cluster.kubeconfig(token, nowhere),
  };
  Object.assign(process.env, configs);

  function target(env: string, deployment = "shop-web"): Target {
    const settings = { deployment, namespace: "shop", kubeconfig: { env }, ...more };
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
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /2 web/ },
    secrets: [token, stranger],
    changes: (ending) => cluster.server.changes(ending),
    looks: (ending) => cluster.server.looks(ending),
    isHolding: () => cluster.server.isHolding(),
    release: () => cluster.server.release(),
    takesLong: () => cluster.holdsBack(true),
    finishes: () => cluster.holdsBack(false),
    effects: () => cluster.effects.map((effect) => effect.token),
    async close() {
      for (const each of Object.keys(configs)) delete process.env[each];
      await cluster.close();
    },
  };
}
