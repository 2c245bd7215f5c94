import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OVER_SOCKET, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { PLAN } from "../views.values.ts";
import { openPool } from "../support/pool.ts";

/** A card in the channel says what `/day2 #id` says, whatever changed that it tells of: the item, the catalog, what was found. */

const HOUR = 3_600_000;
const FINE = 10;
const FULL = 2_000;
const OVERFLOWING = 5_000;
const SCENES = ["assigned", "renamed", "left", "eased", "found", "aside", "long", "private"] as const;
type Scene = (typeof SCENES)[number];

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
});
afterAll(() => folders.close());

function catalog({ ana = "Ana" as string | null, shop = "shop", runbook = "" } = {}): string {
  return `
people:
  ${ana === null ? "" : `ana: { name: ${ana}, slack: U0ANA, teams: [web], role: operator }`}
  ben: { name: Ben, slack: U0BEN, role: admin }
  rae: { name: Rae, slack: U0RAE, role: reader }
teams: { web: { name: Web team } }
services:
  shop:
    name: ${shop}
    owner: nobody
    channel: "#shop"
    ${runbook}
    checks:
      ownership: off
      folder-size:
${SCENES.map((scene) => `        - { name: ${scene}, path: "${folders.path(scene)}", warning: 1000, critical: 4000, every: 10s, successes: 1 }`).join("\n")}
`;
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let pool: Pool;
  let ana: Actor;
  let ben: Actor;
  let rae: Actor;

  beforeAll(async () => {
    await Promise.all(SCENES.map((scene) => folders.holds(scene, FINE)));
    bot = await startBot(pair, { catalog: catalog() });
    pool = openPool(bot.database);
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
    rae = bot.slack.as("rae");
    await bot.passes(20_000);
  });
  afterAll(async () => {
    await pool.end();
    await bot.close();
  });

  async function opens(scene: Scene, bytes = FULL): Promise<{ card: Seen; id: number }> {
    await becomes(scene, bytes);
    const card = await rae.waitsFor("#shop", (message) => message.plain.includes(`${scene} holds`));
    return { card, id: Number(/#(\d+)/.exec(card.plain)?.[1]) };
  }

  async function becomes(scene: Scene, bytes: number): Promise<void> {
    await folders.holds(scene, bytes);
    await bot.passes(10_000);
  }

  /** The card as it stands, after asking the bot whether it says the same. */
  async function reads({ card, id }: { card: Seen; id: number }): Promise<string> {
    await bot.settle();
    const { plain } = await rae.rereads(card);
    expect((await rae.asks(`/day2 #${id}`)).plain.replace(/\nSeen \d+ times, last .*$/, "")).toBe(plain);
    return plain;
  }

  async function thread(card: Seen): Promise<string[]> {
    return (await rae.sees("#shop", card)).slice(1).map((message) => message.plain);
  }

  function dueIn(plain: string): number {
    const due = new Date(`${/Due (\S+ \S+) UTC/.exec(plain)?.[1]?.replace(" ", "T")}Z`);
    return Math.round((due.getTime() - bot.now().getTime()) / HOUR);
  }

  test("who answers for it, once that was said in Slack", async () => {
    const item = await opens("assigned");
    expect(await reads(item)).toContain("nobody is named for disk-and-logs of shop");
    await ben.asks("/day2 assign shop disk-and-logs ben");
    expect(await reads(item)).toContain("Owner: nobody yet; @ben answers for disk-and-logs of shop");
    await ben.asks("/day2 assign shop disk-and-logs nobody");
    expect(await reads(item)).toContain("nobody is named for disk-and-logs of shop");
  });

  test("what a new catalog calls people and services, and where it says to look", async () => {
    const item = await opens("renamed");
    await ana.asks(`/day2 ack #${item.id}`);
    expect(await reads(item)).toContain("Seen by Ana");
    await bot.follows(catalog({ ana: "Anna", shop: "The shop", runbook: "runbook: https://wiki.example/shop" }));
    expect(await reads(item)).toMatch(/The shop[^]*Seen by Anna[^]*Runbook/);
    await bot.follows(catalog());
    expect(await reads(item)).toMatch(/#\d+ shop[^]*Seen by Ana /);
  });

  test("who left keeps their name on what they did, and is mentioned no more", async () => {
    const item = await opens("left");
    await ana.asks(`/day2 own #${item.id}`);
    await bot.follows(catalog({ ana: null }));
    expect(await reads(item)).toContain("Owner: Ana (took it");
    expect(await thread(item.card)).toEqual(["Ana took it"]);
    expect((await rae.asks(`/day2 audit #${item.id}`)).plain).toContain(`Ana took #${item.id}`);
    expect((await ben.asks(`/day2 own #${item.id}`)).plain).toContain(`Ana took #${item.id} first`);
    await bot.follows(catalog());
    expect(await reads(item)).toContain("Owner: @ana (took it");
  });

  test("what gets worse is due sooner, and what gets milder says so and keeps its time", async () => {
    const item = await opens("eased");
    expect(dueIn(await reads(item))).toBe(72);
    await becomes("eased", OVERFLOWING);
    expect(dueIn(await reads(item))).toBe(4);
    await becomes("eased", FULL);
    const eased = await reads(item);
    expect(eased).toMatch(/^🟡/);
    expect(dueIn(eased)).toBe(4);
    expect(await thread(item.card)).toEqual([
      "Got worse: it is critical now: eased holds 5 kB (limit 4 kB)",
      "Got milder: it is a warning now: eased holds 2 kB (limit 1 kB)",
    ]);
  });

  test("what was found, though it comes to the same", async () => {
    const item = await opens("found");
    const files = Number(/Files: (\d+)/.exec(await reads(item))?.[1]);
    await folders.holds(`found/${pair.transport}`, FINE);
    await bot.passes(10_000);
    expect(await reads(item)).toContain(`Files: ${files + 1}`);
    expect((await rae.asks(`/day2 #${item.id}`)).plain).toMatch(/Seen \d times, last/);
  });

  test("what is put aside asks nobody, and when it wakes it asks again at once", async () => {
    const item = await opens("aside");
    await ana.asks(`/day2 own #${item.id}`);
    expect(await reads(item)).toContain("asks again");
    await ana.asks(`/day2 snooze #${item.id} 2d the disk is on order`);
    expect(await reads(item)).not.toContain("asks again");
    await bot.passes(25 * HOUR);
    expect(await reads(item)).not.toContain("asks again");
    await bot.passes(24 * HOUR);
    expect(await reads(item)).toMatch(/Owner: @ana \(since .*, not confirmed yet\)/);
    expect((await thread(item.card)).slice(2)).toEqual([
      "The snooze is over: it is open again\n@ana, it waits for you again",
      "It was seen, and is still open: it asks again",
    ]);
  });

  test("an audit says how much it leaves out", async () => {
    const { id } = await opens("long");
    await pool.query(
      `insert into events (at, kind, item, service, person, surface, detail)
       select $1, 'item.noted', $2, 'shop', 'ana', 'command', jsonb_build_object('text', 'note ' || n) from generate_series(1, 70) as n`,
      [bot.now(), id],
    );
    const { plain } = await rae.asks(`/day2 audit #${id}`);
    expect(plain).toMatch(/^\*What happened with #\d+\* \(71\)\n.*note 70/);
    const shown = plain.match(/note \d+/g)?.length ?? 0;
    expect(plain).toContain(`and ${71 - shown} more`);
  });

  test("a plan that somebody looks at alone is on no card, and holds nothing up", async () => {
    const item = await opens("private");
    await pool.query(
      `insert into operations (item, service, environment, target, action, arguments, requested_by, requested_at, heartbeat_at, plan, plan_hash, preview)
       values ($1, 'shop', 'production', 'shop/web', 'rollback', '{}', 'ana', $2, $2::timestamptz + interval '30 days', $3, 'h', true)`,
      [item.id, bot.now(), JSON.stringify(PLAN)],
    );
    expect(await reads(item)).not.toContain("op-");
    expect((await rae.asks("/day2 status shop")).plain).not.toContain("under way");
    await becomes("private", FINE);
    expect(await reads(item)).toContain("Resolved");
  });
});
