import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fillIn, type Task, type TaskArgument } from "../src/domain/task.ts";
import { Invalid } from "../src/errors.ts";
import { local } from "../src/providers/local.ts";
import { CANCELLED, type Outcome } from "../src/providers/provider.ts";
import { openTaskSupervisor, type TaskSupervisor } from "./support/task-supervisor.ts";
import { until } from "./support/until.ts";

/** What reaches the program of a task, and how it ends: real programs, under the fleet's own supervisor. */

let supervisor: TaskSupervisor;
beforeEach(async () => {
  supervisor = await openTaskSupervisor();
});
afterEach(() => supervisor.close());

const NEVER = new AbortController().signal;

function target() {
  const settings = { supervisor: supervisor.url, application: "shop", token: { file: supervisor.path("token") } };
  return { key: "shop/web", service: "shop", name: "web", provider: "local", settings };
}

type Run = { readonly timeout?: number; readonly signal?: AbortSignal; readonly token?: string };

/** Runs a command through the provider; how it ended, and what was told on the way. */
async function runs(
  argv: readonly string[],
  { timeout = 30_000, signal = NEVER, token = randomUUID() }: Run = {},
): Promise<{ outcome: Outcome; told: string[] }> {
  const command = { argv, timeout, risk: "low" as const };
  const request = { action: "run" as const, arguments: { task: "t", values: {}, command }, target: target() };
  const plan = local.plan(request, await local.observe(target(), NEVER));
  const told: string[] = [];
  const outcome = await local.apply(target(), plan, { token, signal, report: (line) => void told.push(line) });
  return { outcome, told };
}

const AWKWARD = [
  "",
  " ",
  "x",
  "two words",
  " lead",
  "trail ",
  "a  b",
  "'",
  '"',
  "`",
  "'a' 'b'",
  '"; rm -rf /; "',
  "$(touch pwned)",
  "`touch pwned`",
  "; touch pwned",
  "| cat",
  "|| true",
  "&& touch pwned",
  "&",
  "> pwned",
  "< /etc/passwd",
  ">> x",
  "$HOME",
  "${HOME}",
  "%PATH%",
  "!!",
  "~",
  "~root",
  "*",
  "?",
  "[a-z]",
  "{a,b}",
  "{x}",
  "{region}",
  " {region}",
  "{{x}}",
  "\\",
  "\\\\",
  "\\n",
  "\\0",
  "a\nb",
  "a\r\nb",
  "\t",
  "a\tb",
  "\0",
  "a\0b",
  "%00",
  "%0a",
  "%s%n%x",
  "-",
  "--",
  "-rf",
  "--help",
  "-x y",
  "--x=y",
  "–x",
  "—",
  "−1",
  "\u2028",
  "\u2029",
  "\u0085",
  "\u00a0",
  "\u200b",
  "\u202Eevil",
  "\u2066x\u2069",
  "\ufeff",
  "\ud800",
  "\udc00x",
  "e\u0301",
  "Ａ",
  "ﬀ",
  "İ",
  "ß",
  "日本語",
  "🙂",
  "👩‍👩‍👧",
  "\u{e0041}",
  "é".repeat(60),
  "#",
  "# x",
  "//",
  "../../etc/passwd",
  "/",
  ".",
  "..",
  "file:///etc",
  "http://x.example/?a=b&c=d",
  "a=b",
  "=",
  "=x",
  "@file",
  "@",
  "^",
  "(",
  ")",
  "()",
  "[",
  "]",
  ",",
  "a,b",
  ":",
  "7",
  "007",
  "-7",
  "+7",
  "7.5",
  "7e2",
  "0x7",
  "٧",
  "NaN",
  "Infinity",
  "99999999999999999999",
  "eu",
  "EU",
  "eu ",
  "us",
  "e u",
  "constructor",
  "__proto__",
  "toString",
  "null",
  "undefined",
  "true",
  "$&",
  "$1",
  "$`",
  "$'",
  "$$",
  "x".repeat(80),
  "x".repeat(81),
  "x".repeat(5_000),
  "\x1b[31mred\x1b[0m",
  "\x07",
  "\x7f",
  "\x1b]0;t\x07",
  "<!channel>",
  "<@U0ANA>",
  "*bold*",
] as const;

/** 500 of them: each awkward one, and two of them together. */
const HOSTILE = Array.from({ length: 500 }, (_, index) => {
  const [one = "", other = ""] = [AWKWARD[index % AWKWARD.length], AWKWARD[(index * 7 + 3) % AWKWARD.length]];
  return index < AWKWARD.length ? one : `${one}${index % 2 === 0 ? " " : ""}${other}`;
});

/** Every kind of argument at every place; `before` and `behind` are what stands around the value in its element. */
const KINDS: readonly (readonly [string, string, string, TaskArgument])[] = [
  ["one of several", "", "", { name: "x", kind: "one of", choices: ["eu", "us", "$(id)", "two words", "*", "'"] }],
  ["a number", "", "", { name: "x", kind: "number", min: 1, max: 1_000 }],
  ["a number inside", "--n=", "", { name: "x", kind: "number", min: -1_000, max: 1_000 }],
  ["text alone", "", "", { name: "x", kind: "text", longest: 80 }],
  ["text inside", "--text=", "", { name: "x", kind: "text", longest: 200 }],
  ["text in the middle", "a{b}", "{y} c", { name: "x", kind: "text", longest: 200 }],
];

describe("500 hostile values", () => {
  test("each is refused with a sentence or reaches the program as one literal argument, whatever kind it is for", async () => {
    await supervisor.program(
      "argv",
      'import { writeFileSync as w } from "node:fs"; w("argv.json", JSON.stringify(process.argv.slice(2)));',
    );
    const wanted: string[] = [];
    const sent: string[] = [];
    const refused = new Map<string, number>();
    for (const [kind, before, behind, argument] of KINDS) {
      const task: Task = {
        name: "t",
        target: "shop/web",
        command: ["p", `${before}{x}${behind}`, "end"],
        arguments: [argument],
        risk: "low",
        timeout: 1_000,
      };
      for (const value of HOSTILE) {
        try {
          const { argv, values } = fillIn(task, { x: value });
          expect(argv).toHaveLength(3);
          expect(argument.kind === "text" ? values["x"] : value).toBe(value);
          wanted.push(`${before}${values["x"]}${behind}`);
          sent.push(argv[1] ?? "");
        } catch (error) {
          if (!(error instanceof Invalid)) throw error;
          expect(error.message).toMatch(/^`x` (must|has) .*\.$/);
          refused.set(kind, (refused.get(kind) ?? 0) + 1);
        }
      }
    }
    for (let at = 0; at < sent.length; at += 400) {
      const { outcome } = await runs(["node", "argv.mjs", ...sent.slice(at, at + 400)]);
      expect(outcome.kind).toBe("done");
      expect(JSON.parse(await readFile(supervisor.path("argv.json"), "utf8"))).toEqual(wanted.slice(at, at + 400));
    }
    // Neither all nor none of any kind: what is right goes through, what is not does not.
    for (const [kind] of KINDS) expect(refused.get(kind), kind).toBeGreaterThan(50);
    expect(sent.length).toBeGreaterThan(500);
    expect(
      sent.filter(
        (element) => element.startsWith("-") && !element.startsWith("--n=") && !element.startsWith("--text="),
      ),
    ).toEqual([]);
    await expect(readFile(supervisor.path("pwned"))).rejects.toThrow("ENOENT");
  });
});

describe("how a program ends", () => {
  test("its environment holds nothing of ours, its folder is the app's, and nothing can be typed into it", async () => {
    await supervisor.program(
      "tell",
      'process.stdin.on("end", () => console.log(JSON.stringify([process.cwd(), Object.keys(process.env).sort()]))).resume();',
    );
    const { told } = await runs(["node", "tell.mjs"]);
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
    expect((await runs(["node", "it.mjs"])).outcome).toMatchObject(ended);
  });

  test("one that is not there, or that no system takes, has failed before it began", async () => {
    expect((await runs(["bin/nothing"])).outcome).toMatchObject({
      kind: "failed",
      reason: expect.stringMatching(/^it could not be started: .*ENOENT/),
    });
    expect((await runs(["node", "a\0b"])).outcome).toMatchObject({
      kind: "failed",
      reason: expect.stringMatching(/^it could not be started: /),
    });
  });

  test("of much that it says the newest is told", async () => {
    await supervisor.program("much", "for (let line = 1; line <= 5_000; line += 1) console.log(`line ${line}`);");
    const { outcome, told } = await runs(["node", "much.mjs"]);
    expect(outcome.kind).toBe("done");
    expect(told.slice(-8)).toEqual(Array.from({ length: 8 }, (_, index) => `line ${4_993 + index}`));
    expect(told.length).toBeLessThan(50);
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
    const { outcome, told } = await runs(["node", "stubborn.mjs"], { timeout: 4_000 });
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
    const running = runs(["node", "gate.mjs"], { signal: stop.signal });
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
    const running = runs(["node", "gate.mjs"], { signal: stop.signal, token });
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
    expect((await runs(["node", "gate.mjs"], { token })).outcome.kind).toBe("done");
    expect((await runs(["node", "gate.mjs"], { token })).outcome.kind).toBe("done");
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
