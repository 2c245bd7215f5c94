import { afterEach, describe, expect, test } from "vitest";
import { OVER_HTTP, OVER_SOCKET, startBot, type TestBot } from "../support/bot.ts";
import { openSequenceShop, says, type SequenceShop } from "../support/sequences.ts";
import { until } from "../support/until.ts";

/** A sequence of the catalog: asked for and approved as one, and taken step by step. */

const SETTLED = 120_000; // ms after which what was sent has surely been applied or lost

let shop: SequenceShop;
let next: TestBot | null = null;

afterEach(async () => {
  await next?.stop();
  next = null;
  await shop.close();
});

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("asked for, approved as a whole, and taken step by step, each from how the one before left its target", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot } = shop;
    await ana.types("/day2 run shop back", { in: "#shop" });
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    expect(asked.plain).toContain("op-1 Run back on shop (3 steps)* · shop in production · high risk");
    expect(asked.plain).toContain("Changes, one after the other (about 28 seconds):");
    expect(asked.plain).toMatch(
      /1\. side: Scale shop web 2 → 5 · stays: release.*\n2\. web: Roll back shop v2 → v1 · stays: .*\n3\. web: Restart shop \(web\) · processes 2 running → 2 started anew/,
    );
    expect(shop.effects()).toEqual([]);
    await bot.slack.as("ben").clicks(asked, "Approve");
    const done = await ana.waitsFor("#shop", says("op-1", "*Done*"));
    expect(done.plain).toContain("all 3 steps are done: release v1, 2 web, all healthy");
    expect(done.plain).toMatch(
      /✅ 1\. side: Scale shop web 2 → 5 · done in .*\n✅ 2\. web: Roll back.*\n✅ 3\. web: Restart/,
    );
    expect(shop.effects()).toEqual(["scale side", "rollback web", "restart web"]);
    const audit = (await ana.asks("/day2 audit op-1")).plain;
    expect(audit).toContain("runs step 2 of 3 (web: Roll back shop v2 → v1)");
    expect(audit).toContain("Step 3 of 3 (web: Restart shop (web)) of op-1 is done");
  });

  test("a worker that goes in the middle of a step, and the next one goes on there: no step is taken twice", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot } = shop;
    const running = await shop.comesToTheGate("make-room");
    expect(running.plain).toMatch(/✅ 1\. web: Scale shop web 2 → 4 · done in .*\n▶️ 2\. jobs: Run gate/);
    await bot.stop();
    await shop.opensGate();
    next = await startBot(pair, { beside: bot });
    next.advance(SETTLED);
    await until("the next worker to go on", async () => {
      next?.advance(1_000);
      return (await ana.rereads(running)).plain.includes("*Done*");
    });
    expect(await shop.runs()).toBe("x");
    expect(shop.effects()).toEqual(["scale web", "scale side", "restart web"]);
  });

  test("somebody else changes a target between two steps: it stops there, and nothing more is sent", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot } = shop;
    await shop.comesToTheGate("make-room");
    shop.supervisor.changes("side", { sizes: { web: 7 } });
    await shop.opensGate();
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain(
      "step 3 of 4 (side: Scale shop web 2 → 3) was not begun: it is not as it was approved: web is 7, and not 2",
    );
    expect(failed.plain).toContain("done, and stays as it is now: steps 1, 2; not begun: step 4");
    expect((await ana.waitsFor("#shop", says("op-1 (run make-room) ended without success"))).plain).toContain(
      "Owner: @ana",
    );
    await bot.settle();
    expect(shop.effects()).toEqual(["scale web"]);
  });
});

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("it needs what the strictest of its steps needs, and nobody decides on their own", async () => {
    shop = await openSequenceShop(pair, "  - { when: { action: restart }, approvals: 2 }");
    const { ana, bot } = shop;
    await ana.types("/day2 run shop back", { in: "#shop" });
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    expect((await ana.asks("/day2 approve op-1")).plain).toMatch(/your own|yourself|approver/i);
    await bot.slack.as("ben").clicks(asked, "Approve");
    await bot.settle();
    expect(shop.effects()).toEqual([]);
    await bot.slack.as("rae").clicks(await ana.rereads(asked), "Approve");
    await ana.waitsFor("#shop", says("op-1", "*Done*"));
    expect(shop.effects()).toEqual(["scale side", "rollback web", "restart web"]);
  });

  test("its plan can be seen without asking, and what is wrong with a step is said before anything runs", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot } = shop;
    await ana.types("/day2 plan run shop make-room", { in: "#shop" });
    const seen = await ana.waitsFor("@daytwo", says("op-1 Run make-room on shop (4 steps)", "a preview"));
    expect(seen.plain).toContain("Makes room before the sale.");
    expect(seen.plain).toMatch(/1\. web: Scale shop web 2 → 4 · stays: .* · taken back if a later one fails/);
    expect(seen.plain).toContain("taken back if a later one fails, by note: node note.mjs gated");
    expect(seen.plain).toContain("4. web: Restart shop (all processes) · processes 4 running → 4 started anew");
    shop.supervisor.changes("web", { sizes: { web: 4 } });
    await ana.types("/day2 run shop make-room", { in: "#shop" });
    const refused = await ana.waitsFor("#shop", says("op-2", "*Not run*"));
    expect(refused.plain).toContain("Step 1 of 4 (scale shop/web): It is that size already: 4 web.");
    await bot.follows(shop.catalog("  - { when: { action: scale }, max: 4 }"));
    await ana.types("/day2 run shop back", { in: "#shop" });
    expect((await ana.waitsFor("#shop", says("op-3", "*Not run*"))).plain).toContain(
      "step 1 of 3 (side: Scale shop web 2 → 5): web=5 is outside what the policy allows here: 1 to 4.",
    );
    expect((await ana.asks("/day2 run shop make-rom")).plain).toContain("Did you mean `make-room`?");
    expect((await ana.asks("/day2 run shop make-room text=x")).plain).toContain("`make-room` takes no arguments");
    expect(shop.effects()).toEqual([]);
  });

  test("while it is under way its targets are its own, but a rollback goes before", async () => {
    shop = await openSequenceShop(pair, "  - { when: { action: rollback }, approvals: 0 }");
    const { ana } = shop;
    await shop.comesToTheGate("make-room");
    await ana.types("/day2 restart shop/side", { in: "#shop" });
    await ana.waitsFor("#shop", says("op-2", "Waits for its turn"));
    await ana.types("/day2 rollback shop/web", { in: "#shop" });
    await ana.waitsFor("#shop", says("op-3", "*Done*"));
    await shop.opensGate();
    const stopped = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(stopped.plain).toContain("release v1 runs there, and not v2");
    await ana.waitsFor("#shop", says("op-2", "*Not run*", "it changed since this plan was drawn"));
    expect(shop.effects()).toEqual(["scale web", "rollback web", "scale side"]);
  });

  test("an approver who lost the role between two steps: it stops there, and nothing more is sent", async () => {
    shop = await openSequenceShop(pair, "  - { when: { action: restart }, approvals: 1 }");
    const { ana, bot } = shop;
    await ana.types("/day2 run shop make-room", { in: "#shop" });
    await bot.slack
      .as("ben")
      .clicks(await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve")), "Approve");
    await ana.waitsFor("#shop", says("op-1", "▶️ 2. jobs: Run gate on shop"));
    await until("the task to run", async () => (await shop.runs()) === "x");
    await bot.follows(
      shop
        .catalog("  - { when: { action: restart }, approvals: 1 }")
        .replace("U0BEN, role: approver", "U0BEN, role: reader"),
    );
    await shop.opensGate();
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain(
      "step 3 of 4 (side: Scale shop web 2 → 3) was not begun: an approval no longer stands",
    );
    expect(failed.plain).toContain("done, and stays as it is now: steps 1, 2; not begun: step 4");
    await bot.settle();
    expect(shop.effects()).toEqual(["scale web"]);
  });

  test("what cannot be undone is typed, by the sequence's name", async () => {
    shop = await openSequenceShop(pair, "  - { when: { action: restart }, typed: true, approvals: 1 }");
    const { ana, bot } = shop;
    await ana.types("/day2 run shop back", { in: "#shop" });
    const ben = bot.slack.as("ben");
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    await ben.clicks(asked, "Approve");
    expect((await ben.modal("Approve op-1")).plain).toContain("Type shop/back to approve");
    expect((await ben.asks("/day2 approve op-1 shop/web")).plain).toContain("types what it runs: `shop/back`");
    await ben.types("/day2 approve op-1 shop/back", { in: "#shop" });
    await ana.waitsFor("#shop", says("op-1", "*Done*"));
  });

  test("an item that it helps with offers it, in a form that says what it is for", async () => {
    shop = await openSequenceShop(pair);
    const { ana } = shop;
    await shop.comesToTheGate("plain");
    await shop.opensGate(3);
    const item = await ana.waitsFor("#shop", says("op-1 (run plain) ended without success"));
    await ana.clicks(item, "Run make-room…");
    const form = await ana.modal("Run");
    expect(form.plain).toContain("Makes room before the sale.");
    await shop.opensGate();
    shop.supervisor.changes("web", { sizes: { web: 2 } });
    await form.submits();
    await ana.waitsFor("#shop", says("op-2", "*Done*", "all 4 steps are done"), { thread: item });
  });
});
