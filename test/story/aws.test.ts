import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openAws, type TestAws } from "../support/aws/index.ts";
import { CLUSTER, REGION } from "../support/aws/service.ts";
import { OVER_SOCKET, type Pair, type TestBot } from "../support/bot.ts";
import { openProduction, production } from "../support/production.ts";
import { seenSoon } from "../support/seen-soon.ts";
import type { Actor } from "../support/slack.ts";

/** What does not come up on ECS or in a group of machines is an item, and goes back by way of a plan, an approval and a look. */

const HALF = 30_000; // ms between two looks of `health`
const TEN = 10 * 60_000; // and of `updates`
const DAY = 86_400_000;
const VARIABLES = ["STORY_AWS_ID", "STORY_AWS_SECRET"] as const;

let account: TestAws;
let certificate: ReturnType<TestAws["certificate"]>;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

beforeEach(async () => {
  account = await openAws();
  const { id, secret } = account.user("daytwo");
  [process.env[VARIABLES[0]], process.env[VARIABLES[1]]] = [id, secret];
  await account.runs("shop-web", { wanted: 4 });
  await account.groups("shop-workers", { wanted: 4 });
  certificate = account.certificate("shop.example.com");
  account.database("shop-db");
});
afterEach(async () => {
  await bot.close();
  await account.close();
  for (const name of VARIABLES) delete process.env[name];
});

async function opens(pair: Pair): Promise<void> {
  const keys = `access_key: { env: ${VARIABLES[0]} }, secret_key: { env: ${VARIABLES[1]} }`;
  const place = `region: ${REGION}, endpoint: "${account.server.url}", ${keys}`;
  const catalog = production({
    shop: [
      "targets:",
      `  web: { provider: aws, service: shop-web, cluster: ${CLUSTER}, ${place} }`,
      `  cert: { provider: aws, certificate: "${certificate.arn}", ${place} }`,
      "checks: { ownership: off, health: [{ name: web, target: web }, { name: cert, target: cert }] }",
    ],
    jobs: [
      "targets:",
      `  workers: { provider: aws, group: shop-workers, ${place} }`,
      `  db: { provider: aws, database: shop-db, ${place} }`,
      "responsibilities: { patching: ben }",
      "checks: { ownership: off, updates: { target: db }, health: [{ name: workers, target: workers }, { name: db, target: db }] }",
    ],
  });
  ({ bot, ana, ben } = await openProduction(pair, catalog));
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("a release whose image is missing: item, plan, approval, rollback, seen to hold, resolved", async () => {
    await opens(pair);
    await bot.passes(HALF);
    account.misses("shop-web:141");
    account.deploys("shop-web", 141);
    const item = await seenSoon(bot, HALF, ana, ({ plain }) => plain.includes("do not come up"));
    expect(item.plain).toContain("tasks of shop-web:141 do not come up: its image cannot be pulled");
    expect(item.buttons.join()).toMatch(/Roll back/);

    await ana.types("/day2 rollback shop to v140", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toContain("Roll back shop shop-web:141 → shop-web:140");
    expect(request.plain).toContain("Stops the deployment that is under way, and ECS goes back by itself");
    expect(request.plain).toContain("secrets and parameters as they are now");
    await ben.clicks(request, "Approve");
    await bot.settle();
    const done = await ana.rereads(request);
    expect(done.plain).toMatch(/\*Done\*.*release shop-web:140, 4 of 4 running/);
    expect(account.effects.map(({ action, user }) => `${user} ${action}`)).toEqual([
      "arn:aws:iam::123456789012:user/daytwo StopServiceDeployment",
    ]);

    const resolved = await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
    expect(resolved.ts).toBe(item.ts);
    expect((await ana.asks("/day2 status shop")).plain).toContain("shop-web:140");

    await ana.types("/day2 scale shop web=5", { in: "#shop" });
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => /\*Done\*.*5 of 5 running/.test(plain));
    expect(account.effects.map(({ action }) => action)).toEqual(["StopServiceDeployment", "UpdateService"]);

    // A certificate that ACM cannot renew: nobody is promised a renewal, but told which record is missing.
    certificate.own.renewal = { status: "PENDING_VALIDATION" };
    const waits = await seenSoon(bot, HALF, ana, ({ plain }) => plain.includes("ACM cannot renew it"));
    const record = "the DNS record _a7986.shop.example.com CNAME _f2d3c.acm-validations.aws is not seen";
    expect(waits.plain).toContain(record);
    await ana.types("/day2 renew-cert shop", { in: "#shop" });
    await bot.settle();
    const refused = await ana.waitsFor("#shop", ({ plain }) => plain.includes("*Not run*"));
    expect(refused.plain).toContain("ACM renews it by itself; nothing is sent. It waits for this: ");
    expect(refused.plain).toContain(record);
    certificate.own.renewal = { status: "SUCCESS" };
    await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === waits.ts && plain.includes("Resolved"));
  });

  test("a version of a template that does not start: item, plan, approval, the refresh taken back, resolved", async () => {
    await opens(pair);
    await bot.passes(HALF);
    const group = await account.groups("shop-workers", { wanted: 4, patience: 10_000 });
    group.broken.add("13");
    account.refreshes("shop-workers", "13");
    const item = await seenSoon(bot, HALF, ana, ({ plain }) => plain.includes("instances do not come about"));

    await ana.types("/day2 rollback jobs", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toContain("Roll back jobs shop-workers:13 → shop-workers:12");
    expect(request.plain).toContain("Takes the instance refresh that is under way back");
    await ben.clicks(request, "Approve");
    await bot.settle();
    const done = await ana.rereads(request);
    expect(done.plain).toMatch(/\*Done\*.*started from shop-workers:12, 4 of 4 instances up/);
    expect(account.effects.map(({ action }) => action)).toEqual(["RollbackInstanceRefresh"]);
    await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));

    // A database whose storage is full gets more of it, which nothing takes back.
    account.database("shop-db", { status: "storage-full" });
    const full = await seenSoon(bot, HALF, ana, ({ plain }) => plain.includes("its storage is full"));
    await ana.types("/day2 scale jobs/db storage=200", { in: "#shop" });
    await bot.settle();
    const more = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    expect(more.plain).toContain("It cannot be undone: storage never becomes smaller");
    await ben.clicks(more, "Approve");
    await bot.settle();
    expect((await ana.rereads(more)).plain).toMatch(/\*Done\*.*200 GiB/);
    await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === full.ts && plain.includes("Resolved"));

    // What RDS has to do to it is an item of whoever patches, pressing once RDS would do it by itself soon.
    const pending = { action: "system-update", at: new Date(bot.now().getTime() + 9 * DAY) };
    const database = account.database("shop-db", { maintenance: [pending] });
    const waiting = await seenSoon(bot, TEN, ana, ({ plain }) => plain.includes("db waits for system-update"));
    expect(waiting.plain).toMatch(
      /system-update: by itself on 20\d\d-.* UTC; seen since 20.* UTC; New Operating System/,
    );
    expect(waiting.plain).toContain("Owner: @ben (has not taken it yet)");
    pending.at = new Date(bot.now().getTime() + DAY);
    const soon = "left alone, db gets system-update within 2 days";
    await seenSoon(bot, TEN, ana, ({ ts, plain }) => ts === waiting.ts && plain.includes(soon));
    await ana.clicks(await ana.rereads(waiting), "Apply update system-update…");
    await (await ana.modal("Apply update")).submits();
    await bot.settle();
    const update = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: waiting });
    expect(update.plain).toContain("Apply system-update to jobs (db) now");
    expect(update.plain).toContain("It cannot be undone: RDS begins at once");
    expect(update.plain).toContain("The standby is done first and takes over");
    await ben.clicks(update, "Approve");
    await bot.settle();
    expect((await ana.rereads(update)).plain).toMatch(/\*Done\*.*system-update is no longer pending/);
    expect(database.maintenance).toEqual([]);
    await seenSoon(bot, TEN, ana, ({ ts, plain }) => ts === waiting.ts && plain.includes("Resolved"));
  });
});
