import type { Pool } from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { compareNext } from "../../src/delivery/comparison.ts";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { openItem } from "../support/open.ts";
import { HISTORY, manifestWith, type Actor, type Seen } from "../support/slack.ts";
import { until } from "../support/until.ts";
import { openPool } from "../support/pool.ts";

/** At night every card is compared with Slack, in pieces, by whichever process gets to it. */

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
`;

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let pool: Pool;
  let ana: Actor;

  async function started(history: readonly string[]): Promise<void> {
    bot = await startBot(pair, { catalog: CATALOG, slack: { manifest: manifestWith(history) } });
    pool = openPool(bot.database);
    ana = bot.slack.as("ana");
  }
  afterEach(async () => {
    await pool.end();
    await bot.close();
  });

  async function cards(about: string): Promise<readonly Seen[]> {
    return (await ana.sees("#ops")).filter(({ buttons, plain }) => buttons.length > 0 && plain.includes(about));
  }

  /** All of a night's comparison, at once. */
  async function compares(): Promise<void> {
    await pool.query("update comparisons set due_at = $1", [bot.now()]);
    await until("the comparison to be over", async () => {
      await compareNext(bot.bot.app);
      bot.advance(1_000);
      return (await pool.query("select from comparisons where due_at > $1", [bot.now()])).rowCount !== 0;
    });
    await bot.settle();
  }

  /** What comparisons found so far, counted. */
  async function found(): Promise<Record<string, number>> {
    const text = await (await fetch(`${bot.bot.http.url}/metrics`)).text();
    const lines = text.matchAll(/^daytwo_compared_messages_total\{found="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries([...lines].map(([, name, count]) => [name, Number(count)]));
  }

  /** Three cards: one is deleted, of one there is a copy, and one is as it should be. */
  async function disorder(): Promise<void> {
    for (const words of ["disk fills", "queue grows", "pages are slow"]) await openItem(bot, words);
    await bot.settle();
    const web = bot.bot.app.slack;
    const [gone] = (await cards("disk fills")) as [Seen];
    await web.call("chat.delete", { channel: "C0OPS", ts: gone.ts });
    const [kept] = (await cards("queue grows")) as [Seen];
    const { text, blocks, metadata } = kept.raw;
    bot.advance(2_000);
    await web.call("chat.postMessage", { channel: "C0OPS", text, blocks, metadata });
    bot.advance(300_000); // what is young is left to the next night
  }

  test("with history scopes: what is gone is posted again, a copy goes, another version is mended", async () => {
    await started(HISTORY);
    await disorder();
    const [slow] = (await cards("pages are slow")) as [Seen];
    const { blocks } = slow.raw;
    const metadata = { event_type: "daytwo_posting", event_payload: { posting: 3, version: 77 } };
    await bot.bot.app.slack.call("chat.update", { channel: "C0OPS", ts: slow.ts, text: "old words", blocks, metadata });
    await compares();
    for (const words of ["disk fills", "queue grows", "pages are slow"]) expect(await cards(words)).toHaveLength(1);
    expect((await ana.rereads(slow)).text).toBe(slow.text);
    expect(await found()).toEqual({ equal: 1, behind: 1, vanished: 1, stray: 1 });
    expect(await bot.slack.calls("chat.getPermalink")).toEqual([]);
    bot.advance(300_000);
    await compares();
    expect(await found()).toEqual({ equal: 4, behind: 1, vanished: 1, stray: 1 });
  });

  test("without them: what is gone is posted again, and nothing else can be seen", async () => {
    await started([]);
    await disorder();
    await compares();
    expect(await cards("disk fills")).toHaveLength(1);
    expect(await cards("queue grows")).toHaveLength(2);
    expect(await found()).toEqual({ equal: 2, behind: 0, vanished: 1, stray: 0 });
    expect(await bot.slack.calls("conversations.history")).toEqual([]);
  });
});
