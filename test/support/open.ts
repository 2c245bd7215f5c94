import type { Pool } from "pg";
import { startBot, type Pair, type TestBot } from "./bot.ts";
import type { Seen } from "./slack.ts";
import { openPool } from "./pool.ts";

/** A bot that watches nothing, with two operators, and a look into its database. */
export type Open = { readonly bot: TestBot; readonly pool: Pool };

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: operator }
`;

export async function open(transport: Pair["transport"], catalog = CATALOG): Promise<Open> {
  const bot = await startBot({ transport, queue: "postgres" }, { catalog });
  const pool = openPool(bot.database);
  return { bot, pool };
}

export async function close({ bot, pool }: Open): Promise<void> {
  await pool.end();
  await bot.close();
}

/** How many rows there are: of a table, and with a condition behind it where one is given. */
export async function count({ pool }: Open, what: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`select count(*)::int as count from ${what}`);
  return rows[0]?.count ?? -1;
}

/** The card of an item that Ana opens from a message of hers. */
export async function itemCard({ bot }: Open, words: string): Promise<Seen> {
  await openItem(bot, words);
  await bot.settle();
  return bot.slack.as("ana").waitsFor("#ops", (each) => each.buttons.includes("Take it") && each.plain.includes(words));
}

/** Ana makes a message an item; its card is not waited for. */
export async function openItem(bot: TestBot, words: string): Promise<void> {
  const ana = bot.slack.as("ana");
  const { ts } = await ana.says(words);
  const message = await ana.waitsFor("#ops", (each) => each.ts === ts);
  await ana.uses("Make this an item", message);
  const { ok, errors } = await (await ana.modal("New item")).submits();
  if (!ok) throw new Error(`no item was opened: ${JSON.stringify(errors)}`);
}

/** The newest thing that was sent to the bot. */
export async function lastDelivery({ bot }: Open): Promise<string> {
  const { deliveries } = await bot.slack.deliveries();
  return deliveries.at(-1)?.id ?? "";
}
