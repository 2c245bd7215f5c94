import { afterAll, beforeAll, expect, test } from "vitest";
import { channelNamed } from "../src/delivery/places.ts";
import { SlackLimited } from "../src/slack-client.ts";
import { alarms } from "../src/store/alarms.ts";
import { place, wantAt } from "../src/store/postings.ts";
import { close, open, openItem, type Open } from "./support/open.ts";
import { until } from "./support/until.ts";

/** Slack says twenty times a minute where a channel is: new cards in the same one do not each ask. */

const CATALOG = `
channel: "#shop"
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
teams:
  ops: { name: Ops, channel: "#ops" }
`;

let it: Open;
beforeAll(async () => {
  it = await open("socket", CATALOG);
});
afterAll(() => close(it));

test("new cards ask once where their channels are, however many the catalog names", async () => {
  const { bot, pool } = it;
  await bot.settle();
  for (const words of ["disk fills", "queue grows", "pages are slow"]) {
    await openItem(bot, words);
    await bot.settle();
  }
  const cards = await bot.slack.as("ana").sees("#shop");
  expect(cards.filter(({ buttons }) => buttons.includes("Take it"))).toHaveLength(3);
  await wantAt(pool, "item", 1, place.channel("#ops"), bot.now());
  await bot.slack.as("ana").waitsFor("#ops", ({ plain }) => plain.includes("disk fills"));
  expect(await bot.slack.calls("conversations.list")).toHaveLength(1);
});

test("a workspace with more channels than Slack lists in a minute: the look for one goes on where it had to wait", async () => {
  const { app } = it.bot.bot;
  const asked: unknown[] = [];
  async function call(_method: string, { cursor }: { readonly cursor?: unknown }) {
    asked.push(cursor);
    if (asked.length === 2) throw new SlackLimited("conversations.list", 30_000);
    const isLast = cursor === "page 2";
    const channels = [isLast ? { id: "C0LAST", name: "last" } : { id: "C0FIRST", name: "first" }];
    return { channels, response_metadata: { next_cursor: isLast ? "" : "page 2" } };
  }
  const large = { ...app, slack: { ...app.slack, call } };
  await expect(channelNamed(large, "last")).rejects.toThrow(SlackLimited);
  expect(await channelNamed(large, "last")).toBe("C0LAST");
  expect(asked).toEqual(["", "page 2", "page 2"]);
});

test("a channel that takes nothing: another one in the catalog gets what waits for it", async () => {
  const { bot, pool } = it;
  await bot.follows(`${CATALOG}services: { web: { channel: "#ops", checks: { ownership: off } } }\n`);
  await bot.slack.channel({ channel: "C0OPS", archived: true });
  const { rows } = await pool.query<{ id: string }>(
    `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at)
     values ('web/slow', 'check', 'web', 'on-call', 'warning', 'answers slowly', $1, $1, $1) returning id`,
    [bot.now()],
  );
  await wantAt(pool, "item", Number(rows[0]?.id), place.channel("#ops"), bot.now());
  const ana = bot.slack.as("ana");
  const said = await ana.waitsFor("#shop", ({ plain }) => plain.includes("no message of Daytwo's reaches #ops"));
  await bot.follows(`${CATALOG}services: { web: { channel: "#shop", checks: { ownership: off } } }\n`);
  bot.advance(301_000);
  await ana.waitsFor("#shop", ({ plain, buttons }) => plain.includes("answers slowly") && buttons.length > 0);
  const over = await ana.waitsFor("#shop", ({ ts, plain }) => ts === said.ts && plain.includes("Resolved"));
  expect(over.plain).toContain("the catalog names another channel");
});

test("a call that Slack never answers holds up its own message alone", async () => {
  const { bot, pool } = it;
  await bot.slack.channel({ channel: "C0OPS", archived: false });
  await bot.settle();
  await bot.slack.fault({ method: "chat.postMessage", mode: "hang" });
  const began = performance.now();
  await wantAt(pool, "item", 1, place.channel("C0SHOP"), bot.now());
  await until("the call without an answer", async () => (await bot.slack.calls()).at(-1)?.error === "hang");
  await wantAt(pool, "item", 2, place.channel("C0OPS"), bot.now());
  await bot.slack.as("ana").waitsFor("#ops", ({ plain }) => plain.includes("queue grows"));
  expect(performance.now() - began).toBeLessThan(9_000); // what Slack does not answer is given up after ten seconds
});

test("Daytwo's own channel takes nothing: the alarm is over when the catalog names another one", async () => {
  const { bot, pool } = it;
  await bot.slack.channel({ channel: "C0SHOP", archived: true });
  await openItem(bot, "memory leaks");
  await until("the alarm", async () => (await alarms(pool)).some(({ about }) => about === "channel"));
  await bot.follows(CATALOG.replace('channel: "#shop"', 'channel: "#ops"'));
  bot.advance(301_000);
  const ana = bot.slack.as("ana");
  const card = await ana.waitsFor("#ops", (each) => each.plain.includes("memory leaks") && each.buttons.length > 0);
  expect(card.buttons).toContain("Take it");
  await until("the end of the alarm", async () => (await alarms(pool)).length === 0);
});
