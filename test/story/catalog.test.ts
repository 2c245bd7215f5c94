import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { OVER_HTTP, startBot } from "../support/bot.ts";
import { cloneDatabase } from "../support/database.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import { startProcess } from "../support/process.ts";
import { onDatabase } from "../support/server.ts";
import { openSlack } from "../support/slack.ts";

/** A wrong catalog is never half in force: at first the bot refuses it, later it keeps the last good one and says so. */

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
});
afterAll(() => folders.close());

function catalog(...services: readonly string[]): string {
  return `people:
  ana: { name: Ana, slack: U0ANA, role: operator }
services:
${services.map((name) => `  ${name}: { checks: { ownership: off, folder-size: { path: "${folders.path(name)}", warning: 1000, every: 10s, successes: 1 } } }`).join("\n")}
`;
}

test("a wrong one at the first start: every problem with its line and column, exit 1, nothing is watched", async () => {
  const [slack, database] = await Promise.all([openSlack(), cloneDatabase()]);
  const folder = await mkdtemp(join(tmpdir(), "daytwo-catalog-"));
  const path = join(folder, "daytwo.yaml");
  const wrong = catalog("shop").replace("warning:", "warnign:").replace("role: operator", "role: boss");
  await writeFile(path, wrong);
  onTestFinished(async () => {
    await slack.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });
  const bot = startProcess({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    DATABASE_URL: database.url,
    DAYTWO_CATALOG: path,
  });
  expect(await bot.ended()).toBe(1);
  const said = bot.written();
  expect(said).toContain("The catalog has 3 problems:");
  expect(said).toContain(`${path}:2:${column(wrong, 2, "boss")} `);
  expect(said).toContain(`${path}:4:${column(wrong, 4, "warnign")} `);
  expect(said).not.toContain("ready");
  expect(said).not.toContain("    at ");
  const rows = await onDatabase(
    database.url,
    "select (select count(*)::int from daytwo.catalog_versions) as versions, (select count(*)::int from daytwo.checks) as checks",
  );
  expect(rows).toEqual([{ versions: 0, checks: 0 }]);
});

function column(text: string, line: number, word: string): number {
  return (text.split("\n")[line - 1] ?? "").indexOf(word) + 1;
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  test("a wrong one later: the last good one stays, and an item says where until it is right again", async () => {
    await Promise.all(["shop", "blog"].map((name) => folders.holds(name, 10)));
    const first = await startBot(pair, { catalog: catalog("shop") });
    onTestFinished(() => first.close());
    await first.passes(20_000);
    await first.stop();
    await first.writes(catalog("shop", "blog").replace("warning:", "warnign:"));

    const bot = await startBot(pair, { beside: first });
    onTestFinished(() => bot.stop());
    const ana = bot.slack.as("ana");
    await bot.passes(20_000);
    const card = await ana.waitsFor("#ops", (message) => message.plain.includes("the catalog is wrong at line 4"));
    expect(card.plain).toMatch(/line 4, column \d+: .*warnign.* is not known here\. Did you mean .warning.\?/);
    expect(card.plain).toMatch(/wrong at line 4: .warning. is missing and 1 more; the last/);
    expect(card.plain).toContain("the last good one stays in force");
    const status = (await ana.asks("/day2 status")).plain;
    expect(status).toContain("*shop*");
    expect(status).not.toContain("blog");

    await bot.writes("services: [");
    await ana.waitsFor("#ops", (message) => message.ts === card.ts && message.plain.includes("wrong at line 1"));
    expect(await ana.sees("#ops")).toHaveLength(1);

    await bot.follows(catalog("shop", "blog"));
    await bot.settle();
    expect((await ana.rereads(card)).plain).toMatch(/Resolved .* by itself: the catalog can be read again/);
    expect((await ana.asks("/day2 status")).plain).toContain("*blog*");

    expect((await ana.sees("#ops")).at(-1)?.plain).toBe("A new catalog is in force, with 2 services: + service blog");

    await bot.follows(catalog("blog"));
    await bot.settle();
    await Promise.all(["shop", "blog"].map((name) => folders.holds(name, 2_000)));
    await bot.passes(20_000);
    const [problem, added, removed, item] = (await ana.sees("#ops")).map((message) => message.plain);
    expect(problem).toContain("the catalog can be read again");
    expect([added, removed]).toEqual([
      "A new catalog is in force, with 2 services: + service blog",
      "A new catalog is in force, with 1 service: − service shop",
    ]);
    expect(item).toMatch(/#\d+ blog/);
    expect((await ana.asks("/day2 status shop")).plain).toContain("I know no service called shop.");
    const record = (await ana.asks("/day2 audit")).plain;
    expect(record.match(/A new catalog is in force, with \d service/g)).toHaveLength(3);
  });
});
