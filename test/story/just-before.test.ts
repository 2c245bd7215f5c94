import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import { openSupervisor, type TestSupervisor } from "../support/supervisor.ts";
import type { Actor } from "../support/slack.ts";

/** What a critical card tells of the hour before, by whoever it was, and of what else is not well. */

const MINUTE = 60_000;
const FINE = 10;
const FULL = 3_000;
const ILL = 1_500;

let folders: TestFolder;
beforeAll(async () => {
  folders = await openFolders();
  await writeFile(folders.path("token"), "token");
});
afterAll(() => folders.close());

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  let supervisor: TestSupervisor;
  let bot: TestBot;
  let ana: Actor;

  beforeEach(async () => {
    supervisor = await openSupervisor();
    supervisor.shows("shop", "v141", 2);
    supervisor.shows("db", "17.2", 1);
    await folders.holds("shop", FINE);
    await folders.holds("db", FINE);
    bot = await startBot(pair, { catalog: catalog() });
    ana = bot.slack.as("ana");
  });
  afterEach(async () => {
    await bot.close();
    await supervisor.close();
  });

  function target(application: string): string {
    return `{ provider: local, supervisor: "${supervisor.url}", application: ${application}, token: { file: "${folders.path("token")}" } }`;
  }
  function check(name: string): string {
    return `{ ownership: off, folder-size: { path: "${folders.path(name)}", warning: 1000, critical: 2000, every: 60s, failures: 1, successes: 1 } }`;
  }
  function catalog(mail = ""): string {
    return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
services:
  shop:
    depends_on: [db${mail === "" ? "" : ", mail"}]
    targets: { web: ${target("shop")} }
    checks: ${check("shop")}
  db:
    name: shop-db
    targets: { main: ${target("db")} }
    checks: ${check("db")}
${mail}`;
  }

  /** The shop is looked at for an hour and a half, and nothing is the matter. */
  async function watches(): Promise<void> {
    for (let passed = 0; passed < 90; passed += 5) await bot.passes(5 * MINUTE);
  }
  async function fills(name: string, bytes = FULL): Promise<void> {
    await folders.holds(name, bytes);
    await bot.passes(MINUTE);
  }
  async function card(of = "shop"): Promise<string> {
    const cards = await ana.sees("#ops");
    return cards.find((message) => message.plain.includes(` ${of}* · `))?.plain ?? "";
  }

  test("a release and a size that others changed are told once, newest first, with who; what the database has is beside it", async () => {
    await watches();
    expect(await card()).toBe("");
    supervisor.shows("shop", "v142", 2, [{ release: "v142", by: "Dana", at: bot.now() }]);
    await bot.passes(MINUTE);
    supervisor.shows("shop", "v142", 5, [{ release: "v142", by: "Dana", at: new Date(bot.now().getTime() - MINUTE) }]);
    supervisor.shows("db", "17.2", 1);
    await fills("db", ILL);
    await fills("shop");
    expect(await card()).toMatch(
      /Just before: (web 2 → 5, seen .*; shop-db: another change \(version \d+ → \d+\), seen|shop-db: another change \(version \d+ → \d+\), seen .*; web 2 → 5, seen) .*; release v142 by Dana, [^;]*\nAlso: shop-db db holds/,
    );
    await fills("db", FINE);
    expect(await card()).not.toContain("Also:");
    await folders.holds("db", FULL);
    await bot.passes(MINUTE);
    expect(await card()).toContain("Also: shop-db db holds");
    expect(await card("shop-db")).not.toContain("Also:");
  });

  test("nothing seen is only said of what somebody looked at", async () => {
    await fills("shop");
    expect(await card()).toMatch(/Just before: nothing seen since the first look, /);
    await fills("shop", FINE);
    await watches();
    await bot.passes(24 * 60 * MINUTE);
    await watches();
    await fills("shop");
    expect((await ana.sees("#ops")).at(-1)?.plain).toMatch(/Just before: nothing seen\n/);
  });

  test("what cannot be seen is said", async () => {
    await watches();
    await bot.follows(catalog(`  mail: { checks: { ownership: off } }`));
    await fills("shop");
    expect(await card()).toMatch(/Just before: nothing seen; cannot see mail \(no target in the catalog\)\n/);
    await fills("shop", FINE);

    supervisor.breaks(true);
    await bot.passes(24 * 60 * MINUTE);
    await bot.passes(10 * MINUTE);
    await fills("shop");
    expect((await ana.sees("#ops")).at(-1)?.plain).toMatch(
      /Just before: cannot see shop \(the last look failed\), shop-db \(the last look failed\), mail \(no target in the catalog\)\n/,
    );
  });
});
