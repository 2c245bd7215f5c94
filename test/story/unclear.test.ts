import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_HTTP, startBot, type Pair, type TestBot } from "../support/bot.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { until } from "../support/until.ts";

/** Nobody can tell whether an operation happened: its card says so, nothing is sent again, and a person has four ways out. */

const SETTLED = 60_000; // ms after which what was sent has surely been applied or lost

let supervisor: ActingSupervisor;
let bot: TestBot;
let ana: Actor;

beforeEach(async () => {
  supervisor = await openActingSupervisor();
});
afterEach(async () => {
  await bot.close();
  await supervisor.close();
});

function catalogOf(targets: string): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  rae: { name: Rae, slack: U0RAE, role: reader }
services:
  shop:
    channel: "#shop"
    owner: ana
    targets: { ${targets} }
    checks: { ownership: off }
`;
}

/** An operation of Ana's that was sent and was not answered; its card. */
async function unanswered(pair: Pair): Promise<Seen> {
  bot = await startBot(pair, { catalog: catalogOf(`web: ${supervisor.target("shop")}`) });
  ana = bot.slack.as("ana");
  supervisor.answers("lost before applying");
  await ana.types("/day2 scale shop web=3", { in: "#shop" });
  const running = await ana.waitsFor("#shop", (message) => message.plain.includes("Running"));
  await until("the request to arrive", () => supervisor.asked() === 1);
  await bot.settle();
  return running;
}

/** The same, whose target somebody else changed meanwhile. */
async function unclear(pair: Pair): Promise<Seen> {
  const running = await unanswered(pair);
  supervisor.changes("shop", { sizes: { web: 5 } });
  supervisor.answers("well");
  await bot.passes(SETTLED);
  const card = await ana.rereads(running);
  expect(card.plain).toContain("A person has to look:* nothing of ours was applied, and it changed meanwhile");
  expect(card.plain).toMatch(
    /Sent \S.*, and nobody knows whether it happened\. Nothing is sent again, and shop\/web waits/,
  );
  expect(card.buttons).toEqual(["Look again", "It happened", "It did not", "Stop here"]);
  expect((await ana.sees("@daytwo")).map((message) => message.plain)).toEqual([card.plain]);
  return card;
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("looking again says what is there now, and sends nothing", async () => {
    const card = await unclear(pair);
    await ana.clicks(card, "Look again");
    await bot.settle();
    expect((await ana.rereads(card)).buttons).toContain("Look again");
    expect(supervisor.effects).toEqual([]);
    expect((await ana.asks("/day2 audit op-1")).plain).toContain("Ana asked for another look at op-1");
  });

  test("what waits for its target meanwhile ends when its time is over, and says that it could not be started", async () => {
    await unclear(pair);
    await ana.types("/day2 restart shop", { in: "#shop" });
    const waiting = await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-2 ") && plain.includes("its turn"));
    await bot.passes(20 * 60_000);
    expect((await ana.rereads(waiting)).plain).toMatch(/\*Not run in time\*.*: it could not be started in time/);
    const heard = (await ana.sees("@daytwo")).map(({ plain }) => plain);
    expect(heard.some((each) => each.includes("It was not run: it could not be started in time"))).toBe(true);
  });

  test("it happened: the operation is done, says who said so, and its target is free", async () => {
    const card = await unclear(pair);
    const item = await ana.waitsFor("#shop", ({ plain }) => plain.includes("nobody knows how op-1 (scale) ended"));
    expect(item.plain).toContain("Owner: @ana");
    await bot.passes(11 * 60_000);
    expect((await ana.sees("@daytwo")).at(-1)?.plain).toContain("nobody knows how op-1 (scale) ended");
    await ana.clicks(card, "It happened");
    await bot.settle();
    const done = await ana.rereads(card);
    expect(done.plain).toMatch(/\*Done\* after .*: Ana looked and says that it happened/);
    expect(done.buttons).toEqual([]);
    expect((await ana.rereads(item)).plain).toMatch(/Resolved .*Ana looked and says that it happened/);

    await ana.types("/day2 scale shop web=4", { in: "#shop" });
    await ana.waitsFor("#shop", (message) => message.plain.includes("may go down again in"));
    expect(supervisor.effects).toEqual([]);
  });

  test("it did not: the same is asked for anew, with a plan from how things are now", async () => {
    const card = await unclear(pair);
    await ana.clicks(card, "It did not");
    await bot.settle();
    expect((await ana.rereads(card)).plain).toContain("did not happen; asked for anew as op-2");
    const anew = await ana.waitsFor("#shop", (message) => message.plain.includes("op-2 Scale shop web 5 → 3"));
    await bot.settle();
    expect((await ana.rereads(anew)).plain).toContain("Done");
    expect(supervisor.effects).toHaveLength(1);
  });

  test("stop here: it stays unknown, and what is left of it has an owner", async () => {
    const card = await unclear(pair);
    await ana.clicks(card, "Stop here");
    await bot.settle();
    expect((await ana.rereads(card)).plain).toContain("closed by Ana without knowing whether it happened");
    const item = await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-1 (scale) ended without success"));
    expect((await ana.sees("#shop")).filter(({ plain }) => plain.includes("nobody knows how"))).toEqual([]);
    expect(item.plain).toContain("Owner: @ana");
    await ana.clicks(card, "Stop here").catch(() => undefined);
    expect((await ana.sees("#shop")).filter((message) => message.plain.includes("ended without success"))).toHaveLength(
      1,
    );
  });

  test("its target leaves the catalog: it stays unknown, and a target that comes back is free", async () => {
    const running = await unanswered(pair);
    await bot.follows(catalogOf(`side: ${supervisor.target("side")}`));
    await bot.passes(SETTLED);
    expect((await ana.rereads(running)).plain).toMatch(
      /\*Closed, and how it ended is not known\*.*: shop\/web is no longer in the catalog, and nobody knows whether it happened/,
    );
    await ana.waitsFor("#shop", (message) => message.plain.includes("op-1 (scale) ended without success"));

    supervisor.answers("well");
    await bot.follows(catalogOf(`web: ${supervisor.target("shop")}`));
    await ana.types("/day2 scale shop web=4", { in: "#shop" });
    await ana.waitsFor("#shop", (message) => message.plain.includes("✅ op-2 Scale shop web 2 → 4 · done"));
  });

  test("who asked has left: whoever is on call is called to look", async () => {
    const running = await unanswered(pair);
    const left = catalogOf(`web: ${supervisor.target("shop")}`).replace(/^ {2}ana: .*\n/m, "");
    await bot.follows(left.replace("owner: ana", "owner: ben"));
    supervisor.changes("shop", { sizes: { web: 5 } });
    supervisor.answers("well");
    await bot.passes(SETTLED);
    const rae = bot.slack.as("rae");
    const card = await rae.rereads(running);
    expect(card.plain).toContain("A person has to look");
    expect((await bot.slack.as("ben").sees("@daytwo")).map(({ plain }) => plain)).toEqual([card.plain]);
  });

  test("whom the catalog names first for what is critical hears of it first", async () => {
    await unanswered(pair);
    const byOnCall = "escalation: { critical: [{ tell: on-call }, { tell: owner, after: 2h }] }";
    await bot.follows(
      `${catalogOf(`web: ${supervisor.target("shop")}`)}    responsibilities: { on-call: ben }\n${byOnCall}\n`,
    );
    supervisor.changes("shop", { sizes: { web: 5 } });
    supervisor.answers("well");
    await bot.passes(SETTLED);
    await bot.passes(SETTLED);
    const heard = (await bot.slack.as("ben").sees("@daytwo")).map(({ plain }) => plain);
    expect(heard).toEqual([expect.stringContaining("nobody knows how op-1 (scale) ended")]);
  });

  test("who may not say so, and who comes second, hear why and change nothing", async () => {
    const card = await unclear(pair);
    const rae = bot.slack.as("rae");
    await rae.clicks(card, "It happened");
    await bot.settle();
    expect((await rae.whispers("#shop")).at(-1)?.plain).toContain(
      "To say how an operation ended on shop takes the role operator",
    );
    const ben = bot.slack.as("ben");
    await Promise.all([ana.clicks(card, "It happened"), ben.clicks(card, "Stop here")]);
    await bot.settle();
    const heard = [...(await ana.whispers("#shop")), ...(await ben.whispers("#shop"))];
    expect(heard.filter((each) => each.plain.includes("Nothing about op-1 waits for a person any more"))).toHaveLength(
      1,
    );
  });
});
