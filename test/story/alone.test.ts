import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_HTTP, startBot, type Pair, type TestBot } from "../support/bot.ts";
import type { Actor, Seen } from "../support/slack.ts";

/**
 * One person is awake: nobody who may approve answers, and whoever is on call goes alone, with a reason, back to what ran
 * well. Everybody who may approve is told, and somebody else reviews it.
 */

const ALONE_AFTER = 300_000;
/** Saturday. Ahead of us: a workspace does not sign with times that have passed. */
const NIGHT = new Date("2036-10-25T02:10:00Z");
const MONDAY_EVENING = "2036-10-27T17:00:00.000Z";

let supervisor: ActingSupervisor;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

beforeEach(async () => {
  supervisor = await openActingSupervisor();
});
afterEach(async () => {
  await bot.close();
  await supervisor.close();
});

async function start(pair: Pair, policies = ""): Promise<void> {
  bot = await startBot(pair, {
    start: NIGHT,
    catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
working_hours: { zone: UTC }
policies:
  - { when: { action: scale }, approvals: 1, cooldown_up: 0s, cooldown_down: 0s }
${policies}
services:
  shop:
    channel: "#shop"
    owner: ana
    targets: { web: ${supervisor.target("shop")} }
    checks: { ownership: off }
`,
  });
  [ana, ben] = [bot.slack.as("ana"), bot.slack.as("ben")];
}

/** The card of what Ana asks for, once those who may approve were asked. */
async function asks(what: string, id = 1): Promise<Seen> {
  await ana.types(`/day2 ${what}`, { in: "#shop" });
  const card = await ana.waitsFor("#shop", ({ plain }) => plain.includes(`op-${id} `) && plain.includes("Needs "));
  await bot.settle();
  return ana.rereads(card);
}

async function hears(who: Actor, label: string, card: Seen): Promise<string> {
  await who.clicks(card, label);
  await bot.settle();
  return (await who.whispers("#shop")).at(-1)?.plain ?? "";
}

async function lastDirect(who: Actor): Promise<string> {
  return (await who.sees("@daytwo")).at(-1)?.plain ?? "";
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("after five minutes without an answer the button is there; all are told, and a review is due on Monday", async () => {
    await start(pair);
    const card = await asks("rollback shop");
    expect(card.buttons).toEqual(["Approve", "Deny…", "Cancel"]);
    expect((await ana.asks("/day2 approve op-1 alone it burns", { in: "#shop" })).plain).toMatch(
      /Whoever may approve op-1 has \d minutes.* left to answer\./,
    );

    await bot.passes(ALONE_AFTER);
    const open = await ana.rereads(card);
    expect(open.buttons).toEqual(["Approve", "Deny…", "Go alone…", "Cancel"]);
    expect(open.plain).toContain("Nobody has answered: @ana, on call, may go alone with a reason");
    expect(await lastDirect(ana)).toBe(open.plain);
    expect(await hears(ben, "Go alone…", card)).toContain("Only whoever is on call for shop may go alone");
    expect(supervisor.effects).toEqual([]);

    const [copy] = await ana.sees("@daytwo");
    await ana.clicks(copy as Seen, "Go alone…");
    const form = await ana.modal("Go alone with op-1");
    expect(await form.submits()).toMatchObject({ ok: false });
    await (await form.fills({ "Why can it not wait?": "the shop is down" })).submits();
    await bot.settle();
    const done = await ana.rereads(card);
    expect(done.plain).toMatch(/⚠️ Ana went alone, without an approval, .*: the shop is down/);
    expect([done.plain.includes("*Done*"), done.buttons]).toEqual([true, []]);
    expect(supervisor.shows("shop").release).toBe("v1");
    expect(await lastDirect(ben)).toBe(
      "⚠️ *op-1 Roll back shop v2 → v1*\nAna, on call, went alone with it, without an approval: the shop is down",
    );
    const review = await ben.waitsFor("#shop", ({ plain }) => plain.includes("review: Ana went alone with op-1"));
    expect(review.plain).toContain("Owner: Ben");
    expect(review.buttons).not.toContain("Roll back…");
    const { due_at } = (await bot.bot.app.db.query("select due_at from items where fingerprint = 'alone/1'")).rows[0];
    expect(due_at.toISOString()).toBe(MONDAY_EVENING);
    expect((await ana.asks("/day2 audit op-1")).plain).toContain("Ana, on call, went alone with op-1");
  });

  test("only back to what was: a size that it had, never further, and nothing that was answered", async () => {
    await start(pair, "  - { when: { action: rollback }, approvals: 2 }");
    const first = await asks("scale shop web=3");
    await bot.passes(ALONE_AFTER);
    expect((await ana.rereads(first)).buttons).not.toContain("Go alone…");
    expect((await ana.asks("/day2 approve op-1 alone too few", { in: "#shop" })).plain).toContain(
      "op-1 cannot be done alone.",
    );
    await ben.clicks(first, "Approve");
    await bot.settle();
    expect(supervisor.shows("shop").sizes).toEqual({ web: 3 });

    const back = await asks("scale shop web=2", 2);
    await bot.passes(ALONE_AFTER);
    expect((await ana.rereads(back)).buttons).toContain("Go alone…");
    expect((await ana.asks("/day2 approve op-2 alone: the database is full", { in: "#shop" })).plain).toContain(
      "You went alone with op-2.",
    );
    await bot.settle();
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });

    const answered = await asks("rollback shop", 3);
    await ben.clicks(answered, "Approve");
    await bot.passes(ALONE_AFTER);
    expect((await ana.rereads(answered)).buttons).not.toContain("Go alone…");
    expect((await ana.asks("/day2 approve op-3 alone still down", { in: "#shop" })).plain).toContain(
      "Somebody has answered op-3, so nobody goes alone with it.",
    );
    expect(supervisor.shows("shop").release).toBe("v2");
  });

  test("where policy says so, nobody goes alone", async () => {
    await start(pair, "  - { alone_after: off }");
    const card = await asks("rollback shop");
    await bot.passes(ALONE_AFTER);
    expect((await ana.rereads(card)).buttons).toEqual(["Approve", "Deny…", "Cancel"]);
    expect(await ana.sees("@daytwo")).toEqual([]);
  });
});
