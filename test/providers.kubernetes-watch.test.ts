import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Target } from "../src/domain/catalog.ts";
import { kubernetes } from "../src/providers/kubernetes/index.ts";
import { NAME, openDesk, type Desk } from "./support/kubernetes-desk.ts";
import { EVERYTHING } from "./support/kubernetes/rights.ts";
import { named } from "./support/kubernetes/store.ts";
import { until } from "./support/until.ts";

/** What a cluster tells by itself: of which targets, and what is done when it stops telling. */

const PODS = "/api/v1/namespaces/shop/pods";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments";
const BAD = "registry.example.com/shop-web:v141";

let desk: Desk;
let stop: AbortController;
let troubled: string[];
let unheard: string[];
let watching: Promise<void>;

beforeEach(async () => {
  desk = await openDesk();
  stop = new AbortController();
  troubled = [];
  unheard = [];
  watching = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await watching;
  await desk.close();
});

function target(key: string, settings: object): Target {
  return { ...desk.target(), key, settings: { namespace: "shop", kubeconfig: { file: desk.config }, ...settings } };
}

function watches(...targets: Target[]): void {
  const use = { signal: stop.signal, troubled: ({ key }: Target) => void troubled.push(key) };
  watching = kubernetes.watch?.(targets, { ...use, unheard: (what) => void unheard.push(what) }) ?? watching;
}

/** Where each that is open began: 0 with all that was there. */
function open(): [string, number][] {
  return [...desk.cluster.watching]
    .map(({ path, from }): [string, number] => [path, from])
    .toSorted(([a], [b]) => a.localeCompare(b));
}

async function opened(paths: readonly string[]): Promise<void> {
  await until(
    () => `${paths.join()} to be watched, not ${open().join()}`,
    () => String(open().map(([path]) => path)) === String(paths),
  );
}

function said(key: string): Promise<void> {
  return until(`${key} to be in trouble`, () => troubled.includes(key));
}

describe("a watch", () => {
  test("is one for all targets of a namespace, and tells only of those that are in trouble", async () => {
    for (const kind of ["deployments", "statefulsets", "daemonsets"] as const)
      await desk.cluster.runs(kind, NAME[kind]);
    await desk.cluster.runs("deployments", "mailer");
    watches(
      target("shop/web", { deployment: "shop-web" }),
      target("shop/again", { deployment: "shop-web" }),
      target("shop/cache", { statefulset: "shop-cache" }),
      target("shop/agent", { daemonset: "shop-agent" }),
      target("shop/other", { deployment: "shop-web", namespace: "other" }),
    );
    await opened([PODS.replace("shop", "other"), PODS, DEPLOYMENTS.replace("shop", "other"), DEPLOYMENTS]);
    await desk.deploys("deployments", "v142");
    await desk.does("restart", {}, desk.target("statefulsets"));
    expect(troubled).toEqual([]);

    desk.cluster.misses("registry.example.com/mailer:v9");
    desk.cluster.deploys("deployments", "mailer", "registry.example.com/mailer:v9");
    desk.cluster.crashes(BAD);
    desk.cluster.deploys("statefulsets", "shop-cache", BAD);
    desk.cluster.deploys("daemonsets", "shop-agent", BAD);
    await said("shop/cache");
    await said("shop/agent");
    expect(new Set(troubled)).toEqual(new Set(["shop/cache", "shop/agent"]));
    desk.cluster.deploys("deployments", "shop-web", BAD);
    await said("shop/web");
    await said("shop/again");
    expect(troubled).not.toContain("shop/other");
  });

  test("tells of a rollout that the cluster gave up on while no pod says anything", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    watches(target("shop/web", { deployment: "shop-web" }));
    await opened([PODS, DEPLOYMENTS]);
    desk.cluster.holdsBack(true);
    desk.cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v142");
    await said("shop/web");
    expect(unheard).toEqual([]);
  });

  test("begins with what is there, goes on where it broke off, and begins anew where the cluster has forgotten", async () => {
    await desk.cluster.runs("statefulsets", "shop-cache");
    await desk.cluster.runs("deployments", "shop-web");
    desk.cluster.misses(BAD);
    desk.cluster.deploys("deployments", "shop-web", BAD);
    await until("a pod in trouble", () =>
      JSON.stringify(desk.cluster.store.list(named("pods"))).includes("ImagePullBackOff"),
    );
    watches(target("shop/cache", { statefulset: "shop-cache" }), target("shop/back", { deployment: "shop-web" }));
    await said("shop/back");
    await opened([PODS, DEPLOYMENTS]);
    expect(open()).toEqual([
      [PODS, 0],
      [DEPLOYMENTS, 0],
    ]);

    for (const each of desk.cluster.watching) each.breaks();
    await until("all to be broken", () => desk.cluster.watching.size === 0);
    desk.cluster.deploys("statefulsets", "shop-cache", BAD);
    await said("shop/cache");
    expect(open()).not.toEqual([]);
    for (const [, from] of open()) expect(from).toBeGreaterThan(0);

    troubled.length = 0;
    for (const each of desk.cluster.watching) each.breaks();
    desk.cluster.store.forgets();
    await said("shop/back");
    await until("pods to be begun anew", () => open().some(([path, from]) => path === PODS && from === 0));
  });

  test("that is refused is told once, and tried again", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    await desk.as("daytwo", [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] }]);
    watches(target("shop/cache", { statefulset: "shop-cache" }));
    await until("it to be told", () => unheard.length > 0);
    expect(unheard).toEqual([
      expect.stringMatching(/^pods in shop: The cluster says: pods is forbidden: .*cannot watch/),
    ]);
    await desk.as("daytwo", EVERYTHING);
    await opened([PODS]);
    expect(unheard).toHaveLength(1);
    stop.abort();
    await watching;
    await until("it to be closed", () => desk.cluster.watching.size === 0);
  });
});
