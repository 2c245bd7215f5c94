import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type BotSettings, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Seen } from "../support/slack.ts";
import { MANIFEST } from "../support/slack.ts";

/** A folder fills over a day: when it becomes critical, its thread shows how that came, once. */

const MINUTE = 60_000;

let folders: TestFolder;
beforeAll(async () => {
  folders = await openFolders();
});
afterAll(() => folders.close());

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  beforeEach(() => folders.holds("logs", 10));
  afterEach(() => bot.close());

  async function starts(slack: BotSettings["slack"] = {}): Promise<void> {
    const check = `{ path: "${folders.path("logs")}", warning: 1000, critical: 2000, every: 60s, failures: 1, successes: 1 }`;
    bot = await startBot(pair, {
      slack,
      catalog: `services: { shop: { checks: { ownership: off, folder-size: ${check} } } }`,
    });
  }
  async function holds(bytes: number, times = 1): Promise<void> {
    await folders.holds("logs", bytes);
    for (let passed = 0; passed < times; passed += 1) await bot.passes(6 * MINUTE);
  }
  async function thread(): Promise<Seen[]> {
    const ana = bot.slack.as("ana");
    const [card] = await ana.sees("#ops");
    return card === undefined ? [] : (await ana.sees("#ops", card)).slice(1);
  }
  type Picture = { readonly type: string; readonly alt_text?: string; readonly slack_file?: { readonly id: string } };
  function picture(message: Seen | undefined): Picture | undefined {
    const blocks = (message?.raw["blocks"] ?? []) as readonly Picture[];
    return blocks.find((block) => block.type === "image");
  }

  test("the picture is in the thread, has a text for who does not see it, and is not drawn again", async () => {
    await folders.holds("logs", 100); // a check may look as soon as the bot is up
    await starts();
    await holds(100, 8);
    await holds(1_500);
    expect(await thread()).toEqual([]);
    await holds(2_500);
    const [worse, day, ...more] = await thread();
    expect(worse?.plain).toContain("Got worse");
    expect(more).toEqual([]);
    const words = "The last day of shop/folder-size: 2.5 kB now, between 100 B and 2.5 kB";
    expect(day).toMatchObject({ text: words });
    expect(picture(day)).toMatchObject({ alt_text: words });
    const file = await fetch(`${bot.slack.url}/files/${picture(day)?.slack_file?.id ?? "none"}`);
    expect(file.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await file.arrayBuffer()).toString("latin1", 1, 4)).toBe("PNG");

    await holds(2_600, 2);
    expect(await bot.slack.calls("files.completeUploadExternal")).toHaveLength(1);
    await holds(10);
    await holds(2_500);
    expect((await thread()).filter((message) => message.plain.includes("last day"))).toHaveLength(2);
  });

  test("without enough of a day there is no picture, and without the right to upload the numbers are told alone", async () => {
    const scopes = { bot: MANIFEST.oauth_config?.scopes?.bot?.filter((scope) => scope !== "files:write") ?? [] };
    await starts({ manifest: { ...MANIFEST, oauth_config: { ...MANIFEST.oauth_config, scopes } } });
    await holds(100);
    await holds(2_500);
    expect(await thread()).toEqual([]);
    await holds(10, 6);
    await holds(2_500);
    const day = (await thread()).at(-1);
    expect(day?.plain).toMatch(/^The last day of shop\/folder-size: 2.5 kB now, between 10 B and 2.5 kB$/);
    expect(picture(day)).toBeUndefined();
  });

  test.each(["files.getUploadURLExternal", "files.completeUploadExternal"])(
    "where %s ends in an error of Slack's, the numbers are told alone, and the thread goes on",
    async (method) => {
      await starts();
      await holds(100, 8);
      await bot.slack.fault({ method, error: "internal_error", times: 1_000 });
      await holds(2_500);
      await bot.slack.as("ana").asks("/day2 note #1 it is the log");
      await bot.settle();
      const [day, note] = await thread();
      expect(day?.plain).toMatch(/^The last day of shop\/folder-size: 2.5 kB now/);
      expect(picture(day)).toBeUndefined();
      expect(note?.plain).toContain("it is the log");
    },
  );
});
