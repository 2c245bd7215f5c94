import { afterEach, beforeEach, expect, test } from "vitest";
import { ACCOUNT, openGoogleDesk, type GoogleDesk } from "./support/google-desk.ts";
import { begin, madeDaily, restart } from "./support/google/database.ts";
import type { TestGoogle } from "./support/google/index.ts";

/** A Cloud SQL instance that is restarted: what shows of it is an operation of Google's, and nothing of ours. */

const HOUR = 3_600_000;

let desk: GoogleDesk;
let far: TestGoogle;

beforeEach(async () => {
  desk = await openGoogleDesk("database");
  far = desk.far;
});
afterEach(() => desk.close());

test("a restart is told of as it goes on, is done when Google says so and the instance runs, and the next one tells of it", async () => {
  madeDaily(far.database, HOUR, "SUCCESSFUL");
  far.holdsBack(true);
  const drawn = await desk.plan("restart");
  const under = desk.apply(drawn);
  await expect.poll(() => desk.lines).toContain("it waits for its turn to be restarted");
  expect((await desk.sees()).facts["Restarted"]).toBeUndefined();
  far.holdsBack(false);
  const words = expect.stringMatching(/^restarted 20\d\d-\d\d-\d\d \d\d:\d\d UTC, and running$/);
  expect(await under).toEqual({
    outcome: { kind: "done", summary: words },
    verdict: { kind: "holds", seen: words },
  });
  expect(drawn).toMatchObject({
    title: "Restart shop (web)",
    risk: "high",
    changes: { database: ["running", "restarted"] },
    reasons: [
      "Connections end, and the database is away until it is back",
      "Its caches are empty then, so that it is slower for a while",
      /^Google compares nothing/,
    ],
  });
  expect(drawn.undo).toBeUndefined();
  expect(far.effects.map(({ what, token }) => [what, token])).toEqual([["POST restart", "step-1"]]);
  const again = await desk.does("restart");
  expect(again.reasons).toContainEqual(expect.stringMatching(/^Last restart: 20\d\d-\d\d-\d\d \d\d:\d\d UTC$/));
  expect(desk.effects()).toHaveLength(2);
});

test("one that somebody else began since the plan was drawn is not made a second one, whatever else they changed, and voids what was planned before", async () => {
  const [drawn, backup] = [await desk.plan("restart"), await desk.plan("backup")];
  restart(far.database, "dana@example.com");
  expect((await desk.apply(drawn)).outcome).toMatchObject({ kind: "done", summary: /^restarted/ });
  expect((await desk.apply(backup)).outcome).toMatchObject({
    kind: "refused",
    reason: /somebody changed or restarted it$/,
  });
  far.sets({ settings: { tier: "db-custom-4-15360" } });
  expect((await desk.apply(drawn)).outcome).toMatchObject({ kind: "done", summary: /^restarted/ });
  expect((await desk.apply(backup)).outcome.kind).toBe("refused");
  expect(desk.effects()).toEqual([]);
});

test("a backup that is taken before leaves its plan good; a change of settings meanwhile does not make it one that did not end", async () => {
  await desk.does("restart");
  const drawn = await desk.plan("restart");
  await desk.does("backup");
  expect((await desk.sees()).version).toBe(drawn.version);
  far.holdsBack(true);
  const under = desk.apply(drawn);
  await expect.poll(() => desk.lines).toContain("it waits for its turn to be restarted");
  far.sets({ settings: { tier: "db-custom-4-15360" } });
  far.holdsBack(false);
  expect(await under).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds", seen: /^restarted/ } });
  expect(desk.effects()).toEqual(["POST restart", "POST backupRuns in eu", "POST restart"]);
});

test("without the right to see restarts all else goes on, and only a restart is refused, naming it", async () => {
  madeDaily(far.database, HOUR, "SUCCESSFUL");
  const drawn = await desk.plan("restart");
  const before = ["cloudsql.instances.get", "cloudsql.backupRuns.list", "cloudsql.backupRuns.create"];
  desk.as(far.account(ACCOUNT, before));
  expect(await desk.sees()).toMatchObject({
    health: "ok",
    backups: { lastGood: far.database.runs[0]?.startTime },
    facts: { Restarts: "not seen without cloudsql.instances.list" },
  });
  await desk.does("backup");
  await expect(desk.plan("restart")).rejects.toThrow(
    "Nothing would show that it was restarted: its restarts are not seen without cloudsql.instances.list.",
  );
  expect((await desk.apply(drawn)).outcome).toMatchObject({
    kind: "refused",
    reason: /its restarts are not seen without cloudsql\.instances\.list$/,
  });
  expect(desk.effects()).toEqual(["POST backupRuns in eu"]);
});

test("a restart waits while something else is done to the instance; one that fails says why, and the next look tells of it", async () => {
  far.holdsBack(true);
  begin(far.database, "dana@example.com", { description: "by hand", location: "eu" });
  const drawn = await desk.plan("restart");
  expect((await desk.apply(drawn)).outcome).toMatchObject({
    kind: "later",
    reason: /^Google says: Operation failed/,
  });
  far.holdsBack(false);
  await far.settles();
  far.database.trouble = "taken";
  const failed = { kind: "failed", seen: "Google says: The disk could not be read in time." };
  expect(await desk.apply(await desk.plan("restart"))).toEqual({
    outcome: { kind: "failed", reason: failed.seen },
    verdict: failed,
  });
  expect((await desk.sees()).facts["Restarted"]).toMatch(/, and that failed$/);
  far.database.trouble = null;
  far.sets({ state: "MAINTENANCE" });
  const next = await desk.plan("restart");
  const under = desk.apply(next);
  await expect.poll(() => desk.lines).toContain("restarted, and MAINTENANCE yet");
  far.database.declared = {};
  expect((await under).outcome.kind).toBe("done");
});

test("a restart is of the whole instance that runs, a replica too", async () => {
  far.sets({ instanceType: "READ_REPLICA_INSTANCE", masterInstanceName: "acme-shop:shop-main" });
  await desk.does("restart", { process: "web" });
  await expect(desk.plan("restart", { process: "worker" })).rejects.toMatchObject({
    message: "There is no process called worker.",
    hint: "There is web.",
  });
  far.sets({ settings: { activationPolicy: "NEVER" } });
  await expect(desk.plan("restart")).rejects.toThrow("It is stopped, and only what runs is restarted.");
});
