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
  ["backing-up", "ok", undefined],
  ["something-new", "unknown", undefined],
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
    ] as const)
      await expect(desk.plan(action, more)).rejects.toThrow("are those of the cluster shop");
    expect((await desk.sees()).backups).toBeUndefined();
    expect(desk.account.effects).toEqual([]);
    await expect(desk.plan("restart")).rejects.toMatchObject({ hint: "There is scale, backup." });
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
  await desk.account.groups("api");
  const { database: _, ...place } = desk.target().settings as Record<string, unknown>;
  expect(await aws.discovery?.list(place, AbortSignal.timeout(20_000))).toEqual([
    { name: "api", settings: { ...place, group: "api" } },
    { name: "shop-db", settings: { ...place, database: "shop-db" }, owner: "data", partOf: "shop" },
  ]);
});
