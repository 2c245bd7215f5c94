import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { makeHome } from "../../support/home.ts";
import { openSlack } from "../../support/slack.ts";
import { SECRET, startDaytwo, type Contestant } from "../contestant.ts";
import { cpuOf } from "../processes.ts";
import type { World } from "../world.ts";

/** Daytwo with very many checks that touch nothing outside, so that only what it does itself is measured. */

export type Checking = {
  readonly bot: Contestant;
  /** A session of its own in the bot's database, as its owner. */
  readonly db: Client;
  /** CPU in µs that the bot, PostgreSQL and Redis have used so far. */
  cpu(): number;
};

/** Runs `work` while Daytwo, with `count` checks each due every `every` (a duration of the catalog), is up. */
export async function whileChecking<T>(
  world: World,
  { count, every }: { readonly count: number; readonly every: string },
  work: (checking: Checking) => Promise<T>,
): Promise<T> {
  await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
  const url = await world.database();
  const folder = await makeHome("bench-checks");
  const DAYTWO_CATALOG = join(folder, "daytwo.yaml");
  await writeFile(DAYTWO_CATALOG, catalog(count, every));
  const bot = await startDaytwo({ DATABASE_URL: url, REDIS_URL: world.redis.url, DAYTWO_CATALOG }, slack.apiUrl);
  const db = new Client({ connectionString: url, options: "-c search_path=daytwo" });
  await db.connect();
  try {
    return await work({ bot, db, cpu: () => [bot.pid, world.postgres.pid, world.redis.pid].map(cpuOf).reduce(sum) });
  } finally {
    await bot.kill();
    await db.end();
    await world.forget();
    await rm(folder, { recursive: true, force: true });
  }
}

function catalog(count: number, every: string): string {
  const services = Array.from(
    { length: count },
    (_, n) => `  s${n}: { owner: ana, checks: { ownership: { every: ${every} } } }`,
  );
  return `people:\n  ana: { name: Ana, slack: U0ANA, role: admin }\nservices:\n${services.join("\n")}\n`;
}

function sum(all: number, one: number): number {
  return all + one;
}
