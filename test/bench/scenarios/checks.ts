import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { makeHome } from "../../support/home.ts";
import { openSlack } from "../../support/slack.ts";
import { until } from "../../support/until.ts";
import { SECRET, startDaytwo, startPeer } from "../contestant.ts";
import { cpuOf } from "../processes.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";

/** How many checks a minute there may be. */

const COUNT = { full: 10_000, quick: 2_000 };

export const checks: Scenario = {
  name: "checks",
  sentence: `${COUNT.full.toLocaleString("en-US")} checks (${COUNT.quick.toLocaleString("en-US")} in a quick run) that fall due at the same moment, from then until the reading of each is committed: claimed, queued in shards, looked at, believed or not, written. Bare BullMQ works off as many jobs that do nothing, a hundred at once.`,
  units: { recorded: "/s", "CPU each": "µs" },
  goals: [{ figure: "recorded", against: "bare BullMQ", atLeast: 4 }],
  contestants: { Daytwo: ours, "bare BullMQ": bare },
};

async function ours(use: Use): Promise<Measured> {
  const { world, isQuick } = use;
  const count = isQuick ? COUNT.quick : COUNT.full;
  await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
  const url = await world.database();
  const folder = await makeHome("bench-checks");
  const DAYTWO_CATALOG = join(folder, "daytwo.yaml");
  await writeFile(DAYTWO_CATALOG, catalog(count));
  const bot = await startDaytwo({ DATABASE_URL: url, REDIS_URL: world.redis.url, DAYTWO_CATALOG }, slack.apiUrl);
  const db = new Client({ connectionString: url, options: "-c search_path=daytwo" });
  await db.connect();
  async function lookedSince(moment: Date): Promise<number> {
    const { rows } = await db.query<{ count: number }>("select count(*)::int from checks where looked_at > $1", [
      moment,
    ]);
    return rows[0]?.count ?? 0;
  }
  try {
    const start = new Date(0);
    await until("every check to have looked once", async () => (await lookedSince(start)) === count, 120_000);
    const before = cpuOf(bot.pid) + cpuOf(world.postgres.pid) + cpuOf(world.redis.pid);
    const { rows } = await db.query<{ now: Date }>(
      "with due as (update checks set due_at = clock_timestamp() returning key) select clock_timestamp() as now from due limit 1",
    );
    const due = rows[0]?.now ?? new Date();
    const began = performance.now();
    await until("every check to be recorded", async () => (await lookedSince(due)) === count, 120_000);
    const took = performance.now() - began;
    const cpu = cpuOf(bot.pid) + cpuOf(world.postgres.pid) + cpuOf(world.redis.pid) - before;
    return { figures: { recorded: (1_000 * count) / took, "CPU each": cpu / count }, wrong: [] };
  } finally {
    await bot.kill();
    await db.end();
    await world.forget();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Services with one check each that touches nothing outside, so that only what Daytwo itself does is measured. */
function catalog(count: number): string {
  const services = Array.from(
    { length: count },
    (_, n) => `  s${n}: { owner: ana, checks: { ownership: { every: 1h } } }`,
  );
  return `people:\n  ana: { name: Ana, slack: U0ANA, role: admin }\nservices:\n${services.join("\n")}\n`;
}

async function bare({ world, isQuick }: Use): Promise<Measured> {
  const count = isQuick ? COUNT.quick : COUNT.full;
  const peer = await startPeer("bare-queue.ts", { REDIS_URL: world.redis.url, JOBS: `${count}` });
  await peer.kill();
  await world.forget();
  return { figures: { recorded: (1_000 * count) / peer.port }, wrong: [] };
}
