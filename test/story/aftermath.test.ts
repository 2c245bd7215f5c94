import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_SOCKET, startBot, type Pair, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor } from "../support/slack.ts";
import { until } from "../support/until.ts";

/** What a change does to the service: its checks look before an operation counts as done, and what did harm goes back. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let folders: TestFolder;
let supervisor: ActingSupervisor;
let bot: TestBot;
let ana: Actor;

beforeEach(async () => {
  folders = await openFolders();
  await folders.holds("logs", 10);
  supervisor = await openActingSupervisor();
});
afterEach(async () => {
  await bot.close();
  await supervisor.close();
  await folders.close();
});

async function opens(pair: Pair): Promise<void> {
  bot = await startBot(pair, {
    catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  rae: { name: Rae, slack: U0RAE, role: reader }
policies:
  - { cooldown_up: 0s, cooldown_down: 0s }
services:
  shop:
    channel: "#shop"
    owner: ana
    targets: { web: ${supervisor.target("shop")} }
    checks: { ownership: off, folder-size: { path: "${folders.path("logs")}", warning: 500, critical: 1000, every: 1h } }
`,
  });
  ana = bot.slack.as("ana");
  await bot.passes(HOUR);
}

/** The card of an operation once nothing is under way any more. */
async function cardOf(operation: string) {
  const card = await ana.waitsFor("#shop", ({ plain }) => plain.split("\n")[0]?.includes(`*${operation} `) ?? false);
  await bot.settle();
  return ana.rereads(card);
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("all is well: done", async () => {
    await opens(pair);
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    expect((await cardOf("op-1")).plain).toContain("*Done*");
    expect(supervisor.effects).toHaveLength(1);
  });

  test("what was well before and is critical after it goes back by itself, and says why", async () => {
    await opens(pair);
    await folders.holds("logs", 2_000);
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    const card = await cardOf("op-1");
    expect(card.plain).toMatch(/it got worse: shop\/folder-size, logs hold 2 kB.*op-2 takes it back/);
    expect((await cardOf("op-2")).plain).toContain("*Done*");
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
    expect((await ana.asks("/day2 audit op-1")).plain).toContain("failed and was taken back: release v2");
  });

  test("what cannot go back by itself either is an item of whoever asked, who can try again", async () => {
    await opens(pair);
    await folders.holds("logs", 2_000);
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-1 ") && plain.includes("Running"));
    // Once its effect was seen the checks look three times, and meanwhile somebody else makes it larger still.
    await until("the effect to be seen", async () => (await ana.asks("/day2 status shop")).plain.includes("web 3"));
    supervisor.changes("shop", { sizes: { web: 5 } });
    const item = await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-1 was not taken back"));
    expect(item.plain).toContain("web is 5 and not 3 as op-1 left it");
    expect(item.plain).toContain("Owner: @ana");
    expect((await ana.asks("/day2 audit op-1")).plain).toContain("Op-1 was not taken back: web is 5");
    expect((await cardOf("op-1")).plain).toMatch(/\*Failed\*.*it got worse.*It was not taken back: web is 5 and not 3/);

    await folders.holds("logs", 10);
    supervisor.changes("shop", { sizes: { web: 3 } });
    await ana.clicks(item, "Take it back now");
    await bot.settle();
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
    expect((await ana.rereads(item)).plain).toContain("Resolved");
  });

  test("what was critical before it may stay so: done, and the card says that it is not well yet", async () => {
    await opens(pair);
    await folders.holds("logs", 2_000);
    await bot.passes(HOUR);
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    expect((await cardOf("op-1")).plain).toMatch(/\*Done\*.*not well yet: shop\/folder-size, logs hold 2 kB/);
    expect(supervisor.shows("shop").sizes).toEqual({ web: 3 });
  });

  test("what cannot be undone by itself stays, and is an item of whoever asked", async () => {
    await opens(pair);
    await folders.holds("logs", 2_000);
    await ana.types("/day2 restart shop", { in: "#shop" });
    expect((await cardOf("op-1")).plain).toContain("It stays as it is now");
    const item = await ana.waitsFor("#shop", (message) =>
      message.plain.includes("op-1 (restart) ended without success"),
    );
    expect(item.plain).toContain("Owner: @ana");
  });
});

describe.each(OVER_SOCKET)("a temporary change, over $transport with the queue on $queue", (pair) => {
  async function temporary() {
    await opens(pair);
    await ana.types("/day2 scale shop web=4 for 1h", { in: "#shop" });
    const card = await ana.waitsFor("#shop", (message) => message.plain.includes("goes back by itself"));
    await bot.settle();
    expect((await ana.rereads(card)).buttons.slice(0, 3)).toEqual(["Extend…", "Keep it…", "Take it back now"]);
    return card;
  }

  test("it stays longer when somebody says so, and goes back then", async () => {
    const card = await temporary();
    await ana.clicks(card, "Extend…");
    const form = await ana.modal("Extend #1");
    expect(await (await form.fills({ duration: "9d" })).submits()).toMatchObject({ ok: false });
    expect(await (await form.fills({ duration: "2h" })).submits()).toEqual({ ok: true });
    await bot.passes(HOUR + 60_000);
    expect(supervisor.shows("shop").sizes).toEqual({ web: 4 });
    await bot.passes(HOUR);
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
    expect((await ana.rereads(card)).plain).toContain("taken back as planned");
  });

  test("it stays for good, with a reason", async () => {
    const card = await temporary();
    for (const words of ["resolve #1 it may stay", "snooze #1 2d it may stay", "noise #1 it may stay"]) {
      const told = (await ana.asks(`/day2 ${words}`, { in: "#shop" })).plain;
      expect(told).toContain("#1 takes op-1 back by itself when it is due, and is done then.");
      expect(told).toContain("“Keep it…” for good, “Extend…” for longer, or “Take it back now”.");
    }
    await ana.clicks(card, "Keep it…");
    expect(await (await (await ana.modal("Keep #1")).fills({ text: "the sale goes on" })).submits()).toEqual({
      ok: true,
    });
    await bot.passes(3 * HOUR);
    expect(supervisor.shows("shop").sizes).toEqual({ web: 4 });
    expect((await ana.rereads(card)).plain).toContain("by Ana: kept: the sale goes on");
  });

  test("its target is away for a while when it is due: it goes back when it is there again", async () => {
    const card = await temporary();
    supervisor.answers("away");
    await bot.passes(HOUR);
    supervisor.answers("well");
    await bot.passes(3 * MINUTE);
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
    expect((await ana.rereads(card)).plain).toContain("taken back as planned");
    expect((await ana.asks("/day2 audit op-2")).plain).toMatch(/Op-2 waits, and is tried again: .*does not answer/);
  });

  test("its target stays away: its owner is asked and can do with it what they like, and it is tried again", async () => {
    const card = await temporary();
    supervisor.answers("away");
    await bot.passes(HOUR);
    await bot.passes(HOUR);
    const asks = await ana.rereads(card);
    const away = "op-1 was not taken back: its plan could not be drawn in time; it is tried again";
    expect(asks.plain).toContain(away);
    expect(asks.plain).not.toContain("back by itself");
    expect(asks.buttons.slice(0, 3)).toEqual(["Extend…", "Keep it…", "Take it back now"]);
    expect((await ana.sees("@daytwo")).at(-1)?.plain).toContain("its plan could not be drawn in time");
    const heard = (await ana.sees("@daytwo")).length;
    await bot.passes(4 * HOUR);
    expect((await ana.rereads(card)).plain).toContain("Nobody has acted; told Ana");
    await ana.clicks(card, "Take it back now");
    await bot.settle();
    expect((await ana.whispers("#shop")).at(-1)?.plain).toMatch(
      /being taken back already.*`\/day2 cancel op-3` stops it/s,
    );
    await bot.passes(HOUR);
    expect((await ana.rereads(card)).plain).toContain(away);
    expect(await ana.sees("@daytwo")).toHaveLength(heard + 1); // that nobody has acted

    supervisor.answers("well");
    supervisor.changes("shop", { sizes: { web: 6 } });
    await bot.passes(3 * MINUTE);
    expect((await ana.rereads(card)).plain).toContain("op-1 was not taken back: web is 6 and not 4 as op-1 left it");
    supervisor.changes("shop", { sizes: { web: 4 } });
    await ana.clicks(card, "Extend…");
    expect(await (await (await ana.modal("Extend #1")).fills({ duration: "1h" })).submits()).toEqual({ ok: true });
    await bot.settle();
    expect((await ana.rereads(card)).plain).toContain("Takes op-1 back by itself");
    supervisor.answers("away");
    await bot.passes(HOUR);
    await bot.passes(HOUR);
    supervisor.answers("well");
    await bot.passes(3 * MINUTE);
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
    expect((await ana.rereads(card)).plain).toContain("taken back as planned");
  });

  test("its target is somebody's for hours, and changes meanwhile: it goes back once that is over", async () => {
    const card = await temporary();
    supervisor.answers("lost before applying");
    await ana.types("/day2 restart shop", { in: "#shop" });
    await until("the request to arrive", () => supervisor.asked() === 2);
    await bot.settle();
    supervisor.changes("shop", { release: "v3" });
    supervisor.answers("well");
    await bot.passes(MINUTE);
    const unclear = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Stop here"));
    await bot.passes(HOUR);
    await bot.passes(HOUR);
    const busy = "op-1 was not taken back: it could not be started in time; it is tried again";
    expect((await ana.rereads(card)).plain).toContain(busy);
    await bot.passes(3 * MINUTE);
    expect((await ana.asks("/day2 resolve #1 it may stay")).plain).toMatch(
      /op-1 is being taken back already.*`\/day2 cancel op-4` stops it/s,
    );
    supervisor.changes("shop", { release: "v2" });
    await ana.clicks(unclear, "Stop here");
    await bot.settle();
    expect((await ana.rereads(card)).plain).toMatch(
      /was not taken back: it changed since .*, so nothing was done; it is tried again/,
    );
    await bot.passes(3 * MINUTE);
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
    expect((await ana.rereads(card)).plain).toContain("taken back as planned");
  });

  test("it goes back at once, once", async () => {
    const card = await temporary();
    await ana.clicks(card, "Take it back now");
    await ana.clicks(card, "Take it back now");
    await bot.settle();
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
    expect(supervisor.effects).toHaveLength(2);
    expect((await ana.asks("/day2 audit op-2")).plain).toContain("Ana takes op-1 back now, with op-2");
    await bot.passes(2 * HOUR);
    expect(supervisor.effects).toHaveLength(2);
  });

  test("who may not ask for such a change may not keep it either", async () => {
    const card = await temporary();
    const rae = bot.slack.as("rae");
    await rae.clicks(card, "Take it back now");
    await bot.settle();
    expect((await rae.whispers("#shop")).at(-1)?.plain).toContain("To ask for actions on shop takes the role operator");
    expect(supervisor.effects).toHaveLength(1);
  });
});
