import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_SOCKET, startBot, type TestBot } from "../support/bot.ts";
import { openWatchedServer, type WatchedServer } from "../support/watched-server.ts";

/** More processes need more database connections: the plan counts them before anybody approves. */

const MINUTE = 60_000;

let supervisor: ActingSupervisor;
let server: WatchedServer;
let bot: TestBot;

beforeEach(async () => {
  supervisor = await openActingSupervisor();
  server = await openWatchedServer();
});
afterEach(async () => {
  await bot.close();
  await server.stop();
  await supervisor.close();
});

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("what fits runs at once; what may fill the database is risky, and somebody else decides", async () => {
    bot = await startBot(pair, {
      catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: approver }
  ben: { name: Ben, slack: U0BEN, role: approver }
policies: [{ cooldown_up: 0s }]
services:
  shop:
    channel: "#shop"
    owner: ana
    depends_on: [shop-db]
    targets: { web: ${supervisor.target("shop").replace(/\}$/, ", processes: { web: { connections: 3, monthly: 25 EUR } } }")} }
    checks: { ownership: off }
  shop-db: { channel: "#shop", checks: { ownership: off, postgres: { url: "${server.url()}", every: 60s } } }
`,
    });
    const ana = bot.slack.as("ana");
    await bot.passes(MINUTE);
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    const small = await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-1") && plain.includes("*Done*"));
    expect(small.plain).toContain("web 2 → 3");
    expect(supervisor.shows("shop").sizes).toEqual({ web: 3 });

    await ana.types("/day2 scale shop web=12", { in: "#shop" });
    const big = await ana.waitsFor(
      "#shop",
      ({ plain, buttons }) => plain.includes("op-2") && buttons.includes("Approve"),
    );
    expect(big.plain).toMatch(
      /Takes: up to 27 more connections; the database of shop-db has \d+ of \d+ connections free, which is too few; about 225 EUR a month more/,
    );
    expect(big.plain).toContain("high risk");
    expect(supervisor.effects).toHaveLength(1);
  });
});
