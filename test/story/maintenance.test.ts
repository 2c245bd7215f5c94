import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { OVER_SOCKET, type Pair, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";

/** Who plans maintenance says so ahead: in it nobody is called for what it breaks, and after it for what stayed broken. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Half past nine in the evening in Paris, where Ana is; ahead of us, since a workspace does not sign with times that have passed. */
const SATURDAY = new Date("2036-11-29T20:30:00Z");
const FINE = 10;
const OVERFLOWING = 5_000;

let folders: TestFolder;
let bot: TestBot;

beforeAll(async () => {
  folders = await openFolders();
});
afterAll(() => folders.close());
afterEach(() => bot.close());

function catalog(more = ""): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  rae: { name: Rae, slack: U0RAE, role: reader }
services:
${["shop", "blog"]
  .map(
    (name) => `  ${name}:
    owner: ana
    channel: "#${name === "shop" ? "shop" : "ops"}"
    checks:
      ownership: off
      folder-size: { path: "${folders.path(name)}", warning: 1000, critical: 4000, every: 10m, failures: 2, successes: 1 }`,
  )
  .join("\n")}
${more}
`;
}

async function start(pair: Pair): Promise<void> {
  await Promise.all(["shop", "blog"].map((name) => folders.holds(name, FINE)));
  bot = await startBot(pair, { start: SATURDAY, catalog: catalog() });
  await bot.passes(20_000);
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("planned ahead, it opens; what breaks in it asks nobody, and what is still broken after it does", async () => {
    await start(pair);
    const [ana, ben, rae] = [bot.slack.as("ana"), bot.slack.as("ben"), bot.slack.as("rae")];
    expect((await rae.asks("/day2 window shop sat 22:00 for 2h deploy")).plain).toContain(
      "To plan maintenance on shop takes the role operator; yours is reader.",
    );
    expect((await ana.asks("/day2 window shpo sat 22:00 for 2h deploy")).plain).toContain("Did you mean `shop`?");
    const planned = await ana.asks("/day2 Window shop Sat 22:00 for 2h deploy");
    expect(planned.plain).toContain("Maintenance of shop: Sat 29 Nov 22:00 – Sun 30 Nov 00:00 (Europe/Paris).");
    await bot.settle();
    await rae.waitsFor("#shop", ({ plain }) => /🔧 Maintenance of shop from .*: planned by Ana$/.test(plain));

    await bot.passes(31 * MINUTE);
    const opened = await rae.waitsFor("#shop", ({ plain }) => plain.startsWith("🔧 Maintenance of shop until"));
    expect(opened.plain).toContain("(deploy, by Ana): failing checks and alerts call nobody until then");
    expect((await ana.home()).plain).toContain("🔧 Maintenance of shop until");
    await Promise.all(["shop", "blog"].map((name) => folders.holds(name, OVERFLOWING)));
    for (let look = 0; look < 3; look += 1) await bot.passes(10 * MINUTE);
    await rae.waitsFor("#ops", ({ plain }) => plain.includes("blog") && plain.includes("5 kB"));
    expect((await rae.sees("#shop")).filter(({ plain }) => plain.includes("5 kB"))).toEqual([]);
    const status = (await ana.asks("/day2 status shop")).plain;
    expect(status).toMatch(/🔧 Maintenance until .* \(deploy, by Ana\): failing checks and alerts call nobody/);
    expect(status).toMatch(/🔴 folder-size · .*5 kB/);
    expect((await ana.asks("/day2 digest")).plain).toContain("🔧 Maintenance of shop until");

    await bot.passes(2 * HOUR);
    await rae.waitsFor("#shop", ({ plain }) => plain === "Maintenance of shop is over (deploy)");
    const card = await rae.waitsFor("#shop", ({ plain }) => plain.includes("5 kB"));
    expect(card.raw["text"]).toContain("🔴");
    // It is known since when: that was in the maintenance.
    expect(card.plain).toMatch(/since 2036-11-29 21:1\d UTC/);
    expect((await ana.asks("/day2 window")).plain).toContain("No maintenance and no freeze is on or planned");
    const record = (await ben.asks("/day2 audit shop")).plain;
    expect(record).toContain("planned by Ana");
    expect(record).toContain("Maintenance of shop is over (deploy)");
  });

  test("every week: what was open stays open in it, somebody else ends it early, and it opens again", async () => {
    await start(pair);
    const [ana, ben] = [bot.slack.as("ana"), bot.slack.as("ben")];
    await folders.holds("shop", OVERFLOWING);
    for (let look = 0; look < 2; look += 1) await bot.passes(10 * MINUTE);
    const card = await ana.waitsFor("#shop", ({ plain }) => plain.includes("5 kB"));
    const planned = await ana.asks("/day2 window shop every sat 22:00 until 23:30 backup");
    expect(planned.plain).toContain("Sat 29 Nov 22:00 – Sat 29 Nov 23:30 (Europe/Paris), and every week from then on");
    const id = /window end (\d+)/.exec(planned.plain)?.[1] ?? "";

    await bot.passes(32 * MINUTE);
    await ana.waitsFor("#shop", ({ plain }) => plain.startsWith("🔧 Maintenance of shop until"));
    await ana.asks(`/day2 check shop`);
    await bot.passes(61 * MINUTE);
    expect((await ana.rereads(card)).plain).toMatch(/🔧 Maintenance until .* \(backup, by Ana\)/);
    const ended = await ben.asks(`/day2 window end ${id}`);
    expect(ended.plain).toMatch(/^Maintenance of shop is over\. It begins again Sat 6 Dec 16:00 \(America\/New_York\)/);
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("(backup) was ended by Ben; it begins again"));
    await bot.passes(HOUR);
    expect((await ana.rereads(card)).plain).not.toContain("🔧");

    await bot.passes(7 * DAY - 2 * HOUR);
    expect((await ana.asks("/day2 window")).plain).toMatch(
      /On now\* \(1\)\n🔧 Maintenance of shop until .*backup, by Ana/,
    );
    await bot.passes(2 * HOUR);
    expect((await ana.asks("/day2 window")).plain).toMatch(
      /Planned\* \(1\)\n🔧 Maintenance of shop from .*, every week/,
    );
    expect((await ana.asks(`/day2 window end ${id}`)).plain).toContain("Maintenance of shop is called off.");
    expect((await ben.asks(`/day2 window end ${id}`)).plain).toContain(`There is no window ${id}, or it is over.`);
  });

  test("from the file, over everything, until the file changes; what is planned here stays", async () => {
    await start(pair);
    const [ana, ben] = [bot.slack.as("ana"), bot.slack.as("ben")];
    await ana.asks("/day2 window blog tomorrow 7:00 for 1h new theme");
    await bot.follows(catalog("windows: [{ name: Move, from: 2036-11-29 20:00, until: 2036-11-30 20:00, zone: UTC }]"));
    await bot.passes(2_000);
    await ana.waitsFor("#shop", ({ plain }) => plain.startsWith("🔧 Maintenance of everything until"));
    await ana.waitsFor("#ops", ({ plain }) => plain.startsWith("🔧 Maintenance of everything until"));
    const listed = (await ana.asks("/day2 window")).plain;
    expect(listed).toMatch(/Maintenance of everything until .* \(Move, from the catalog\) · in `daytwo\.yaml`/);
    expect(listed).toMatch(/Maintenance of blog from .* \(new theme, by Ana\) · `\/day2 window end 1`/);
    expect((await ben.asks("/day2 window end 2")).plain).toContain("stands in the catalog's file, and ends there");
    await folders.holds("shop", OVERFLOWING);
    for (let look = 0; look < 3; look += 1) await bot.passes(10 * MINUTE);
    expect((await ana.asks("/day2 items shop")).plain).not.toContain("5 kB");

    await bot.follows(catalog());
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => plain === "Maintenance of everything is over (Move)");
    // It is looked at once more without waiting for its next turn.
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("5 kB"));
    expect((await ana.asks("/day2 window")).plain).toContain("new theme, by Ana");
  });
});
