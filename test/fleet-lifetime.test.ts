import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandOf } from "../src/local/processes.ts";
import { openTestFleet } from "./support/fleet.ts";
import type { Json, TestFleet } from "./support/fleet.ts";
import { makeHome } from "./support/home.ts";

let fleet: TestFleet;

beforeAll(async () => {
  fleet = await openTestFleet();
});

afterAll(async () => {
  await fleet.stop();
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
      const home = await makeHome("fleet");
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
      await expect.poll(() => family.filter((one) => commandOf(one) !== undefined)).toEqual([]);

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
  function below(above: number): number[] {
    return [...parents].filter(([, parent]) => parent === above).flatMap(([child]) => [child, ...below(child)]);
  }
  return below(pid);
}
