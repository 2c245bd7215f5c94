import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_SOCKET, startBot, type TestBot } from "../support/bot.ts";

/** A pause after a change of size holds for people too; a reason and somebody else's approval go over it. */

let supervisor: ActingSupervisor;
let bot: TestBot;

beforeEach(async () => {
  supervisor = await openActingSupervisor();
});
afterEach(async () => {
  await bot.close();
  await supervisor.close();
});

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("refused with the way over it; with a reason it waits for an approval, and runs after it", async () => {
    bot = await startBot(pair, {
      catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: approver }
  ben: { name: Ben, slack: U0BEN, role: approver }
policies:
  - { step: 3 }
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
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-1 Scale") && plain.includes("*Done*"));

    await ana.types("/day2 scale shop web=2", { in: "#shop" });
    const refused = await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-2") && plain.includes("Not run"));
    expect(refused.plain).toMatch(/may go down again in .* write "despite" and the reason/);

    await ana.types("/day2 scale shop web=2 despite the sale is over", { in: "#shop" });
    const asked = await ana.waitsFor(
      "#shop",
      ({ plain, buttons }) => plain.includes("op-3") && buttons.includes("Approve"),
    );
    expect(asked.plain).toContain("Despite policy's pause: the sale is over");
    await ana.clicks(asked, "Approve");
    await bot.settle();
    expect(supervisor.effects).toHaveLength(1);
    await ben.clicks(asked, "Approve");
    await bot.settle();
    expect((await ana.rereads(asked)).plain).toContain("*Done*");
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
    expect((await ana.asks("/day2 audit op-3")).plain).toContain("despite policy: the sale is over");

    await bot.passes(3_600_000);
    await ana.types("/day2 scale shop web=9", { in: "#shop" });
    const far = await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-4") && plain.includes("Not run"));
    expect(far.plain).toContain("Go to 5 first");
  });
});
