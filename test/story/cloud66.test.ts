import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_SOCKET, type Pair, type TestBot } from "../support/bot.ts";
import { commit, openCloud66, STACK, type TestCloud66 } from "../support/cloud66/index.ts";
import { makeHome } from "../support/home.ts";
import { openProduction, production } from "../support/production.ts";
import { seenSoon } from "../support/seen-soon.ts";
import type { Actor } from "../support/slack.ts";
import { until } from "../support/until.ts";

/** A deployment on Cloud 66 that runs badly is an item, and goes back by way of a plan, an approval and a look. */

const HALF = 30_000; // ms between two looks of `health`
const TEN = 10 * 60_000; // and of `updates`

let home: string;
let far: TestCloud66;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

beforeEach(async () => {
  home = await makeHome("cloud66-story");
  far = await openCloud66();
  await writeFile(join(home, "token"), far.user("daytwo@example.com", { scopes: ["public", "redeploy", "reboot"] }));
  await far.deploys(commit("1f0a3c2"));
});
afterEach(async () => {
  await bot.close();
  await far.close();
  await rm(home, { recursive: true, force: true });
});

async function opens(pair: Pair): Promise<void> {
  const web = `provider: cloud66, stack: ${STACK}, token: { file: "${home}/token" }, api: "${far.url}", log: "${far.log.url}"`;
  const shop = [`targets: { web: { ${web} } }`, "checks: { ownership: off, health: , updates: }"];
  ({ bot, ana, ben } = await openProduction(pair, production({ shop })));
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("a deployment that runs badly: item, plan, approval, rollback, seen to hold, resolved", async () => {
    await opens(pair);
    await bot.passes(HALF);
    far.stack.sick.add(commit("9b8c7d6"));
    await far.deploys(commit("9b8c7d6"));
    const item = await seenSoon(bot, HALF, ana, ({ plain }) => plain.includes("calls its health failed"));
    expect(item.plain).toContain("Cloud 66 calls its health failed, with 9b8c7d6 live");
    expect(item.buttons.join()).toMatch(/Roll back to 1f0a3c2/);

    await ana.types("/day2 rollback shop to 1f0a3c2", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toContain("Roll back shop 9b8c7d6 → 1f0a3c2");
    expect(request.plain).toContain("Takes back 9b8c7d6 (deployment 101)");
    expect(request.plain).toContain("the database, with what migrations did to it");
    far.holdsBack(true);
    await ben.clicks(request, "Approve");
    await until("its log to be heard", () => far.effects.length === 1 && far.log.waiting() === 1);
    far.holdsBack(false);
    await bot.settle();
    const done = await ana.rereads(request);
    expect(done.plain).toMatch(/\*Done\*.*1f0a3c2 is live, by deployment 102 of 1f0a3c2/);
    for (const line of ["Migrating the database", "Restarting", "deploy done"]) expect(done.plain).toContain(line);
    expect(far.effects.map(({ user, what }) => `${user} ${what}`)).toEqual([
      "daytwo@example.com POST /deployments.json",
    ]);

    const resolved = await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
    expect(resolved.ts).toBe(item.ts);
    expect((await ana.asks("/day2 status shop")).plain).toContain("1f0a3c2");

    await ana.types("/day2 scale shop worker=3", { in: "#shop" });
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("This needs the scope admin"));
  });

  test("an image that runs badly: the one that Daytwo saw before it is on the card, planned, approved, deployed", async () => {
    far.isOf("docker", { web: 2, api: 1 }, { web: "v141" });
    await opens(pair);
    await bot.passes(HALF);
    far.stack.sick.add("web:v142");
    await far.deploys("web:v142");
    const item = await seenSoon(bot, HALF, ana, ({ plain }) => plain.includes("with web:v142 live"));
    expect(item.plain).toContain("release web:v142 by dana@example.com");
    expect(item.buttons.join()).toMatch(/Roll back to web:v141/);
    await ana.types("/day2 rollback shop", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toContain("Roll back shop web:v142 → web:v141");
    expect(request.plain).toContain("It ran before (deployment 100)");
    far.stack.commits.add("web:v141");
    await ben.clicks(request, "Approve");
    await bot.settle();
    expect((await ana.rereads(request)).plain).toMatch(/\*Done\*.*web:v141 is live, by deployment 102/);
    expect(far.effects.map(({ body }) => body)).toEqual([{ services: ["web:v141"] }]);
    await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
  });

  test("servers that need a reboot: item, planned by name, approved, rebooted one after another, resolved", async () => {
    await opens(pair);
    function needReboot(value: boolean): void {
      for (const { notifications } of far.stack.servers)
        notifications["restart_required"] = { value, reason: "the kernel was updated", asof: "2026-11-29" };
    }
    needReboot(true);
    const item = await seenSoon(bot, TEN, ana, ({ plain }) => plain.includes("web waits for a reboot"));
    expect(item.plain).toContain("web waits for a reboot of Caribou, Jackal");
    expect(item.plain).toMatch(/Reboot of Caribou: seen since 20.* UTC; the kernel was updated/);
    await ana.clicks(item, "Reboot…");
    await (await ana.modal("Reboot")).submits();
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toContain("Reboot all 2 servers of shop (web)");
    for (const server of ["Caribou", "Jackal"]) expect(request.plain).toContain(`${server} running → rebooted`);
    expect(request.plain).toContain("One after another");
    await ben.clicks(request, "Approve");
    await bot.settle();
    expect((await ana.rereads(request)).plain).toMatch(/\*Done\*.*stack_reboot \d+ has ended well/);
    expect(far.stack.servers.map(({ reboots }) => reboots)).toEqual([1, 1]);
    // Cloud 66 notices it hours later.
    needReboot(false);
    await seenSoon(bot, TEN, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
  });
});
