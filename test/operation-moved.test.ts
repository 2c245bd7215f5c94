import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openFarSide, tokenOf, type FarSide } from "./chaos/far-side.ts";
import { startBot, type TestBot } from "./support/bot.ts";

/** An attempt found its target busy: what is approved is not done at any later time, nor where somebody else changed it meanwhile. */

const MINUTE = 60_000;

let farSide: FarSide;
let bot: TestBot;
beforeAll(async () => {
  farSide = await openFarSide();
  farSide.add("shop", { compares: true, knowsTokens: true, works: 10 });
  vi.stubEnv("FAR_SIDE_TOKEN", tokenOf("test"));
  bot = await startBot(
    { transport: "socket", queue: "postgres" },
    {
      catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
services:
  shop:
    channel: "#shop"
    targets:
      web: { provider: local, supervisor: "${farSide.url}", application: shop, token: { env: FAR_SIDE_TOKEN } }
`,
    },
  );
});
afterAll(async () => {
  await bot.close();
  await farSide.close();
  vi.unstubAllEnvs();
});

test("a target that was busy and then moved ends the operation", async () => {
  farSide.troubles("shop", { kind: "long", by: 120_000 });
  await somebodyElseRestarts();
  const ana = bot.slack.as("ana");
  await ana.types("/day2 restart shop");
  await bot.settle();
  expect((await card()).plain).not.toContain("Failed");

  farSide.touch("shop");
  await bot.passes(15_000);
  expect((await card()).plain).toContain("it changed since this plan was drawn, so nothing was done");
  expect(farSide.effects.map(({ token }) => token)).toEqual(["somebody-else"]);
});

test("a target that stays busy ends the operation an hour after it began", async () => {
  const ana = bot.slack.as("ana");
  await ana.types("/day2 restart shop");
  await bot.settle();
  await bot.passes(50 * MINUTE);
  expect((await ana.asks("/day2 audit op-2")).plain).not.toContain("so nothing was done");
  await bot.passes(11 * MINUTE);
  expect((await ana.asks("/day2 audit op-2")).plain).toContain(
    "for an hour it could not be begun, so nothing was done",
  );
  expect(farSide.effects.map(({ token }) => token)).toEqual(["somebody-else"]);
});

async function card() {
  return bot.slack.as("ana").waitsFor("#shop", (each) => each.plain.includes("op-1"));
}

async function somebodyElseRestarts(): Promise<void> {
  const answer = await fetch(`${farSide.url}/apps/shop/operations`, {
    method: "POST",
    headers: { authorization: `Bearer ${tokenOf("somebody")}`, "content-type": "application/json" },
    body: JSON.stringify({ token: "somebody-else", action: "restart", arguments: {}, if_version: 1 }),
  });
  expect(answer.status).toBe(202);
}
