import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeHome } from "./support/home.ts";
import { kubectlWith, whyNoKubectl, type Kubectl } from "./support/kubectl.ts";
import { openCluster, type TestCluster } from "./support/kubernetes/index.ts";

/** The double of a cluster is not shaped to our client: Kubernetes' own works with it, and is refused as it would be. */

describe.skipIf(whyNoKubectl !== "")(`kubectl${whyNoKubectl}`, () => {
  let home: string;
  let cluster: TestCluster;
  let kubectl: Kubectl;

  beforeAll(async () => {
    home = await makeHome("kubectl");
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  beforeEach(async () => {
    cluster = await openCluster();
    kubectl = await as(cluster.user("dana"));
    await cluster.runs("deployments", "shop-web");
  });
  afterEach(() => cluster.close());

  async function as(token: string): Promise<Kubectl> {
    const file = join(home, "config");
    await writeFile(file, cluster.kubeconfig(token));
    return kubectlWith(file, home);
  }

  /** What the cluster says to whoever asks whether they may. */
  async function may(who: Kubectl, verb: string): Promise<boolean> {
    const file = join(home, "review.json");
    const resourceAttributes = { verb, group: "apps", resource: "deployments", namespace: "shop" };
    const kind = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" };
    await writeFile(file, JSON.stringify({ ...kind, spec: { resourceAttributes } }));
    const answer = await who.run(
      "create",
      "--raw",
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      "-f",
      file,
    );
    return (JSON.parse(answer) as { status: { allowed: boolean } }).status.allowed;
  }

  test("it gets, scales, patches and watches", async () => {
    expect(await kubectl.run("get", "deploy", "-n", "shop", "-o", "name")).toBe("deployment.apps/shop-web\n");
    const size = "jsonpath={.spec.replicas}\n";
    const watching = kubectl.lines("get", "deploy", "shop-web", "-n", "shop", "-w", "-o", size);
    expect(await watching.next()).toEqual({ value: "2", done: false });

    expect(await kubectl.run("scale", "deploy/shop-web", "-n", "shop", "--replicas=3")).toContain("scaled");
    await kubectl.run("rollout", "status", "deploy/shop-web", "-n", "shop", "--timeout=20s");
    expect(await kubectl.run("get", "pods", "-n", "shop", "-l", "app=shop-web", "-o", "name")).toMatch(
      /^(pod\/.+\n){3}$/,
    );
    for await (const line of watching) if (line === "3") break;

    const image = {
      spec: { template: { spec: { containers: [{ name: "web", image: "registry.example.com/shop-web:v141" }] } } },
    };
    expect(await kubectl.run("patch", "deploy", "shop-web", "-n", "shop", "-p", JSON.stringify(image))).toContain(
      "patched",
    );
    await kubectl.run("rollout", "status", "deploy/shop-web", "-n", "shop", "--timeout=20s");
    await kubectl.run("rollout", "undo", "deploy/shop-web", "-n", "shop");
    await cluster.settles();
    expect(cluster.get("deployments", "shop-web")["spec"].template.spec.containers).toMatchObject([
      { image: "registry.example.com/shop-web:v140", resources: {} },
    ]);
    expect(cluster.effects.map(({ user, name }) => [user, name])).toEqual(
      Array.from({ length: 3 }, () => ["dana", "shop-web"]),
    );
  });

  test("it tells cert-manager to renew, as its own command does, and sees that it has", async () => {
    await cluster.certificates.certifies("shop-tls");
    expect(await kubectl.run("get", "certificate", "-n", "shop", "-o", "name")).toBe(
      "certificate.cert-manager.io/shop-tls\n",
    );
    const before = JSON.parse(await kubectl.run("get", "certificate", "shop-tls", "-n", "shop", "-o", "json")) as {
      status: { conditions: object[] };
    };
    const issuing = { type: "Issuing", status: "True", reason: "ManuallyTriggered", message: "by hand" };
    const status = { conditions: [...before.status.conditions, issuing] };
    const patch = ["patch", "certificate", "shop-tls", "-n", "shop", "--type=merge", "--subresource=status", "-p"];
    await kubectl.run(...patch, JSON.stringify({ status, spec: { dnsNames: ["other.example.com"] } }));
    await kubectl.run("wait", "certificate/shop-tls", "-n", "shop", "--for=jsonpath={.status.revision}=2");
    expect(cluster.get("certificates", "shop-tls")["spec"].dnsNames).toEqual(["shop.example.com"]);
    await expect(kubectl.run(...patch, '{"status":{"conditions":[{"type":"Ready","status":"Yes"}]}}')).rejects.toThrow(
      "is invalid",
    );
  });

  test("it is refused: no such thing, no such field, not allowed, not known", async () => {
    await expect(kubectl.run("get", "deploy", "nothing", "-n", "shop")).rejects.toThrow('"nothing" not found');
    const merge = ["patch", "deploy", "shop-web", "-n", "shop", "--type=merge", "-p"];
    await expect(kubectl.run(...merge, '{"metadata":{"resourceVersion":"1"}}')).rejects.toThrow("has been modified");
    await expect(kubectl.run(...merge, '{"spec":{"replicas":-1}}')).rejects.toThrow(
      "must be greater than or equal to 0",
    );
    const reader = await as(cluster.user("rae", [{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] }]));
    await expect(reader.run(...merge, '{"spec":{"replicas":5}}')).rejects.toThrow(/User "rae" cannot patch/);
    expect([await may(reader, "get"), await may(reader, "patch")]).toEqual([true, false]);
    await expect((await as("nobody")).run("get", "deploy", "-n", "shop")).rejects.toThrow(/Unauthorized|logged in/);
    expect(cluster.effects).toEqual([]);
  });
});
