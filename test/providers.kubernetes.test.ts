import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NAME, openDesk, type Desk } from "./support/kubernetes-desk.ts";
import { named } from "./support/kubernetes/store.ts";

/** What is Kubernetes' own: releases and revisions, autoscalers, rollouts that get stuck, and who else decides. */

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

describe("releases", () => {
  test.each(["deployments", "statefulsets", "daemonsets"] as const)(
    "of %s keep their names when they are gone back to, and when they are restarted",
    async (kind) => {
      const target = desk.target(kind);
      await desk.cluster.runs(kind, NAME[kind]);
      const { release: first = "" } = await desk.sees(target);
      expect(first).toMatch(/^v140\.[0-9a-f]{4}$/);
      await desk.deploys(kind, "v141");
      const { release: second = "", releases } = await desk.sees(target);
      expect(releases).toMatchObject([{ release: second, summary: "deploy of v141" }, { release: first }]);

      const back = await desk.does("rollback", {}, target);
      expect(back).toMatchObject({
        title: `Roll back shop ${second} → ${first}`,
        changes: { release: [second, first] },
      });
      expect(back.undo).toEqual({ action: "rollback", arguments: { release: second } });
      await desk.does("restart", {}, target);
      const after = await desk.sees(target);
      expect([after.release, after.releases.map(({ release }) => release)]).toEqual([first, [second, first]]);

      await desk.does("rollback", { release: "v141" }, target);
      expect((await desk.sees(target)).release).toBe(second);
      expect(desk.cluster.get(kind, NAME[kind])["metadata"].annotations).toMatchObject({
        "kubernetes.io/change-cause": "deploy of v141",
      });
    },
  );

  test("of before 1.34 have an empty time in their template, and can be gone back to all the same", async () => {
    const target = desk.target("statefulsets");
    await desk.cluster.runs("statefulsets", NAME.statefulsets);
    const { release: first = "" } = await desk.sees(target);
    for (const each of desk.cluster.store.list(named("controllerrevisions")))
      desk.cluster.store.update(
        "controllerrevisions",
        each,
        (copy) => void (copy["data"].spec.template.metadata.creationTimestamp = null),
      );
    expect((await desk.sees(target)).releases.map(({ release }) => release)).toEqual([first]);
    await desk.deploys("statefulsets", "v141");
    await desk.does("rollback", {}, target);
    expect((await desk.sees(target)).release).toBe(first);
  });

  test("the same tag with another configuration is another one; what is not there is told", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    const before = (await desk.sees()).release;
    desk.cluster.changes("deployments", "shop-web", (object) => {
      object["spec"].template.spec.containers[0].env = [{ name: "LEVEL", value: "debug" }];
    });
    await desk.cluster.settles();
    const { release, releases } = await desk.sees();
    expect([release?.slice(0, 5), releases]).toMatchObject(["v140.", [{ release }, { release: before }]]);
    await expect(desk.plan("rollback", { release: "v9" })).rejects.toThrow("There is no release v9.");
    await expect(desk.plan("rollback", { release: release ?? "" })).rejects.toThrow("is what runs now");
  });

  test("that are held back go out together when they may; meanwhile nothing is rolled back or restarted", async () => {
    const { cluster } = desk;
    await cluster.runs("deployments", "shop-web");
    await expect(desk.plan("resume")).rejects.toThrow("shop-web is not paused.");
    const pause = await desk.does("pause");
    expect(pause).toMatchObject({ risk: "low", undo: { action: "resume", arguments: {} } });
    const hint = "`/day2 resume shop/web` lets its rollouts go on.";
    for (const action of ["pause", "rollback", "restart"] as const)
      await expect(desk.plan(action)).rejects.toMatchObject({ hint });
    expect((await desk.sees()).facts["Paused"]).toBe("what is changed is not rolled out");
    expect(await desk.plan("resume")).toMatchObject({ risk: "low", reasons: [/^Nothing was changed/] });

    cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
    await desk.does("scale", { sizes: { web: 3 } });
    expect((await desk.sees()).facts["Rollout"]).toBe("0 of 3 updated, 3 available, and it is paused");
    const resume = await desk.does("resume");
    expect(resume).toMatchObject({
      risk: "high",
      reasons: [/^v141\.[0-9a-f]{4} waits, and is rolled out then$/, /3 pods/],
    });
    expect(await desk.sees()).toMatchObject({ release: /^v141/, health: "ok" });

    await cluster.runs("statefulsets", "shop-cache");
    await expect(desk.plan("pause", {}, desk.target("statefulsets"))).rejects.toThrow(
      "shop-cache cannot be paused: only a Deployment can.",
    );
  });

  test("that is under way stops where it is when it is paused, and whoever is late changes nothing", async () => {
    const { cluster } = desk;
    await cluster.runs("deployments", "shop-web", { replicas: 4 });
    cluster.misses("registry.example.com/shop-web:v141");
    cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
    await expect.poll(async () => (await desk.sees()).facts["Rollout"]).toContain("2 of 4 updated");
    const late = await desk.plan("pause");
    const pause = await desk.does("pause");
    expect(pause.reasons.join()).toContain("In the middle of a rollout: 2 of 4 updated");
    expect((await desk.sees()).facts["Rollout"]).toContain("and it is paused");
    expect((await desk.apply(late)).outcome).toMatchObject({ kind: "refused", reason: /it changed since/ });
    expect(cluster.effects).toHaveLength(1);
  });

  test("pods that are only replaced by hand, or only some, are told, and are no reason to wait", async () => {
    const { cluster } = desk;
    await cluster.runs("statefulsets", "shop-cache", { updateStrategy: { type: "OnDelete" } });
    const target = desk.target("statefulsets");
    await desk.deploys("statefulsets", "v141");
    const drawn = await desk.plan("rollback", {}, target);
    expect(drawn.reasons).toContain("Pods are replaced only when somebody deletes them (OnDelete)");
    expect((await desk.apply(drawn, { on: target })).verdict).toMatchObject({
      kind: "holds",
      seen: /pods are replaced when/,
    });

    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 1 } };
    cluster.changes("statefulsets", "shop-cache", (object) => void (object["spec"].updateStrategy = updateStrategy));
    await cluster.settles();
    const restart = await desk.plan("restart", {}, target);
    expect(restart.reasons).toContain("Pods are replaced only from number 1 on");
    expect(await desk.apply(restart, { on: target })).toMatchObject({
      outcome: { kind: "done", summary: /1 of 2 updated, 2 available/ },
      verdict: { kind: "holds" },
    });
  });

  test("what is away while its pods are replaced is said to be", async () => {
    await desk.cluster.runs("deployments", "shop-web", { strategy: { type: "Recreate" } });
    const { reasons } = await desk.plan("restart");
    expect(reasons).toContain("Pods are replaced all at once: it is away meanwhile (Recreate)");
  });
});

describe("a size", () => {
  test("that an autoscaler decides is set by its bounds, and taken back to exactly what they were", async () => {
    await desk.cluster.runs("deployments", "shop-web", { replicas: 3 });
    desk.cluster.scalesItself("shop-web", { min: 2, max: 8, demand: 3 });
    expect((await desk.sees()).sizes.map(({ process, wanted }) => `${process} ${wanted}`)).toEqual([
      "web 3",
      "web.min 2",
      "web.max 8",
    ]);

    const up = await desk.does("scale", { sizes: { web: 6 } });
    expect(up).toMatchObject({ changes: { "web.min": ["2", "6"] }, undo: { arguments: { sizes: { "web.min": 2 } } } });
    expect(up.reasons.join()).toContain("its least becomes 6 instead of 2");
    expect(desk.cluster.get("deployments", "shop-web")["spec"].replicas).toBe(6);
    // It is within its bounds at once, and goes to what is asked of it later.
    expect((await desk.apply(await desk.plan("scale", up.undo?.arguments))).outcome.kind).toBe("done");
    await expect.poll(() => desk.cluster.get("deployments", "shop-web")["spec"].replicas as number).toBe(3);
    await desk.cluster.settles();

    expect(await desk.does("scale", { sizes: { web: 2 } })).toMatchObject({ changes: { "web.max": ["8", "2"] } });
    expect(desk.cluster.get("horizontalpodautoscalers", "shop-web")["spec"]).toMatchObject({
      minReplicas: 2,
      maxReplicas: 2,
    });
    expect(await desk.does("scale", { sizes: { web: 9 } })).toMatchObject({
      changes: { "web.min": ["2", "9"], "web.max": ["2", "9"] },
    });
    await desk.does("scale", { sizes: { "web.min": 1, "web.max": 4 } });
    await expect.poll(() => desk.cluster.get("deployments", "shop-web")["spec"].replicas as number).toBe(3);
    await expect(desk.plan("scale", { sizes: { "web.min": 5 } })).rejects.toThrow(
      "Its least would be 5 and its most 4.",
    );
    const { outcome } = await desk.apply(await desk.plan("scale", { sizes: { "web.min": 0 } }));
    expect(outcome).toMatchObject({ kind: "refused", reason: /minReplicas: .* must be greater than or equal to 1/ });

    const none = await desk.does("scale", { sizes: { web: 0 } });
    expect(none.reasons.join()).toContain("its autoscaler stands aside");
    expect(desk.cluster.get("deployments", "shop-web")["spec"].replicas).toBe(0);
    await desk.does("scale", { sizes: { web: 3 } });
  });

  test("is found to be an autoscaler's in a namespace that has more than fit one answer", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    for (let other = 0; other < 500; other += 1) desk.cluster.scalesItself(`other-${other}`, { min: 1, max: 2 });
    desk.cluster.scalesItself("shop-web", { min: 1, max: 3 });
    expect((await desk.sees()).facts["Autoscaler"]).toBe("1 to 3");
  });

  test("of a DaemonSet is none, and in the middle of a rollout it is said", async () => {
    await desk.cluster.runs("daemonsets", "shop-agent");
    await expect(desk.plan("scale", { sizes: { web: 3 } }, desk.target("daemonsets"))).rejects.toThrow(
      "it has no size to be set",
    );
    await desk.cluster.runs("deployments", "shop-web");
    desk.cluster.holdsBack(true);
    desk.cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
    await expect.poll(async () => (await desk.sees()).facts["Rollout"]).toContain("0 of 2 updated");
    expect((await desk.plan("scale", { sizes: { web: 3 } })).reasons.join()).toContain("In the middle of a rollout");
    await expect(desk.plan("scale", { sizes: { "web.max": 3 } })).rejects.toThrow(
      "There is no process called web.max.",
    );
  });
});

describe("a rollout", () => {
  test("says how far it is, and what was said of the one before does not count", async () => {
    await desk.cluster.runs("deployments", "shop-web", { replicas: 4 });
    desk.cluster.misses("registry.example.com/shop-web:v141");
    desk.cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
    await expect.poll(async () => (await desk.sees()).health).toBe("degraded");
    await expect
      .poll(() => JSON.stringify(desk.cluster.get("deployments", "shop-web")["status"].conditions))
      .toContain("ProgressDeadlineExceeded");
    const { facts } = await desk.sees();
    expect(facts["Trouble"]).toMatch(
      /^shop-web-\S+: its image cannot be pulled \(ImagePullBackOff: Failed to pull image/,
    );

    desk.cluster.holdsBack(true);
    const back = desk.does("rollback");
    await expect.poll(() => desk.lines.join("\n")).toMatch(/\d of 4 updated, \d available/);
    desk.cluster.holdsBack(false);
    await back;
    expect(await desk.sees()).toMatchObject({ health: "ok" });
  });

  test("that waits for an init container tells of that one", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    const [pod] = desk.cluster.store.list(named("pods"));
    const waiting = { name: "migrate", restartCount: 3, state: { waiting: { reason: "CrashLoopBackOff" } } };
    desk.cluster.store.update("pods", pod as typeof pod & object, (copy) => {
      copy["status"].initContainerStatuses = [waiting];
      copy["status"].containerStatuses[0].state = { waiting: { reason: "PodInitializing" } };
    });
    const { facts } = await desk.sees();
    expect(facts["Trouble"]).toContain("its program ends as soon as it is started (CrashLoopBackOff");
  });

  test("that gets stuck has failed, with what the pods say", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    await desk.deploys("deployments", "v141");
    desk.cluster.crashes("registry.example.com/shop-web:v140");
    const { outcome, verdict } = await desk.apply(await desk.plan("rollback"));
    const why = /the rollout got stuck: shop-web-\S+: its program ends as soon as it is started/;
    expect([outcome, verdict]).toMatchObject([
      { kind: "failed", reason: why },
      { kind: "failed", seen: why },
    ]);
    expect(desk.lines.join("\n")).toContain("CrashLoopBackOff");
  });
});

describe("who else decides", () => {
  test.each([
    [{ labels: { "argocd.argoproj.io/instance": "shop" } }, "Argo CD (shop)"],
    [{ annotations: { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/shop-web" } }, "Argo CD (shop)"],
    [{ labels: { "kustomize.toolkit.fluxcd.io/name": "apps" } }, "Flux (apps)"],
    [{ labels: { "helm.toolkit.fluxcd.io/name": "shop" } }, "Flux (shop)"],
  ])("%j is said to put it back", async (metadata, who) => {
    await desk.cluster.runs("deployments", "shop-web", {}, metadata);
    const { reasons, stays } = await desk.plan("scale", { sizes: { web: 3 } });
    expect(reasons.at(-1)).toBe(
      `${who} keeps it as its repository says, and will put this back unless its automatic sync is suspended`,
    );
    expect(stays).toContain("what the repository says");
  });

  test("a size that KEDA decides is not set, as it would not stay", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    desk.cluster.scalesItself("shop-web", { min: 2, max: 8 });
    desk.cluster.changes("horizontalpodautoscalers", "shop-web", (object) => {
      object["metadata"].ownerReferences = [
        { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "shop-web", uid: "7d", controller: true },
      ];
    });
    await expect(desk.plan("scale", { sizes: { web: 3 } })).rejects.toThrow(
      "KEDA's ScaledObject shop-web decides its size, and would put back any other.",
    );
  });

  test("the cluster's own rules are asked first: what they deny or would change is not sent", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    const drawn = await desk.plan("scale", { sizes: { web: 3 } });
    desk.cluster.denies(() => "no more than 2 here");
    expect((await desk.apply(drawn)).outcome).toMatchObject({ kind: "refused", reason: /no more than 2 here/ });
    desk.cluster.denies(null);
    desk.cluster.mutates((object) => void (object["spec"].replicas = 2));
    expect((await desk.apply(drawn)).outcome).toMatchObject({ kind: "refused", reason: /make something else of it/ });
    expect(desk.cluster.effects).toEqual([]);
  });

  test("a status that moves all the time is no reason not to act", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    await desk.deploys("deployments", "v141");
    const drawn = await desk.plan("rollback");
    let left = 3;
    desk.cluster.denies(() => {
      // Right after each dry run something touches the object.
      if (left > 0)
        desk.cluster.changes(
          "deployments",
          "shop-web",
          (object) => void (object["metadata"].labels.touched = String(left)),
        );
      left -= 1;
      return null;
    });
    expect((await desk.apply(drawn)).outcome).toMatchObject({
      kind: "done",
      summary: /2 of 2 updated, 2 available$/,
    });
    expect(desk.cluster.effects).toHaveLength(1);
  });
});
