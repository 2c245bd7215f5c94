import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Action, Arguments, Plan } from "../src/domain/action.ts";
import type { Target } from "../src/domain/catalog.ts";
import type { Observation } from "../src/domain/observation.ts";
import { heroku } from "../src/providers/heroku/index.ts";
import type { Outcome, Verdict } from "../src/providers/provider.ts";
import { configOf } from "./support/heroku/app.ts";
import { APP, openHeroku, type TestHeroku } from "./support/heroku/index.ts";

/** What is Heroku's own: releases that are copies, release phases, dynos that come and go, scopes and the pool of requests. */

const NAME = `HEROKU_${randomBytes(4).toString("hex").toUpperCase()}`;
const LONG = 20_000;

let far: TestHeroku;
let lines: string[];

beforeEach(async () => {
  far = await openHeroku();
  lines = [];
  as(far.user("daytwo@example.com"));
  await deploys("aaaa1111");
  await deploys("bbbb2222");
});
afterEach(async () => {
  delete process.env[NAME];
  await far.close();
});

function as(token: string): void {
  process.env[NAME] = token;
}
async function deploys(slug: string): Promise<void> {
  far.deploys(slug);
  await far.settles();
}
function target(): Target {
  const settings = { app: APP, api: far.url, token: { env: NAME } };
  return { key: "shop/web", service: "shop", name: "web", provider: "heroku", settings };
}
function sees(): Promise<Observation> {
  return heroku.observe(target(), AbortSignal.timeout(LONG));
}
async function plan(action: Action, given: Arguments = {}): Promise<Plan> {
  return heroku.plan({ action, arguments: given, target: target() }, await sees());
}
async function apply(drawn: Plan): Promise<{ outcome: Outcome; verdict: Verdict }> {
  const use = { token: "step-1", signal: AbortSignal.timeout(LONG) };
  const outcome = await heroku.apply(target(), drawn, { ...use, report: (line) => void lines.push(line) });
  return { outcome, verdict: await heroku.verify(target(), drawn, use) };
}
async function does(action: Action, given: Arguments = {}): Promise<Plan> {
  const drawn = await plan(action, given);
  expect(await apply(drawn)).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
  await far.settles();
  return drawn;
}

describe("releases", () => {
  test("that are gone back to keep their names, however often", async () => {
    const back = await does("rollback");
    expect(back).toMatchObject({ title: "Roll back shop v4 → v3", undo: { arguments: { release: "v4" } } });
    expect(await sees()).toMatchObject({ release: "v3", facts: { "Heroku's number": "v5 (Rollback to v3)" } });
    await does("rollback", { release: "v4" });
    await does("rollback");
    const { release, releases } = await sees();
    expect([release, releases.map((each) => each.release)]).toEqual(["v3", ["v4", "v3"]]);
    expect(far.app.releases.map(({ description }) => description).slice(4)).toEqual([
      "Rollback to v3",
      "Rollback to v4",
      "Rollback to v3",
    ]);
    await expect(plan("rollback", { release: "v3" })).rejects.toThrow("v3 is what runs now.");
    await expect(plan("rollback", { release: "v9" })).rejects.toMatchObject({ hint: "There is v4, v3." });
    await expect(plan("rollback")).rejects.toThrow("There is no earlier release.");
  });

  test("take config vars with them: their names are told, and never their values", async () => {
    far.sets({ LEVEL: "secret-level", REGION: "secret-region" });
    await far.settles();
    const { reasons, stays } = await plan("rollback", { release: "v3" });
    expect(reasons).toEqual([
      "Makes a new release, a copy of v3 (Deploy aaaa1111); how well it ran cannot be seen",
      "Takes back v5 (Set LEVEL, REGION config vars), v4 (Deploy bbbb2222)",
      "Config vars go back too, to what they were at v3; in between, LEVEL, REGION changed",
      "Its release phase, where it has one, runs again and must succeed",
    ]);
    expect(stays.join()).toContain("the database, with what migrations and release phases did to it");
    await does("rollback", { release: "v3" });
    expect(configOf(far.app)).toEqual({});
  });

  test("are among the newest hundred, each as it was made first", async () => {
    await does("rollback");
    for (let more = 0; more < 99; more += 1) far.sets({ LEVEL: String(more) });
    await far.settles();
    const { release, releases } = await sees();
    expect([release, releases.length, releases.at(-1)?.release]).toEqual(["v104", 99, "v6"]);
    await does("rollback", { release: "v6" });
    expect((await sees()).release).toBe("v6");
  });

  test("run their release phase first: it is waited for, and one that fails has failed while the old one runs", async () => {
    far.holdsBack(true);
    const under = does("rollback");
    await expect.poll(() => lines).toContain("v5, a copy of v3, is in its release phase");
    expect((await sees()).facts["Release phase"]).toBe("v5 is in it");
    far.holdsBack(false);
    await under;
    far.failsPhase("bbbb2222");
    const why = "v6, a copy of v4, failed in its release phase; release v3 runs";
    expect(await apply(await plan("rollback", { release: "v4" }))).toEqual({
      outcome: { kind: "failed", reason: why },
      verdict: { kind: "failed", seen: why },
    });
    expect(await sees()).toMatchObject({
      health: "degraded",
      release: "v3",
      problem: "v6 failed in its release phase, and release v3 still runs",
    });
  });

  test("whose dynos crash are no success", async () => {
    far.crashes("aaaa1111");
    const { outcome, verdict } = await apply(await plan("rollback"));
    expect([outcome.kind, verdict.kind]).toEqual(["failed", "failed"]);
    expect(verdict.seen).toMatch(/^release v3 as v5, web\.1 crashed, 0 of 2 web up/);
    expect(await sees()).toMatchObject({ health: "down", problem: "web and worker crashed in release v3" });
  });
});

describe("a size", () => {
  test("is set and taken back; single commands and the release phase have none", async () => {
    far.runs("run.4711");
    expect((await sees()).sizes.map(({ process, healthy }) => `${healthy} ${process}`)).toEqual(["2 web", "1 worker"]);
    const up = await does("scale", { sizes: { web: 4, worker: 0 } });
    expect(up).toMatchObject({ title: "Scale shop web 2 → 4, worker 1 → 0", changes: { web: ["2", "4"] } });
    await does("scale", up.undo?.arguments);
    await expect(plan("scale", { sizes: { web: 2 } })).rejects.toThrow("It is that size already: 2 web, 1 worker.");
  });

  test("that Heroku does not allow is refused in its own words", async () => {
    for (const each of far.app.formation) each.size = "Basic";
    expect(await apply(await plan("scale", { sizes: { web: 3 } }))).toEqual({
      outcome: {
        kind: "refused",
        reason: "Heroku says: Cannot update to more than 1 Basic size dynos per process type.",
      },
      verdict: { kind: "untouched", seen: "nothing was applied" },
    });
  });

  test.each([true, false])("that may be set by itself is told, and voids no plan; by its old name %j", async (old) => {
    far.app.hasOldSizes = old;
    for (const each of far.app.formation) each.size = "Performance-M";
    const size = await plan("scale", { sizes: { web: 3 } });
    const back = await plan("rollback");
    expect(size.reasons.join()).toContain("may have autoscaling");
    far.scales("web", 5);
    await far.settles();
    expect((await apply(size)).outcome).toMatchObject({
      kind: "refused",
      reason: "it changed since the plan was drawn: web is to be 5",
    });
    expect((await apply(back)).verdict.kind).toBe("holds");
  });
});

describe("a restart", () => {
  test("is of all dynos, from now on, and told by when they were started", async () => {
    const drawn = await plan("restart");
    expect(drawn.reasons.join()).toMatch(/Seen by dynos that start after 2026-11-30T\d\d:\d\d:\d\dZ/);
    // Heroku cycles dynos once a day: whoever asked for a restart still means one.
    far.scales("web", 0);
    far.scales("web", 2);
    await far.settles();
    const before =
      far.app.dynos
        .map((each) => each.updated_at)
        .toSorted()
        .at(-1) ?? "";
    expect(await apply(drawn)).toEqual({
      outcome: { kind: "done", summary: "2 of 2 web up, 1 of 1 worker up" },
      verdict: { kind: "holds", seen: "2 of 2 web up, 1 of 1 worker up" },
    });
    expect(far.effects.map(({ what }) => what)).toEqual([`DELETE /apps/${APP}/dynos`]);
    expect(far.app.dynos.filter((each) => each.updated_at <= before)).toEqual([]);
    await expect(plan("restart", { process: "web" })).rejects.toThrow("is restarted as one whole");
  });

  test("of nothing is none", async () => {
    await does("scale", { sizes: { web: 0, worker: 0 } });
    await expect(plan("restart")).rejects.toThrow("No dyno runs");
  });
});

describe("maintenance mode", () => {
  test("keeps visitors out, which the plan says, until it is taken back; no dyno is touched", async () => {
    const before = far.app.dynos.map(({ updated_at }) => updated_at);
    const on = await does("maintenance", { maintenance: "on" });
    expect(on).toMatchObject({ risk: "high", changes: { "maintenance mode": ["off", "on"] } });
    expect(on.reasons.join()).toMatch(
      /^Visitors see .*,Checks of what visitors see fail .*day2 window shop now for 1h/,
    );
    expect(await sees()).toMatchObject({ maintenance: { mode: "on" }, health: "ok" });
    await expect(plan("maintenance", { maintenance: "on" })).rejects.toThrow("Maintenance mode is on already.");
    expect((await does("maintenance", on.undo?.arguments)).risk).toBe("low");
    expect((await sees()).version).toBe(on.version);
    expect(far.effects.map(({ what }) => what)).toEqual([`PATCH /apps/${APP}`, `PATCH /apps/${APP}`]);
    expect(far.app.dynos.map(({ updated_at }) => updated_at)).toEqual(before);
  });

  test("whose answer got lost is seen to be on, and is not turned on again", async () => {
    const on = await plan("maintenance", { maintenance: "on" });
    far.server.changes("truncates");
    expect(await apply(on)).toMatchObject({ outcome: { kind: "unknown" }, verdict: { kind: "holds" } });
    expect((await apply(on)).outcome).toMatchObject({ kind: "done", summary: "maintenance mode is on" });
    expect(far.effects).toHaveLength(1);
  });

  test("of an app that moved, has none or does not tell is left alone", async () => {
    const on = await plan("maintenance", { maintenance: "on" });
    far.app.isOfFir = true;
    const reason = "Heroku says: Maintenance mode is not available for this app.";
    expect(await apply(on)).toMatchObject({ outcome: { kind: "refused", reason }, verdict: { kind: "untouched" } });
    far.scales("worker", 5);
    expect(await apply(on)).toMatchObject({ outcome: { kind: "refused" }, verdict: { kind: "differs" } });
    Object.assign(far.app, { maintenance: null });
    await expect(plan("maintenance", { maintenance: "off" })).rejects.toThrow(
      "Whether shop/web is in maintenance mode cannot be seen.",
    );
    expect(far.effects).toEqual([]);
  });
});

describe("what else there is", () => {
  test("is told, from lists of any length", async () => {
    for (let other = 0; other < 500; other += 1) far.adds(`${other}.example.com`, null);
    far.adds("shop.example.com", "failing", "CDN not returning HTTP challenge");
    far.hasDatabase("standard-0", ["DATABASE_URL"]);
    expect((await sees()).facts).toMatchObject({
      Certificates: "shop.example.com failing (CDN not returning HTTP challenge)",
      Database: "postgresql-database-url (heroku-postgresql:standard-0, provisioned)",
    });
  });

  test("runs under the same account is found, each with whom Heroku says that it is whose", async () => {
    const { discovery } = heroku;
    const place = { token: { env: NAME }, api: far.url };
    const found = await discovery?.list(place, AbortSignal.timeout(LONG));
    expect(found).toEqual([
      { name: "shop-mailer", settings: { app: "shop-mailer", ...place }, owner: "growth" },
      { name: APP, settings: { app: APP, ...place }, owner: "dana@example.com" },
    ]);
    expect(found?.map(({ settings }) => discovery?.isSame(settings, target().settings))).toEqual([false, true]);
    await expect(discovery?.list({ api: far.url }, AbortSignal.timeout(LONG))).rejects.toThrow(
      "Name a `token` for another `api`",
    );
  });

  test("is asked for page by page, but not for ever where a proxy always names the same one", async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(206, { "next-range": "id ]a..; max=200" }).end(JSON.stringify([{ name: "Shop_Web" }]));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const place = { token: { env: NAME }, api: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    await expect(heroku.discovery?.list(place, AbortSignal.timeout(LONG))).rejects.toThrow("has no end");
    expect(asked).toBeLessThan(200);
  });

  test("has names that a target could not have, and is nobody's then", () => {
    const { discovery } = heroku;
    expect(discovery?.isSame(target().settings, { app: "Shop_Web" })).toBe(false);
  });

  test("is left out where few requests are left, and with none nothing is known and nothing sent", async () => {
    far.adds("shop.example.com", "ok");
    const drawn = await plan("scale", { sizes: { web: 3 } });
    far.has(900);
    expect((await sees()).facts["Certificates"]).toBeUndefined();
    far.has(0);
    await expect(sees()).rejects.toThrow("Heroku is busy.");
    const use = { token: "step-1", signal: AbortSignal.timeout(LONG), report: () => undefined };
    expect(await heroku.apply(target(), drawn, use)).toMatchObject({ kind: "refused", reason: /Heroku is busy/ });
    expect(far.effects).toEqual([]);
  });

  test.each([
    [["global"], "daytwo@example.com", []],
    [["write-protected", "identity"], "daytwo@example.com", []],
    [
      ["read-protected"],
      "somebody whom Heroku does not name",
      ["the scope write (for scale, restart, renew-cert and maintenance)", "the scope write-protected (for rollback)"],
    ],
    [
      ["write"],
      "somebody whom Heroku does not name",
      ["the scope read-protected (for seeing releases)", "the scope write-protected (for rollback)"],
    ],
  ])("with the scopes %j a token may do what is said", async (scopes, identity, missing) => {
    as(far.user("daytwo@example.com", scopes));
    expect(await heroku.examine?.(target(), AbortSignal.timeout(LONG))).toEqual({ identity, missing });
  });

  test("a scope that is too small is refused before anything is done", async () => {
    const drawn = await plan("rollback");
    as(far.user("daytwo@example.com", ["read-protected", "write"]));
    expect((await apply(drawn)).outcome).toMatchObject({ kind: "refused", reason: /^Heroku says: The scope of/ });
    await does("scale", { sizes: { web: 3 } });
  });
});
