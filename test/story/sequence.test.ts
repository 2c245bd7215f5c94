import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_HTTP, OVER_SOCKET, startBot, type Pair, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { openTaskSupervisor, type TaskSupervisor } from "../support/task-supervisor.ts";
import { until } from "../support/until.ts";

/** A sequence of the catalog: asked for and approved as one, taken step by step, and taken back only as it says. */

const HOUR = 3_600_000;
const SETTLED = 120_000; // ms after which what was sent has surely been applied or lost

/** Counts its runs, and ends once a file is there: well, or as the file says. */
const GATE = `import { appendFileSync, existsSync, readFileSync } from "node:fs";
console.log("waiting");
appendFileSync("runs", "x");
setInterval(() => existsSync("open") && process.exit(Number(readFileSync("open", "utf8"))), 10);`;
const NOTE = 'import { appendFileSync } from "node:fs"; appendFileSync("notes", process.argv[2] + " ");';

let folders: TestFolder;
let supervisor: ActingSupervisor;
let tasks: TaskSupervisor;
let bot: TestBot;
let next: TestBot | null;
let ana: Actor;

beforeEach(async () => {
  next = null;
  folders = await openFolders();
  await folders.holds("token", 1);
  await folders.holds("logs", 10);
  supervisor = await openActingSupervisor(`${folders.path("token")}/log`);
  tasks = await openTaskSupervisor();
  await tasks.program("gate", GATE);
  await tasks.program("note", NOTE);
});
afterEach(async () => {
  await next?.stop();
  await bot.close();
  await tasks.close();
  await supervisor.close();
  await folders.close();
});

function catalog(policies = ""): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  cleo: { name: Cleo, slack: U0RAE, role: approver }
policies:
  - { cooldown_up: 0s, cooldown_down: 0s }
${policies}
services:
  shop:
    channel: "#shop"
    owner: ana
    targets:
      web: ${supervisor.target("web")}
      side: ${supervisor.target("side")}
      jobs: ${tasks.target}
    checks: { ownership: off, folder-size: { path: "${folders.path("logs")}", warning: 500, critical: 1000, every: 1h } }
    tasks:
      gate: { on: jobs, command: [node, gate.mjs], risk: low, timeout: 60s }
      note: { on: jobs, command: [node, note.mjs, "{text}"], arguments: { text: { text: 20 } }, risk: low, timeout: 30s }
    sequences:
      make-room:
        description: Makes room before the sale.
        steps:
          - { scale: { web: 4 }, on: web, undo: true }
          - { run: gate, undo: { run: note, with: { text: gated } } }
          - { scale: { web: 3 }, on: side, undo: true }
          - { restart: true, on: web }
      back:
        steps:
          - { scale: { web: 5 }, on: side }
          - { rollback: true, on: web }
          - { restart: web, on: web }
      plain:
        steps:
          - { scale: { web: 4 }, on: web }
          - { run: gate }
          - { restart: true, on: side }
`;
}

async function start(pair: Pair, policies = ""): Promise<void> {
  bot = await startBot(pair, { catalog: catalog(policies) });
  ana = bot.slack.as("ana");
  await bot.passes(HOUR);
}

/** A card of an operation in #shop that says this. */
function says(operation: string, ...words: readonly string[]): (seen: Seen) => boolean {
  return ({ plain }) => [operation, ...words].every((each) => plain.includes(each));
}

function runs(): Promise<string> {
  return readFile(tasks.path("runs"), "utf8").catch(() => "");
}

function notes(): Promise<string> {
  return readFile(tasks.path("notes"), "utf8").catch(() => "");
}

async function opensGate(status = 0): Promise<void> {
  await writeFile(tasks.path("open"), `${status}`);
}

/** Asks for it and waits until its task is under way. */
async function comesToTheGate(sequence: string): Promise<Seen> {
  await ana.types(`/day2 run shop ${sequence}`, { in: "#shop" });
  const card = await ana.waitsFor("#shop", says("op-1", "▶️ 2. jobs: Run gate on shop"));
  await until("the task to run", async () => (await runs()) === "x");
  return card;
}

function effects(): string[] {
  return supervisor.effects.map(({ app, action }) => `${action} ${app}`);
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("asked for, approved as a whole, and taken step by step, each from how the one before left its target", async () => {
    await start(pair);
    await ana.types("/day2 run shop back", { in: "#shop" });
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    expect(asked.plain).toContain("op-1 Run back on shop (3 steps)* · shop in production · high risk");
    expect(asked.plain).toContain("Changes, one after the other (about 28 seconds):");
    expect(asked.plain).toMatch(
      /1\. side: Scale shop web 2 → 5 · stays: release.*\n2\. web: Roll back shop v2 → v1 · stays: .*\n3\. web: Restart shop \(web\) · processes 2 running → 2 started anew/,
    );
    expect(effects()).toEqual([]);
    await bot.slack.as("ben").clicks(asked, "Approve");
    const done = await ana.waitsFor("#shop", says("op-1", "*Done*"));
    expect(done.plain).toContain("all 3 steps are done: release v1, 2 web, all healthy");
    expect(done.plain).toMatch(
      /✅ 1\. side: Scale shop web 2 → 5 · done in .*\n✅ 2\. web: Roll back.*\n✅ 3\. web: Restart/,
    );
    expect(effects()).toEqual(["scale side", "rollback web", "restart web"]);
    const audit = (await ana.asks("/day2 audit op-1")).plain;
    expect(audit).toContain("runs step 2 of 3 (web: Roll back shop v2 → v1)");
    expect(audit).toContain("Step 3 of 3 (web: Restart shop (web)) of op-1 is done");
  });

  test("a worker that goes in the middle of a step, and the next one goes on there: no step is taken twice", async () => {
    await start(pair);
    const running = await comesToTheGate("make-room");
    expect(running.plain).toMatch(/✅ 1\. web: Scale shop web 2 → 4 · done in .*\n▶️ 2\. jobs: Run gate/);
    await bot.stop();
    await opensGate();
    next = await startBot(pair, { beside: bot });
    next.advance(SETTLED);
    await until("the next worker to go on", async () => {
      next?.advance(1_000);
      return (await ana.rereads(running)).plain.includes("*Done*");
    });
    expect(await runs()).toBe("x");
    expect(effects()).toEqual(["scale web", "scale side", "restart web"]);
  });

  test("somebody else changes a target between two steps: it stops there, and nothing more is sent", async () => {
    await start(pair);
    await comesToTheGate("make-room");
    supervisor.changes("side", { sizes: { web: 7 } });
    await opensGate();
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain(
      "step 3 of 4 (side: Scale shop web 2 → 3) was not begun: it is not as it was approved: web is 7, and not 2",
    );
    expect(failed.plain).toContain("done, and stays as it is now: steps 1, 2; not begun: step 4");
    expect((await ana.waitsFor("#shop", says("op-1 (run make-room) ended without success"))).plain).toContain(
      "Owner: @ana",
    );
    await bot.settle();
    expect(effects()).toEqual(["scale web"]);
  });

  test("a step that fails: what is said to be taken back is, last first, and the rest is told", async () => {
    await start(pair);
    await comesToTheGate("make-room");
    await opensGate(3);
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain(
      "step 2 of 4 (jobs: Run gate on shop) ended without success: it ended with status 3",
    );
    expect(failed.plain).toContain("taken back: step 1; not begun: steps 3, 4");
    expect(failed.plain).toMatch(
      /↩️ 1\. web: Scale shop web 2 → 4 · done in .*, and taken back\n❌ 2\. jobs: Run gate/,
    );
    expect(effects()).toEqual(["scale web", "scale web"]);
    expect(supervisor.shows("web").sizes).toEqual({ web: 2 });
    expect(await notes()).toBe("");
  });

  test("a step that fails where nothing is said to be taken back: what was done stays", async () => {
    await start(pair);
    await comesToTheGate("plain");
    await opensGate(3);
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain("done, and stays as it is now: step 1; not begun: step 3");
    await bot.settle();
    expect(effects()).toEqual(["scale web"]);
  });

  test("cancelled while a step runs: the rest is not begun, and nothing is taken back", async () => {
    await start(pair);
    const running = await comesToTheGate("make-room");
    await ana.clicks(running, "Cancel");
    const stopped = await ana.waitsFor("#shop", says("op-1", "*Cancelled*"));
    expect(stopped.plain).toContain("done, and stays as it is now: step 1; not begun: steps 3, 4");
    await bot.settle();
    expect(effects()).toEqual(["scale web"]);
  });
});

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("the checks get worse by a step: all that was done is taken back, by what each says", async () => {
    await start(pair);
    await comesToTheGate("make-room");
    await folders.holds("logs", 2_000);
    await opensGate();
    const back = await ana.waitsFor("#shop", says("op-1", "*Failed and was taken back*"));
    expect(back.plain).toContain("but it got worse: shop/folder-size, logs hold 2 kB");
    expect(back.plain).toContain("taken back: steps 1, 2; not begun: steps 3, 4");
    expect(await notes()).toBe("gated ");
    expect(supervisor.shows("web").sizes).toEqual({ web: 2 });
    expect(effects()).toEqual(["scale web", "scale web"]);
  });

  test("nobody knows whether a step happened: a person says so, and it goes on or back", async () => {
    await start(pair);
    await comesToTheGate("make-room");
    supervisor.answers("lost before applying");
    await opensGate();
    await until("the third step to be sent", () => supervisor.asked() === 2);
    await bot.settle();
    supervisor.changes("side", { sizes: { web: 2 } });
    supervisor.answers("well");
    await bot.passes(SETTLED);
    const unclear = await ana.waitsFor("#shop", says("op-1", "A person has to look"));
    expect(unclear.plain).toContain("🙋 3. side: Scale shop web 2 → 3 · a person has to look");
    await ana.clicks(unclear, "It did not");
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain(
      "Ana looked and says that it did not happen; taken back: steps 1, 2; not begun: step 4",
    );
    expect(effects()).toEqual(["scale web", "scale web"]);
    expect(await notes()).toBe("gated ");
  });

  test("a person saw that it happened: the next step follows", async () => {
    await start(pair);
    await comesToTheGate("make-room");
    supervisor.answers("lost before applying");
    await opensGate();
    await until("the third step to be sent", () => supervisor.asked() === 2);
    await bot.settle();
    supervisor.changes("side", { sizes: { web: 3 } });
    supervisor.answers("well");
    await bot.passes(SETTLED);
    const unclear = await ana.waitsFor("#shop", says("op-1", "A person has to look"));
    await ana.clicks(unclear, "It happened");
    await ana.waitsFor("#shop", says("op-1", "*Done*", "all 4 steps are done"));
    expect(effects()).toEqual(["scale web", "restart web"]);
  });

  test("it needs what the strictest of its steps needs, and nobody decides on their own", async () => {
    await start(pair, "  - { when: { action: restart }, approvals: 2 }");
    await ana.types("/day2 run shop back", { in: "#shop" });
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    expect((await ana.asks("/day2 approve op-1")).plain).toMatch(/your own|yourself|approver/i);
    await bot.slack.as("ben").clicks(asked, "Approve");
    await bot.settle();
    expect(effects()).toEqual([]);
    await bot.slack.as("rae").clicks(await ana.rereads(asked), "Approve");
    await ana.waitsFor("#shop", says("op-1", "*Done*"));
    expect(effects()).toEqual(["scale side", "rollback web", "restart web"]);
  });

  test("its plan can be seen without asking, and what is wrong with a step is said before anything runs", async () => {
    await start(pair);
    await ana.types("/day2 plan run shop make-room", { in: "#shop" });
    const seen = await ana.waitsFor("@daytwo", says("op-1 Run make-room on shop (4 steps)", "a preview"));
    expect(seen.plain).toContain("Makes room before the sale.");
    expect(seen.plain).toMatch(/1\. web: Scale shop web 2 → 4 · stays: .* · taken back if a later one fails/);
    expect(seen.plain).toContain("taken back if a later one fails, by note: node note.mjs gated");
    expect(seen.plain).toContain("4. web: Restart shop (all processes) · processes 4 running → 4 started anew");
    supervisor.changes("web", { sizes: { web: 4 } });
    await ana.types("/day2 run shop make-room", { in: "#shop" });
    const refused = await ana.waitsFor("#shop", says("op-2", "*Not run*"));
    expect(refused.plain).toContain("Step 1 of 4 (scale shop/web): It is that size already: 4 web.");
    expect((await ana.asks("/day2 run shop make-rom")).plain).toContain("Did you mean `make-room`?");
    expect((await ana.asks("/day2 run shop make-room text=x")).plain).toContain("`make-room` takes no arguments");
    expect(effects()).toEqual([]);
  });

  test("while it is under way its targets are its own, but a rollback goes before", async () => {
    await start(pair, "  - { when: { action: rollback }, approvals: 0 }");
    await comesToTheGate("make-room");
    await ana.types("/day2 restart shop/side", { in: "#shop" });
    await ana.waitsFor("#shop", says("op-2", "Waits for its turn"));
    await ana.types("/day2 rollback shop/web", { in: "#shop" });
    await ana.waitsFor("#shop", says("op-3", "*Done*"));
    await opensGate();
    const stopped = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(stopped.plain).toContain("release v1 runs there, and not v2");
    await ana.waitsFor("#shop", says("op-2", "*Not run*", "it changed since this plan was drawn"));
    expect(effects()).toEqual(["scale web", "rollback web", "scale side"]);
  });
});
