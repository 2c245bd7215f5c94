import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aws } from "../src/providers/aws/index.ts";
import { openDesk, SERVICE, type Desk } from "./support/aws-desk.ts";
import { IMAGES } from "./support/aws/service.ts";

/** What is AWS' own: releases that ran, deployments that are stopped or give up, autoscaling, and who else deploys. */

const ROLE = "arn:aws:iam::123456789012:role/daytwo";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

describe("releases", () => {
  test("are the task definitions that ran, by their numbers: going back and restarting make none", async () => {
    await desk.account.runs(SERVICE);
    await desk.deploys(141);
    const before = await desk.sees();
    expect(before).toMatchObject({
      release: "shop-web:141",
      releases: [
        { release: "shop-web:141", summary: `${IMAGES}/shop-web:v141` },
        { release: "shop-web:140", summary: `${IMAGES}/shop-web:v140` },
      ],
      health: "ok",
      facts: { Image: `${IMAGES}/shop-web:v141`, Service: "shop-web in the cluster shop in eu-west-1" },
    });
    const back = await desk.does("rollback");
    expect(back).toMatchObject({
      title: "Roll back shop shop-web:141 → shop-web:140",
      changes: { release: ["shop-web:141", "shop-web:140"] },
      undo: { action: "rollback", arguments: { release: "shop-web:141" } },
    });
    await desk.does("restart");
    const after = await desk.sees();
    expect([after.release, after.releases]).toEqual(["shop-web:140", before.releases]);
    await expect(desk.plan("rollback")).rejects.toMatchObject({
      message: "There is no earlier release.",
      hint: "There is shop-web:141, shop-web:140.",
    });
    for (const name of ["shop-web:141", "141", "v141"])
      expect((await desk.plan("rollback", { release: name })).arguments).toEqual({ release: "shop-web:141" });
    await expect(desk.plan("rollback", { release: "v9" })).rejects.toThrow("There is no release v9 to go to.");
    await expect(desk.plan("rollback", { release: "v140" })).rejects.toThrow("shop-web:140 is what runs now.");
  });

  test("come page by page, in whatever order, and what was deregistered is refused with AWS' own words", async () => {
    await desk.account.runs(SERVICE);
    for (const number of [141, 142, 143]) await desk.deploys(number);
    desk.account.pages(1);
    expect((await desk.sees()).releases.map(({ release }) => release)).toEqual(
      [143, 142, 141, 140].map((number) => `${SERVICE}:${number}`),
    );
    desk.account.deregisters("shop-web:141");
    expect((await desk.apply(await desk.plan("rollback", { release: "v141" }))).outcome).toEqual({
      kind: "refused",
      reason: "AWS says: TaskDefinition is inactive",
    });
    expect(desk.effects()).toEqual([]);
  });
});

describe("a deployment", () => {
  test("that does not come up is stopped, and ECS goes back; it is no release that ran", async () => {
    await desk.account.runs(SERVICE);
    desk.account.crashes("shop-web:141");
    desk.account.deploys(SERVICE, 141);
    const why = "tasks of shop-web:141 do not come up: its program ends";
    await expect.poll(async () => (await desk.sees()).problem).toBe(why);
    expect(await desk.sees()).toMatchObject({
      release: "shop-web:141",
      health: "degraded",
      facts: { Trouble: "Essential container in task exited; exit code 137" },
    });

    const back = await desk.does("rollback");
    expect(back.reasons).toContain("Stops the deployment that is under way, and ECS goes back by itself");
    expect(back.undo).toBeUndefined();
    expect(desk.effects()).toEqual(["StopServiceDeployment"]);
    expect((await desk.sees()).releases.map(({ release }) => release)).toEqual(["shop-web:140"]);
    expect(await desk.sees()).toMatchObject({ release: "shop-web:140", health: "ok" });
  });

  test("that goes to another release than the one before is replaced, and not stopped", async () => {
    await desk.account.runs(SERVICE);
    await desk.deploys(141);
    desk.account.crashes("shop-web:142");
    desk.account.deploys(SERVICE, 142);
    await desk.does("rollback", { release: "v140" });
    expect(desk.effects()).toEqual(["UpdateService"]);
  });

  test("that came upon another one under way may go back to either: neither is stopped for, nor known to have run", async () => {
    const service = await desk.account.runs(SERVICE);
    desk.account.deploys(SERVICE, 141);
    await expect.poll(() => service.deployments[0]?.running).toBe(1);
    desk.account.holdsBack(true);
    desk.account.deploys(SERVICE, 142);
    const { release, releases, facts } = await desk.sees();
    expect([release, releases.map((each) => each.release)]).toEqual(["shop-web:142", ["shop-web:142", "shop-web:140"]]);
    expect(facts["Would go back to"]).toBeUndefined();
    desk.account.holdsBack(false);
    await desk.does("rollback", { release: "v140" });
    expect(desk.effects()).toEqual(["UpdateService"]);
  });

  test.each([
    { rollback: false, seen: /^release shop-web:140, .*; Essential container in task exited; exit code 137$/ },
    { rollback: true, seen: /^shop-web:140 was not deployed, and shop-web:141 runs: ECS deployment circuit breaker/ },
  ])("on which ECS gives up has failed, taken back by itself or not: $rollback", async ({ rollback, seen }) => {
    await desk.account.runs(SERVICE, { breaker: { after: 3, rollback } });
    await desk.deploys(141);
    desk.account.crashes("shop-web:140");
    const drawn = await desk.plan("rollback");
    const { outcome } = await desk.apply(drawn, { token: "step-1" });
    expect(outcome.kind).toBe("failed");
    const use = { token: "step-1", signal: AbortSignal.timeout(30_000) };
    await expect.poll(() => aws.verify(desk.target(), drawn, use)).toMatchObject({ kind: "failed", seen });
  });

  test("that nobody gives up on stays on its way until the time is up", async () => {
    await desk.account.runs(SERVICE);
    desk.account.holdsBack(true);
    const drawn = await desk.plan("restart");
    const use = { token: "step-1", signal: AbortSignal.timeout(700), report: () => undefined };
    expect(await aws.apply(desk.target(), drawn, use)).toMatchObject({
      kind: "done",
      summary: /was still at it: release/,
    });
    expect(await aws.verify(desk.target(), drawn, { ...use, signal: AbortSignal.timeout(5_000) })).toMatchObject({
      kind: "pending",
      seen: "release shop-web:140, 2 of 2 running, earlier ones still there",
    });
    desk.account.holdsBack(false);
  });
});

describe("a size", () => {
  test("that service auto scaling decides is set by its bounds, and taken back to exactly what they were", async () => {
    const service = await desk.account.runs(SERVICE, { wanted: 3, bounds: { min: 2, max: 8, demand: 3 } });
    const up = await desk.does("scale", { sizes: { web: 6 } });
    expect(up).toMatchObject({ changes: { "web.min": ["2", "6"] }, undo: { arguments: { sizes: { "web.min": 2 } } } });
    expect(up.reasons).toContain(
      "An autoscaler decides how many run and would put a number back, so its least becomes 6 instead of 2",
    );
    expect(service.wanted).toBe(6);
    await desk.does("scale", up.undo?.arguments);
    await expect.poll(() => service.wanted).toBe(3);
    expect(await desk.does("scale", { sizes: { web: 9 } })).toMatchObject({
      changes: { "web.min": ["2", "9"], "web.max": ["8", "9"] },
    });
    await desk.does("scale", { sizes: { web: 0 } });
    expect(service.bounds).toMatchObject({ min: 0, max: 0 });
    await desk.does("scale", { sizes: { "web.min": 1, "web.max": 4 } });
    await expect(desk.plan("scale", { sizes: { "web.min": 5 } })).rejects.toThrow(
      "Its least would be 5 and its most 4.",
    );
    expect(new Set(desk.effects())).toEqual(new Set(["RegisterScalableTarget"]));
  });

  test("is a number where nothing decides it; a moved one is left alone, and what shows already is not sent", async () => {
    const service = await desk.account.runs(SERVICE);
    const drawn = await desk.plan("scale", { sizes: { web: 4 } });
    service.wanted = 3;
    expect(await desk.apply(drawn)).toMatchObject({
      outcome: { kind: "refused", reason: "it changed since the plan was drawn: 3 are wanted" },
      verdict: { kind: "differs" },
    });
    service.wanted = 4;
    expect(await desk.apply(drawn)).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
    expect(desk.effects()).toEqual([]);
    await expect(desk.plan("scale", { sizes: { web: 4 } })).rejects.toThrow("It is that size already: 4 web.");
  });

  test("what has none, and what something else deploys, is told", async () => {
    await desk.account.runs(SERVICE, { scheduling: "DAEMON" });
    await expect(desk.plan("scale", { sizes: { web: 4 } })).rejects.toThrow("It runs one task on every machine");
    await desk.account.runs("shop-blue", { controller: "CODE_DEPLOY" });
    const blue = desk.target({ service: "shop-blue" });
    for (const action of ["rollback", "restart"] as const)
      await expect(desk.plan(action, {}, blue)).rejects.toThrow("It is deployed by CodeDeploy");
    await desk.does("scale", { sizes: { web: 3 } }, blue);
  });
});

test("what runs in a cluster is found page by page, with what its tags say of owners", async () => {
  const tags = { "acme:Team": "web", application: "shop", cost: "12" };
  for (let number = 10; number < 22; number += 1) await desk.account.runs(`shop-${number}`, { tags });
  await desk.account.runs("mailer", { tags: { Owner: "Dana" } });
  desk.account.pages(5);
  const { service: _, ...place } = desk.target().settings as Record<string, unknown>;
  const found = (await aws.discovery?.list(place, AbortSignal.timeout(30_000))) ?? [];
  expect(found.map(({ name }) => name)).toEqual([
    "mailer",
    ...Array.from({ length: 12 }, (_, at) => `shop-${at + 10}`),
  ]);
  expect(found.slice(0, 2)).toEqual([
    { name: "mailer", settings: { ...place, service: "mailer" }, owner: "Dana" },
    { name: "shop-10", settings: { ...place, service: "shop-10" }, owner: "web", partOf: "shop" },
  ]);
  const [own, first, second] = [{}, { role: ROLE }, { role: ROLE.replace("1234", "4321") }].map(
    (more) => desk.target({ service: "mailer", ...more }).settings,
  );
  const pairs = [
    [own, own],
    [own, first],
    [first, second],
    [own, desk.target().settings],
  ] as const;
  expect(pairs.map(([one, other]) => aws.discovery?.isSame(one, other))).toEqual([true, true, false, false]);
});

describe("AWS' own ways to say no", () => {
  test("being throttled is asked again; a service that is not there is named with how to find it", async () => {
    await desk.account.runs(SERVICE);
    const drawn = await desk.plan("restart");
    desk.account.throttles(1);
    await expect(desk.sees()).rejects.toThrow("AWS is busy.");
    desk.account.throttles(1, "UpdateService");
    expect((await desk.apply(drawn)).outcome).toMatchObject({ kind: "later", reason: "AWS is busy" });
    await expect(desk.sees(desk.target({ service: "nothing" }))).rejects.toMatchObject({
      message: "There is no service called nothing in the cluster shop in eu-west-1.",
      hint: "`aws ecs list-services --cluster shop --region eu-west-1` shows what there is.",
    });
    await expect(desk.sees(desk.target({ cluster: "other" }))).rejects.toThrow("AWS says: Cluster not found.");
  });
});
