import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aws } from "../src/providers/aws/index.ts";
import { openDesk, type Desk } from "./support/aws-desk.ts";
import type { Group } from "./support/aws/group.ts";

/** Auto Scaling groups: sizes and who decides them, refreshes of their instances, and what stands in the way. */

const GROUP = "shop-workers";
const CAPACITY = "We currently do not have sufficient m7i.large capacity in the Availability Zone you requested.";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk({ group: GROUP });
});
afterEach(() => desk.close());

/** A group on version 12, to which a refresh brought it from 11. */
async function opens(more: Partial<Group> = {}): Promise<Group> {
  const group = await desk.account.groups(GROUP, { version: "11", ...more });
  for (const version of ["11", "12"]) {
    desk.account.refreshes(GROUP, version);
    await desk.account.settles();
  }
  return group;
}

describe("a look", () => {
  test("tells instances by what they are at, the template's version, policies and what is suspended", async () => {
    const group = await opens({
      policies: [
        { name: "cpu", type: "TargetTrackingScaling", isEnabled: true },
        { name: "old", type: "StepScaling", isEnabled: false },
      ],
      suspended: ["AZRebalance"],
    });
    const [first] = group.instances;
    if (first !== undefined) first.isHealthy = false;
    expect(await desk.sees()).toMatchObject({
      health: "degraded",
      release: "shop-workers:12",
      releases: [{ release: "shop-workers:12" }, { release: "shop-workers:11" }],
      sizes: [
        { process: "web", wanted: 2, running: 2, healthy: 1 },
        { process: "web.min", wanted: 1 },
        { process: "web.max", wanted: 8 },
      ],
      facts: {
        "Scaling policies": "cpu",
        Suspended: "AZRebalance",
        Instances: "2 InService, 1 unhealthy",
        Group: "shop-workers in eu-west-1",
      },
    });
    // What CloudWatch tells reaches no policy then.
    group.suspended = ["AlarmNotification"];
    expect((await desk.sees()).facts["Scaling policies"]).toBeUndefined();
  });

  test("says in AWS' words why instances do not come about", async () => {
    const group = await opens();
    group.broken.add("12");
    group.wanted = 3;
    await expect.poll(async () => (await desk.sees()).problem).toBe("instances do not come about");
    expect(await desk.sees()).toMatchObject({ health: "degraded", facts: { "AWS says": CAPACITY } });
  });

  test("shows what a refresh brought that ended while it was looking", async () => {
    await opens();
    const { account } = desk;
    account.holdsBack(true);
    account.refreshes(GROUP, "11");
    account.server.looks("stalls after");
    const look = desk.sees();
    await expect.poll(() => account.server.isHolding()).toBe(true);
    account.holdsBack(false);
    await account.settles();
    account.server.release();
    expect((await look).release).toBe("shop-workers:11");
  });

  test("counts weights where instances have them", async () => {
    await opens({ weight: 4, wanted: 6, max: 20 });
    expect((await desk.sees()).sizes[0]).toEqual({ process: "web", wanted: 6, running: 8, healthy: 8 });
    await desk.does("scale", { sizes: { web: 11 } });
  });
});

describe("a size", () => {
  test("is a number within the bounds where nothing decides it, taken at once, and back again", async () => {
    const group = await opens();
    const drawn = await desk.does("scale", { sizes: { web: 4 } });
    expect(drawn).toMatchObject({ title: "Scale shop web 2 → 4", undo: { arguments: { sizes: { web: 2 } } } });
    expect(drawn.reasons).toContain("AWS does it at once, whatever the group's cooldown says");
    await desk.does("scale", drawn.undo?.arguments);
    expect(desk.effects()).toEqual(["SetDesiredCapacity", "SetDesiredCapacity"]);

    await expect(desk.plan("scale", { sizes: { web: 9 } })).rejects.toMatchObject({
      message: "The group may have 1 to 8 instances, and AWS takes no other number.",
      hint: "Set the bound too, like `web=9 web.max=9`.",
    });
    await desk.does("scale", { sizes: { web: 3, "web.max": 3 } });
    // What the new bounds leave no room for moves along, and is taken back with them.
    const lower = await desk.does("scale", { sizes: { "web.min": 0, "web.max": 1 } });
    expect(lower.changes).toEqual({ web: ["3", "1"], "web.min": ["1", "0"], "web.max": ["3", "1"] });
    await desk.does("scale", lower.undo?.arguments);
    expect([group.wanted, group.min, group.max]).toEqual([3, 1, 3]);
    await expect(desk.plan("scale", { sizes: { "web.min": 5 } })).rejects.toThrow(
      "Its least would be 5 and its most 3.",
    );
  });

  test("that policies decide is set by its bounds, so that nothing puts it back", async () => {
    const group = await opens({
      policies: [{ name: "cpu", type: "TargetTrackingScaling", isEnabled: true }],
      demand: 3,
    });
    await expect.poll(() => group.wanted).toBe(3);
    const up = await desk.does("scale", { sizes: { web: 5 } });
    expect(up).toMatchObject({ changes: { "web.min": ["1", "5"] }, undo: { arguments: { sizes: { "web.min": 1 } } } });
    expect(up.reasons).toContain(
      "An autoscaler decides how many run and would put a number back, so its least becomes 5 instead of 1 (cpu)",
    );
    await desk.does("scale", up.undo?.arguments);
    await expect.poll(() => group.wanted).toBe(3);
    expect(new Set(desk.effects())).toEqual(new Set(["UpdateAutoScalingGroup"]));
  });

  test("is not decided by a policy that only forecasts, as one does where nobody says more", async () => {
    const group = await opens();
    for (const mode of [undefined, "ForecastOnly"] as const) {
      group.policies = [{ name: "ahead", type: "PredictiveScaling", isEnabled: true, ...(mode && { mode }) }];
      expect((await desk.plan("scale", { sizes: { web: 4 } })).changes).toEqual({ web: ["2", "4"] });
    }
    group.policies = [{ name: "ahead", type: "PredictiveScaling", isEnabled: true, mode: "ForecastAndScale" }];
    group.suspended = ["AlarmNotification"];
    expect((await desk.plan("scale", { sizes: { web: 4 } })).changes).toEqual({ "web.min": ["1", "4"] });
  });

  test("that somebody else set meanwhile is left alone; activities in progress are waited for", async () => {
    const group = await opens();
    const drawn = await desk.plan("scale", { sizes: { web: 4 } });
    group.wanted = 3;
    expect(await desk.apply(drawn)).toMatchObject({
      outcome: { kind: "refused", reason: "it changed since the plan was drawn: 3 are wanted, from 1 to 8" },
      verdict: { kind: "differs" },
    });
    group.wanted = 2;
    desk.account.throttles(1, "SetDesiredCapacity");
    expect((await desk.apply(drawn)).outcome).toMatchObject({ kind: "later" });
    group.suspended = ["Launch"];
    await expect(desk.plan("scale", { sizes: { web: 4 } })).rejects.toThrow("The group's process Launch is suspended");
    await expect(desk.plan("restart")).rejects.toThrow("The group's process Launch is suspended");
    await desk.does("scale", { sizes: { web: 1 } });
  });
});

describe("a restart", () => {
  test("replaces every instance in turns, tells how far it is, and is no second one while one is under way", async () => {
    const group = await opens({ wanted: 4 });
    const before = group.instances.map(({ id }) => id);
    const drawn = await desk.plan("restart");
    expect(drawn).toMatchObject({ risk: "high", changes: { instances: ["4 running", "4 replaced"] } });
    expect(drawn.reasons[0]).toMatch(/what is on its disks alone is lost$/);
    desk.account.holdsBack(true);
    const under = desk.apply(drawn);
    await expect.poll(() => desk.lines).toContain("0 % replaced, 4 still to go");
    desk.account.holdsBack(false);
    expect(await under).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
    expect(group.instances.filter(({ id }) => before.includes(id))).toEqual([]);
    expect(desk.effects()).toEqual(["StartInstanceRefresh"]);

    desk.account.holdsBack(true);
    desk.account.refreshes(GROUP, null);
    for (const action of ["restart", "rollback"] as const)
      await expect(desk.plan(action)).rejects.toMatchObject({
        message: /^An instance refresh is under way \(0 % replaced, 4 still to go\)/,
        hint: "Wait for it, or cancel it at AWS.",
      });
    desk.account.holdsBack(false);
  });

  test("says what it stands still for, and what a moving version means", async () => {
    const group = await opens();
    group.version = "$Latest";
    for (const each of group.instances) each.isProtected = true;
    const { reasons } = await desk.plan("restart");
    group.wanted = 1;
    expect((await desk.plan("restart")).reasons).toContain(
      "It is the only one: it may be gone before the new one is there",
    );
    expect(reasons).toContain(
      "It stands still for those that are held (2 protected from scale-in), and fails after an hour",
    );
    expect(reasons).toContain("shop-workers:$Latest is what it is by now: it may have changed");
  });
});

describe("a rollback", () => {
  test("is a refresh to the version before, and can be taken back", async () => {
    const group = await opens();
    const back = await desk.does("rollback");
    expect(back).toMatchObject({
      title: "Roll back shop shop-workers:12 → shop-workers:11",
      risk: "high",
      undo: { action: "rollback", arguments: { release: "shop-workers:12" } },
    });
    expect(group.version).toBe("11");
    await desk.does("rollback", { release: "v12" });
    expect(desk.effects()).toEqual(["StartInstanceRefresh", "StartInstanceRefresh"]);
    await expect(desk.plan("rollback", { release: "9" })).rejects.toMatchObject({
      message: "There is no release 9 to go to.",
      hint: "There is shop-workers:12, shop-workers:11.",
    });
  });

  test("takes a refresh back that is under way, and what it replaced is replaced once more", async () => {
    const group = await opens({ wanted: 4 });
    const [first] = group.instances;
    if (first !== undefined) first.isProtected = true;
    desk.account.refreshes(GROUP, "13");
    await expect.poll(() => group.instances.filter(({ version }) => version === "13").length).toBe(3);
    expect(await desk.sees()).toMatchObject({
      release: "shop-workers:13",
      facts: { "Would go back to": "shop-workers:12", Also: /of shop-workers:12$/ },
    });
    await expect(desk.plan("rollback", { release: "11" })).rejects.toMatchObject({
      hint: "Wait for it, or take it back: `to shop-workers:12`.",
    });
    const drawn = await desk.does("rollback");
    expect(drawn.undo).toBeUndefined();
    expect(desk.effects()).toEqual(["RollbackInstanceRefresh"]);
    expect(group.instances.map(({ version }) => version)).toEqual(["12", "12", "12", "12"]);
  });

  test.each(["13", "12"])(
    "takes mixed instances back from a refresh to version %s, as its refusal says",
    async (version) => {
      const group = await opens({ isMixed: true });
      for (const each of group.instances) each.isProtected = true;
      const restart = await desk.plan("restart");
      desk.account.refreshes(GROUP, version);
      expect((await desk.sees()).release).toBe(`shop-workers:${version}`);
      // It is nobody's restart, also where an answer got lost.
      expect((await desk.apply(restart)).verdict).toEqual({
        kind: "differs",
        seen: "somebody else refreshes its instances",
      });
      await expect(desk.plan("restart")).rejects.toMatchObject({
        hint: "Wait for it, or take it back: `to shop-workers:12`.",
      });
      await desk.does("rollback", { release: "shop-workers:12" });
      expect(desk.effects()).toEqual(["RollbackInstanceRefresh"]);
      expect(group.version).toBe("12");
    },
  );

  test("is no refresh of somebody else's that brings a policy of mixed instances beside the release", async () => {
    const group = await opens();
    const drawn = await desk.plan("rollback");
    group.isMixed = true;
    desk.account.refreshes(GROUP, "11");
    expect((await desk.apply(drawn)).verdict.seen).toBe("somebody else refreshes its instances");
    expect(desk.effects()).toEqual([]);
  });

  test("that AWS gives up on has failed; the group is told to be so, and stays where it was", async () => {
    const group = await opens();
    group.broken.add("11");
    const { outcome, verdict } = await desk.apply(await desk.plan("rollback"));
    const seen = "the instance refresh ended: Too many launches failed.";
    expect([outcome, verdict]).toMatchObject([
      { kind: "failed", reason: seen },
      { kind: "failed", seen },
    ]);
    // It has as many as it wants again, and none of them is of the other version.
    await desk.account.settles();
    expect(await desk.sees()).toMatchObject({
      health: "ok",
      release: "shop-workers:12",
      facts: { "Last refresh": "Failed: Too many launches failed." },
    });
    group.broken.clear();
    group.instances.push({
      id: "i-0",
      state: "InService",
      isHealthy: true,
      isProtected: true,
      version: "11",
      weight: null,
      by: null,
    });
    group.wanted += 1;
    expect((await desk.sees()).problem).toBe("an instance refresh failed and left instances of two versions");
  });

  test("pins a group that follows its template's newest version, and says so; mixed instances are not set back", async () => {
    const group = await opens();
    group.version = "$Latest";
    const drawn = await desk.plan("rollback", { release: "11" });
    expect(drawn.reasons).toContain(
      "The group stays at shop-workers:11 then, and follows shop-workers:$Latest no more",
    );
    expect(drawn.undo).toBeUndefined();
    expect(await desk.apply(drawn)).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
    group.isMixed = true;
    await expect(desk.plan("rollback", { release: "12" })).rejects.toThrow("Its mixed instances come from a policy");
    await desk.does("restart");
  });
});

test("groups of a region are found page by page with what their tags say, but for those that AWS itself made", async () => {
  await desk.account.groups("api", { tags: { "acme:Team": "web", application: "shop" } });
  await desk.account.groups("mailer", { tags: { Owner: "Dana" } });
  await desk.account.groups("eks-nodes", { tags: { "eks:nodegroup-name": "nodes" } });
  desk.account.pages(1);
  const { group: _, ...place } = desk.target().settings as Record<string, unknown>;
  expect(await aws.discovery?.list(place, AbortSignal.timeout(20_000))).toEqual([
    { name: "api", settings: { ...place, group: "api" }, owner: "web", partOf: "shop" },
    { name: "mailer", settings: { ...place, group: "mailer" }, owner: "Dana", partOf: undefined },
  ]);
  const settings = [{ group: "api" }, { group: "mailer" }].map((more) => desk.target(more).settings);
  expect(aws.discovery?.isSame(settings[0], settings[0])).toBe(true);
  expect(aws.discovery?.isSame(settings[0], settings[1])).toBe(false);
});
