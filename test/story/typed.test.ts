import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";

/** Where policy asks for it, nobody approves by a slip of the finger: they type what it is done to. */

let supervisor: ActingSupervisor;
let bot: TestBot;

beforeEach(async () => {
  supervisor = await openActingSupervisor();
});
afterEach(async () => {
  await bot.close();
  await supervisor.close();
});

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("a press opens the form, another name does not count, the right one does, and so does the command with it", async () => {
    bot = await startBot(pair, {
      catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: approver }
  ben: { name: Ben, slack: U0BEN, role: approver }
policies: [{ when: { action: scale }, approvals: 1, typed: true, cooldown_up: 0s }]
services:
  shop:
    channel: "#shop"
    owner: ana
    targets: { web: ${supervisor.target("shop")} }
    checks: { ownership: off }
`,
    });
    const [ana, ben] = [bot.slack.as("ana"), bot.slack.as("ben")];
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    const card = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    expect((await ben.asks("/day2 approve op-1")).plain).toContain("types what it is done to: `shop/web`");
    await ben.clicks(card, "Approve");
    const form = await ben.modal("Approve op-1");
    expect(await (await form.fills({ text: "shop/worker" })).submits()).toMatchObject({ ok: false });
    await bot.settle();
    expect(supervisor.effects).toHaveLength(0);
    expect(await (await form.fills({ text: " Shop/web" })).submits()).toMatchObject({ ok: true });
    await bot.settle();
    expect(supervisor.effects).toHaveLength(1);

    await ana.types("/day2 scale shop web=4", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain, buttons }) => plain.includes("op-2") && buttons.includes("Approve"));
    expect((await ben.asks("/day2 approve op-2 shop/worker")).plain).toContain("is not it");
    expect((await ben.asks("/day2 approve op-2 shop/web")).plain).toContain("You approved op-2");
    await bot.settle();
    expect(supervisor.shows("shop").sizes).toEqual({ web: 4 });
  });
});
