import { afterAll, beforeAll, expect, test } from "vitest";
import { close, open, openItem, type Open } from "./support/open.ts";

/** Slack says twenty times a minute where a channel is: new cards in the same one do not each ask. */

const CATALOG = `
channel: "#shop"
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
`;

let it: Open;
beforeAll(async () => {
  it = await open("socket", CATALOG);
});
afterAll(() => close(it));

test("many new cards in one channel ask once where it is", async () => {
  const { bot } = it;
  await bot.settle();
  for (const words of ["disk fills", "queue grows", "pages are slow"]) {
    await openItem(bot, words);
    await bot.settle();
  }
  const cards = await bot.slack.as("ana").sees("#shop");
  expect(cards.filter(({ buttons }) => buttons.includes("Take it"))).toHaveLength(3);
  expect(await bot.slack.calls("conversations.list")).toHaveLength(1);
});
