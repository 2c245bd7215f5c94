import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sweep } from "../../jobs/loops.ts";
import { sealEvents, verify } from "../../src/record.ts";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Seen } from "../support/slack.ts";

/**
 * The digest comes once a working day at nine in Paris, over a weekend on which the clocks go back, whoever restarts
 * and however many workers there are; up to six hours late, and after that not at all.
 */

const FULL = 2_000;
/** Ahead of us: a workspace does not sign with times that have passed. */
const THURSDAY = new Date("2036-10-23T06:30:00Z");

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
});
afterAll(() => folders.close());

function catalog(): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
digest: { at: "9:00", zone: Europe/Paris, days: mon-fri }
services:
  shop:
    channel: "#shop"
    checks:
      ownership: off
      folder-size:
        - { name: logs, path: "${folders.path("logs")}", warning: 1000, every: 10s, successes: 1 }
        - { name: dumps, path: "${folders.path("dumps")}", warning: 1000, every: 10s, successes: 1 }
        - { name: queue, path: "${folders.path("queue")}", warning: 1000, every: 10s, successes: 1 }
`;
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  let first: TestBot;
  let running: TestBot;

  beforeAll(async () => {
    await Promise.all(["logs", "dumps", "queue"].map((name) => folders.holds(name, FULL)));
    first = await startBot(pair, { catalog: catalog(), start: THURSDAY });
    running = first;
    await running.passes(20_000);
  });
  afterAll(async () => {
    await running.stop();
    await first.close();
  });

  async function until(moment: string): Promise<void> {
    await running.passes(new Date(moment).getTime() - running.now().getTime());
  }

  async function digests(): Promise<Seen[]> {
    return (await first.slack.as("rae").sees("#ops")).filter((message) => message.text.startsWith("Ownership on"));
  }

  async function dates(): Promise<(string | undefined)[]> {
    return (await digests()).map((message) => /^Ownership on (.*?):/.exec(message.text)?.[1]);
  }

  test("who asks sees it at any time, alone, and it counts for nothing", async () => {
    const ana = first.slack.as("ana");
    const asked = await ana.asks("/day2 digest");
    expect(asked.plain).toMatch(/^Ownership on Thursday 23 October\n3 without an owner\.\n\*Nobody's\* \(3\)/);
    expect(await digests()).toEqual([]);
  });

  test("it comes at nine, and says first what nobody has", async () => {
    const [ana, ben] = [first.slack.as("ana"), first.slack.as("ben")];
    const cards = await ana.sees("#shop");
    await ana.clicks(cardAbout(cards, "logs"), "Take it");
    await ben.clicks(cardAbout(cards, "dumps"), "Take it");
    await running.settle();
    await until("2036-10-23T06:59:58Z");
    expect(await dates()).toEqual([]);
    await until("2036-10-23T07:00:02Z");
    expect(await dates()).toEqual(["Thursday 23 October"]);
    const [digest] = await digests();
    expect(headings(digest)).toEqual(["Nobody's (1)", "By owner (2)", "Coming up (3)"]);
    expect(digest?.plain).toMatch(/\*Nobody's\* \(1\)\n.*queue holds 2 kB.*`\/day2 own #\d`/);
    expect(JSON.stringify(digest?.raw)).not.toMatch(/<@/);
    await until("2036-10-23T12:00:00Z");
    expect(await dates()).toHaveLength(1);
    expect((await ana.asks("/day2 digest")).plain).toMatch(/^Ownership on Thursday 23 October\n/);
  });

  test("two workers make one", async () => {
    const beside = await startBot(pair, { beside: first });
    first.advance(new Date("2036-10-24T07:00:00Z").getTime() - first.now().getTime());
    await Promise.all([sweep(first.bot.app), sweep(beside.bot.app), sweep(first.bot.app), sweep(beside.bot.app)]);
    await first.settle();
    expect(await dates()).toEqual(["Thursday 23 October", "Friday 24 October"]);
    await first.stop();
    running = beside;
    await until("2036-10-24T07:30:00Z");
    expect(await dates()).toHaveLength(2);
  });

  test("nothing comes on the weekend, and on Monday it is nine by the new time", async () => {
    await folders.holds("queue", 10);
    await until("2036-10-25T07:00:01Z");
    await until("2036-10-26T08:00:01Z");
    await until("2036-10-27T07:59:58Z");
    await sealEvents(running.bot.app);
    expect(await dates()).toHaveLength(2);
    await until("2036-10-27T08:00:02Z");
    expect(await dates()).toEqual(["Thursday 23 October", "Friday 24 October", "Monday 27 October"]);
    const digest = (await digests()).at(-1);
    expect(headings(digest)).toEqual(["Overdue (2)", "By owner (2)", "Done by Daytwo alone (1)"]);
    expect(digest?.plain).toMatch(/^\*Overdue\* \(2\)\n(.* · @(ana|ben), was due 25 hours ago\n){2}/m);
    expect(digest?.plain).toMatch(/Done by Daytwo alone\* \(1\)\n• #\d resolved: queue holds/);
    const head = /the record up to here: `([0-9a-f]{12})`/.exec(digest?.plain ?? "")?.[1] ?? "none";
    expect(await verify(running.bot.app.db, { wanted: head })).toMatchObject({ problem: null, knowsHead: true });
  });

  test("a restart late in the day still sends it, and one that is too late leaves it to the next", async () => {
    await restartedAt("2036-10-28T13:59:00Z");
    expect((await dates()).at(-1)).toBe("Tuesday 28 October");
    await restartedAt("2036-10-28T13:59:30Z");
    expect(await dates()).toHaveLength(4);
    await restartedAt("2036-10-29T14:00:30Z");
    expect(await dates()).toHaveLength(4);
    await until("2036-10-30T08:00:02Z");
    expect((await dates()).slice(3)).toEqual(["Tuesday 28 October", "Thursday 30 October"]);
  });

  /** The bot is down until the moment. */
  async function restartedAt(moment: string): Promise<void> {
    await running.stop();
    first.advance(new Date(moment).getTime() - first.now().getTime());
    running = await startBot(pair, { beside: first });
    await running.passes(0);
  }

  function headings(digest: Seen | undefined): string[] {
    return [...(digest?.plain ?? "").matchAll(/^\*(.+?)\* (\(\d+\))$/gm)].map((match) => `${match[1]} ${match[2]}`);
  }
});

test("a first start after the time says nothing of a morning on which nobody ran", async () => {
  const late = new Date("2036-10-23T08:30:00Z");
  const bot = await startBot(OVER_HTTP[0], { catalog: catalog(), start: late });
  const rae = bot.slack.as("rae");
  async function digests(): Promise<number> {
    return (await rae.sees("#ops")).filter(({ plain }) => plain.includes("Ownership on")).length;
  }
  await bot.passes(20_000);
  expect(await digests()).toBe(0);
  await bot.passes(new Date("2036-10-24T07:00:02Z").getTime() - bot.now().getTime());
  expect(await digests()).toBe(1);
  await bot.close();
});

function cardAbout(cards: readonly Seen[], name: string): Seen {
  const found = cards.find((card) => card.plain.includes(`${name} hold`));
  if (found === undefined) throw new Error(`there is no card about ${name}`);
  return found;
}
