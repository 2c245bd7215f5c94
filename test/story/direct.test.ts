import { afterAll, beforeAll, expect, test } from "vitest";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import type { Actor } from "../support/slack.ts";

/** So much at once that it is no storm of a channel, and yet too much for one person's direct messages. */

const MINUTE = 60_000;
const SECRET = "story-direct-5ecret-18";

process.env["STORY_DIRECT"] = SECRET;

const CATALOG = `
people: { ana: { name: Ana, slack: U0ANA, role: operator } }
services: { shop: { name: Shop, owner: ana, channel: "#shop", checks: { ownership: off } } }
alerts: { own: { format: generic, secret: { env: STORY_DIRECT } } }
`;

let bot: TestBot;
let ana: Actor;

beforeAll(async () => {
  bot = await startBot(OVER_HTTP[0], { catalog: CATALOG });
  ana = bot.slack.as("ana");
});
afterAll(() => bot.close());

async function fires(...names: readonly string[]): Promise<void> {
  const alerts = names.map((name) => ({ name, service: "shop", severity: "critical" }));
  const answer = await fetch(`${bot.bot.http.url}/alerts/own`, {
    method: "POST",
    headers: { authorization: `Bearer ${SECRET}` },
    body: JSON.stringify({ alerts }),
  });
  expect(answer.status).toBe(200);
  await bot.passes(1_000);
}

/** What she was told directly, by the names of the alerts. */
async function toldDirectly(): Promise<string[]> {
  return (await ana.sees("@daytwo")).map(({ plain }) => /Alert\d+/.exec(plain)?.[0] ?? plain);
}

test("ten in ten minutes come as direct messages; of the others their threads and Home tell, and later ones come again", async () => {
  const names = Array.from({ length: 14 }, (_, n) => `Alert${n}`);
  await fires(...names);
  const first = await toldDirectly();
  expect(new Set(first).size).toBe(10);
  const cards = (await ana.sees("#shop")).filter(({ plain }) => /Alert\d+/.test(plain));
  expect(cards).toHaveLength(14);
  for (const card of cards) {
    const isHeld = !first.includes(/Alert\d+/.exec(card.plain)?.[0] ?? "");
    const lines = (await ana.sees("#shop", card)).slice(1).map(({ plain }) => plain);
    expect(lines).toEqual([
      `Told Ana, who has it, directly${isHeld ? " (no message to Ana, who has many of them; Home has all)" : ""}`,
    ]);
  }
  expect((await ana.home()).plain).toContain("14");
  await ana.asks("/day2 ack shop");
  await bot.passes(11 * MINUTE);
  await fires("Alert99");
  expect((await toldDirectly()).slice(first.length)).toEqual(["Alert99"]);
});
