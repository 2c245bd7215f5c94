import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { meaning } from "../src/providers/cloud66/api.ts";
import { cloud66 } from "../src/providers/cloud66/index.ts";
import { outcomeOf } from "../src/providers/http-json.ts";
import { commit, STACK } from "./support/cloud66/index.ts";
import { newStack, redeploy, step } from "./support/cloud66/stack.ts";
import { openDesk, type Desk } from "./support/cloud66-desk.ts";

/** What is Cloud 66's own: deployments that are queued, containers, spread processes, scopes, and a 503 that means two things. */

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

describe("going back", () => {
  test("deploys an earlier commit; back and forth, releases keep their order", async () => {
    await desk.far.deploys(commit("bbbb222"));
    const back = await desk.does("rollback");
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
    expect(desk.far.effects).toMatchObject([{ what: "POST /deployments.json", body: { git_ref: commit("aaaa111") } }]);
    await expect(desk.plan("rollback")).rejects.toThrow("There is no earlier release.");
    await desk.does("rollback", { release: "bbbb222" });
    const { release, releases } = await desk.sees();
    expect([release, releases.map((each) => each.release)]).toEqual(["bbbb222", ["bbbb222", "aaaa111"]]);
    await expect(desk.plan("rollback", { release: "cccc333" })).rejects.toMatchObject({
      hint: "There is bbbb222, aaaa111.",
    });
  });

  test("is followed from the queue to the end", async () => {
    desk.far.holdsBack(true);
    const under = desk.does("rollback");
    await expect.poll(() => desk.lines).toContain("deploy 1002 is under way");
    desk.far.holdsBack(false);
    await under;
  });

  test("fails where the deployment does, and where it never begins", async () => {
    desk.far.stack.failing.add(commit("aaaa111"));
    const drawn = await desk.plan("rollback");
    const why = "deployment 102 of aaaa111 failed; bbbb222 is live";
    expect(await desk.apply(drawn)).toEqual({
      outcome: { kind: "failed", reason: why },
      verdict: { kind: "failed", seen: why },
    });
    expect(await desk.sees()).toMatchObject({
      health: "degraded",
      release: "bbbb222",
      problem: "deployment 102 of aaaa111 failed, and bbbb222 is live",
    });
    desk.far.stack.commits.delete(commit("aaaa111"));
    const { verdict } = await desk.apply(await desk.plan("rollback"));
    expect(verdict.seen).toBe(`deploy 1003 failed: Could not find git reference ${commit("aaaa111")}`);
  });

  test("waits for no deployment of somebody else: it is refused, when planned and when sent", async () => {
    const drawn = await desk.plan("rollback");
    desk.far.holdsBack(true);
    redeploy(desk.far.stack, commit("bbbb222"), "dana@example.com");
    await expect(desk.plan("rollback")).rejects.toThrow("Not now: a deployment is queued.");
    const reason = "it changed since the plan was drawn: a deployment is queued";
    expect((await desk.apply(drawn)).outcome).toEqual({ kind: "refused", reason });
    desk.far.holdsBack(false);
    await desk.far.settles();
    expect((await desk.apply(drawn)).verdict.kind).toBe("differs");
    expect(desk.far.effects).toEqual([]);
  });

  test.each([false, true])("goes by the newest of many deployments, the oldest first: %s", async (isOldestFirst) => {
    desk.far.api.isOldestFirst = isOldestFirst;
    for (let more = 0; more < 35; more += 1) {
      const hash = commit(`c${100_000 + more}`);
      desk.far.stack.commits.add(hash);
      redeploy(desk.far.stack, hash, "dana@example.com");
      step(desk.far.stack);
      step(desk.far.stack);
    }
    const { version, release } = await desk.sees();
    expect([version.split(".")[0], release]).toEqual(["d136", "c100034"]);
    expect((await desk.plan("rollback")).title).toBe("Roll back shop c100034 → c100033");
  });
});

describe("a size", () => {
  test("of a process is spread evenly over the servers that have it, and taken back", async () => {
    const up = await desk.does("scale", { sizes: { worker: 5 } });
    expect(up).toMatchObject({ title: "Scale shop worker 2 → 5", changes: { worker: ["2", "5"] } });
    expect(up.reasons.join()).toContain("now scheduler on Caribou 1; worker on Caribou 1, Jackal 1");
    expect(desk.far.stack.processes.get("worker")).toEqual({ Caribou: 3, Jackal: 2 });
    expect(desk.far.stack.processes.get("scheduler")).toEqual({ Caribou: 1 });
    await desk.does("scale", { sizes: { worker: 0 } });
    await desk.does("scale", { sizes: { worker: 1 } });
    expect(desk.far.stack.processes.get("worker")).toEqual({ Caribou: 1, Jackal: 0 });
    await expect(desk.plan("scale", { sizes: { worker: 1 } })).rejects.toThrow("It is that size already");
    await expect(desk.plan("scale", { sizes: { worker: 2, scheduler: 2 } })).rejects.toThrow("one process at a time");
  });

  test.each(["docker", "kubernetes"] as const)(
    "of a service of containers on %s is set, and waited for",
    async (on) => {
      desk.far.isOf(on, { web: 2, worker: 1 });
      await desk.does("scale", { sizes: { web: 5 } });
      await desk.does("scale", { sizes: { web: 1 } });
      expect(desk.far.effects[0]).toMatchObject({ body: { service_name: "web", server_group_count: { web: 5 } } });
      expect((await desk.sees()).sizes).toEqual([
        { process: "web", wanted: 1, running: 1, healthy: 1 },
        { process: "worker", wanted: 1, running: 1, healthy: 1 },
      ]);
    },
  );

  test("that Cloud 66 could not set has failed, in its own words", async () => {
    desk.far.stack.isJammed = true;
    const { outcome, verdict } = await desk.apply(await desk.plan("scale", { sizes: { worker: 3 } }));
    expect([outcome.kind, verdict.kind]).toEqual(["failed", "failed"]);
    expect(verdict.seen).toBe("Process_scale 1002 failed: Timed out waiting for an agent; 2 of 3 worker there");
  });
});

describe("a restart", () => {
  test("is of the whole stack, each time anew", async () => {
    const drawn = await desk.does("restart");
    expect(drawn).toMatchObject({ risk: "high", title: "Restart shop (web)" });
    expect(await desk.apply(drawn)).toMatchObject({ verdict: { kind: "holds", seen: "restart 1003 has ended well" } });
    expect(desk.far.effects.map(({ body }) => body)).toEqual([{ command: "restart" }, { command: "restart" }]);
    await expect(desk.plan("restart", { process: "worker" })).rejects.toThrow("Only a service of containers");
  });

  test("is of one service of containers, and of no other", async () => {
    desk.far.isOf("docker", { web: 2, worker: 1 });
    const drawn = await desk.does("restart", { process: "web" });
    expect(drawn).toMatchObject({ risk: "low", title: "Restart shop web" });
    expect(desk.far.effects[0]).toMatchObject({ body: { command: "service_restart", service_name: "web" } });
    await expect(desk.plan("restart", { process: "wbe" })).rejects.toMatchObject({ hint: "There is 2 web, 1 worker." });
  });

  test("that fails has failed", async () => {
    desk.far.stack.isJammed = true;
    expect((await desk.apply(await desk.plan("restart"))).outcome).toMatchObject({ kind: "failed" });
  });
});

describe("what is seen", () => {
  test("is health, and what else there is of servers, backups and certificates", async () => {
    const [caribou, jackal] = desk.far.stack.servers;
    if (caribou !== undefined)
      caribou.notifications["restart_required"] = { value: true, reason: "the kernel was updated", asof: "2026-11-29" };
    if (jackal !== undefined) jackal.health_state = 2;
    const backup = { db_type: "mysql", database_name: "shop", backup_status: 0 };
    desk.far.stack.backups.push(
      { ...backup, id: 1, backup_date_iso: "2026-11-28T02:00:00Z", verify_status: 2 },
      { ...backup, id: 2, backup_date_iso: "2026-11-29T02:00:00Z", verify_status: 3 },
    );
    desk.far.stack.certificates.push({
      server_names: "shop.example.com",
      expires_at: "2027-01-24T00:00:00Z",
      status: 3,
    });
    expect(await desk.sees()).toMatchObject({
      health: "ok",
      facts: {
        Servers: "Caribou healthy, and needs a reboot (the kernel was updated), Jackal impaired",
        "Last backups": "mysql shop 2026-11-29T02:00:00Z, its verification failed",
        Certificates: "shop.example.com until 2027-01-24T00:00:00Z",
        Processes: "scheduler on Caribou 1; worker on Caribou 1, Jackal 1",
        "Last action": "1001 (deploy)",
      },
    });
  });

  test.each([
    [3, ""],
    [2, ", could not be installed"],
    ["active", ""],
    ["expired", ", expired"],
    [null, ""],
  ])("of a certificate is how it stands, by a number or a word: %j", async (status, words) => {
    desk.far.stack.certificates.push({ server_names: "shop.example.com", expires_at: null, status });
    expect((await desk.sees()).facts["Certificates"]).toBe(`shop.example.com${words}`);
  });

  test.each([
    [4, "down", "Cloud 66 calls its health failed, with bbbb222 live"],
    [2, "degraded", "Cloud 66 calls its health impaired, with bbbb222 live"],
    [0, "unknown", undefined],
    [3, "ok", undefined],
  ])("of a health of %i is %s", async (health, word, problem) => {
    desk.far.stack.health = health;
    const seen = await desk.sees();
    expect([seen.health, seen.problem]).toEqual([word, problem]);
  });

  test("is less where few requests are left, and with none nothing is known and nothing sent", async () => {
    const drawn = await desk.plan("scale", { sizes: { worker: 3 } });
    desk.far.api.left = 900;
    expect((await desk.sees()).facts["Servers"]).toBeUndefined();
    desk.far.api.left = 0;
    await expect(desk.sees()).rejects.toThrow("Cloud 66 is busy.");
    desk.far.api.left = 5; // enough to look, and to see where it would go
    const use = { token: "step-1", signal: AbortSignal.timeout(20_000), report: () => undefined };
    const reason = "Cloud 66 says: You have reached the maximum rate limit.";
    expect(await cloud66.apply(desk.target(), drawn, use)).toEqual({ kind: "later", after: 300_000, reason });
    expect(desk.far.effects).toEqual([]);
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
    desk.far.api.stacks.set(uid, { stack: newStack(uid, "Blog", more === 0 ? "staging" : "production"), account: 139 });
  }
  const cluster = { ...newStack("c".repeat(32), "Cluster"), framework: "kubernetes" };
  desk.far.api.stacks.set(cluster.uid, { stack: cluster, account: 139 });
  desk.far.api.stacks.set("d".repeat(32), { stack: newStack("d".repeat(32), "Others"), account: 7 });
  const where = { token: desk.token, api: desk.far.url };
  const found = await cloud66.discovery?.list(where, AbortSignal.timeout(20_000));
  expect(found?.length).toBe(32);
  expect(new Set(found?.map(({ name }) => name))).toEqual(new Set(["Blog", "Blog-staging", "Shop"]));
  expect(found?.at(-1)).toEqual({ name: "Shop", settings: { stack: STACK, ...where }, checks: ["updates"] });
  const isSame = cloud66.discovery?.isSame;
  expect(isSame?.(desk.target().settings, desk.target({ account: 139 }).settings)).toBe(true);
  expect(isSame?.(desk.target().settings, desk.target({ stack: cluster.uid }).settings)).toBe(false);
  expect(isSame?.(desk.target().settings, { stack: "a UID of another kind" })).toBe(false);
});

describe("a token", () => {
  test("that may only look is refused before anything is done, in Cloud 66's words", async () => {
    desk.as(desk.far.user("daytwo@example.com", { scopes: ["public"] }));
    expect(await desk.apply(await desk.plan("rollback"))).toEqual({
      outcome: { kind: "refused", reason: "Cloud 66 says: This needs the scope redeploy." },
      verdict: { kind: "untouched", seen: "nothing was applied" },
    });
  });

  test("of another account sees the stack where the account is named", async () => {
    desk.as(desk.far.user("daytwo@example.com", { account: 7 }));
    await expect(desk.sees()).rejects.toThrow("Cloud 66 says: Resource not found.");
    await expect(desk.sees(desk.target({ account: 139 }))).resolves.toBeDefined();
  });
});
