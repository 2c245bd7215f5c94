import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_HTTP, type Pair, type TestBot } from "../support/bot.ts";
import { APP, openHeroku, type TestHeroku } from "../support/heroku/index.ts";
import { makeHome } from "../support/home.ts";
import { openProduction, production } from "../support/production.ts";
import { seenSoon } from "../support/seen-soon.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** Visitors are kept out for as long as somebody said, or until somebody lets them in: what they do not see asks as ever. */

const MINUTE = 60_000;

let home: string;
let far: TestHeroku;
let site: Server;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

beforeEach(async () => {
  home = await makeHome("maintenance-mode-story");
  far = await openHeroku();
  await writeFile(join(home, "token"), far.user("daytwo@example.com", ["write-protected"]));
  far.deploys("1f0a3c22");
  await far.settles();
  site = createServer((_request, response) => response.writeHead(far.app.maintenance ? 503 : 200).end()).listen(0);
  await once(site, "listening");
});
afterEach(async () => {
  await bot.close();
  site.close();
  await far.close();
  await rm(home, { recursive: true, force: true });
});

async function opens(pair: Pair): Promise<void> {
  const { port } = site.address() as AddressInfo;
  const web = `provider: heroku, app: ${APP}, token: { file: "${home}/token" }, api: "${far.url}"`;
  const http = `{ url: "http://127.0.0.1:${port}/", every: 1m }`;
  const shop = [`targets: { web: { ${web} } }`, `checks: { ownership: off, health: , http: ${http} }`];
  ({ bot, ana, ben } = await openProduction(pair, production({ shop })));
  await bot.passes(MINUTE);
}

/** Somebody asks, Ben approves; the card as it is then. */
async function asksAndGets(command: string): Promise<Seen> {
  await ana.types(command, { in: "#shop" });
  await bot.settle();
  const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
  await ben.clicks(request, "Approve");
  await bot.settle();
  return ana.rereads(request);
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("for an hour: approved, seen to be on, told by checks and status, and taken back by itself", async () => {
    await opens(pair);
    expect((await ana.asks("/day2 maintenance shop sat 22:00 for 2h deploy")).plain).toMatch(
      /Write `on`, or `off` behind the service.*`\/day2 window shop sat 22:00 for 2h reason`/s,
    );
    await ana.types("/day2 maintenance shop on for 1h", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    expect(request.plain).toContain("Put shop/web into maintenance mode");
    expect(request.plain).toContain("high risk");
    expect(request.plain).toContain("Visitors see Heroku's maintenance page instead of the app");
    expect(request.plain).toContain("“/day2 window shop now for 1h reason” has them ask nobody");
    expect(request.plain).toContain("Taken back by itself after 1 h");
    await ben.clicks(request, "Approve");
    await bot.settle();
    expect((await ana.rereads(request)).plain).toMatch(/\*Done\*.*maintenance mode is on/);
    expect(far.app.maintenance).toBe(true);
    const owed = await ana.waitsFor("#shop", ({ plain }) => plain.includes("maintenance mode on → off goes back by"));
    expect(owed.plain).toContain("Owner: @ana");

    const failing = await seenSoon(bot, MINUTE, ana, ({ plain }) => plain.includes("503"));
    expect(failing.plain).toMatch(/Just before: .*maintenance mode/);
    expect((await ana.asks("/day2 status shop")).plain).toMatch(/🚧 in maintenance mode since/);
    expect((await ben.asks("/day2 freeze shop now for 3h sale")).plain).toContain("Freeze of shop");
    await bot.passes(60 * MINUTE);
    expect(far.app.maintenance).toBe(false);
    expect((await ana.rereads(owed)).plain).toContain("taken back as planned");
    const resolved = await seenSoon(bot, MINUTE, ana, ({ ts, plain }) => ts === failing.ts && /Resolved/.test(plain));
    expect(resolved.ts).toBe(failing.ts);
    expect((await ana.asks("/day2 status shop")).plain).not.toContain("maintenance mode since");
  });

  test("until further notice: whoever asked has it before their eyes until it is off, which takes no approval", async () => {
    await opens(pair);
    const on = await asksAndGets("/day2 maintenance shop on");
    expect(on.plain).toMatch(/\*Done\*.*maintenance mode is on/);
    const reminder = await ana.waitsFor("#shop", ({ plain }) => plain.includes("until somebody turns it off ·"));
    expect(reminder.plain).toContain("Owner: @ana");
    expect(reminder.plain).toContain("/day2 maintenance shop/web off");
    expect(reminder.buttons.join()).toContain("Maintenance mode off…");
    await ana.types("/day2 maintenance shop/web off", { in: "#shop" });
    await bot.settle();
    const off = /Take shop\/web out of maintenance mode.*\*Done\*/s;
    await ana.waitsFor("#shop", ({ plain }) => off.test(plain), { thread: reminder });
    expect(far.app.maintenance).toBe(false);
    expect((await ana.rereads(reminder)).plain).toContain("by Ana: ended by op-2");
  });

  test("for an hour, and off before that: nothing is left to be taken back", async () => {
    await opens(pair);
    await asksAndGets("/day2 maintenance shop on for 1h");
    const owed = await ana.waitsFor("#shop", ({ plain }) => plain.includes("goes back by itself"));
    await ana.types("/day2 maintenance shop off", { in: "#shop" });
    await bot.settle();
    expect((await ana.rereads(owed)).plain).toContain("taken back by op-2");
    await bot.passes(60 * MINUTE);
    expect(far.effects).toHaveLength(2);
  });

  test("for an hour, and off elsewhere before that: nothing is left to be taken back", async () => {
    await opens(pair);
    await asksAndGets("/day2 maintenance shop on for 1h");
    const owed = await ana.waitsFor("#shop", ({ plain }) => plain.includes("goes back by itself"));
    far.app.maintenance = false;
    await bot.passes(61 * MINUTE);
    await bot.passes(MINUTE);
    expect((await ana.rereads(owed)).plain).toContain("Resolved");
    expect((await ana.rereads(owed)).plain).toContain("it was taken back elsewhere");
    expect(far.effects).toHaveLength(1);
  });

  test("for an hour, and Heroku answers nothing then: Ana is called for what is still on, until somebody turned it off", async () => {
    await opens(pair);
    await asksAndGets("/day2 maintenance shop on for 1h");
    const owed = await ana.waitsFor("#shop", ({ plain }) => plain.includes("goes back by itself"));
    far.has(0);
    await bot.passes(61 * MINUTE);
    expect((await ana.rereads(owed)).plain).not.toContain("was not taken back");
    await bot.passes(61 * MINUTE);
    const calls = await ana.rereads(owed);
    expect(calls.plain).toMatch(/^🔴.*op-1 was not taken back: its plan could not be drawn in time; it is tried again/);
    expect(calls.plain).toContain("what is owed: maintenance mode on → off");
    expect(calls.plain).toContain("Nobody has acted; told Ana");
    far.app.maintenance = false;
    far.has(1_000);
    await bot.passes(5 * MINUTE);
    expect((await ana.rereads(owed)).plain).toContain("it was taken back elsewhere");
  });
});
