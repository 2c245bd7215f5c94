import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CANCELLED } from "../src/providers/provider.ts";
import { runTask } from "./support/task-run.ts";
import { openTaskSupervisor, type TaskSupervisor } from "./support/task-supervisor.ts";
import { until } from "./support/until.ts";

/** How the program of a task ends, and that it runs once: real programs, under the fleet's own supervisor. */

let supervisor: TaskSupervisor;
beforeEach(async () => {
  supervisor = await openTaskSupervisor();
});
afterEach(() => supervisor.close());

describe("how a program ends", () => {
  test("its environment holds nothing of ours, its folder is the app's, and nothing can be typed into it", async () => {
    await supervisor.program(
      "tell",
      'process.stdin.on("end", () => console.log(JSON.stringify([process.cwd(), Object.keys(process.env).sort()]))).resume();',
    );
    const { told } = await runTask(supervisor, ["node", "tell.mjs"]);
    expect(JSON.parse(told[0] ?? "")).toEqual([supervisor.path("").replace(/\/$/, ""), ["HOME", "LANG", "PATH"]]);
  });

  test.each([
    ['console.log("one\\ntwo"); console.error("three");', { kind: "done" }],
    [
      'console.log("no such region"); process.exitCode = 3;',
      { kind: "failed", reason: "it ended with status 3: no such region" },
    ],
    ["process.kill(process.pid, 'SIGKILL');", { kind: "failed", reason: "it was ended by SIGKILL" }],
    [
      'process.stdout.write("x".repeat(5_000)); process.exitCode = 1;',
      { kind: "failed", reason: `it ended with status 1: ${"x".repeat(499)}…` },
    ],
  ])("%s", async (text, ended) => {
    await supervisor.program("it", text);
    expect((await runTask(supervisor, ["node", "it.mjs"])).outcome).toMatchObject(ended);
  });

  test("one that is not there, or that no system takes, has failed before it began", async () => {
    expect((await runTask(supervisor, ["bin/nothing"])).outcome).toMatchObject({
      kind: "failed",
      reason: expect.stringMatching(/^it could not be started: .*ENOENT/),
    });
    expect((await runTask(supervisor, ["node", "a\0b"])).outcome).toMatchObject({
      kind: "failed",
      reason: expect.stringMatching(/^it could not be started: /),
    });
  });

  test("of much that it says the newest is told, and that there was more", async () => {
    await supervisor.program("much", "for (let line = 1; line <= 5_000; line += 1) console.log(`line ${line}`);");
    const { outcome, told } = await runTask(supervisor, ["node", "much.mjs"]);
    expect(outcome.kind).toBe("done");
    expect(told.slice(-8)).toEqual(Array.from({ length: 8 }, (_, index) => `line ${4_993 + index}`));
    expect(told.find((line) => line.startsWith("…"))).toMatch(/^… \d+ lines were printed here and not kept$/);
  });

  test("after its time it is stopped with all that it started, also when it does not want to", async () => {
    await supervisor.program(
      "child",
      'process.on("SIGTERM", () => {}); setInterval(() => {}, 1_000); console.log(`child ${process.pid}`);',
    );
    await supervisor.program(
      "stubborn",
      'import { spawn } from "node:child_process"; process.on("SIGTERM", () => {}); spawn(process.execPath, ["child.mjs"], { stdio: "inherit" });',
    );
    const { outcome, told } = await runTask(supervisor, ["node", "stubborn.mjs"], { timeout: 4_000 });
    expect(outcome).toMatchObject({
      kind: "failed",
      reason: expect.stringMatching(/^it was stopped, since it had not ended after 4 s/),
    });
    const pid = Number(/child (\d+)/.exec(told.join("\n"))?.[1]);
    await until("the child to be gone", () => !isAlive(pid));
  });

  test("asked to stop, it is, and how it ended is known", async () => {
    await supervisor.program("gate", GATE);
    const stop = new AbortController();
    const running = runTask(supervisor, ["node", "gate.mjs"], { signal: stop.signal });
    await until("it to run", async () => (await counted()) === 1);
    stop.abort(CANCELLED);
    expect((await running).outcome).toEqual({
      kind: "failed",
      reason: "it was stopped while it ran, as it was asked to: waiting",
    });
  });

  test("whoever follows it goes: it goes on, and its end is there for the next", async () => {
    await supervisor.program("gate", GATE);
    const [stop, token] = [new AbortController(), randomUUID()];
    const running = runTask(supervisor, ["node", "gate.mjs"], { signal: stop.signal, token });
    await until("it to run", async () => (await counted()) === 1);
    stop.abort("stopping");
    expect((await running).outcome.kind).toBe("unknown");
    await writeFile(supervisor.path("open"), "");
    expect(await supervisor.ended(token)).toMatchObject({ state: "done" });
  });
});

describe("once and never twice", () => {
  test("the same token answers with how it ended", async () => {
    await supervisor.program("gate", GATE);
    await writeFile(supervisor.path("open"), "");
    const token = randomUUID();
    expect((await runTask(supervisor, ["node", "gate.mjs"], { token })).outcome.kind).toBe("done");
    expect((await runTask(supervisor, ["node", "gate.mjs"], { token })).outcome.kind).toBe("done");
    const body = { token, action: "run", arguments: { task: { argv: ["node", "gate.mjs"], timeout: 30_000 } } };
    expect(await supervisor.call("POST", "/apps/shop/operations", body)).toMatchObject({
      status: 200,
      body: { state: "done" },
    });
    expect(await counted()).toBe(1);
  });

  test("a supervisor that stops ends its tasks, and does not begin them again", async () => {
    await supervisor.program("gate", GATE);
    const body = {
      token: randomUUID(),
      action: "run",
      arguments: { task: { argv: ["node", "gate.mjs"], timeout: 30_000 } },
    };
    await supervisor.call("POST", "/apps/shop/operations", body);
    await until("it to run", async () => (await counted()) === 1);
    await supervisor.restarts();
    expect(await supervisor.ended(body.token)).toMatchObject({
      state: "failed",
      message: "it was interrupted: the fleet stopped while it ran: waiting",
    });
    expect(await supervisor.call("POST", "/apps/shop/operations", body)).toMatchObject({
      status: 200,
      body: { state: "failed" },
    });
    expect(await counted()).toBe(1);
  });

  test("one that was killed leaves a task behind: the next supervisor ends it, and does not begin it again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "daytwo-tasks-"));
    const alone = spawn(
      process.execPath,
      [fileURLToPath(new URL("support/task-supervisor-alone.ts", import.meta.url)), folder],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [url] = (await once(createInterface({ input: alone.stdout }), "line")) as [string];
    await writeFile(join(folder, "gate.mjs"), GATE);
    const body = {
      token: randomUUID(),
      action: "run",
      arguments: { task: { argv: ["node", "gate.mjs"], timeout: 30_000 } },
    };
    const headers = { authorization: "Bearer task-supervisor" };
    await fetch(`${url}/apps/shop/operations`, { method: "POST", headers, body: JSON.stringify(body) });
    await until("it to run", async () => (await pids(folder)).length === 1);
    alone.kill("SIGKILL");
    await once(alone, "exit");
    const [pid = 0] = await pids(folder);
    expect(isAlive(pid)).toBe(true);

    const next = await openTaskSupervisor(folder);
    try {
      expect(await next.ended(body.token)).toMatchObject({
        state: "failed",
        message: "it was interrupted: the fleet stopped while it ran",
      });
      await until("what was left to be gone", () => !isAlive(pid));
      expect(await next.call("POST", "/apps/shop/operations", body)).toMatchObject({
        status: 200,
        body: { state: "failed" },
      });
      expect(await pids(folder)).toEqual([pid]);
    } finally {
      await next.close();
    }
  });
});

/** Says which process it is, and ends once a file is there. */
const GATE = `import { appendFileSync, existsSync } from "node:fs";
console.log("waiting");
appendFileSync("runs", process.pid + "\\n");
setInterval(() => existsSync("open") && process.exit(0), 10);`;

/** The processes that the gate was, one for each time that it ran. */
async function pids(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, "runs"), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).map(Number);
}

async function counted(): Promise<number> {
  return (await pids(supervisor.path(""))).length;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
