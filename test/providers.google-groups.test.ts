import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, openGoogleDesk, type GoogleDesk } from "./support/google-desk.ts";
import type { TestGoogle } from "./support/google/index.ts";

/** Managed instance groups: sizes that nothing compares, updates in turns, autoscalers, and machines that do not come about. */

const READ = ["compute.instanceGroupManagers.get", "compute.autoscalers.get"];

let desk: GoogleDesk;
let far: TestGoogle;

beforeEach(async () => {
  desk = await openGoogleDesk("group");
  far = desk.far;
  await far.settles();
});
afterEach(() => desk.close());

test("a group is seen with all of its instances, page by page", async () => {
  expect(await desk.sees()).toMatchObject({
    health: "ok",
    release: "shop-v142",
    sizes: [{ process: "instances", wanted: 3, running: 3, healthy: 3 }],
    facts: { "An update": "restarts each", "At once": "up to 1 away and 0 more than there are" },
  });
});

describe("a size", () => {
  test("is set, waited for and taken back", async () => {
    const drawn = await desk.does("scale", { sizes: { instances: 5 } });
    expect(drawn).toMatchObject({ title: "Scale shop instances 3 → 5", risk: "low" });
    expect(far.group.instances).toHaveLength(5);
    await desk.does("scale", drawn.undo?.arguments);
    expect(desk.effects()).toEqual(["POST resize", "POST resize"]);
  });

  test("is done when the machines are there, not when Google took it; why they are not is told", async () => {
    far.group.quota = 3;
    const under = desk.apply(await desk.plan("scale", { sizes: { instances: 4 } }));
    const words = "3 of 4 instances up; Google says: Quota 'CPUS' exceeded. Limit: 8.0 in region europe-west1.";
    await expect.poll(() => desk.lines).toContain(words);
    expect(await desk.sees()).toMatchObject({ health: "degraded", problem: "instances do not come about" });
    far.group.quota = 4;
    expect(await under).toEqual({
      outcome: { kind: "done", summary: "4 of 4 instances up" },
      verdict: { kind: "holds", seen: "4 of 4 instances up" },
    });
  });

  test("that is sent twice for one step has one effect, also where the first comes late", async () => {
    const drawn = await desk.plan("scale", { sizes: { instances: 4 } });
    far.compute.changes("breaks after");
    expect((await desk.apply(drawn, { token: "step" })).outcome).toMatchObject({ kind: "unknown" });
    expect(await desk.apply(drawn, { token: "step" })).toMatchObject({
      outcome: { kind: "done" },
      verdict: { kind: "holds" },
    });
    const back = await desk.plan("scale", { sizes: { instances: 2 } });
    far.compute.changes("stalls before");
    const late = desk.apply(back, { token: "back" });
    await expect.poll(() => far.compute.isHolding()).toBe(true);
    expect(await desk.apply(back, { token: "back" })).toMatchObject({ outcome: { kind: "done" } });
    far.compute.release();
    await late;
    expect(desk.effects()).toEqual(["POST resize", "POST resize"]);
  });

  test("is left alone where somebody changed it since, or an autoscaler decides it", async () => {
    const drawn = await desk.plan("scale", { sizes: { instances: 4 } });
    far.declares({ targetSize: 2 });
    await far.settles();
    expect(await desk.apply(drawn)).toMatchObject({
      outcome: { kind: "refused", reason: /^it changed since the plan was drawn/ },
      verdict: { kind: "differs" },
    });
    far.declares({ autoscaler: { mode: "ON", minNumReplicas: 2, maxNumReplicas: 8 } });
    await expect(desk.plan("scale", { sizes: { instances: 4 } })).rejects.toThrow(
      "Its autoscaler decides how many run (from 2 to 8)",
    );
    const restart = await desk.plan("restart");
    far.declares({ targetSize: 3 });
    await far.settles();
    expect((await desk.apply(restart)).verdict.kind).toBe("holds");
    far.declares({ autoscaler: { mode: "OFF", minNumReplicas: 2, maxNumReplicas: 8 } });
    await desk.does("scale", { sizes: { instances: 4 } });
  });
});

describe("a restart", () => {
  test("goes through all instances in turns, as the group's policy says, and no step twice", async () => {
    const before = far.group.versions;
    const drawn = await desk.plan("restart");
    expect(drawn).toMatchObject({
      risk: "low",
      reasons: ["In turns each is restarted, and keeps its disks", /At once/],
    });
    expect(await desk.apply(drawn, { token: "step" })).toMatchObject({
      outcome: { kind: "done" },
      verdict: { kind: "holds" },
    });
    expect(await desk.apply(drawn, { token: "step" })).toMatchObject({ outcome: { kind: "done" } });
    expect(desk.effects()).toEqual(["PATCH versions"]);
    expect(far.group.instances.every(({ starts }) => starts === 2)).toBe(true);
    expect(far.group.versions[0]?.instanceTemplate).toBe(before[0]?.instanceTemplate);
  });

  test("that replaces machines says that their disks go; one that the policy does not do is refused", async () => {
    far.declares({ policy: { type: "PROACTIVE", minimalAction: "REPLACE" } });
    expect(await desk.does("restart")).toMatchObject({ risk: "high", reasons: [/deleted and made anew/, /At once/] });
    for (const policy of [
      { type: "OPPORTUNISTIC", minimalAction: "REPLACE" },
      { type: "PROACTIVE", minimalAction: "REFRESH" },
      { type: "PROACTIVE", minimalAction: "REPLACE", mostDisruptiveAllowedAction: "RESTART" },
    ]) {
      far.declares({ policy });
      await expect(desk.plan("restart")).rejects.toThrow("update policy does not let all instances be started anew");
    }
    await expect(desk.plan("rollback")).rejects.toThrow("A managed instance group has no rollback.");
  });

  test("meets the fingerprint of whoever was faster", async () => {
    const drawn = await desk.plan("restart");
    far.compute.changes("stalls before");
    const late = desk.apply(drawn);
    await expect.poll(() => far.compute.isHolding()).toBe(true);
    far.declares({ targetSize: 4 });
    far.compute.release();
    expect(await late).toMatchObject({
      outcome: { kind: "refused", reason: "Google says that it changed meanwhile" },
      verdict: { kind: "differs" },
    });
  });
});

describe("rights", () => {
  test("the role in the document is enough, and nothing of it is too much", async () => {
    const page = await readFile(new URL("../docs/providers/google.md", import.meta.url), "utf8");
    const role = /--permissions (compute\S+)/.exec(page)?.[1]?.split(",") ?? [];
    const may = [...role, "iam.serviceAccounts.actAs"];
    desk.as(far.account(ACCOUNT, may));
    await desk.does("scale", { sizes: { instances: 4 } });
    await desk.does("restart");
    far.declares({ autoscaler: { mode: "ON", minNumReplicas: 2, maxNumReplicas: 8 } });
    await desk.sees();
    expect(await desk.standing()).toEqual({ identity: ACCOUNT, missing: [] });
    expect([...far.demanded].toSorted()).toEqual(may.toSorted());
  });

  test("a change that is not allowed is refused, and what cannot be seen is said", async () => {
    desk.as(far.account(ACCOUNT, READ));
    expect((await desk.apply(await desk.plan("restart"))).outcome).toMatchObject({
      kind: "refused",
      reason: /^Google says: Permission 'compute\.instanceGroupManagers\.update' denied/,
    });
    desk.as(far.account(ACCOUNT, []));
    expect((await desk.standing()).missing).toEqual(["compute.instanceGroupManagers.get (for seeing it)"]);
  });
});
