import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type Pair, type TestBot } from "../support/bot.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { openTaskSupervisor, type TaskSupervisor } from "../support/task-supervisor.ts";
import { until } from "../support/until.ts";

/** A task of the catalog, asked for in Slack: a real program with the arguments that somebody filled in. */

const SETTLED = 120_000; // ms after which what was sent has surely been applied or lost

const GREET = 'console.log("packing"); console.log(`hello ${process.argv[3]}`);';
const FAIL = 'console.error("no such region"); process.exitCode = 3;';
/** Prints what it should not, in colours, and means everybody. */
const LEAK = `console.log("\\x1b[31m<!channel> supervisor token task-supervisor\\x1b[0m");
console.log("password=swordfish"); process.exitCode = 1;`;
/** Counts its runs, and ends once a file is there. */
const GATE = `import { appendFileSync, existsSync } from "node:fs";
console.log("waiting");
appendFileSync("runs", "x");
setInterval(() => existsSync("open") && process.exit(0), 10);`;

let supervisor: TaskSupervisor;
let bot: TestBot;
let next: TestBot | null;
let ana: Actor;

beforeEach(async () => {
  next = null;
  supervisor = await openTaskSupervisor();
  await supervisor.program("greet", GREET);
  await supervisor.program("fail", FAIL);
  await supervisor.program("gate", GATE);
  await supervisor.program("leak", LEAK);
});
afterEach(async () => {
  await next?.stop();
  await bot.close();
  await supervisor.close();
});

function catalog(): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  cleo: { name: Cleo, slack: U0RAE, role: approver }
services:
  shop:
    channel: "#shop"
    owner: ana
    targets: { web: ${supervisor.target} }
    checks: { ownership: off }
    tasks:
      greet:
        command: [node, greet.mjs, --to, "{name}", "--times={times}"]
        arguments: { name: { text: 40 }, times: { number: { min: 1, max: 9 }, default: 1 } }
        for: releases
        timeout: 30s
      wipe: { command: [node, fail.mjs], risk: destructive }
      leak: { command: [node, leak.mjs], risk: low, timeout: 30s }
      fail: { command: [node, fail.mjs], risk: low, timeout: 30s }
      gate: { command: [node, gate.mjs], risk: low, timeout: 60s }
`;
}

async function start(pair: Pair): Promise<void> {
  bot = await startBot(pair, { catalog: catalog() });
  ana = bot.slack.as("ana");
}

function runs(): Promise<string> {
  return readFile(supervisor.path("runs"), "utf8").catch(() => "");
}

/** A card of an operation in #shop that says this. */
function says(operation: string, ...words: readonly string[]): (seen: Seen) => boolean {
  return ({ plain }) => [operation, ...words].every((each) => plain.includes(each));
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("asked for, approved as it runs, and what it says stands on its card", async () => {
    await start(pair);
    await ana.types('/day2 run shop greet name="you & $(me)"', { in: "#shop" });
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    expect(asked.plain).toContain(
      "op-1 Run greet on shop (name you & $(me), times 1)* · shop in production · high risk",
    );
    expect(asked.plain).toContain('Runs node greet.mjs --to "you & $(me)" --times=1');
    expect(asked.plain).toContain("Stays: what the task itself does is not known to Daytwo");
    expect(await supervisor.effects()).toEqual([]);

    await bot.slack.as("ben").clicks(asked, "Approve");
    const done = await ana.waitsFor("#shop", says("op-1", "*Done*"));
    expect(done.plain).toContain("it ended well: hello you & $(me)");
    expect(done.plain).toMatch(/ · packing\n?.* · hello you & \$\(me\)/s);
    expect(await supervisor.effects()).toHaveLength(1);
  });

  test("its plan can be seen by whoever asks, and nothing runs", async () => {
    await start(pair);
    await ana.types("/day2 plan run shop gate", { in: "#shop" });
    const seen = await ana.waitsFor("@daytwo", says("op-1 Run gate on shop", "a preview"));
    expect(seen.plain).toContain("Runs node gate.mjs");
    await bot.settle();
    expect(await supervisor.effects()).toEqual([]);
    expect((await ana.asks("/day2 status shop")).plain).toContain("/day2 run shop");
  });

  test("one that cannot be undone takes two, and what policy says of tasks goes before", async () => {
    await start(pair);
    await ana.types("/day2 run shop wipe", { in: "#shop" });
    const asked = await ana.waitsFor(
      "#shop",
      ({ plain, buttons }) => plain.includes("op-1") && buttons.includes("Approve"),
    );
    expect(asked.plain).toContain("cannot be undone");
    expect(asked.plain).toMatch(/Needs @ben, @rae/);
    await bot.slack.as("ben").clicks(asked, "Approve");
    await bot.settle();
    expect(await supervisor.effects()).toEqual([]);

    await bot.follows(catalog().replace("services:", "policies: [{ when: { action: run }, approvals: 0 }]\nservices:"));
    await ana.types('/day2 run shop greet name="who waits"', { in: "#shop" });
    await ana.waitsFor("#shop", says("op-2", "*Done*", "hello who waits"));
  });

  test("one that fails is a failure with its last words, and whoever asked has it", async () => {
    await start(pair);
    await ana.types("/day2 run shop fail", { in: "#shop" });
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain("it ended with status 3: no such region");
    const item = await ana.waitsFor("#shop", says("op-1 (run) ended without success"));
    expect(item.plain).toContain("Owner: @ana");
    expect(await supervisor.effects()).toHaveLength(1);
  });

  test("from an item that it helps with it is asked for in a form, with a field for each argument", async () => {
    await start(pair);
    await ana.types("/day2 run shop fail", { in: "#shop" });
    const item = await ana.waitsFor("#shop", says("op-1 (run) ended without success"));
    await ana.clicks(item, "Run greet…");
    const form = await (await ana.modal("Run")).fills({ name: "--all", times: "3" });
    expect((await form.submits()).errors).toEqual({
      "argument.name": "name must not begin with -: the program would take it for an option.",
    });
    await (await form.fills({ name: "it's; $(me)" })).submits();
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(asked.plain).toContain(`Runs node greet.mjs --to "it's; $(me)" --times=3`);
    await bot.slack.as("ben").clicks(asked, "Approve");
    await ana.waitsFor("#shop", says("op-2", "*Done*", "it ended well: hello it's; $(me)"), { thread: item });
  });

  test("what it prints is shown as text, without secrets of its service and what looks like one", async () => {
    await start(pair);
    await ana.types("/day2 run shop leak", { in: "#shop" });
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain("it ended with status 1: password=[redacted]");
    expect(failed.plain).toMatch(/ · <!channel> supervisor token \[redacted\]$/m);
    expect(JSON.stringify(failed.raw)).toContain("&lt;!channel&gt;");
    const kept = await bot.bot.app.db.query("select detail::text from events union all select outcome from operations");
    expect(JSON.stringify(kept.rows)).not.toMatch(/task-supervisor|swordfish/);
  });

  test("while it runs it can be stopped", async () => {
    await start(pair);
    await ana.types("/day2 run shop gate", { in: "#shop" });
    const running = await ana.waitsFor("#shop", says("op-1", "Running", "waiting"));
    await ana.clicks(running, "Cancel");
    const stopped = await ana.waitsFor("#shop", says("op-1", "*Cancelled*"));
    expect(stopped.plain).toContain("it was stopped while it ran, as it was asked to: waiting");
    expect(stopped.buttons).toEqual([]);
    expect(await runs()).toBe("x");
  });

  test("a worker that goes in the middle of it, and the next one finds out how it ended: it ran once", async () => {
    await start(pair);
    await ana.types("/day2 run shop gate", { in: "#shop" });
    const running = await ana.waitsFor("#shop", says("op-1", "Running"));
    await until("the task to run", async () => (await runs()) === "x");
    await bot.stop();
    await writeFile(supervisor.path("open"), "");
    next = await startBot(pair, { beside: bot });
    next.advance(SETTLED);
    await until("the next worker to find out", async () => {
      next?.advance(1_000);
      return (await ana.rereads(running)).plain.includes("*Done*");
    });
    expect(await runs()).toBe("x");
    expect(await supervisor.effects()).toHaveLength(1);
  });

  test("an answer that is lost after it began is looked up, and nothing is sent again", async () => {
    await start(pair);
    await supervisor.call("POST", "/control", { once: "apply-then-drop" });
    await ana.types("/day2 run shop fail", { in: "#shop" });
    await until("it to have begun", async () => (await supervisor.effects()).length === 1);
    await bot.settle();
    await bot.passes(SETTLED);
    await ana.waitsFor("#shop", says("op-1", "*Failed*", "it ended with status 3: no such region"));
    expect(await supervisor.effects()).toHaveLength(1);
  });

  test("what is not a task or a value of it is answered with what is right", async () => {
    await start(pair);
    expect((await ana.asks("/day2 run shop")).plain).toContain(
      "Which task of shop?\nIt has `/day2 run shop greet name=… [times=1]`, `/day2 run shop wipe`, `/day2 run shop leak`, `/day2 run shop fail`, `/day2 run shop gate`.",
    );
    expect((await ana.asks("/day2 run shop gret")).plain).toContain("shop has no task `gret`.\nDid you mean `greet`?");
    expect((await ana.asks("/day2 run shop greet")).plain).toContain(
      "`greet` needs `name`: text of at most 40 characters.",
    );
    expect((await ana.asks("/day2 run shop greet name=-rf")).plain).toContain("`name` must not begin with `-`");
    expect((await ana.asks("/day2 run shop greet name=x times=10")).plain).toContain(
      "`times` must be a whole number from 1 to 9.",
    );
    expect(await supervisor.effects()).toEqual([]);
  });
});
