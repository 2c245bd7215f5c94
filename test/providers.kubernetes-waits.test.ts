import { afterEach, beforeEach, expect, test } from "vitest";
import { openDesk, type Desk } from "./support/kubernetes-desk.ts";

/** What waits in a cluster by itself: an autoscaler at none for work, and a StatefulSet for a pod that never comes up. */

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

test("a size is its autoscaler's at none too, where that went there itself; at none that somebody asked for it stands aside", async () => {
  const { cluster } = desk;
  await cluster.runs("deployments", "shop-web", { replicas: 2 });
  cluster.scalesItself("shop-web", { min: 0, max: 8, demand: 0 });
  await expect.poll(async () => (await desk.sees()).facts["At none"]).toBe("by its autoscaler, until there is work");
  const { health, version } = await desk.sees();
  expect(health).toBe("ok");
  await expect(desk.plan("scale", { sizes: { web: 0 } })).rejects.toThrow(
    "Its autoscaler has gone down to none by itself",
  );
  cluster.demands("shop-web", 2);
  await expect.poll(async () => (await desk.sees()).sizes[0]?.wanted).toBe(2);
  expect((await desk.sees()).version).toBe(version);
  cluster.demands("shop-web", 0);
  await expect.poll(async () => (await desk.sees()).sizes[0]?.wanted).toBe(0);

  const up = await desk.does("scale", { sizes: { web: 3 } });
  expect(up).toMatchObject({ changes: { "web.min": ["0", "3"] }, undo: { arguments: { sizes: { "web.min": 0 } } } });
  const back = await desk.does("scale", up.undo?.arguments);
  expect(back.reasons.join()).toContain("Its autoscaler may go down to none, where the cluster lets it");
  cluster.demands("shop-web", 4);
  await expect.poll(async () => (await desk.sees()).sizes[0]?.wanted).toBe(4);
  const none = await desk.does("scale", { sizes: { web: 0 } });
  expect(none.reasons.join()).toContain("its autoscaler stands aside");
  expect((await desk.sees()).facts).not.toHaveProperty("At none");
});

test("a size whose bounds were set is there once the autoscaler has brought it within them", async () => {
  const { cluster } = desk;
  await cluster.runs("deployments", "shop-web", { replicas: 3 });
  cluster.scalesItself("shop-web", { min: 2, max: 8, demand: 3 });
  for (const web of [6, 2]) {
    const { outcome } = await desk.apply(await desk.plan("scale", { sizes: { web } }));
    expect(outcome).toMatchObject({ kind: "done", summary: new RegExp(`${web} of ${web} updated`) });
  }
});

test("a rollout of a StatefulSet that waits for a pod which never comes up goes on once that is deleted, and the plan says so", async () => {
  const { cluster } = desk;
  const target = desk.target("statefulsets");
  await cluster.runs("statefulsets", "shop-cache");
  cluster.misses("registry.example.com/shop-web:v141");
  cluster.deploys("statefulsets", "shop-cache", "registry.example.com/shop-web:v141");
  await expect.poll(async () => (await desk.sees(target)).facts["Waits for"]).toBe("shop-cache-1");
  const back = await desk.plan("rollback", {}, target);
  const help = "delete it (`kubectl delete pod shop-cache-1 -n shop`)";
  expect(back.reasons).toContain(`A StatefulSet waits for shop-cache-1 all the same: ${help} once this is applied`);
  const applying = desk.apply(back, { on: target });
  await expect.poll(() => desk.lines.join("\n")).toContain(`the StatefulSet waits for it all the same: ${help}`);
  cluster.store.remove("pods", cluster.get("pods", "shop-cache-1"));
  expect(await applying).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
  expect((await desk.sees(target)).facts).not.toHaveProperty("Waits for");
});
