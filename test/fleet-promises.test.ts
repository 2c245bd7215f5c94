import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestFleet } from "./support/fleet.ts";
import type { TestFleet } from "./support/fleet.ts";

let fleet: TestFleet;

beforeAll(async () => {
  fleet = await openTestFleet();
});

afterAll(async () => {
  await fleet.stop();
});

function ask(more: object = {}): object {
  return { token: randomUUID(), action: "scale", arguments: { sizes: { web: 3 } }, ...more };
}

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
    await expect.poll(async () => (await fleet.shop()).processes.web).toMatchObject({ running: 3, healthy: 3 });
    expect((await fleet.shop()).version).toBe(version + 1);
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
    await expect.poll(async () => (await fleet.shop()).version).toBe(version + 1);
    await fleet.call("POST", "/control", {});
    const tokens = (await fleet.effects()).map(({ token }) => token);
    expect(tokens).toContain(late?.token);
    expect(tokens).not.toContain(overtaken?.token);
    await expect.poll(async () => (await fleet.shop()).operation).toBeUndefined();
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
    function status(headers: Record<string, string>, path = "/apps"): Promise<number | undefined> {
      return new Promise((resolve) => {
        const authorization = `Bearer ${fleet.ready.token}`;
        request({ host: "127.0.0.1", port, path, headers: { authorization, ...headers } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).end();
      });
    }
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
