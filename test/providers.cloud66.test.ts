import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Action, Arguments, Plan } from "../src/domain/action.ts";
import type { Target } from "../src/domain/catalog.ts";
import type { Observation } from "../src/domain/observation.ts";
import { meaning } from "../src/providers/cloud66/api.ts";
import { cloud66 } from "../src/providers/cloud66/index.ts";
import { outcomeOf } from "../src/providers/http-json.ts";
import type { Outcome, Verdict } from "../src/providers/provider.ts";
import { commit, openCloud66, STACK, type TestCloud66 } from "./support/cloud66/index.ts";
import { newStack, redeploy, step } from "./support/cloud66/stack.ts";

/** What is Cloud 66's own: deployments that are queued, containers, spread processes, scopes, and a 503 that means two things. */

const NAME = `CLOUD66_${randomBytes(4).toString("hex").toUpperCase()}`;
const LONG = 20_000;

let far: TestCloud66;
let lines: string[];

beforeEach(async () => {
  far = await openCloud66();
  lines = [];
  as(far.user("daytwo@example.com"));
  for (const start of ["aaaa111", "bbbb222"]) await far.deploys(commit(start));
});
afterEach(async () => {
  delete process.env[NAME];
  await far.close();
});

function as(token: string): void {
  process.env[NAME] = token;
}
function target(other: object = {}): Target {
  const settings = { stack: STACK, api: far.url, token: { env: NAME }, ...other };
  return { key: "shop/web", service: "shop", name: "web", provider: "cloud66", settings };
}
function sees(of = target()): Promise<Observation> {
  return cloud66.observe(of, AbortSignal.timeout(LONG));
}
async function plan(action: Action, given: Arguments = {}): Promise<Plan> {
  return cloud66.plan({ action, arguments: given, target: target() }, await sees());
}
async function apply(drawn: Plan): Promise<{ outcome: Outcome; verdict: Verdict }> {
  const use = { token: "step-1", signal: AbortSignal.timeout(LONG) };
  const outcome = await cloud66.apply(target(), drawn, { ...use, report: (line) => void lines.push(line) });
  return { outcome, verdict: await cloud66.verify(target(), drawn, use) };
}
async function does(action: Action, given: Arguments = {}): Promise<Plan> {
  const drawn = await plan(action, given);
  expect(await apply(drawn)).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
  await far.settles();
  return drawn;
}

describe("going back", () => {
  test("deploys an earlier commit; back and forth, releases keep their order", async () => {
    await far.deploys(commit("bbbb222"));
    const back = await does("rollback");
    expect(back).toMatchObject({
      title: "Roll back shop bbbb222 → aaaa111",
      risk: "high",
      undo: { arguments: { release: "bbbb222" } },
    });
    expect(back.reasons).toEqual([
      "Deploys the commit of aaaa111 (deployment 100) anew; how well it ran cannot be seen",
      "Takes back bbbb222 (deployment 101)",
      "Its code goes back; deploy hooks run again, with the environment variables of today",
      "Nothing changes in git: the next deployment of the branch brings its newest commit again",
      "Seen by what Cloud 66 begins after its action 1002",
    ]);
    expect(far.effects).toMatchObject([{ what: "POST /deployments.json", body: { git_ref: commit("aaaa111") } }]);
    await expect(plan("rollback")).rejects.toThrow("There is no earlier release.");
    await does("rollback", { release: "bbbb222" });
    const { release, releases } = await sees();
    expect([release, releases.map((each) => each.release)]).toEqual(["bbbb222", ["bbbb222", "aaaa111"]]);
    await expect(plan("rollback", { release: "cccc333" })).rejects.toMatchObject({
      hint: "There is bbbb222, aaaa111.",
    });
  });

  test("is followed from the queue to the end", async () => {
    far.holdsBack(true);
    const under = does("rollback");
    await expect.poll(() => lines).toContain("deploy 1002 is under way");
    far.holdsBack(false);
    await under;
  });

  test("fails where the deployment does, and where it never begins", async () => {
    far.stack.failing.add(commit("aaaa111"));
    const drawn = await plan("rollback");
    const why = "deployment 102 of aaaa111 failed; bbbb222 is live";
    expect(await apply(drawn)).toEqual({
      outcome: { kind: "failed", reason: why },
      verdict: { kind: "failed", seen: why },
    });
    expect(await sees()).toMatchObject({
      health: "degraded",
      release: "bbbb222",
      problem: "deployment 102 of aaaa111 failed, and bbbb222 is live",
    });
    far.stack.commits.delete(commit("aaaa111"));
    const { verdict } = await apply(await plan("rollback"));
    expect(verdict.seen).toBe(`deploy 1003 failed: Could not find git reference ${commit("aaaa111")}`);
  });

  test("waits for no deployment of somebody else: it is refused, when planned and when sent", async () => {
    const drawn = await plan("rollback");
    far.holdsBack(true);
    redeploy(far.stack, commit("bbbb222"), "dana@example.com");
    await expect(plan("rollback")).rejects.toThrow("Not now: a deployment is queued.");
    const reason = "it changed since the plan was drawn: a deployment is queued";
    expect((await apply(drawn)).outcome).toEqual({ kind: "refused", reason });
    far.holdsBack(false);
    await far.settles();
    expect((await apply(drawn)).verdict.kind).toBe("differs");
    expect(far.effects).toEqual([]);
  });

  test("of containers is refused with what to do instead", async () => {
    far.isOf("kubernetes", { web: 2 });
    expect(await sees()).toMatchObject({ releases: [], facts: { "Runs in": "containers (kubernetes)" } });
    await expect(plan("rollback")).rejects.toMatchObject({
      message: expect.stringContaining("cannot be rolled back from here"),
      hint: expect.stringContaining("cx redeploy --service"),
    });
  });

  test.each([false, true])("goes by the newest of many deployments, the oldest first: %s", async (isOldestFirst) => {
    far.api.isOldestFirst = isOldestFirst;
    for (let more = 0; more < 35; more += 1) {
      const hash = commit(`c${100_000 + more}`);
      far.stack.commits.add(hash);
      redeploy(far.stack, hash, "dana@example.com");
      step(far.stack);
      step(far.stack);
    }
    const { version, release } = await sees();
    expect([version.split(".")[0], release]).toEqual(["d136", "c100034"]);
    expect((await plan("rollback")).title).toBe("Roll back shop c100034 → c100033");
  });
});

describe("a size", () => {
  test("of a process is spread evenly over the servers that have it, and taken back", async () => {
    const up = await does("scale", { sizes: { worker: 5 } });
    expect(up).toMatchObject({ title: "Scale shop worker 2 → 5", changes: { worker: ["2", "5"] } });
    expect(up.reasons.join()).toContain("now scheduler: Caribou 1; worker: Caribou 1, Jackal 1");
    expect(far.stack.processes.get("worker")).toEqual({ Caribou: 3, Jackal: 2 });
    expect(far.stack.processes.get("scheduler")).toEqual({ Caribou: 1 });
    await does("scale", { sizes: { worker: 0 } });
    await does("scale", { sizes: { worker: 1 } });
    expect(far.stack.processes.get("worker")).toEqual({ Caribou: 1, Jackal: 0 });
    await expect(plan("scale", { sizes: { worker: 1 } })).rejects.toThrow("It is that size already");
    await expect(plan("scale", { sizes: { worker: 2, scheduler: 2 } })).rejects.toThrow("one process at a time");
  });

  test.each(["docker", "kubernetes"] as const)(
    "of a service of containers on %s is set, and waited for",
    async (on) => {
      far.isOf(on, { web: 2, worker: 1 });
      await does("scale", { sizes: { web: 5 } });
      await does("scale", { sizes: { web: 1 } });
      expect(far.effects[0]).toMatchObject({ body: { service_name: "web", server_group_count: { web: 5 } } });
      expect((await sees()).sizes).toEqual([
        { process: "web", wanted: 1, running: 1, healthy: 1 },
        { process: "worker", wanted: 1, running: 1, healthy: 1 },
      ]);
    },
  );

  test("that Cloud 66 could not set has failed, in its own words", async () => {
    far.stack.isJammed = true;
    const { outcome, verdict } = await apply(await plan("scale", { sizes: { worker: 3 } }));
    expect([outcome.kind, verdict.kind]).toEqual(["failed", "failed"]);
    expect(verdict.seen).toBe("Process_scale 1002 failed: Timed out waiting for an agent; 2 of 3 worker there");
  });
});

describe("a restart", () => {
  test("is of the whole stack, each time anew", async () => {
    const drawn = await does("restart");
    expect(drawn).toMatchObject({ risk: "high", title: "Restart shop (web)" });
    expect(await apply(drawn)).toMatchObject({ verdict: { kind: "holds", seen: "restart 1003 has ended well" } });
    expect(far.effects.map(({ body }) => body)).toEqual([{ command: "restart" }, { command: "restart" }]);
    await expect(plan("restart", { process: "worker" })).rejects.toThrow("Only a service of containers");
  });

  test("is of one service of containers, and of no other", async () => {
    far.isOf("docker", { web: 2, worker: 1 });
    const drawn = await does("restart", { process: "web" });
    expect(drawn).toMatchObject({ risk: "low", title: "Restart shop web" });
    expect(far.effects[0]).toMatchObject({ body: { command: "service_restart", service_name: "web" } });
    await expect(plan("restart", { process: "wbe" })).rejects.toMatchObject({ hint: "There is 2 web, 1 worker." });
  });

  test("that fails has failed", async () => {
    far.stack.isJammed = true;
    expect((await apply(await plan("restart"))).outcome).toMatchObject({ kind: "failed" });
  });
});

describe("maintenance mode", () => {
  test("keeps visitors out until it is taken back, and is told with since when", async () => {
    const on = await does("maintenance", { maintenance: "on" });
    expect(on).toMatchObject({ title: "Put shop/web into maintenance mode", risk: "high" });
    expect(await sees()).toMatchObject({
      health: "ok",
      maintenance: { mode: "on", since: expect.stringMatching(/^2026-11-30T08:.*Z$/) },
    });
    expect((await does("maintenance", on.undo?.arguments)).risk).toBe("low");
    expect((await sees()).version).toBe(on.version);
    expect(far.effects.map(({ body }) => body)).toEqual([
      { command: "maintenance_mode", value: 1 },
      { command: "maintenance_mode", value: 0 },
    ]);
  });

  test("that somebody turned on long ago is told without, and where nothing is told nothing is done", async () => {
    far.stack.maintenance_mode = true;
    expect((await sees()).maintenance).toEqual({ mode: "on" });
    Object.assign(far.stack, { maintenance_mode: null });
    expect((await sees()).maintenance).toBeUndefined();
    await expect(plan("maintenance", { maintenance: "on" })).rejects.toThrow("does not say whether shop/web is in");
  });
});

describe("what is seen", () => {
  test("is health, and what else there is of servers, backups and certificates", async () => {
    const [caribou, jackal] = far.stack.servers;
    if (caribou !== undefined)
      caribou.notifications["restart_required"] = { value: true, reason: "the kernel was updated", asof: "2026-11-29" };
    if (jackal !== undefined) jackal.health_state = 2;
    const backup = { db_type: "mysql", database_name: "shop", backup_status: 0 };
    far.stack.backups.push(
      { ...backup, id: 1, backup_date_iso: "2026-11-28T02:00:00Z", verify_status: 2 },
      { ...backup, id: 2, backup_date_iso: "2026-11-29T02:00:00Z", verify_status: 3 },
    );
    far.stack.certificates.push({ server_names: "shop.example.com", expires_at: "2027-01-24T00:00:00Z", status: 3 });
    expect(await sees()).toMatchObject({
      health: "ok",
      facts: {
        Servers: "Caribou healthy, and needs a restart (the kernel was updated), Jackal impaired",
        "Last backups": "mysql shop 2026-11-29T02:00:00Z, its verification failed",
        Certificates: "shop.example.com until 2027-01-24T00:00:00Z",
        Processes: "scheduler: Caribou 1; worker: Caribou 1, Jackal 1",
        "Last action": "1001 (deploy)",
      },
    });
  });

  test.each([
    [4, "down", "Cloud 66 calls its health failed, with bbbb222 live"],
    [2, "degraded", "Cloud 66 calls its health impaired, with bbbb222 live"],
    [0, "unknown", undefined],
    [3, "ok", undefined],
  ])("of a health of %i is %s", async (health, word, problem) => {
    far.stack.health = health;
    const seen = await sees();
    expect([seen.health, seen.problem]).toEqual([word, problem]);
  });

  test("is less where few requests are left, and with none nothing is known and nothing sent", async () => {
    const drawn = await plan("scale", { sizes: { worker: 3 } });
    far.api.left = 900;
    expect((await sees()).facts["Servers"]).toBeUndefined();
    far.api.left = 0;
    await expect(sees()).rejects.toThrow("Cloud 66 is busy.");
    far.api.left = 5; // enough to look, and to see where it would go
    const use = { token: "step-1", signal: AbortSignal.timeout(LONG), report: () => undefined };
    const reason = "Cloud 66 says: You have reached the maximum rate limit.";
    expect(await cloud66.apply(target(), drawn, use)).toEqual({ kind: "later", after: 300_000, reason });
    expect(far.effects).toEqual([]);
  });

  test.each([
    ["throttled", "later"],
    ["not_implemented", "refused"],
    ["service_unavailable", "unknown"],
  ])("of a 503 that says %s is %s", (error, kind) => {
    const answered = { status: 503, headers: {}, body: { error } };
    expect(outcomeOf(answered, meaning(answered))?.kind).toBe(kind);
  });
});

test("all stacks of an account are found, each environment as a service of its own", async () => {
  for (let more = 0; more < 31; more += 1) {
    const uid = `${more}`.padStart(32, "0");
    far.api.stacks.set(uid, { stack: newStack(uid, "Blog", more === 0 ? "staging" : "production"), account: 139 });
  }
  const cluster = { ...newStack("c".repeat(32), "Cluster"), framework: "kubernetes" };
  far.api.stacks.set(cluster.uid, { stack: cluster, account: 139 });
  far.api.stacks.set("d".repeat(32), { stack: newStack("d".repeat(32), "Others"), account: 7 });
  const where = { token: { env: NAME }, api: far.url };
  const found = await cloud66.discovery?.list(where, AbortSignal.timeout(LONG));
  expect(found?.length).toBe(32);
  expect(new Set(found?.map(({ name }) => name))).toEqual(new Set(["Blog", "Blog-staging", "Shop"]));
  expect(found?.at(-1)).toEqual({ name: "Shop", settings: { stack: STACK, ...where } });
  const isSame = cloud66.discovery?.isSame;
  expect(isSame?.(target().settings, target({ account: 139 }).settings)).toBe(true);
  expect(isSame?.(target().settings, target({ stack: cluster.uid }).settings)).toBe(false);
  expect(isSame?.(target().settings, { stack: "a UID of another kind" })).toBe(false);
});

describe("a token", () => {
  test("that may only look is refused before anything is done, in Cloud 66's words", async () => {
    as(far.user("daytwo@example.com", { scopes: ["public"] }));
    expect(await apply(await plan("rollback"))).toEqual({
      outcome: { kind: "refused", reason: "Cloud 66 says: This needs the scope redeploy." },
      verdict: { kind: "untouched", seen: "nothing was applied" },
    });
  });

  test("of another account sees the stack where the account is named", async () => {
    as(far.user("daytwo@example.com", { account: 7 }));
    await expect(sees()).rejects.toThrow("Cloud 66 says: Resource not found.");
    await expect(sees(target({ account: 139 }))).resolves.toBeDefined();
  });
});
