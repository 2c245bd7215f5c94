import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type Pair, type TestBot } from "../support/bot.ts";
import { MANIFEST, type Actor, type Seen, type SlackOptions } from "../support/slack.ts";
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

/** Says more than a card shows, and among it what it should not. */
const TALK = `import { existsSync } from "node:fs";
for (let line = 1; line <= 30; line += 1) console.log(line === 7 ? "token task-supervisor" : \`line \${line}\`);
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
  await supervisor.program("talk", TALK);
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
      talk: { command: [node, talk.mjs], risk: low, timeout: 60s }
      gate: { command: [node, gate.mjs], risk: low, timeout: 60s }
`;
}

async function start(pair: Pair, slack?: SlackOptions): Promise<void> {
  bot = await startBot(pair, { catalog: catalog(), ...(slack === undefined ? {} : { slack }) });
  ana = bot.slack.as("ana");
}

function runs(): Promise<string> {
  return readFile(supervisor.path("runs"), "utf8").catch(() => "");
}

/** A card of an operation in #shop that says this. */
function says(operation: string, ...words: readonly string[]): (seen: Seen) => boolean {
  return ({ plain }) => [operation, ...words].every((each) => plain.includes(each));
}

/** The files in the thread of a card, and what is in them. */
async function files(card: Seen): Promise<{ name: string; text: string }[]> {
  const thread = await ana.sees("#shop", card);
  const all = thread.flatMap(({ raw }) => (raw["files"] ?? []) as { name: string; url_private: string }[]);
  return Promise.all(
    all.map(async ({ name, url_private }) => ({ name, text: await (await fetch(url_private)).text() })),
  );
}

const PRINTED = [...Array.from({ length: 30 }, (_, at) => (at === 6 ? "token [redacted]" : `line ${at + 1}`)), ""].join(
  "\n",
);

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

  test("what is more than its card shows comes as a file into its thread, once", async () => {
    await start(pair);
    await ana.types("/day2 run shop talk", { in: "#shop" });
    const running = await ana.waitsFor("#shop", says("op-1", "Running since", "so far", "line 8"));
    expect(await files(running)).toEqual([]);
    await writeFile(supervisor.path("open"), "");
    const done = await ana.waitsFor("#shop", says("op-1", "*Done*", "line 30"));
    await bot.settle();
    expect(await files(done)).toEqual([{ name: "op-1.txt", text: PRINTED }]);
    expect((await ana.sees("#shop", done)).map(({ plain }) => plain)).toContain("op-1 printed 30 lines");
  });

  test("without the right to upload, its thread says so and has the last lines", async () => {
    const scopes = { bot: MANIFEST.oauth_config?.scopes?.bot?.filter((scope) => scope !== "files:write") ?? [] };
    await start(pair, { manifest: { ...MANIFEST, oauth_config: { ...MANIFEST.oauth_config, scopes } } });
    await writeFile(supervisor.path("open"), "");
    await ana.types("/day2 run shop talk", { in: "#shop" });
    const done = await ana.waitsFor("#shop", says("op-1", "*Done*"));
    await bot.settle();
    expect(await files(done)).toEqual([]);
    const [told] = (await ana.sees("#shop", done)).filter(({ plain }) => plain.includes("op-1 printed 30 lines"));
    expect(told?.plain).toContain(
      "No file could be uploaded (that takes the scope `files:write`, and the bot in this channel)",
    );
    expect(told?.plain).toContain("token [redacted]\nline 8\n");
  });

  test("a public channel that the bot is not in takes no file: its thread has the last lines, and goes on", async () => {
    await start(pair);
    await bot.slack.channel({ channel: "C0SHOP", members: ["U0ANA", "U0BEN"] });
    await writeFile(supervisor.path("open"), "");
    await ana.types("/day2 run shop talk", { in: "#shop" });
    const done = await ana.waitsFor("#shop", says("op-1", "*Done*"));
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("line 30") && plain.includes("printed 30 lines"), {
      thread: done,
    });
    expect(await files(done)).toEqual([]);
    expect((await ana.asks("/day2 items")).plain).not.toContain("no message of Daytwo's reaches");
  });

  test("where Slack fails at the upload, its thread has the last lines", async () => {
    await start(pair);
    await writeFile(supervisor.path("open"), "");
    await bot.slack.fault({ method: "files.getUploadURLExternal", error: "internal_error", times: 1_000 });
    await ana.types("/day2 run shop talk", { in: "#shop" });
    const done = await ana.waitsFor("#shop", says("op-1", "*Done*"));
    await bot.settle();
    const [told] = (await ana.sees("#shop", done)).filter(({ plain }) => plain.includes("op-1 printed 30 lines"));
    expect(told?.plain).toContain("line 30");
  });

  test("a file that Slack gives no answer to is shared again", async () => {
    await start(pair);
    await writeFile(supervisor.path("open"), "");
    await bot.slack.fault({ method: "files.completeUploadExternal", status: 503, times: 1 });
    await ana.types("/day2 run shop talk", { in: "#shop" });
    const done = await ana.waitsFor("#shop", says("op-1", "*Done*"));
    await bot.settle();
    expect(await files(done)).toEqual([{ name: "op-1.txt", text: PRINTED }]);
    expect(await bot.slack.calls("files.getUploadURLExternal")).toHaveLength(1);
  });

  test("a worker that goes in the middle of it: the next one finds what was printed, and it is there once", async () => {
    await start(pair);
    await ana.types("/day2 run shop talk", { in: "#shop" });
    const running = await ana.waitsFor("#shop", says("op-1", "Running since", "line 8"));
    await bot.stop();
    await writeFile(supervisor.path("open"), "");
    next = await startBot(pair, { beside: bot });
    next.advance(SETTLED);
    await until("the next worker to find out", async () => {
      next?.advance(1_000);
      return (await ana.rereads(running)).plain.includes("*Done*");
    });
    await until("what was printed to be in its thread", async () => (await files(running)).length > 0);
    expect(await files(running)).toEqual([{ name: "op-1.txt", text: PRINTED }]);
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
      "Which task of shop?\nIt has `/day2 run shop greet name=… [times=1]`, `/day2 run shop wipe`, `/day2 run shop leak`, `/day2 run shop fail`, `/day2 run shop talk`, `/day2 run shop gate`.",
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
