import { spawn } from "node:child_process";
import { X509Certificate, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { get, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "node:tls";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { commandOf } from "../src/local/processes.ts";
import { openTestFleet } from "./support/fleet.ts";
import type { Json, TestFleet } from "./support/fleet.ts";

let fleet: TestFleet;

beforeAll(async () => {
  fleet = await openTestFleet();
});

afterAll(async () => {
  await fleet.stop();
});

type Page = { status: number; by: string };

/** One request on a connection of its own. */
function visit(url: string): Promise<Page> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, by: String(answer.headers["served-by"]) }));
    }).once("error", () => resolve({ status: 0, by: "nobody" }));
  });
}

/** Four visitors who come again and again while `work` goes on. */
async function whileVisited<Result>(
  url: string,
  work: () => Promise<Result>,
): Promise<{ pages: Page[]; result: Result }> {
  const pages: Page[] = [];
  let done = false;
  const visitors = Array.from({ length: 4 }, async () => {
    while (!done) pages.push(await visit(url));
  });
  const result = await work().finally(() => (done = true));
  await Promise.all(visitors);
  return { pages, result };
}

async function pages(url: string, count: number): Promise<Page[]> {
  const seen: Page[] = [];
  while (seen.length < count) seen.push(await visit(url));
  return seen;
}

type Served = { serial: string; authorized: boolean };

function handshake(tls: Json, ca: string): Promise<Served> {
  const [host, port] = tls.address.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), servername: tls.servername, ca }, () => {
      const raw = socket.getPeerCertificate().raw;
      resolve({ serial: new X509Certificate(raw).serialNumber, authorized: socket.authorized });
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

async function sql(text: string): Promise<Json> {
  const { database } = await fleet.shop();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<Json>(text);
  await client.end();
  return rows[0];
}

function ask(more: object = {}): object {
  return { token: randomUUID(), action: "scale", arguments: { sizes: { web: 3 } }, ...more };
}

describe("what runs", () => {
  test("the shop serves pages from its database, over HTTP and over TLS with a certificate that expires in six days", async () => {
    const shop = await fleet.shop();
    expect(shop).toMatchObject({
      app: "shop",
      release: "v141",
      previous_release: "v140",
      health: "ok",
      processes: { web: { wanted: 2, running: 2, healthy: 2, min: 1, max: 8 }, worker: { wanted: 1, running: 1 } },
    });
    expect(shop.releases.map((one: Json) => [one.release, one.current])).toEqual([
      ["v141", true],
      ["v140", false],
    ]);
    expect(shop.releases[0].healthy_for_seconds).toBeGreaterThanOrEqual(3 * 86_400);
    expect(new Set((await pages(shop.url, 4)).map(({ status, by }) => `${status} ${by}`)).size).toBe(2);

    const ca = await readFile(shop.tls.ca_file, "utf8");
    expect(await handshake(shop.tls, ca)).toEqual({ serial: shop.tls.serial, authorized: true });
    const [from, to] = [Date.parse(shop.tls.not_before), Date.parse(shop.tls.not_after)];
    expect(Math.round((to - from) / 86_400_000)).toBe(45);
    expect((to - Date.now()) / 86_400_000).toBeCloseTo(6, 1);
    expect((await stat(join(fleet.home, "fleet/tls/shop.pem"))).mode & 0o777).toBe(0o600);
    expect(await sql("select count(*)::int as orders, current_user::text as role from orders")).toMatchObject({
      orders: 40,
      role: "shop",
    });
  });

  test("reports serves, has nothing but its process, and knows fewer actions", async () => {
    expect(await visit(fleet.ready.apps["reports"] ?? "")).toMatchObject({ status: 200 });
    const { body } = await fleet.call("GET", "/apps/reports");
    expect(body).toMatchObject({
      app: "reports",
      health: "ok",
      actions: ["scale", "restart"],
      releases: [{ release: "v7" }],
    });
    expect(body).not.toHaveProperty("tls");
    const refused = await fleet.call("POST", "/apps/reports/operations", ask({ action: "renew-cert", arguments: {} }));
    expect(refused).toMatchObject({ status: 422, body: { message: "reports has no action renew-cert." } });
  });

  test("the shop's log folder grows", async () => {
    const log = join((await fleet.shop()).logs.path, "debug.log");
    const size = async () => (await stat(log)).size;
    const before = await size();
    await expect.poll(size, { timeout: 5_000 }).toBeGreaterThan(before + 500_000);
  });

  test("a process that is killed is replaced", async () => {
    const { url } = await fleet.shop();
    const [victim] = await pages(url, 1);
    process.kill(Number(victim?.by), "SIGKILL");
    await expect
      .poll(async () => (await fleet.shop()).processes.web, { timeout: 10_000 })
      .toMatchObject({ running: 2, healthy: 2 });
    expect((await pages(url, 4)).every(({ status, by }) => status === 200 && by !== victim?.by)).toBe(true);
  });
});

describe("what can be done", () => {
  beforeEach(async () => {
    expect((await fleet.call("POST", "/demo/reset")).status).toBe(200);
  });

  test("scaling up and down loses no request, and that many processes really serve", async () => {
    const { url } = await fleet.shop();
    const up = await whileVisited(url, () => fleet.does("scale", { sizes: { web: 4 } }));
    expect(up.result).toMatchObject({ state: "done" });
    expect(new Set((await pages(url, 8)).map(({ by }) => by)).size).toBe(4);
    const down = await whileVisited(url, () => fleet.does("scale", { sizes: { web: 1 } }));
    expect(down.result.progress.map(({ text }: Json) => text)).toEqual([
      "web: 3 running",
      "web: 2 running",
      "web: 1 running",
    ]);
    expect(new Set((await pages(url, 4)).map(({ by }) => by)).size).toBe(1);
    const all = [...up.pages, ...down.pages];
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter(({ status }) => status !== 200)).toEqual([]);
  });

  test("a restart gives every process a new one, and loses no request", async () => {
    const { url } = await fleet.shop();
    const old = new Set((await pages(url, 4)).map(({ by }) => by));
    const { pages: seen, result } = await whileVisited(url, () => fleet.does("restart", { process: "web" }));
    expect(result.state).toBe("done");
    expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await pages(url, 4)).filter(({ by }) => old.has(by))).toEqual([]);
  });

  test("the bad release fails 38 of 100 requests and holds connections; rolling back ends both", async () => {
    const { url } = await fleet.shop();
    const idle = async () =>
      (
        await sql(
          "select count(*)::int as n from pg_stat_activity where state = 'idle in transaction' and application_name = 'shop web v142'",
        )
      ).n;
    expect((await fleet.call("POST", "/demo/bad-release")).status).toBe(202);
    await expect.poll(async () => (await fleet.shop()).operation, { timeout: 15_000 }).toBeUndefined();
    expect(await fleet.shop()).toMatchObject({ release: "v142", previous_release: "v141" });

    const failed = (await pages(url, 100)).filter(({ status }) => status === 500).length;
    expect(failed).toBeGreaterThanOrEqual(36);
    expect(failed).toBeLessThanOrEqual(40);
    const bad = await fleet.shop();
    expect(bad.health).toBe("degraded");
    expect(bad.releases[0]).toMatchObject({ release: "v142", created_by: "Dana", current: true });
    await expect.poll(idle, { timeout: 20_000 }).toBeGreaterThanOrEqual(55);
    expect(await idle()).toBeLessThanOrEqual(62);

    const rollback = await whileVisited(url, () => fleet.does("rollback"));
    expect(rollback.result.state).toBe("done");
    expect(rollback.pages.filter(({ status }) => status !== 200 && status !== 500)).toEqual([]);
    expect((await pages(url, 20)).filter(({ status }) => status !== 200)).toEqual([]);
    await expect.poll(idle, { timeout: 5_000 }).toBe(0);
    expect(await fleet.shop()).toMatchObject({ release: "v141", previous_release: "v140", health: "ok" });
  });

  test("a renewed certificate is served, the old one shows again for a moment, then never", async () => {
    const before = await fleet.shop();
    const ca = await readFile(before.tls.ca_file, "utf8");
    const serials: string[] = [];
    let steady = 0;
    const renewal = fleet.does("renew-cert");
    while (steady < 100) {
      const { serial, authorized } = await handshake(before.tls, ca);
      expect(authorized).toBe(true);
      steady = serial === before.tls.serial ? 0 : steady + 1;
      serials.push(serial);
    }
    expect((await renewal).state).toBe("done");
    const after = await fleet.shop();
    expect(new Set(serials)).toEqual(new Set([before.tls.serial, after.tls.serial]));
    expect(serials.lastIndexOf(before.tls.serial)).toBeGreaterThan(serials.indexOf(after.tls.serial));
    expect((Date.parse(after.tls.not_after) - Date.now()) / 86_400_000).toBeCloseTo(45, 1);
  });

  test("reset undoes everything that was done", async () => {
    await fleet.does("scale", { sizes: { web: 3, worker: 0 } });
    await fleet.does("renew-cert");
    await sql("insert into orders (amount) values (1) returning id");
    const { version } = await fleet.shop();
    expect((await fleet.call("POST", "/demo/reset")).status).toBe(200);
    const shop = await fleet.shop();
    expect(shop.version).toBeGreaterThan(version);
    expect(shop.processes).toMatchObject({ web: { running: 2 }, worker: { running: 1 } });
    expect((Date.parse(shop.tls.not_after) - Date.now()) / 86_400_000).toBeCloseTo(6, 1);
    expect(await sql("select count(*)::int as orders from orders")).toEqual({ orders: 40 });
  });
});

describe("what is promised to callers", () => {
  test("an operation takes effect only on the version that was looked at", async () => {
    const { version } = await fleet.shop();
    const conflict = await fleet.call("POST", "/apps/shop/operations", ask({ if_version: version - 1 }));
    expect(conflict).toMatchObject({ status: 409, body: { error: "version_conflict", version } });
    expect(await fleet.call("POST", "/apps/shop/operations", ask({ if_version: version }))).toMatchObject({
      status: 202,
      body: { state: "running", version: version + 1 },
    });
    expect(await fleet.call("POST", "/apps/shop/operations", ask())).toMatchObject({
      status: 409,
      body: { error: "operation_in_progress" },
    });
    await expect.poll(async () => (await fleet.shop()).version).toBe(version + 2);
  });

  test("the same token again answers with the first result and has no second effect", async () => {
    const wanted = ask({ arguments: { sizes: { web: 2 } } }) as { token: string };
    expect((await fleet.call("POST", "/apps/shop/operations", wanted)).status).toBe(202);
    const path = `/apps/shop/operations/${wanted.token}`;
    await expect.poll(async () => (await fleet.call("GET", path)).body.state).toBe("done");
    expect(await fleet.call("POST", "/apps/shop/operations", { ...wanted, if_version: 1 })).toMatchObject({
      status: 200,
      body: { token: wanted.token, state: "done" },
    });
    expect(
      await fleet.call("POST", "/apps/shop/operations", { ...wanted, action: "restart", arguments: {} }),
    ).toMatchObject({
      status: 422,
      body: { message: "This token was used for something else." },
    });
    expect((await fleet.effects()).filter(({ token }) => token === wanted.token)).toHaveLength(1);
  });

  test.each([
    ["fail", 500, 0, undefined],
    ["apply-then-500", 500, 1, "done"],
    ["apply-then-drop", "dropped", 1, "done"],
    ["hang", "no answer", 0, undefined],
    ["apply-then-hang", "no answer", 1, "done"],
    ["break-midway", 202, 1, "failed"],
  ])("told to %s, the next operation answers %s and has %i effects", async (once, answer, effects, state) => {
    await fleet.call("POST", "/demo/reset");
    await fleet.call("POST", "/control", { once });
    const wanted = ask() as { token: string };
    const asked = fetch(`${fleet.ready.url}/apps/shop/operations`, {
      method: "POST",
      headers: { authorization: `Bearer ${fleet.ready.token}` },
      body: JSON.stringify(wanted),
      signal: AbortSignal.timeout(1_000),
    }).then(
      ({ status }) => status,
      (error: Error) => (error.name === "TimeoutError" ? "no answer" : "dropped"),
    );
    expect(await asked).toBe(answer);
    const path = `/apps/shop/operations/${wanted.token}`;
    await expect.poll(async () => (await fleet.call("GET", path)).body.state).toBe(state);
    expect((await fleet.effects()).filter(({ token }) => token === wanted.token)).toHaveLength(effects);
    expect((await fleet.shop()).processes.web.running).toBe(state === "done" ? 3 : 2);
  });

  test("told to apply late, an operation takes effect after its caller has gone, if nobody else was faster", async () => {
    await fleet.call("POST", "/demo/reset");
    const { version } = await fleet.shop();
    await fleet.call("POST", "/control", { applyDelayMs: 400 });
    const [late, overtaken] = [ask({ if_version: version }), ask({ if_version: version })] as { token: string }[];
    for (const wanted of [late, overtaken]) {
      const asked = fetch(`${fleet.ready.url}/apps/shop/operations`, {
        method: "POST",
        headers: { authorization: `Bearer ${fleet.ready.token}` },
        body: JSON.stringify(wanted),
        signal: AbortSignal.timeout(100),
      });
      await expect(asked).rejects.toThrow("timeout");
    }
    expect((await fleet.shop()).version).toBe(version);
    await expect.poll(async () => (await fleet.shop()).version, { timeout: 5_000 }).toBe(version + 2);
    await fleet.call("POST", "/control", {});
    const tokens = (await fleet.effects()).map(({ token }) => token);
    expect(tokens).toContain(late?.token);
    expect(tokens).not.toContain(overtaken?.token);
  });

  test.each([
    ["scale", { sizes: { web: 9 } }, "web can be 1 to 8, not 9."],
    ["scale", { sizes: { web: 1.5 } }, "web can be 1 to 8, not 1.5."],
    ["scale", { sizes: { cron: 1 } }, "shop has no process cron. It has web, worker."],
    ["scale", {}, "Say which process to scale and to what count."],
    ["rollback", { release: "v141" }, "v141 is what runs now."],
    ["rollback", { release: "v9" }, "v9 was never deployed here. There are v140, v141."],
    ["deploy", { release: "v9" }, "There is no build v9 to deploy."],
    ["explode", {}, "shop has no action explode."],
    ["scale", { size: 3 }, /^Send \{ token/],
  ])("%s %o is refused with a sentence", async (action, given, message) => {
    await fleet.call("POST", "/demo/reset");
    const { version } = await fleet.shop();
    const { status, body } = await fleet.call("POST", "/apps/shop/operations", ask({ action, arguments: given }));
    expect(status).toBe(422);
    expect(body.message).toMatch(message);
    expect((await fleet.shop()).version).toBe(version);
  });

  test("who has no token, comes under another name or from a web page, or asks for what is not there, is turned away", async () => {
    const { port } = new URL(fleet.ready.url);
    const status = (headers: Record<string, string>, path = "/apps") =>
      new Promise<number | undefined>((resolve) => {
        const authorization = `Bearer ${fleet.ready.token}`;
        request({ host: "127.0.0.1", port, path, headers: { authorization, ...headers } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).end();
      });
    expect(await status({})).toBe(200);
    expect(await status({ authorization: "Bearer wrong" })).toBe(401);
    expect(await status({ host: `evil.example:${port}` })).toBe(403);
    expect(await status({ origin: "https://evil.example" })).toBe(403);
    expect(await status({ origin: fleet.ready.url })).toBe(200);
    expect(await status({}, "/apps/constructor")).toBe(404);
    expect(await status({}, "/nothing")).toBe(404);
    expect((await fleet.call("GET", "/apps/shop/operations/unknown")).status).toBe(404);
    expect((await fleet.call("POST", "/control", { once: "explode" })).status).toBe(422);
  });
});

describe("what outlives what", () => {
  test("the fleet comes back as it was: sizes, version, certificate, tokens and addresses", async () => {
    await fleet.call("POST", "/demo/reset");
    const done = await fleet.does("scale", { sizes: { web: 3 } });
    await fleet.does("renew-cert");
    const before = await fleet.shop();
    await fleet.stop({ keep: true });
    fleet = await openTestFleet(fleet.home);
    const { releases, database, ...after } = await fleet.shop();
    expect(after).toEqual(Object.fromEntries(Object.keys(after).map((key) => [key, before[key]])));
    expect(releases.map((one: Json) => one.release)).toEqual(["v141", "v140"]);
    expect(new URL(database.url).port).toBe(new URL(before.database.url).port);
    expect((await fleet.call("GET", `/apps/shop/operations/${done.token}`)).body).toEqual(done);
  });

  test("a second fleet in the same home is told who is there", async () => {
    await expect(openTestFleet(fleet.home)).rejects.toThrow(`${fleet.home} is in use by process ${fleet.guarded.pid}.`);
  });

  test.runIf(process.platform === "linux")(
    "a killed parent leaves no process behind, and what was under way is concluded",
    async () => {
      const home = await mkdtemp(join(tmpdir(), "daytwo-fleet-"));
      const script = join(home, "parent.ts");
      const local = new URL("../src/local/", import.meta.url);
      await writeFile(
        script,
        `import { spawnGuarded } from ${JSON.stringify(new URL("guard.ts", local).href)};
       const guarded = await spawnGuarded(${JSON.stringify(new URL("fleet/main.ts", local).pathname)}, { home: ${JSON.stringify(home)} });
       console.log(JSON.stringify({ pid: guarded.pid, ...guarded.ready }));`,
      );
      const parent = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
      const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
      const { pid, url, token } = JSON.parse(line);
      const headers = { authorization: `Bearer ${token}` };
      await fetch(`${url}/apps/shop/operations`, {
        method: "POST",
        headers,
        body: JSON.stringify({ token: "cut-short", action: "scale", arguments: { sizes: { web: 8 } } }),
      });
      const family = [pid, ...(await descendants(pid))];
      expect(family.length).toBeGreaterThan(7);
      parent.kill("SIGKILL");
      await expect.poll(() => family.filter((one) => commandOf(one) !== undefined), { timeout: 15_000 }).toEqual([]);

      const again = await openTestFleet(home);
      const { body } = await again.call("GET", "/apps/shop/operations/cut-short");
      expect(body).toMatchObject({ state: "done" });
      expect((await again.shop()).processes.web).toMatchObject({ wanted: 8, running: 8 });
      expect(await again.effects()).toHaveLength(1);
      await again.stop();
      await rm(home, { recursive: true, force: true });
    },
  );
});

async function descendants(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    parents.set(Number(entry), Number(text.split(") ").at(-1)?.split(" ")[1]));
  }
  const below = (above: number): number[] =>
    [...parents].filter(([, parent]) => parent === above).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}
