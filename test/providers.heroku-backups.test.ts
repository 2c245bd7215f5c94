import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Plan } from "../src/domain/action.ts";
import type { Target } from "../src/domain/catalog.ts";
import type { Observation } from "../src/domain/observation.ts";
import { heroku } from "../src/providers/heroku/index.ts";
import type { Outcome, Verdict } from "../src/providers/provider.ts";
import { APP, openHeroku, type TestHeroku } from "./support/heroku/index.ts";
import { begin, BY_HAND, BY_ITSELF, COPY, daily, end, RESTORE, type Transfer } from "./support/heroku/postgres.ts";
import type { Ending } from "./support/json-server.ts";

/** Backups of an app's database: which of them count, what is not seen and is not called none, and one that is asked for. */

const NAME = `HEROKU_${randomBytes(4).toString("hex").toUpperCase()}`;
const LONG = 20_000;
const HOUR = 3_600_000;

let far: TestHeroku;
let lines: string[];

beforeEach(async () => {
  far = await openHeroku();
  lines = [];
  process.env[NAME] = far.user("daytwo@example.com");
});
afterEach(async () => {
  delete process.env[NAME];
  await far.close();
});

function target(other: object = {}): Target {
  const settings = { app: APP, api: far.url, data: far.data.url, token: { env: NAME }, ...other };
  return { key: "shop/web", service: "shop", name: "web", provider: "heroku", settings };
}
function sees(other: object = {}): Promise<Observation> {
  return heroku.observe(target(other), AbortSignal.timeout(LONG));
}
async function plan(): Promise<Plan> {
  return heroku.plan({ action: "backup", arguments: {}, target: target() }, await sees());
}
async function apply(drawn: Plan): Promise<{ outcome: Outcome; verdict: Verdict }> {
  const use = { token: "step-1", signal: AbortSignal.timeout(LONG) };
  const outcome = await heroku.apply(target(), drawn, { ...use, report: (line) => void lines.push(line) });
  return { outcome, verdict: await heroku.verify(target(), drawn, use) };
}
/** What began so many hours ago and ended 29 seconds later. */
function was(sort: typeof BY_HAND, ago: number, isGood = true, of = "DATABASE"): Transfer {
  const at = new Date(Date.now() - ago * HOUR);
  const made = begin(far.app.postgres, sort, of, at);
  made.started_at = made.created_at;
  end(made, isGood, new Date(at.getTime() + 29_000));
  return made;
}
/** As the observation writes it. */
function instant({ created_at: at }: Transfer): string {
  return new Date(at).toISOString();
}
/** As people read it. */
function minute(of: Transfer): string {
  return `${of.created_at.slice(0, 16)} UTC`;
}

describe("of a database", () => {
  test("the newest good one is told, and the last attempt; copies and restores are none", async () => {
    far.hasDatabase();
    far.app.postgres.schedules.push(daily("DATABASE_URL", 2));
    was(BY_HAND, 30);
    const good = was(BY_ITSELF, 5);
    was(COPY, 4);
    const failed = was(BY_HAND, 3, false);
    was(RESTORE, 1);
    expect(await sees()).toMatchObject({
      backups: { isScheduled: true, lastGood: instant(good) },
      facts: {
        Backups: "of postgresql-database-url, daily at 2:00 UTC",
        "Last good backup": `a002 of ${minute(good)}, 2.2 MB`,
        "Last attempt": `b004 of ${minute(failed)} failed`,
        "A backup takes": "29 seconds",
        "Manual backups kept": "5",
        "Backups, copies and restores so far": "5",
      },
    });
    good.warnings = 2;
    failed.canceled_at = failed.finished_at;
    expect((await sees()).facts).toMatchObject({
      "Last good backup": `a002 of ${minute(good)}, 2.2 MB, with 2 warnings`,
      "Last attempt": `b004 of ${minute(failed)} was cancelled`,
    });
  });

  test("that has none, and none by themselves, both is told", async () => {
    far.hasDatabase("essential-0");
    expect(await sees()).toMatchObject({
      backups: { isScheduled: false, lastGood: null },
      facts: { Backups: "of postgresql-database-url, none scheduled", "Last good backup": "none" },
    });
  });

  test("beside others they are those of DATABASE_URL, by all of its names", async () => {
    const elsewhere = { id: "till", name: "till" };
    Object.assign(far.hasDatabase("standard-0", ["DATABASE_URL"]), { app: elsewhere });
    far.hasDatabase("essential-0", ["HEROKU_POSTGRESQL_PINK_URL"]);
    far.hasDatabase("standard-0", ["DATABASE_URL", "HEROKU_POSTGRESQL_NAVY_URL"]);
    const own = was(BY_HAND, 9, true, "NAVY");
    was(BY_ITSELF, 2, true, "PINK");
    far.app.postgres.schedules.push(daily("HEROKU_POSTGRESQL_PINK_URL", 2));
    expect((await sees()).backups).toEqual({ isScheduled: false, lastGood: instant(own) });
    far.app.postgres.schedules.push(daily("HEROKU_POSTGRESQL_NAVY_URL", 4));
    const newer = was(BY_ITSELF, 1, true, "DATABASE");
    expect((await sees()).backups).toEqual({ isScheduled: true, lastGood: instant(newer) });
  });

  test("that is none of the app's own, nothing is told; of several none of which is the main one, that", async () => {
    expect(await sees()).not.toHaveProperty("backups");
    await expect(plan()).rejects.toThrow("No database of the app's own was seen.");
    far.hasDatabase("standard-0", ["HEROKU_POSTGRESQL_PINK_URL"]);
    far.hasDatabase("standard-0", ["HEROKU_POSTGRESQL_NAVY_URL"]);
    expect(await sees()).not.toHaveProperty("backups");
    await expect(plan()).rejects.toThrow(
      "Its backups are not seen: the app has 2 databases, and DATABASE_URL is none of them.",
    );
  });

  test("is seen where only what is told of a backup has another shape; one that is deleted is none", async () => {
    far.hasDatabase();
    const good = was(BY_HAND, 9);
    Object.assign(good, { warnings: "2", processed_bytes: "2169504", num_keep: {}, schedule: "30167816" });
    const deleted = was(BY_HAND, 5);
    Object.assign(deleted, { deleted_at: deleted.finished_at });
    expect(await sees()).toMatchObject({
      backups: { lastGood: instant(good) },
      facts: { "Last good backup": `a001 of ${minute(good)}, 2.2 MB, with 2 warnings` },
    });
    Object.assign(good, { warnings: null, processed_bytes: null });
    expect((await sees()).facts["Last good backup"]).toBe(`a001 of ${minute(good)}`);
  });
});

describe("what is not seen is not called none", () => {
  const ENDINGS: readonly (readonly [Ending, string])[] = [
    [{ status: 401 }, "Heroku says: The test says 401"],
    [{ status: 403 }, "Heroku says: The test says 403"],
    [{ status: 404 }, "Heroku says: The test says 404"],
    [{ status: 410 }, "Heroku's data API answered 410"],
    [{ status: 422 }, "Heroku says: The test says 422"],
    [{ status: 429 }, "Heroku's data API is busy"],
    [{ status: 307 }, "Heroku's data API answered 307"],
    [{ status: 503 }, "Heroku's data API answered 503"],
    ["breaks before", "Heroku's data API does not answer"],
    ["truncates", "Heroku's data API gave an answer that cannot be read"],
  ];
  test.each(ENDINGS)("%j: %s", async (ending, why) => {
    far.hasDatabase();
    was(BY_ITSELF, 5);
    far.data.looks(ending);
    const { backups, facts } = await sees();
    expect(backups).toBeUndefined();
    expect(facts["Backups"]).toContain(`not seen: ${why}`);
    expect(facts).not.toHaveProperty(["Last good backup"]);
  });

  test("nor where it is of a tier that has none, where the answer is HTML, or has another shape", async () => {
    const database = far.hasDatabase();
    far.app.addons[0] = { ...database, plan: { id: "a", name: "heroku-postgresql:advanced-1" } };
    expect((await sees()).facts["Backups"]).toBe(
      "not seen: Heroku's own command line has none of the plan heroku-postgresql:advanced-1",
    );
    await expect(plan()).rejects.toThrow("Its backups are not seen: Heroku's own command line has none");
    far.app.addons[0] = { ...database, state: "provisioning" };
    expect((await sees()).facts["Backups"]).toBe("not seen: Heroku's data API does not know what is asked for");
    far.app.addons[0] = database;
    Object.assign(was(BY_ITSELF, 5), { created_at: "yesterday" });
    expect((await sees()).facts["Backups"]).toBe("not seen: Heroku's answer has a shape that I do not know");
  });

  test("nor where few requests are left, or databases are not seen; domains are told all the same", async () => {
    const database = far.hasDatabase();
    far.adds("shop.example.com", "ok");
    far.has(900);
    await expect(plan()).rejects.toThrow("Its backups are not seen: few requests are left to the account.");
    far.has(Infinity); // it does not say how many
    expect((await sees()).facts).toMatchObject({ "Last good backup": "none", Certificates: "shop.example.com ok" });
    far.app.addons[0] = { ...database, plan: null };
    expect((await sees()).facts).toMatchObject({
      Backups: "not seen: Heroku's answer has a shape that I do not know",
      Certificates: "shop.example.com ok",
    });
  });

  test("nor with a proxy that stands before one API alone: a token for it does not go to Heroku", async () => {
    far.hasDatabase();
    expect((await sees({ data: undefined })).facts["Backups"]).toBe(
      "not seen: The target names another `api`, and no `data`",
    );
    await expect(sees({ token: undefined })).rejects.toThrow("Name a `token` for another `api` or `data`");
  });

  test("and the doctor is told where the token is what stands in the way", async () => {
    far.hasDatabase();
    process.env[NAME] = far.user("daytwo@example.com", ["write-protected", "identity"]);
    const signal = AbortSignal.timeout(LONG);
    expect(await heroku.examine?.(target(), signal)).toMatchObject({ missing: [] });
    far.data.looks({ status: 503 });
    expect(await heroku.examine?.(target(), signal)).toMatchObject({ missing: [] });
    far.dataTakes(["global"]);
    expect(await heroku.examine?.(target(), signal)).toMatchObject({
      missing: ["see backups of its database (Heroku says: You do not have access to this resource)"],
    });
  });
});

describe("one that is asked for", () => {
  test("is planned with what it takes, taken once, and waited for", async () => {
    const database = far.hasDatabase();
    const before = was(BY_ITSELF, 5);
    const drawn = await plan();
    expect(drawn).toMatchObject({
      title: "Back up shop (web)",
      risk: "low",
      changes: { "last good backup": [`a001 of ${minute(before)}, 2.2 MB`, "a new one"] },
      uses: ["a database connection", "no money: Heroku charges nothing for it"],
    });
    expect(drawn.reasons).toEqual([
      "Backups of postgresql-database-url, none scheduled",
      "Reads the whole database, which may slow it down; Heroku means this for up to 20 GB, and gives up on what takes too long",
      "Heroku keeps a limited number of manual backups, and deletes the oldest beyond that",
      "A manual backup with a number above 1 counts as this one, whoever asks for it",
    ]);
    // One that is made by itself meanwhile is not it.
    was(BY_ITSELF, 0);
    far.holdsBack(true);
    const under = apply(drawn);
    await expect.poll(() => lines.join()).toContain("waits for its turn");
    far.holdsBack(false);
    const { outcome, verdict } = await under;
    expect(outcome).toMatchObject({ kind: "done", summary: /^there is backup b003 of 20.* UTC, 2\.2 MB$/ });
    expect(verdict.kind).toBe("holds");
    expect(far.effects.map(({ what, token }) => `${what} ${token}`)).toEqual([
      `POST /client/v11/databases/${database.id}/backups step-1`,
    ]);
    expect((await plan()).reasons.join()).toContain("Heroku keeps 5 manual backups");
  });

  test("that fails has failed, and says where its log is", async () => {
    far.hasDatabase();
    far.app.postgres.isFull = true;
    const why = /^backup b001 of 20.* UTC failed; `heroku pg:backups:info b001 -a shop-web` shows its log$/;
    expect(await apply(await plan())).toMatchObject({
      outcome: { kind: "failed", reason: why },
      verdict: { kind: "failed", seen: why },
    });
  });

  test("is not sent where somebody has asked for one since, nor where none can be seen any more", async () => {
    far.hasDatabase();
    const drawn = await plan();
    was(BY_HAND, 0);
    expect((await apply(drawn)).outcome.kind).toBe("done");
    const again = await plan();
    far.data.looks({ status: 503 });
    expect((await apply(again)).outcome).toMatchObject({
      kind: "refused",
      reason:
        "it could not be looked at just before acting: Heroku's data API answered 503. Heroku says: The test says 503.",
    });
    expect(far.effects).toEqual([]);
  });
});
