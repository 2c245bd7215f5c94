import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Observation } from "../src/domain/observation.ts";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { examineTargets } from "../src/cli/doctor/targets.ts";
import { readConfig } from "../src/config.ts";
import { GOOGLE } from "../src/providers/google/api.ts";
import { google } from "../src/providers/google/index.ts";
import { complaintOf, outcomeOf } from "../src/providers/http-json.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { ACCOUNT, openGoogleDesk, type GoogleDesk } from "./support/google-desk.ts";
import { begin, madeDaily, type Database } from "./support/google/database.ts";
import { DATABASE, type TestGoogle } from "./support/google/index.ts";

/** Cloud SQL instances: what is seen of their backups, and one that is taken, whatever else is being done to them. */

const HOUR = 3_600_000;

let desk: GoogleDesk;
let far: TestGoogle;

beforeEach(async () => {
  desk = await openGoogleDesk("database");
  far = desk.far;
});
afterEach(() => desk.close());

describe("a look", () => {
  test("tells of what runs and of all backups, page by page", async () => {
    for (const ago of [98, 74, 50]) madeDaily(far.database, ago * HOUR, "SUCCESSFUL");
    for (const ago of [26, 2])
      madeDaily(far.database, ago * HOUR, "FAILED", "The disk is full.\nSee https://example.com");
    const good = far.database.runs[2]?.startTime ?? "";
    const minute = `${good.slice(0, 16).replace("T", " ")} UTC`;
    expect(await desk.sees()).toMatchObject({
      health: "ok",
      release: "POSTGRES_16_9",
      backups: { isScheduled: true, lastGood: good },
      facts: {
        Backups: "daily from 03:00 UTC, 7 are kept",
        "Last good backup": minute,
        "Last attempt": /^failed 20\d\d-.* UTC: The disk is full\.$/,
        "Point-in-time recovery": "on, for 7 days",
        Machine: "db-custom-2-7680, with a standby in another zone",
        Storage: "100 GB SSD, grows by itself",
      },
    });
  });

  test("counts a backup that Google skipped, for want of changes, only after a good one", async () => {
    madeDaily(far.database, 2 * HOUR, "SKIPPED");
    expect((await desk.sees()).backups?.lastGood).toBeNull();
    madeDaily(far.database, 1 * HOUR, "SUCCESSFUL");
    madeDaily(far.database, 0, "SKIPPED");
    expect((await desk.sees()).backups?.lastGood).toBe(far.database.runs[0]?.startTime);
  });

  test("takes no date that is none for one", async () => {
    madeDaily(far.database, HOUR, "SUCCESSFUL");
    const [run] = far.database.runs;
    if (run !== undefined) run.startTime = "yesterday";
    expect(await desk.sees()).toMatchObject({
      backups: { lastGood: null },
      facts: { "Last good backup": "at a time that is not known" },
    });
  });

  test("is the same version whoever takes backups, another one for what somebody declares", async () => {
    const { version } = await desk.sees();
    madeDaily(far.database, HOUR, "SUCCESSFUL");
    begin(far.database, "dana@example.com", { description: "by hand", location: "eu" });
    expect((await desk.sees()).version).toBe(version);
    far.sets({ settings: { tier: "db-custom-4-15360" } });
    expect((await desk.sees()).version).not.toBe(version);
  });

  test.each<[Database["declared"], Pick<Observation, "health" | "problem">]>([
    [
      { state: "SUSPENDED", suspensionReason: ["BILLING_ISSUE"] },
      { health: "down", problem: "it is suspended (BILLING_ISSUE)" },
    ],
    [{ state: "MAINTENANCE" }, { health: "degraded", problem: "it is down for maintenance" }],
    [{ state: "FAILED" }, { health: "down", problem: "it has failed" }],
    [{ state: "SOMETHING_NEW" }, { health: "unknown" }],
    [{ outOfDiskReport: { sqlOutOfDiskState: "SOFT_SHUTDOWN" } }, { health: "down", problem: "its disk is full" }],
    [{ settings: { activationPolicy: "NEVER" } }, { health: "down", problem: "it is stopped" }],
  ])("at %j is %j", async (declared, seen) => {
    far.sets(declared);
    expect(await desk.sees()).toMatchObject(seen);
  });

  test("tells of maintenance that is planned, and of backups and recovery that are off", async () => {
    far.sets({
      backupConfiguration: { enabled: false, pointInTimeRecoveryEnabled: false },
      scheduledMaintenance: { startTime: "2026-12-05T02:00:00.000Z", canDefer: true },
    });
    expect(await desk.sees()).toMatchObject({
      backups: { isScheduled: false, lastGood: null },
      updates: [{ name: "maintenance", summary: "", due: "2026-12-05T02:00:00.000Z" }],
      facts: {
        Backups: "none are made by themselves",
        "Last good backup": "none",
        "Point-in-time recovery": "off",
        Maintenance: "planned for 2026-12-05 02:00 UTC",
      },
    });
  });

  test.each([
    [{}, "it can be put off"],
    [
      { scheduleDeadlineTime: "2026-12-12T02:00:00.000Z" },
      "it can be put off, until 2026-12-12 02:00 UTC at the latest",
    ],
  ])("tells of maintenance whether, and with %j until when, it can be put off", async (until, summary) => {
    expect((await desk.sees()).updates).toEqual([]);
    const startTime = "2026-12-05T02:00:00.000Z";
    far.sets({ scheduledMaintenance: { startTime, canReschedule: true, ...until } });
    expect((await desk.sees()).updates).toEqual([{ name: "maintenance", summary, due: startTime }]);
  });
});

describe("a backup", () => {
  test("is given the time that the last good one took, and ten minutes at the least", async () => {
    madeDaily(far.database, 50 * HOUR, "SUCCESSFUL");
    expect((await desk.plan("backup")).takes).toBe(HOUR / 6);
    const [run] = far.database.runs;
    if (run !== undefined) run.endTime = new Date(Date.now() - 48.5 * HOUR).toISOString();
    expect((await desk.sees()).facts["A backup takes"]).toBe("90 minutes");
    expect((await desk.plan("backup")).takes).toBe(1.5 * HOUR);
  });

  test("is taken where the daily ones are, told of as it goes on, and is what can be restored then", async () => {
    far.sets({ backupConfiguration: { location: "europe-west1" } });
    far.holdsBack(true);
    const drawn = await desk.plan("backup");
    const under = desk.apply(drawn);
    await expect.poll(() => desk.lines).toContainEqual(expect.stringMatching(/^backup \d+ is waiting for its turn$/));
    far.holdsBack(false);
    const words = expect.stringMatching(/^backup \d+ is there, and finished well, at most 5\.4 GB$/);
    expect(await under).toEqual({
      outcome: { kind: "done", summary: words },
      verdict: { kind: "holds", seen: words },
    });
    expect(drawn).toMatchObject({
      title: "Back up shop (web)",
      risk: "low",
      changes: { "last good backup": ["none", "a new one"] },
      reasons: [
        /does nothing else to the instance/,
        "Stored in europe-west1, as the daily ones are",
        /until somebody deletes/,
      ],
    });
    expect(desk.effects()).toEqual(["POST backupRuns in europe-west1"]);
    const [run] = far.database.runs;
    expect((await desk.sees()).backups?.lastGood).toBe(run?.startTime);
  });

  test("waits while something else is done to the instance, and is sent again then", async () => {
    far.holdsBack(true);
    begin(far.database, "dana@example.com", { description: "by hand", location: "eu" });
    const drawn = await desk.plan("backup");
    expect((await desk.apply(drawn, { token: "step" })).outcome).toMatchObject({
      kind: "later",
      reason: /^Google says: Operation failed because another operation was already in progress/,
    });
    far.holdsBack(false);
    await far.settles();
    expect((await desk.apply(drawn, { token: "step" })).outcome).toMatchObject({ kind: "done" });
    expect(desk.effects()).toHaveLength(1);
  });

  test("that fails says why, whether there was one by then or only an operation that is done", async () => {
    far.database.trouble = "taken";
    expect(await desk.apply(await desk.plan("backup"))).toMatchObject({
      outcome: { kind: "failed", reason: /^backup \d+ failed; Google says: The disk could not be read in time\.$/ },
      verdict: { kind: "failed" },
    });
    far.database.trouble = "begun";
    expect(await desk.apply(await desk.plan("backup"))).toMatchObject({
      outcome: { kind: "failed", reason: "Google says: The disk could not be read in time." },
      verdict: { kind: "untouched" },
    });
  });

  test("that somebody deletes again does not hold", async () => {
    const drawn = await desk.plan("backup");
    await desk.apply(drawn, { token: "step" });
    const [run] = far.database.runs;
    if (run !== undefined) run.status = "DELETION_PENDING";
    expect((await desk.apply(drawn, { token: "step" })).verdict).toMatchObject({
      kind: "differs",
      seen: /was deleted again$/,
    });
    expect(desk.effects()).toHaveLength(1);
  });

  test("of a replica, or where another service has them, is refused, and nobody tells of any", async () => {
    far.sets({ instanceType: "READ_REPLICA_INSTANCE", masterInstanceName: "acme-shop:shop-main" });
    expect((await desk.sees()).backups).toBeUndefined();
    await expect(desk.plan("backup")).rejects.toMatchObject({
      message: "A replica has no backups of its own.",
      hint: "Back up acme-shop:shop-main, whose replica it is.",
    });
    far.sets({ backupConfiguration: { backupTier: "ENHANCED" } });
    expect((await desk.sees()).backups).toBeUndefined();
    await expect(desk.plan("backup")).rejects.toThrow("Its backups are taken by Google's Backup and DR Service");
  });
});

test.each(["rateLimitExceeded", "userRateLimitExceeded", "operationInProgress"])(
  "a 403 whose reason is %s asks for patience",
  (reason) => {
    const body = { error: { code: 403, message: "Quota exceeded.", errors: [{ reason, domain: "usageLimits" }] } };
    const answer = { status: 403, headers: {}, body };
    expect(outcomeOf(answer, GOOGLE)).toMatchObject({ kind: "later", reason: "Google says: Quota exceeded." });
    expect(complaintOf(answer, GOOGLE)?.message).toBe("Google is busy. Google says: Quota exceeded.");
  },
);

test("what a target can do is by what it is", () => {
  const can = [{ service: "shop" }, { group: "shop" }, { database: "shop-db" }, {}, null].map((each) =>
    google.actionsOf?.(each),
  );
  expect(can).toEqual([["scale", "rollback", "restart"], ["scale", "restart"], ["backup", "restart"], [], []]);
});

test.each<[object, string]>([
  [{ ...DATABASE, region: "europe-west1" }, "for a database neither"],
  [{ ...DATABASE, group: "shop", region: "europe-west1" }, "Name one of `service`, `group` and `database`."],
  [{ ...DATABASE, database: "acme-shop:shop-db" }, "Write its name as Google Cloud shows it"],
])("%j is refused: %s", (settings, words) => {
  expect(google.settings.safeParse(settings).error?.message).toContain(words);
});

describe("rights", () => {
  test("the role in the document is enough, and nothing of it is too much", async () => {
    const page = await readFile(new URL("../docs/providers/google.md", import.meta.url), "utf8");
    const role = /create daytwoDatabases[^`]*?--permissions (\S+)/.exec(page)?.[1]?.split(",") ?? [];
    desk.as(far.account(ACCOUNT, role));
    await desk.does("backup");
    await desk.does("restart");
    far.database.trouble = "begun";
    await desk.apply(await desk.plan("backup"));
    expect(await desk.standing()).toEqual({ identity: ACCOUNT, missing: [] });
    expect([...far.demanded].toSorted()).toEqual(role.toSorted());
  });

  test("a backup that is not allowed is refused, and what cannot be seen is said", async () => {
    desk.as(far.account(ACCOUNT, ["cloudsql.instances.get", "cloudsql.instances.list", "cloudsql.backupRuns.list"]));
    for (const [action, permission] of [
      ["backup", "backupRuns.create"],
      ["restart", "instances.restart"],
    ] as const)
      expect((await desk.apply(await desk.plan(action))).outcome).toMatchObject({
        kind: "refused",
        reason: expect.stringContaining(`Google says: Permission 'cloudsql.${permission}' denied`),
      });
    desk.as(far.account(ACCOUNT, []));
    expect((await desk.standing()).missing).toEqual([
      "cloudsql.instances.get (for seeing it)",
      "cloudsql.backupRuns.list (for seeing its backups)",
      "cloudsql.instances.list (for restart)",
    ]);
  });

  test("doctor names what is missing, whether the instance is seen without it or not", async () => {
    const { api, credentials } = desk.target().settings as { api: string; credentials: { env: string } };
    async function examined(may: readonly string[], database = DATABASE.database): Promise<string> {
      desk.as(far.account(ACCOUNT, may));
      const where = `{ provider: google, project: acme-shop, database: ${database}, api: "${api}", credentials: { env: ${credentials.env} } }`;
      const read = readCatalog(`services: { shop: { targets: { db: ${where} } } }`, {
        checks: CHECKS,
        providers: PROVIDERS,
      });
      const catalog = "catalog" in read ? read.catalog : null;
      const [found] = await examineTargets({ config: readConfig({}), catalog }, AbortSignal.timeout(8_000));
      return found?.sentence ?? "";
    }
    const [get, list, runs] = ["cloudsql.instances.get", "cloudsql.instances.list", "cloudsql.backupRuns.list"];
    expect(await examined([get, runs])).toBe(
      `shop/db is seen through google as ${ACCOUNT}, who may not ${list} (for restart).`,
    );
    expect(await examined([get, list])).toBe(
      `shop/db is seen through google as ${ACCOUNT}, who may not ${runs} (for seeing its backups).`,
    );
    const seen = await desk.sees();
    expect([seen.health, seen.backups]).toEqual(["ok", undefined]);
    expect(seen.facts).toMatchObject({ "Backups not seen": expect.stringContaining(`'${runs}' denied`) });
    expect(seen.facts).not.toHaveProperty("Last good backup");
    await expect(desk.plan("backup")).rejects.toThrow("It cannot be backed up without seeing all that matters.");
    expect(await examined([get, list, runs], "nothing")).toMatch(
      /^shop\/db cannot be seen through google: Google says: The resource .* was not found\.$/,
    );
  });
});
