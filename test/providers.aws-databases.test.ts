import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aws } from "../src/providers/aws/index.ts";
import { openDesk, type Desk } from "./support/aws-desk.ts";

/** Instances of RDS: how they stand, storage that only grows, what is applied at once with it, and snapshots. */

const DB = "shop-db";
const NIGHT = new Date("2026-11-30T03:12:00Z");

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk({ database: DB });
});
afterEach(() => desk.close());

test("a look tells class, version, storage, what RDS has to do, and as of when it could be restored", async () => {
  const restorable = new Date("2026-11-30T10:55:00Z");
  desk.account.database(DB, {
    grows: 500,
    restorable,
    maintenance: [{ action: "system-update", at: new Date("2026-12-05T00:00:00Z") }, { action: "db-upgrade" }],
    snapshots: Array.from({ length: 25 }, (_, at) => ({
      name: `rds:${DB}-${at}`,
      type: "automated",
      at: new Date(NIGHT.getTime() - (25 - at) * 60_000),
      status: "available",
      percent: 100,
    })),
  });
  desk.account.pages(20);
  expect(await desk.sees()).toMatchObject({
    health: "ok",
    release: "postgres 17.6",
    sizes: [{ process: "storage", wanted: 100, running: 100, healthy: 100 }],
    backups: { isScheduled: true, lastGood: restorable.toISOString() },
    facts: {
      Status: "available",
      Machine: "db.m7g.large, with a standby in another zone",
      "Grows by itself": "up to 500 GiB",
      "Pending maintenance": "system-update, by itself on 2026-12-05, db-upgrade",
      "Restorable as of": "2026-11-30 10:55 UTC",
      "Last snapshot": `rds:${DB}-24, 2026-11-30 03:11 UTC`,
      Backups: "daily in 03:00-03:30 UTC, 7 days are kept",
    },
  });
});

test("a snapshot is as old as its data, whenever it was copied and however late its replica was", async () => {
  const [early, late] = [new Date("2026-11-02T03:00:00Z"), new Date("2026-11-03T03:00:00Z")];
  const all = { type: "manual", status: "available", percent: 100 };
  desk.account.database(DB, {
    snapshots: [
      { ...all, name: "late", at: late, dataAt: new Date("2026-11-03T01:00:00Z") },
      { ...all, name: "copied", at: NIGHT, firstAt: early },
    ],
  });
  expect(await desk.sees()).toMatchObject({
    backups: { lastGood: "2026-11-03T01:00:00.000Z" },
    facts: { "Last snapshot": "late, 2026-11-03 01:00 UTC" },
  });
});

test.each([
  ["storage-full", "down", "its storage is full"],
  ["stopped", "down", "it is stopped"],
  ["incompatible-parameters", "down", "its settings do not go together"],
  ["upgrading", "degraded", "RDS maintains it"],
  ["insufficient-capacity", "down", "AWS has no machine for it"],
  ["backing-up", "ok", undefined],
  ["storage-initialization", "ok", undefined],
  ["something-new", "unknown", "AWS calls it something-new"],
])("%s is %s", async (status, health, problem) => {
  desk.account.database(DB, { status });
  const seen = await desk.sees();
  expect([seen.health, seen.problem]).toEqual([health, problem]);
});

describe("storage", () => {
  test("grows, at once and for good: the plan says so, and there is no way back", async () => {
    const database = desk.account.database(DB, { grows: 500, maintenance: [{ action: "db-upgrade" }] });
    const drawn = await desk.does("scale", { sizes: { storage: 200 } });
    expect(drawn).toMatchObject({
      title: "Grow the storage of shop (web) 100 → 200 GiB",
      risk: "high",
      changes: { storage: ["100 GiB", "200 GiB"] },
      unit: "GiB",
    });
    expect(drawn.undo).toBeUndefined();
    expect(drawn.reasons).toEqual([
      "It cannot be undone: storage never becomes smaller, and costs from now on",
      expect.stringContaining("for six hours or longer"),
      "RDS grows it by itself up to 500 GiB",
      "RDS may do at once what it has to do anyway: db-upgrade",
      expect.stringContaining("RDS compares nothing"),
    ]);
    expect(database.storage).toBe(200);
  });

  test.each([
    [90, "RDS never makes storage smaller, and there are 100 GiB."],
    [109, "RDS adds at least a tenth at a time, and would make more of 109 GiB by itself."],
    [100, "It is that size already: 100 storage."],
  ])("of %i GiB is refused", async (storage, sentence) => {
    desk.account.database(DB);
    await expect(desk.plan("scale", { sizes: { storage } })).rejects.toThrow(sentence);
    expect((await desk.plan("scale", { sizes: { storage: 110 } })).risk).toBe("high");
  });

  test("is left alone where something waits that would come along, where RDS is at it still, and in a cluster", async () => {
    const given = { sizes: { storage: 200 } };
    const database = desk.account.database(DB);
    const drawn = await desk.plan("scale", given);
    database.waiting = { DBInstanceClass: "db.m7g.xlarge", MasterUserPassword: "****" };
    await expect(desk.plan("scale", given)).rejects.toThrow(
      "What waits for the maintenance window (DBInstanceClass, MasterUserPassword) would be applied at once too",
    );
    // Storage that waits is no storage that is being added, be it as much as the plan would add.
    database.waiting = { AllocatedStorage: "200" };
    await expect(desk.plan("scale", given)).rejects.toThrow("maintenance window (AllocatedStorage)");
    expect(await desk.apply(drawn)).toMatchObject({
      outcome: {
        kind: "refused",
        reason: "it changed since the plan was drawn: 100 GiB, waits to be 200; available",
      },
      // Once it was sent, RDS may say so for a moment.
      verdict: { kind: "pending" },
    });
    expect(desk.account.effects).toEqual([]);
    database.waiting = { DBInstanceClass: "db.m7g.xlarge", MasterUserPassword: "****" };
    // What somebody puts there after the plan was approved does not come along either.
    expect((await desk.apply(drawn)).outcome.kind).toBe("refused");
    desk.account.holdsBack(true);
    desk.account.database(DB, { status: "storage-optimization" });
    await expect(desk.plan("scale", given)).rejects.toThrow("It is storage-optimization, and RDS takes no change");
    desk.account.database(DB, { cluster: "shop" });
    for (const [action, more] of [
      ["scale", given],
      ["backup", {}],
      ["patch", {}],
    ] as const)
      await expect(desk.plan(action, more)).rejects.toThrow("It is a member of the cluster shop");
    expect((await desk.sees()).backups).toBeUndefined();
    expect(desk.account.effects).toEqual([]);
    await expect(desk.plan("restart")).rejects.toMatchObject({ hint: "There is scale, backup, patch." });
  });
});

describe("an update", () => {
  const due = new Date("2026-12-05T00:00:00Z");
  const description = "Automatic minor version upgrade to postgres.17.7";

  test("is applied at once, the one that is named: nothing undoes it, and the plan says what that costs", async () => {
    const database = desk.account.database(DB, {
      maintenance: [
        { action: "system-update", at: due },
        { action: "db-upgrade", description },
      ],
    });
    expect((await desk.sees()).updates).toEqual([
      { name: "system-update", summary: "New Operating System update is available", due: due.toISOString() },
      { name: "db-upgrade", summary: description, due: null },
    ]);
    await expect(desk.plan("patch")).rejects.toMatchObject({
      message: "Which of them: system-update, db-upgrade?",
      hint: "Name it, like `/day2 patch shop/web system-update`.",
    });
    await expect(desk.plan("patch", { update: "os-upgrade" })).rejects.toMatchObject({
      message: "There is no os-upgrade to apply.",
      hint: "There is system-update, db-upgrade.",
    });
    const drawn = await desk.does("patch", { update: "db-upgrade" });
    expect(drawn).toMatchObject({
      title: "Apply db-upgrade to shop (web) now",
      arguments: { update: "db-upgrade" },
      risk: "high",
      changes: { "db-upgrade": ["pending", "applied"] },
      reasons: [
        expect.stringContaining("It cannot be undone"),
        `AWS says: ${description}`,
        "It is away until its engine is upgraded: that of the standby is at the same time",
        "RDS has set no time at which it would do so by itself",
        "Last snapshot: none",
      ],
      stays: ["data, storage, class and settings", "what else is pending: system-update"],
    });
    expect(drawn.undo).toBeUndefined();
    expect(database.maintenance).toMatchObject([{ action: "system-update" }]);
    expect((await desk.plan("patch")).reasons).toContain("Left alone, RDS does so by itself from 2026-12-05 on");
    expect(desk.account.effects.map(({ action }) => action)).toEqual(["ApplyPendingMaintenanceAction"]);
  });

  test.each([
    ["system-update", true, /^The standby is done first and takes over/],
    ["os-upgrade", false, /^Without a standby it is away for some minutes$/],
    ["hardware-maintenance", true, /^It is away for about a minute where the standby has to take over$/],
    ["db-upgrade", false, /^It is away until its engine is upgraded$/],
    ["ca-certificate-rotation", true, /trusts the old certificate authority alone cannot connect/],
    ["constructor", false, /^It may be away meanwhile: AWS does not say$/],
    ["something-new", true, /^It may be away meanwhile: AWS does not say$/],
  ])("of %s, standby %s, is told how long the database is away", async (action, hasStandby, words) => {
    desk.account.database(DB, { hasStandby, maintenance: [{ action }], waiting: { DBInstanceClass: "db.m7g.xlarge" } });
    const { reasons } = await desk.plan("patch");
    expect(reasons).toContainEqual(expect.stringMatching(words));
    expect(reasons.at(-1)).toBe("What waits for the window (DBInstanceClass) may come along: AWS does not say");
  });

  test("is another one by other words of AWS or by what somebody asked for, and what was planned before is refused", async () => {
    const database = desk.account.database(DB, { maintenance: [{ action: "db-upgrade", description }] });
    const drawn = await desk.plan("patch");
    database.maintenance = [{ action: "db-upgrade", description: "to postgres.17.8" }];
    expect((await desk.apply(drawn)).outcome).toEqual({
      kind: "refused",
      reason: "it changed since the plan was drawn: db-upgrade is pending; available",
    });
    database.maintenance = [{ action: "db-upgrade", description, optIn: "next-maintenance" }];
    expect((await desk.apply(drawn)).outcome.kind).toBe("refused");
    // While RDS is at something else it may be at this one: nobody sends it then.
    Object.assign(database, { maintenance: [{ action: "db-upgrade", description }], status: "modifying" });
    expect(await desk.apply(drawn)).toMatchObject({ outcome: { kind: "refused" }, verdict: { kind: "pending" } });
    await expect(desk.plan("patch")).rejects.toThrow("It is modifying, and updates are applied to what is available.");
    expect(desk.account.effects).toEqual([]);
  });

  test("of a member of a cluster, or of the cluster, is told and not applied from here", async () => {
    desk.account.database(DB, {
      cluster: "shop",
      maintenance: [{ action: "system-update", at: due }],
      ofCluster: [{ action: "system-update" }, { action: "db-upgrade", description, optIn: "immediate" }],
    });
    const summary = "New Operating System update is available";
    expect(await desk.sees()).toMatchObject({
      updates: [
        { name: "system-update", summary, due: due.toISOString(), isElsewhere: true },
        { name: "system-update (cluster)", summary, due: null, isElsewhere: true },
      ],
      facts: {
        "Pending maintenance":
          "system-update, by itself on 2026-12-05, system-update (cluster), db-upgrade (cluster), being applied",
      },
    });
    await expect(desk.plan("patch")).rejects.toThrow("It is a member of the cluster shop");
  });

  test("that RDS began is not begun again, and none that is pending is none to ask for", async () => {
    const database = desk.account.database(DB, { maintenance: [{ action: "db-upgrade", description }] });
    const drawn = await desk.plan("patch");
    desk.account.holdsBack(true);
    database.maintenance = [{ action: "db-upgrade", description, optIn: "immediate" }];
    expect(await desk.sees()).toMatchObject({
      updates: [],
      facts: { "Pending maintenance": "db-upgrade, being applied" },
    });
    await expect(desk.plan("patch")).rejects.toThrow("No update waits to be applied to it.");
    desk.account.holdsBack(false);
    expect((await desk.apply(drawn)).outcome).toEqual({
      kind: "done",
      summary: "db-upgrade is no longer pending; available",
    });
    expect(desk.account.effects).toEqual([]);
  });

  test("that was approved stays so when a snapshot is taken first", async () => {
    const database = desk.account.database(DB, { maintenance: [{ action: "system-update" }] });
    const drawn = await desk.plan("patch");
    await desk.does("backup");
    expect((await desk.sees()).version).toBe(drawn.version);
    expect((await desk.apply(drawn)).outcome.kind).toBe("done");
    expect(database.maintenance).toEqual([]);
  });

  test("that leaves a database that cannot be used has failed", async () => {
    desk.account.database(DB, { isBroken: true, maintenance: [{ action: "db-upgrade" }] });
    expect(await desk.apply(await desk.plan("patch"))).toMatchObject({
      outcome: { kind: "failed", reason: "db-upgrade is being applied; incompatible-parameters" },
      verdict: { kind: "failed" },
    });
  });
});

describe("a snapshot", () => {
  test("is taken once for a step, whoever asks again; what it is called RDS itself compares", async () => {
    const database = desk.account.database(DB, { retention: 0 });
    expect((await desk.sees()).backups).toEqual({ isScheduled: false, lastGood: null });
    const drawn = await desk.plan("backup");
    const use = { token: "step", signal: AbortSignal.timeout(20_000), report: () => undefined };
    const outcomes = await Promise.all([aws.apply(desk.target(), drawn, use), aws.apply(desk.target(), drawn, use)]);
    expect(outcomes).toMatchObject([{ kind: "done" }, { kind: "done" }]);
    expect(database.snapshots).toHaveLength(1);
    expect((await desk.sees()).backups?.lastGood).toBe(database.snapshots[0]?.at.toISOString());
  });

  test("that comes to nothing has failed; while RDS is at something else it is refused in AWS' words", async () => {
    const database = desk.account.database(DB, { isBroken: true });
    expect(await desk.apply(await desk.plan("backup"))).toMatchObject({
      outcome: { kind: "failed", reason: /^snapshot daytwo-[0-9a-f]{20} failed$/ },
      verdict: { kind: "failed" },
    });
    database.status = "modifying";
    expect((await desk.apply(await desk.plan("backup"))).outcome).toMatchObject({
      kind: "refused",
      reason: "AWS says: Database instance is not in available state.",
    });
  });
});

test("databases of a region are found beside its groups, with what their tags say", async () => {
  desk.account.database("shop-db", { tags: { Team: "data", application: "shop" } });
  desk.account.database("shop-member", { cluster: "shop" });
  await desk.account.groups("api");
  const { database: _, ...place } = desk.target().settings as Record<string, unknown>;
  expect(await aws.discovery?.list(place, AbortSignal.timeout(20_000))).toEqual([
    { name: "api", settings: { ...place, group: "api" } },
    {
      name: "shop-db",
      settings: { ...place, database: "shop-db" },
      owner: "data",
      partOf: "shop",
      checks: ["updates"],
    },
    { name: "shop-member", settings: { ...place, database: "shop-member" }, checks: ["updates"] },
  ]);
});
