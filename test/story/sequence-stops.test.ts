import { afterEach, describe, expect, test } from "vitest";
import { OVER_HTTP, OVER_SOCKET } from "../support/bot.ts";
import { openSequenceShop, says, type SequenceShop } from "../support/sequences.ts";
import { until } from "../support/until.ts";

/** A sequence that does not come to its end: what is taken back, what stays, and who is asked. */

const SETTLED = 120_000; // ms after which what was sent has surely been applied or lost

let shop: SequenceShop;

afterEach(async () => {
  await shop.close();
});

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("a step that fails: what is said to be taken back is, last first, and the rest is told", async () => {
    shop = await openSequenceShop(pair);
    const { ana } = shop;
    await shop.comesToTheGate("make-room");
    await shop.opensGate(3);
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain(
      "step 2 of 4 (jobs: Run gate on shop) ended without success: it ended with status 3",
    );
    expect(failed.plain).toContain("taken back: step 1; not begun: steps 3, 4");
    expect(failed.plain).toMatch(
      /↩️ 1\. web: Scale shop web 2 → 4 · done in .*, and taken back\n❌ 2\. jobs: Run gate/,
    );
    expect(shop.effects()).toEqual(["scale web", "scale web"]);
    expect(shop.supervisor.shows("web").sizes).toEqual({ web: 2 });
    expect(await shop.notes()).toBe("");
  });

  test("a step that fails where nothing is said to be taken back: what was done stays", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot } = shop;
    await shop.comesToTheGate("plain");
    await shop.opensGate(3);
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain("done, and stays as it is now: step 1; not begun: step 3");
    await bot.settle();
    expect(shop.effects()).toEqual(["scale web"]);
  });

  test("cancelled while a step runs: the rest is not begun, and nothing is taken back", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot } = shop;
    const running = await shop.comesToTheGate("make-room");
    await ana.clicks(running, "Cancel");
    const stopped = await ana.waitsFor("#shop", says("op-1", "*Cancelled*"));
    expect(stopped.plain).toContain("done, and stays as it is now: step 1; not begun: steps 3, 4");
    await bot.settle();
    expect(shop.effects()).toEqual(["scale web"]);
  });
});

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("the checks get worse by a step: all that was done is taken back, by what each says", async () => {
    shop = await openSequenceShop(pair);
    const { ana } = shop;
    await shop.comesToTheGate("make-room");
    await shop.folders.holds("logs", 2_000);
    await shop.opensGate();
    const back = await ana.waitsFor("#shop", says("op-1", "*Failed and was taken back*"));
    expect(back.plain).toContain("but it got worse: shop/folder-size, logs hold 2 kB");
    expect(back.plain).toContain("taken back: steps 1, 2; not begun: steps 3, 4");
    expect(await shop.notes()).toBe("gated ");
    expect(shop.supervisor.shows("web").sizes).toEqual({ web: 2 });
    expect(shop.effects()).toEqual(["scale web", "scale web"]);
  });

  test("nobody knows whether a step happened: a person says so, and it goes on or back", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot } = shop;
    await shop.comesToTheGate("make-room");
    shop.supervisor.answers("lost before applying");
    await shop.opensGate();
    await until("the third step to be sent", () => shop.supervisor.asked() === 2);
    await bot.settle();
    shop.supervisor.changes("side", { sizes: { web: 2 } });
    shop.supervisor.answers("well");
    await bot.passes(SETTLED);
    const unclear = await ana.waitsFor("#shop", says("op-1", "A person has to look"));
    expect(unclear.plain).toContain("🙋 3. side: Scale shop web 2 → 3 · a person has to look");
    await ana.clicks(unclear, "It did not");
    const failed = await ana.waitsFor("#shop", says("op-1", "*Failed*"));
    expect(failed.plain).toContain(
      "Ana looked and says that it did not happen; taken back: steps 1, 2; not begun: step 4",
    );
    expect(shop.effects()).toEqual(["scale web", "scale web"]);
    expect(await shop.notes()).toBe("gated ");
  });

  test("a person saw that it happened: the next step follows", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot } = shop;
    await shop.comesToTheGate("make-room");
    shop.supervisor.answers("lost before applying");
    await shop.opensGate();
    await until("the third step to be sent", () => shop.supervisor.asked() === 2);
    await bot.settle();
    shop.supervisor.changes("side", { sizes: { web: 3 } });
    shop.supervisor.answers("well");
    await bot.passes(SETTLED);
    const unclear = await ana.waitsFor("#shop", says("op-1", "A person has to look"));
    await ana.clicks(unclear, "It happened");
    await ana.waitsFor("#shop", says("op-1", "*Done*", "all 4 steps are done"));
    expect(shop.effects()).toEqual(["scale web", "restart web"]);
  });

  test("between two steps it can be cancelled: nothing more is sent, and nothing is taken back", async () => {
    shop = await openSequenceShop(pair, "  - { when: { action: rollback }, approvals: 0 }");
    const { ana } = shop;
    const card = await shop.comesToTheGate("make-room");
    shop.supervisor.answers("under way");
    await ana.types("/day2 rollback shop/side", { in: "#shop" });
    await ana.waitsFor("#shop", says("op-2", "Running"));
    await until("the rollback to be sent", () => shop.supervisor.asked() === 2);
    await shop.opensGate();
    await ana.waitsFor("#shop", says("op-1", "🕓 3. side: Scale shop web 2 → 3 · comes next"));
    await ana.clicks(card, "Cancel");
    const stopped = await ana.waitsFor("#shop", says("op-1", "*Cancelled*"));
    expect(stopped.plain).toContain(
      "stopped as it was asked to; done, and stays as it is now: steps 1, 2; not begun: steps 3, 4",
    );
    shop.supervisor.finishes();
    await ana.waitsFor("#shop", says("op-2", "*Done*"));
    expect(shop.effects()).toEqual(["scale web", "rollback side"]);
  });

  test("nobody knows whether a step was taken back: a person says so, and nothing else is sent", async () => {
    shop = await openSequenceShop(pair);
    const { ana, bot, supervisor } = shop;
    await shop.comesToTheGate("make-room");
    supervisor.answers("lost before applying");
    await shop.opensGate(3);
    await until("the taking back to be sent", () => supervisor.asked() === 2);
    await bot.settle();
    supervisor.changes("web", { sizes: { web: 6 } });
    supervisor.answers("well");
    await bot.passes(SETTLED);
    const unclear = await ana.waitsFor("#shop", says("op-1", "A person has to look"));
    expect(unclear.plain).toContain("a person has to look whether it is taken back");
    await ana.clicks(unclear, "Stop here");
    const closed = await ana.waitsFor("#shop", says("op-1", "*Closed, and how it ended is not known*"));
    expect(closed.plain).toContain(
      "without knowing whether the taking back of step 1 of 4 (web: Scale shop web 2 → 4) happened; not begun: steps 3, 4",
    );
    expect(closed.plain).toMatch(/✅ 1\. web: Scale .*, and not known whether it was taken back/);
    expect(shop.effects()).toEqual(["scale web"]);
  });
});
