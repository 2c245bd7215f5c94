import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_SOCKET, startBot, type TestBot } from "../support/bot.ts";

/** At the weekend nothing is changed, unless somebody says why it cannot wait and somebody else agrees. */

const HOUR = 3_600_000;
const FRIDAY = new Date("2026-11-27T16:00:00Z");

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
  test("what was to end in it ends after it, what is asked in it needs a reason, and what went through is looked at again", async () => {
    bot = await startBot(pair, { start: FRIDAY, catalog: catalog() });
    const [ana, ben] = [bot.slack.as("ana"), bot.slack.as("ben")];
    await ana.types("/day2 scale blog web=3 for 2h", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-1") && plain.includes("*Done*"));
    const temporary = await ana.waitsFor("#shop", ({ plain }) => plain.includes("goes back by itself"));

    await bot.passes(2 * HOUR);
    expect(supervisor.shows("blog").sizes).toEqual({ web: 3 });
    await ana.waitsFor("#shop", ({ plain }) => /lets it stay.*"Weekend" is on/.test(plain), { thread: temporary });
    expect((await ana.asks("/day2 status shop")).plain).toMatch(/❄️ “Weekend” until .*: changes need a reason/);

    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    const refused = await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-2") && plain.includes("Not run"));
    expect(refused.plain).toContain('"Weekend" is on for another 2 days');
    expect(refused.plain).toContain('write "despite" and the reason');

    await ana.types("/day2 scale shop web=3 despite the queue grows by the minute", { in: "#shop" });
    const asked = await ana.waitsFor(
      "#shop",
      ({ plain, buttons }) => plain.includes("op-3") && buttons.includes("Approve"),
    );
    expect(asked.plain).toMatch(
      /Despite “Weekend”, in which nothing is to change until .*: the queue grows by the minute/,
    );
    await ben.clicks(asked, "Approve");
    await bot.settle();
    expect(supervisor.shows("shop").sizes).toEqual({ web: 3 });
    const review = await ana.waitsFor("#shop", ({ plain }) => plain.includes('op-3 went through "Weekend"'));
    expect(review.plain).toMatch(/Owner: @ana/);
    expect(review.plain).toContain("the queue grows by the minute");

    await bot.passes(62 * HOUR);
    expect(supervisor.shows("blog").sizes).toEqual({ web: 2 });
    await ana.types("/day2 scale shop web=4", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-5") && plain.includes("*Done*"));
    await bot.passes(5 * 24 * HOUR);
    expect((await ana.asks("/day2 status shop")).plain).toContain("❄️ “Weekend”");
  });

  test("one that is said in Slack holds as one of the file does, until it is ended", async () => {
    bot = await startBot(pair, { start: FRIDAY, catalog: catalog() });
    const [ana, ben, rae] = [bot.slack.as("ana"), bot.slack.as("ben"), bot.slack.as("rae")];
    expect((await rae.asks("/day2 freeze shop now for 3h the sale")).plain).toContain("takes the role approver");
    expect((await ana.asks("/day2 Freeze production now for 30m the sale")).plain).toMatch(
      /^Freeze of production: now – Fri 27 Nov 17:30 \(Europe\/Paris\)/,
    );
    await ana.waitsFor("#shop", ({ plain }) =>
      /^❄️ Freeze of production until .* \(the sale, by Ana\): changes need a reason and an approval$/.test(plain),
    );
    expect((await ana.asks("/day2 status shop")).plain).toContain("❄️ “the sale” until");
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-1") && /"the sale" is on for another/.test(plain));
    await ana.types("/day2 scale shop web=3 despite the queue grows", { in: "#shop" });
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    await ben.clicks(asked, "Approve");
    await bot.settle();
    expect(supervisor.shows("shop").sizes).toEqual({ web: 3 });

    expect((await ben.asks("/day2 freeze end 2")).plain).toContain("Freeze of production is over.");
    await bot.passes(2 * 60_000);
    await ana.types("/day2 scale shop web=4", { in: "#shop" });
    await bot.settle();
    expect(supervisor.shows("shop").sizes).toEqual({ web: 4 });
  });

  test("one that begins after the approval stops what has not begun", async () => {
    bot = await startBot(pair, { start: FRIDAY, catalog: catalog("policies: [{ approvals: 1, expires_after: 2h }]") });
    const [ana, ben] = [bot.slack.as("ana"), bot.slack.as("ben")];
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    const asked = await ana.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    await bot.passes(HOUR);
    await ben.clicks(asked, "Approve");
    await bot.settle();
    expect((await ana.rereads(asked)).plain).toMatch(/Not run.*"Weekend" is on for another/);
    expect(supervisor.effects).toHaveLength(0);
  });
});

function catalog(more = ""): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: approver }
  ben: { name: Ben, slack: U0BEN, role: approver }
  rae: { name: Rae, slack: U0RAE, role: operator }
${more}
freezes:
  - { name: Weekend, when: { environment: production }, from: fri 17:00, until: mon 08:00 }
  - { name: Long ago, from: 2020-01-01 00:00, until: 2020-01-02 00:00 }
services:
  shop:
    channel: "#shop"
    owner: ana
    targets: { web: ${supervisor.target("shop")} }
    checks: { ownership: off }
  blog:
    channel: "#shop"
    owner: ana
    targets: { web: ${supervisor.target("blog")} }
    checks: { ownership: off }
`;
}
