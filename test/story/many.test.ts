import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { openPool } from "../support/pool.ts";

/** A bad night: many items at once are seen and taken in one go, and what tells nothing is called noise and counted. */

const FINE = 10;
const FULL = 2_000;
const FOLDERS = ["one", "two", "three", "four", "five", "six"] as const;

let folders: TestFolder;
let bot: TestBot;
let ana: Actor;
let ben: Actor;
let rae: Actor;

function checksOf(names: readonly string[]): string {
  return names
    .map(
      (name) => `        - { name: ${name}, path: "${folders.path(name)}", warning: 1000, every: 10s, successes: 1 }`,
    )
    .join("\n");
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  beforeAll(async () => {
    folders = await openFolders();
    await Promise.all([...FOLDERS, "blog", "sale"].map((name) => folders.holds(name, FULL)));
    bot = await startBot(pair, {
      catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: operator, services: { blog: reader } }
  ben: { name: Ben, slack: U0BEN, role: admin }
  rae: { name: Rae, slack: U0RAE, role: reader }
services:
  shop:
    owner: nobody
    channel: "#shop"
    checks:
      ownership: off
      folder-size:
${checksOf(FOLDERS)}
  blog:
    owner: nobody
    channel: "#shop"
    checks:
      ownership: off
      folder-size:
${checksOf(["blog", "sale"])}
`,
    });
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
    rae = bot.slack.as("rae");
    await bot.passes(20_000);
  });
  afterAll(async () => {
    await bot.close();
    await folders.close();
  });

  async function cardOf(name: string): Promise<{ card: Seen; id: number }> {
    const card = await rae.waitsFor("#shop", (message) => message.plain.includes(`${name} holds`));
    return { card, id: Number(/#(\d+)/.exec(card.plain)?.[1]) };
  }

  test("several by their numbers: what is to be had is theirs, of the rest they hear why not", async () => {
    const [one, two] = [await cardOf("one"), await cardOf("two")];
    const [three, blog] = [await cardOf("three"), await cardOf("blog")];
    const got = await ana.asks(`/day2 own #${one.id}, #${two.id} and #${blog.id}`);
    expect(got.plain).toContain(`Your role does not let you change #${blog.id}.`);
    const both = [one.id, two.id].toSorted((a, b) => a - b).map((id) => `#${id}`);
    expect(got.plain).toContain(`${both.join(", ")} are yours.`);
    const rest = await ben.asks(`/day2 take #${one.id} #${three.id} #999`);
    expect(rest.plain).toBe(
      `#${three.id} is yours.\n1 is Ana’s already.\nThere is no #999: \`/day2 items\` lists the open ones.`,
    );
    await bot.settle();
    expect((await rae.rereads(two.card)).plain).toContain("Owner: @ana (took it");
    expect((await rae.rereads(three.card)).plain).toContain("Owner: @ben (took it");
    expect((await rae.sees("#shop", one.card)).slice(1).map(({ plain }) => plain)).toEqual(["Ana took it"]);
    expect((await ana.asks(`/day2 own #${blog.id} #${blog.id}`)).plain).toContain("takes the role operator");
  });

  test("all of a service from Home, after a question; what others have stays theirs", async () => {
    const home = await ana.home();
    expect(home.plain).toContain("*shop* · 3 to take, 3 to be seen");
    expect(home.buttons.filter((label) => label.includes("all"))).toEqual(["Take all (3)", "Seen all (3)"]);
    expect(JSON.stringify(home.raw)).toContain("Take all of shop?");
    await ana.clicks(home, "Take all (3)");
    await bot.settle();
    const told = await ana.modal("Daytwo");
    expect(told.plain).toMatch(/^#\d+, #\d+, #\d+ are yours\.\n1 is Ben’s already\.$/);
    await told.closes();
    expect((await ana.homeNow())?.buttons.filter((label) => label.includes("all"))).toEqual([]);
    const { card } = await cardOf("six");
    expect(card.plain).toContain("Owner: @ana (took it");
    expect((await ana.asks("/day2 own shop")).plain).toContain("There was nothing to take.");
  });

  test("a hundred at a time, and how many are left", async () => {
    const pool = openPool(bot.database);
    await pool.query(
      `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at)
       select 'person/storm-' || n, 'person', 'shop', 'on-call', 'warning', 'storm', $1, $1, $1 from generate_series(1, 130) as n`,
      [bot.now()],
    );
    const first = await ben.asks("/day2 ack shop");
    expect(first.plain).toMatch(/and 70 more/);
    expect(first.plain).toContain("30 more are left: `/day2 ack shop` goes on.");
    expect((await ben.home()).buttons).toContain("Seen all (30)");
    expect((await ben.asks("/day2 ack shop for 3h")).plain).toMatch(
      /^You have seen #.*\.\n5 were seen by Ana first\.$/,
    );
    const { rows } = await pool.query<{ count: number; items: number }>(
      "select count(*)::int as count, count(distinct item)::int as items from events where kind = 'item.acknowledged'",
    );
    expect(rows).toEqual([{ count: 130, items: 130 }]);
    await pool.end();
  });

  test("noise: closed with a reason, counted, and remembered when it comes back", async () => {
    const { card, id } = await cardOf("sale");
    const said: string[] = [];
    for (const reason of ["the sale began", "the sale goes on", "still the <sale>"]) {
      const { plain } = await rae.rereads(card);
      said.push(/called noise by [^)]*\)/.exec(plain)?.[0] ?? "");
      await ben.clicks(await rae.rereads(card), "Noise…");
      const form = await ben.modal(`#${id} is noise`);
      expect(await form.submits()).toMatchObject({ ok: false });
      expect(await (await form.fills({ "Why is it noise?": reason })).submits()).toEqual({ ok: true });
      await bot.settle();
      expect((await rae.rereads(card)).plain).toContain(`by Ben: noise: ${reason}`);
      await folders.holds("sale", FINE);
      await bot.passes(10_000);
      await folders.holds("sale", FULL);
      await bot.passes(10_000);
    }
    expect(said).toEqual(["", "called noise by Ben (1 time)", "called noise by Ben (2 times)"]);
    const thread = (await rae.sees("#shop", card)).slice(1).map(({ plain }) => plain);
    expect(thread.filter((line) => line.startsWith("Ben called it noise: "))).toHaveLength(3);
    const noise = (await rae.asks("/day2 noise")).plain;
    expect(noise).toMatch(/\*blog\/folder-size\/sale\* · 3 times, last .*: still the <sale>; the sale goes on; /);
    expect(noise).toContain("→ raise its limit in the catalog, at `services.blog.checks.folder-size`");
    expect((await rae.asks("/day2 digest")).plain).toContain("*Called noise this week* (1)");
    expect((await ana.asks(`/day2 noise #${id} me too`)).plain).toContain("takes the role operator");
    expect((await ben.asks(`/day2 noise #${id} once more`)).plain).toContain(`#${id} is closed as noise.`);
    expect((await ben.asks(`/day2 noise #${id} me too`)).plain).toContain(`#${id} is resolved already.`);
  });
});
