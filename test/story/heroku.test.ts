import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_SOCKET, type Pair, type TestBot } from "../support/bot.ts";
import { APP, openHeroku, type TestHeroku } from "../support/heroku/index.ts";
import { daily, PASSWORD } from "../support/heroku/postgres.ts";
import { makeHome } from "../support/home.ts";
import { openProduction, production } from "../support/production.ts";
import { seenSoon } from "../support/seen-soon.ts";
import type { Actor } from "../support/slack.ts";

/**
 * A release whose dynos crash on Heroku is an item, and goes back by way of a plan, an approval and a look. So is a database that has no
 * backup, until somebody takes one, and until one is made each day.
 */

const HALF = 30_000; // ms between two looks
const TEN_MINUTES = 600_000;

let home: string;
let far: TestHeroku;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

beforeEach(async () => {
  home = await makeHome("heroku-story");
  far = await openHeroku();
  await writeFile(join(home, "token"), far.user("daytwo@example.com", ["write-protected"]));
  far.deploys("1f0a3c22");
  await far.settles();
});
afterEach(async () => {
  await bot.close();
  await far.close();
  await rm(home, { recursive: true, force: true });
});

async function opens(pair: Pair, check: string): Promise<void> {
  const apis = `api: "${far.url}", data: "${far.data.url}"`;
  const web = `provider: heroku, app: ${APP}, token: { file: "${home}/token" }, ${apis}`;
  const shop = [`targets: { web: { ${web} } }`, `checks: { ownership: off, ${check}: }`];
  ({ bot, ana, ben } = await openProduction(pair, production({ shop })));
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("a release that crashes: item, plan, approval, rollback, seen to hold, resolved", async () => {
    await opens(pair, "health");
    await bot.passes(HALF);
    far.crashes("9b8c7d66");
    far.deploys("9b8c7d66");
    await far.settles();
    const item = await seenSoon(bot, HALF, ana, ({ plain }) => plain.includes("crashed"));
    expect(item.plain).toContain("web and worker crashed in release v4");
    expect(item.buttons.join()).toMatch(/Roll back to v3/);

    await ana.types("/day2 rollback shop to v3", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toContain("Roll back shop v4 → v3");
    expect(request.plain).toContain("Config vars go back too, to what they were at v3");
    expect(request.plain).toContain("the database, with what migrations and release phases did to it");
    await ben.clicks(request, "Approve");
    await bot.settle();
    const done = await ana.rereads(request);
    expect(done.plain).toMatch(/\*Done\*.*release v3 as v5, 2 of 2 web up, 1 of 1 worker up/);
    expect(far.effects.map(({ user, what }) => `${user} ${what}`)).toEqual([
      `daytwo@example.com POST /apps/${APP}/releases`,
    ]);

    const resolved = await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
    expect(resolved.ts).toBe(item.ts);
    expect((await ana.asks("/day2 status shop")).plain).toContain("v3");

    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => /\*Done\*.*3 of 3 web up/.test(plain));
  });

  test("a database without a backup: item, backup, and resolved once one is made each day", async () => {
    const database = far.hasDatabase();
    await opens(pair, "backup");
    const item = await seenSoon(bot, TEN_MINUTES, ana, ({ plain }) => plain.includes("web has no backup"));
    await ana.clicks(item, "Take it");
    await bot.settle();
    await ana.clicks(await ana.rereads(item), "Back up…");
    await (await ana.modal("Back up")).submits();
    await bot.settle();
    const done = await ana.waitsFor("#shop", ({ plain }) => /\*Done\*.*there is backup b001 of/.test(plain), {
      thread: item,
    });
    expect(done.plain).not.toContain(PASSWORD);
    expect(far.effects.map(({ user, what }) => `${user} ${what}`)).toEqual([
      `daytwo@example.com POST /client/v11/databases/${database.id}/backups`,
    ]);

    const still = await seenSoon(bot, TEN_MINUTES, ana, ({ plain }) => plain.includes("are not made by themselves"));
    expect(still.ts).toBe(item.ts);
    far.app.postgres.schedules.push(daily("DATABASE_URL", 2));
    await seenSoon(bot, TEN_MINUTES, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
  });
});
