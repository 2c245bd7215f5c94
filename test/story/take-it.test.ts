import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { OTHER_PAIRS, PAIRS, startBot, type TestBot } from "../support/bot.ts";
import { until } from "../support/until.ts";

/** An address stops answering as it should; a person takes the item; it recovers; the item resolves itself. */

let shop: Server;
let url: string;
let answers = 200;
let bot: TestBot;

beforeAll(async () => {
  shop = createServer((_request, response) => response.writeHead(answers).end("shop")).listen(0, "127.0.0.1");
  await once(shop, "listening");
  url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`;
});
afterAll(() => shop.close());
afterEach(() => bot.close());

function catalog(): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, teams: [web], role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
teams: { web: { name: Web team } }
services:
  shop:
    owner: team-web
    responsibilities: { patching: { by: the platform } }
    channel: "#shop"
    checks:
      ownership: off
      http: { url: "${url}", every: 10s, failures: 2, successes: 2 }
`;
}

const pairs = [...PAIRS, ...OTHER_PAIRS].filter(({ queue }) => queue === "postgres" || inject("redis") !== null);

describe.each(pairs)("over $transport with the queue on $queue", (pair) => {
  test("an item is found, taken once, and resolves itself", async () => {
    answers = 500;
    bot = await startBot(pair, { catalog: catalog() });
    const { slack } = bot;
    const ana = slack.as("ana");
    const ben = slack.as("ben");

    await until("the item's card", async () => {
      bot.advance(5_000);
      await bot.settle();
      return (await ana.sees("#shop")).length > 0;
    });
    const card = await ana.waitsFor("#shop", (message) => message.plain.includes("answers 500"));
    expect(card.buttons).toContain("Take it");

    await Promise.all([ana.clicks(card, "Take it"), ben.clicks(card, "Take it")]);
    await bot.settle();
    const taken = await slack.as("rae").waitsFor("#shop", (message) => message.plain.includes("took it"));
    expect(taken.ts).toBe(card.ts);
    expect(taken.buttons).not.toContain("Take it");
    const told = [...(await ana.whispers("#shop")), ...(await ben.whispers("#shop"))];
    expect(told.map((message) => message.plain)).toEqual([expect.stringMatching(/(Ana|Ben) took #1 first/)]);

    answers = 200;
    await until("the item to resolve", async () => {
      bot.advance(10_000);
      await bot.settle();
      return (await ana.sees("#shop"))[0]?.plain.includes("Resolved") ?? false;
    });
    expect(await ana.sees("#shop")).toHaveLength(1);
  });
});
