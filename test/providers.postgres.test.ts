import { readFile } from "node:fs/promises";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Action, Arguments, Plan } from "../src/domain/action.ts";
import type { Target } from "../src/domain/catalog.ts";
import type { Observation } from "../src/domain/observation.ts";
import { postgres } from "../src/providers/postgres/index.ts";
import type { Outcome, Verdict } from "../src/providers/provider.ts";
import { openWatchedServer, type WatchedServer } from "./support/watched-server.ts";

/** What is a database's own: the role, who is in the way, and queries. */

let server: WatchedServer;
let lines: string[];

/** The role is made by the lines of its page, and by no others. */
async function setUp(): Promise<void> {
  const page = await readFile(new URL("../docs/providers/postgres.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  expect(blocks).toHaveLength(2);
  await server.admin.query("drop role daytwo");
  for (const each of blocks) await server.admin.query(each);
  Object.assign(process.env, {
    SHOP_DATABASE: server.url("daytwo:choose-another"),
    SHOP_AS_BLIND: server.url("blind:blind"),
    SHOP_AS_SUPERUSER: server.superuser,
  });
}

beforeAll(async () => {
  server = await openWatchedServer({ reserved_connections: 2 });
  await setUp();
  const shop = await server.connect(1, "setup");
  await server.admin.query("grant create on database shop to shop");
  await shop[0]?.query("create schema shop");
  await shop[0]?.query("create table shop.jobs as select id, 'mail' as queue from generate_series(1, 300) as id");
  await shop[0]?.query("grant usage on schema shop to daytwo; grant select on shop.jobs to daytwo");
});
afterAll(() => server.stop());
beforeEach(() => {
  lines = [];
});
afterEach(() => server.leave());

function target(more: object = {}): Target {
  const settings = { url: { env: "SHOP_DATABASE" }, long_transaction: "0s", ...more };
  return { key: "shop/db", service: "shop", name: "db", provider: "postgres", settings };
}
function sees(on = target()): Promise<Observation> {
  return postgres.observe(on, AbortSignal.timeout(20_000));
}
async function plan(action: Action, given: Arguments, on = target()): Promise<Plan> {
  return postgres.plan({ action, arguments: given, target: on }, await sees(on));
}
function apply(drawn: Plan, on = target(), signal = AbortSignal.timeout(20_000)): Promise<Outcome> {
  return postgres.apply(on, drawn, { token: "step-1", signal, report: (line) => void lines.push(line) });
}
/** As a worker looks: until it is no longer on its way. */
async function verify(drawn: Plan): Promise<Verdict["kind"]> {
  let kind: Verdict["kind"] = "pending";
  await expect.poll(async () => (kind = (await look(drawn)).kind), { timeout: 10_000 }).not.toBe("pending");
  return kind;
}
function look(drawn: Plan): Promise<Verdict> {
  return postgres.verify(target(), drawn, { token: "step-1", signal: AbortSignal.timeout(20_000) });
}
async function someone(application: string): Promise<{ client: Client; id: string }> {
  const [client] = await server.connect(1, application);
  if (client === undefined) throw new Error("nobody came");
  client.on("error", () => undefined);
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return { client, id: String(rows[0]?.pid) };
}
/** Resolves once the server shows that somebody waits for a lock. */
async function waiting(count: number): Promise<void> {
  const asked = "select 1 from pg_stat_activity where wait_event_type = 'Lock'";
  await expect.poll(async () => (await server.admin.query(asked)).rowCount).toBe(count);
}

describe("the role", () => {
  test("made as its page says, it lacks nothing; one without rights is told which, and a superuser is not let in", async () => {
    const signal = AbortSignal.timeout(20_000);
    expect(await postgres.examine?.(target(), signal)).toEqual({
      identity: `daytwo on 127.0.0.1:${server.port}/shop`,
      missing: [],
    });
    expect(await postgres.examine?.(target({ url: { env: "SHOP_AS_BLIND" } }), signal)).toMatchObject({
      missing: [
        "see what the sessions of other roles do: grant pg_monitor to blind",
        "end sessions of other roles: grant pg_signal_backend to blind (for end)",
      ],
    });
    const superuser = { url: { env: "SHOP_AS_SUPERUSER" } };
    await expect(sees(target(superuser))).rejects.toThrow("Daytwo would be a superuser there");
    await expect(postgres.examine?.(target(superuser), signal)).rejects.toThrow("Daytwo would be a superuser there");
    const { identity } = (await postgres.examine?.(target({ ...superuser, superuser: true }), signal)) ?? {};
    expect(identity).toContain("a superuser, which is more than it should be");
  });

  test("it ends nobody whom the server does not let it end", async () => {
    const { id } = await someone("web v142");
    const on = target({ url: { env: "SHOP_AS_BLIND" } });
    await expect(plan("end", { session: id }, on)).rejects.toThrow(`There is no session ${id} that could be ended.`);
    const forged = await plan("end", { session: id });
    const { version, ...seen } = await sees(on);
    const problem = "sessions that our role may not see may hold others up";
    expect(seen).toMatchObject({ health: "unknown", problem });
    expect(await apply({ ...forged, version }, on)).toMatchObject({ kind: "refused" });
    const { rows } = await server.admin.query<{ pid: number }>("select pg_backend_pid() as pid");
    const superuser = await plan("end", { session: String(rows[0]?.pid) });
    expect(await apply(superuser)).toMatchObject({
      kind: "refused",
      reason: "the database does not let our role do that, so nothing was done",
    });
    expect(await verify(superuser)).toBe("untouched");
  });

  test("the connections that are kept for it let it in when all others are in use", async () => {
    await server.quiet();
    const all = await server.connect(23 - 3 - 2 - 1, "web v142");
    await expect(server.connect(1, "one more")).rejects.toThrow("remaining connection slots are reserved");
    const seen = await sees();
    expect(seen.facts["Connections"]).toMatch(/^1\d of 18 in use, 5 more are reserved$/);
    const first = seen.sessions?.find(({ who }) => who === "web v142");
    all.forEach((client) => client.on("error", () => undefined));
    const drawn = await plan("end", { session: first?.id ?? "" });
    expect(await apply(drawn)).toMatchObject({ kind: "done" });
  });
});

describe("who is in the way", () => {
  test("whoever holds others up comes first, is a problem, and is ended with its transaction", async () => {
    const report = await someone("report");
    await report.client.query("begin");
    const web = await someone("web <!channel>\u202e password=hush-hush");
    await web.client.query("begin; update shop.jobs set queue = 'a secret' where id = 1");
    const worker = await someone("worker");
    const late = await someone("late");
    const through = worker.client.query("update shop.jobs set queue = 'mail' where id = 1");
    await waiting(1);
    const alsoThrough = late.client.query("update shop.jobs set queue = 'mail' where id = 1");
    await waiting(2);
    const seen = await sees();
    const [first, ...others] = seen.sessions ?? [];
    expect(first).toMatchObject({
      id: web.id,
      state: "idle in transaction",
      role: "shop",
      holdsUp: [worker.id, late.id],
    });
    expect(others.map(({ id }) => id)).toContain(report.id);
    expect(seen).toMatchObject({ health: "degraded", problem: expect.stringContaining(`session ${web.id}`) as string });
    expect(seen.facts["Blocked"]).toMatch(new RegExp(`^2 wait for ${web.id} `));
    expect(JSON.stringify(seen)).not.toContain("a secret");

    const drawn = await plan("end", { session: web.id });
    expect(drawn).toMatchObject({ risk: "high", changes: { session: ["idle in transaction", "ended"] } });
    expect(drawn.reasons.join()).toMatch(
      new RegExp(`transaction has been open since .* UTC,It holds up ${worker.id}, ${late.id},Connected since`),
    );
    expect(await apply(drawn)).toEqual({ kind: "done", summary: `session ${web.id} has ended` });
    expect(await verify(drawn)).toBe("holds");
    await Promise.all([through, alsoThrough]);
    expect((await sees()).health).toBe("ok");
  });

  test("how long somebody holds others up is told by the database's clock, whatever ours says", async () => {
    const [web, worker] = [await someone("web"), await someone("worker")];
    await web.client.query("begin; update shop.jobs set queue = 'mail' where id = 2");
    const through = worker.client.query("update shop.jobs set queue = 'mail' where id = 2");
    await waiting(1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect((await sees(target({ long_transaction: "5m" }))).health).toBe("ok");
    vi.setSystemTime(Date.now() - 7_200_000);
    expect((await sees()).health).toBe("degraded");
    await web.client.query("commit");
    await through;
  });

  test("only what it runs is ended, and what runs nothing has nothing to end", async () => {
    const { client, id } = await someone("report");
    const cut = client.query("select pg_sleep(60)").catch((error: unknown) => error);
    await expect.poll(async () => (await sees()).sessions?.find((each) => each.id === id)?.state).toBe("active");
    const drawn = await plan("end", { session: id, statement: true });
    expect(drawn).toMatchObject({ risk: "low", changes: { statement: ["select", "ended"] } });
    expect(await apply(drawn)).toEqual({ kind: "done", summary: `what session ${id} ran has ended` });
    expect(await cut).toMatchObject({ code: "57014" });
    expect(await verify(drawn)).toBe("holds");
    expect((await client.query("select 1")).rowCount).toBe(1);
    await expect(plan("end", { session: id, statement: true })).rejects.toThrow("runs nothing that could be ended");
  });

  test("a number alone ends nobody: another start or another transaction is somebody else", async () => {
    const { client, id } = await someone("web v142");
    await client.query("begin");
    const drawn = await plan("end", { session: id });
    const [start = "", transaction = ""] = drawn.arguments.mark?.split("/") ?? [];
    for (const [mark, kind] of [
      [`${Number(start) - 1}/${transaction}`, "done"], // that one had ended already
      [`${start}/1`, "refused"],
      [start, "refused"],
      ["1' or true --", "refused"],
    ] as const)
      expect(await apply({ ...drawn, arguments: { ...drawn.arguments, mark } })).toMatchObject({ kind });
    expect((await client.query("select 1")).rowCount).toBe(1);
    await client.query("commit");
    await client.query("begin");
    expect(await apply(drawn)).toMatchObject({ kind: "refused" });
    expect(await verify(drawn)).toBe("differs");
    expect((await client.query("select 1")).rowCount).toBe(1);
  });

  test("transactions that are not open for long do not void a plan, nor does a look of our own", async () => {
    const on = target({ long_transaction: "1m" });
    const before = await sees(on);
    const { client } = await someone("web v142");
    await client.query("begin");
    const [after] = await Promise.all([sees(on), sees(on)]);
    expect(after.version).toBe(before.version);
    expect((await sees()).version).not.toBe(before.version);
  });
});

describe("queries", () => {
  function query(text: string, values: readonly string[] = [], timeout = 5_000): Promise<Plan> {
    return plan("run", { task: "t", values: {}, command: { argv: [text, ...values], timeout, risk: "read" } });
  }

  test("a value is never SQL, rows come as lines, and nothing was changed", async () => {
    const drawn = await query("select id, queue from shop.jobs where queue = $1 order by id limit 2", ["mail"]);
    expect(drawn.stays).toEqual(["everything: its transaction can only read"]);
    expect(await apply(drawn)).toEqual({ kind: "done", summary: "2 rows" });
    expect(lines).toEqual(['{"id":1,"queue":"mail"}', '{"id":2,"queue":"mail"}', "2 rows"]);
    expect(await verify(drawn)).toBe("holds");
    const hostile = "mail' or 'a' = 'a";
    lines = [];
    await apply(await query("select id from shop.jobs where queue = $1", [hostile]));
    expect(lines).toEqual(["0 rows"]);
  });

  test("what is more than anybody reads is cut by the server", async () => {
    expect(await apply(await query("select id from shop.jobs"))).toEqual({
      kind: "done",
      summary: "the first 200 rows, and there are more",
    });
    expect(lines).toHaveLength(201);
    lines = [];
    await apply(await query("select repeat('x', 100000) as long -- a comment"));
    expect(lines.map((line) => line.length)).toEqual([2_001, 5]);
  });

  test.each([
    ["it writes", "select nextval('s') from (select 1) as x", /read-only|does not exist/],
    ["it changes rows", "delete from shop.jobs returning id", /syntax error/],
    ["it is two", "select 1) as a; drop table shop.jobs; select (1", /multiple commands/],
    ["it may not read that", "select * from pg_authid", /permission denied/],
    ["it is no query", "selekt 1", /syntax error/],
    ["it takes too long", "select pg_sleep(60)", /it was stopped after 1 second/],
  ])("%s: it failed, and why is said", async (_, text, why) => {
    const outcome = await apply(await query(text, [], 1_000));
    expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringMatching(why) as string });
    expect((await server.admin.query("select 1")).rowCount).toBe(1);
  });

  test("one that is called off is ended by the server too", async () => {
    const off = new AbortController();
    const drawn = await query("select pg_sleep(60)", [], 60_000);
    const outcome = apply(drawn, target(), off.signal);
    const asleep = "select from pg_stat_activity where wait_event = 'PgSleep' and query like '%pg_sleep(60)%'";
    await expect.poll(async () => (await server.admin.query(asleep)).rowCount).toBe(1);
    expect((await look(drawn)).kind).toBe("pending");
    off.abort("cancelled");
    expect(await outcome).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("nothing was changed") as string,
    });
    expect(await verify(drawn)).toBe("holds");
  });
});
