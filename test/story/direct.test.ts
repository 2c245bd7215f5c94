import { afterAll, beforeAll, expect, test } from "vitest";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { onDatabase } from "../support/server.ts";
import type { Actor } from "../support/slack.ts";
import { until } from "../support/until.ts";

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

async function sends(...names: readonly string[]): Promise<void> {
  const alerts = names.map((name) => ({ name, service: "shop", severity: "critical" }));
  const answer = await fetch(`${bot.bot.http.url}/alerts/own`, {
    method: "POST",
    headers: { authorization: `Bearer ${SECRET}` },
    body: JSON.stringify({ alerts }),
  });
  expect(answer.status).toBe(200);
}

async function fires(...names: readonly string[]): Promise<void> {
  await sends(...names);
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

const UNTOLD = `
create function daytwo.refuse() returns trigger language plpgsql as $$ begin
  if exists (select from daytwo.items where id = new.item and summary ~ 'Alert2[0-9]{2}') then raise 'no'; end if;
  return new;
end $$;
create trigger refuse before update on daytwo.escalations for each row execute function daytwo.refuse()`;

test("where the turns of as many items as a round has cannot be written down, others are told all the same", async () => {
  await ana.asks("/day2 ack shop");
  await bot.passes(11 * MINUTE);
  await onDatabase(bot.database, UNTOLD);
  await sends(...Array.from({ length: 20 }, (_, n) => `Alert${200 + n}`));
  await until("them to be the first whose turn it is", async () => (await waiting()) === 20);
  bot.advance(2 * MINUTE);
  await sends("Alert300");
  await until("the other to be told", async () => (await toldDirectly()).includes("Alert300"));
  // They stay due: by that whoever looks at it from outside learns of them.
  expect(await waiting()).toBe(20);
});

/** How many items wait for their turn. */
async function waiting(): Promise<number> {
  return (await onDatabase(bot.database, "select from daytwo.escalations where due_at <= $1", [bot.now()])).length;
}
