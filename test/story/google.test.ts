import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_SOCKET, type Pair, type TestBot } from "../support/bot.ts";
import { madeDaily } from "../support/google/database.ts";
import { DATABASE, openGoogle, WHERE, type TestGoogle } from "../support/google/index.ts";
import { makeHome } from "../support/home.ts";
import { openProduction, production } from "../support/production.ts";
import { seenSoon } from "../support/seen-soon.ts";
import type { Actor } from "../support/slack.ts";

/**
 * A release on Cloud Run that answers with errors is an item; traffic goes back, stays where it is, and is set free again.
 * So is a database whose backups have failed for days, until somebody takes one.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let home: string;
let far: TestGoogle;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

beforeEach(async () => {
  home = await makeHome("google-story");
  far = await openGoogle();
  await writeFile(join(home, "key.json"), far.account("daytwo@acme-shop.iam.gserviceaccount.com"));
  far.errs("shop/web:v142");
});
afterEach(async () => {
  await bot.close();
  await far.close();
  await rm(home, { recursive: true, force: true });
});

async function deploys(image: string): Promise<string> {
  far.deploys(image);
  await far.settles();
  return far.service.revisions.at(-1)?.name ?? "";
}

/** All of Google's APIs are at one address. */
function target(where: object): string {
  return JSON.stringify({
    provider: "google",
    ...where,
    credentials: { file: join(home, "key.json") },
    api: far.all.url,
  });
}

async function opens(pair: Pair, checks: string): Promise<void> {
  const targets = `{ web: ${target(WHERE)}, db: ${target(DATABASE)} }`;
  const shop = [`targets: ${targets}`, `checks: { ownership: off, ${checks} }`];
  ({ bot, ana, ben } = await openProduction(pair, production({ shop })));
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("a revision that answers with errors: item, plan, approval, traffic back, resolved, and set free", async () => {
    const good = await deploys("shop/web:v141");
    await opens(pair, `health: { target: web }, http: { url: "${far.front}/" }`);
    await bot.passes(MINUTE);
    const bad = await deploys("shop/web:v142");
    const item = await seenSoon(bot, MINUTE, ana, ({ plain }) => plain.includes("500"));

    await ana.types("/day2 rollback shop", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toContain(`Roll back shop ${bad} → ${good}`);
    expect(request.plain).toContain("traffic stays pinned: what is deployed later gets none until");
    await ben.clicks(request, "Approve");
    await bot.settle();
    expect((await ana.rereads(request)).plain).toContain(`100 % of traffic at ${good}`);
    expect(far.effects.map(({ user, what }) => `${user} ${what}`)).toEqual([
      "daytwo@acme-shop.iam.gserviceaccount.com PATCH annotations,traffic",
    ]);
    const resolved = await seenSoon(bot, MINUTE, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
    expect(resolved.ts).toBe(item.ts);

    const mended = await deploys("shop/web:v143");
    const status = await ana.asks("/day2 status shop");
    expect(status.plain).toContain(good);
    await ana.types("/day2 rollback shop to latest", { in: "#shop" });
    await bot.settle();
    const freeing = await ben.waitsFor(
      "#shop",
      ({ buttons, plain }) => buttons.includes("Approve") && plain.includes(`→ latest (${mended})`),
    );
    await ben.clicks(freeing, "Approve");
    await bot.settle();
    expect((await ana.rereads(freeing)).plain).toContain(`100 % of traffic at ${mended}`);
  });

  test("no backup for days: item, one that fails too, one that is there, resolved", async () => {
    madeDaily(far.database, 75 * HOUR, "SUCCESSFUL");
    for (const ago of [51, 27, 3]) madeDaily(far.database, ago * HOUR, "FAILED", "The disk could not be read in time.");
    await opens(pair, "backup: { target: db }");
    const item = await seenSoon(bot, 10 * MINUTE, ana, ({ plain }) => plain.includes("last good backup of db"));
    expect(item.plain).toContain("the last good backup of db is older than 2 days");
    await ana.clicks(item, "Take it");
    await bot.settle();
    await ana.clicks(await ana.rereads(item), "Back up…");
    far.database.trouble = "taken";
    await (await ana.modal("Back up")).submits();
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => /backup \d+ failed; Google says: The disk could not/.test(plain), {
      thread: item,
    });

    far.database.trouble = null;
    await ana.types("/day2 backup shop", { in: "#shop" });
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => /\*Done\*.*backup \d+ is there, and finished well/.test(plain), {
      thread: item,
    });
    expect(far.effects.map(({ user, what }) => `${user} ${what}`)).toEqual(
      Array(2).fill("daytwo@acme-shop.iam.gserviceaccount.com POST backupRuns in eu"),
    );
    const resolved = await seenSoon(
      bot,
      10 * MINUTE,
      ana,
      ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"),
    );
    expect(resolved.ts).toBe(item.ts);

    // A restart of it ends connections: somebody else approves it.
    await ana.types("/day2 restart shop/db", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ plain }) => plain.includes("Restart shop (db)"));
    expect(request.plain).toContain("Connections end, and the database is away until it is back");
    await ben.clicks(request, "Approve");
    await bot.settle();
    expect((await ana.rereads(request)).plain).toMatch(/\*Done\*.*restarted 20.* UTC, and running/);
    expect(far.effects.at(-1)?.what).toBe("POST restart");
  });
});
