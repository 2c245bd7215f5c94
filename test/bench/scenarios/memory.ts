import { Client } from "pg";
import { openSlack } from "../../support/slack.ts";
import { until } from "../../support/until.ts";
import { answersIn, command, type Answers } from "../commands.ts";
import { SECRET, startDaytwo, startPeer, type Contestant } from "../contestant.ts";
import { fire } from "../load.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";

/** What a process holds in memory: at rest, and for what is open. */

const ITEMS = { full: 100_000, quick: 20_000 };
const MB = 1e6;

export const memory: Scenario = {
  name: "memory",
  sentence: `Resident memory once ready, beside hello-world Bolt; and how much more it is after ${ITEMS.full.toLocaleString("en-US")} items have opened (${ITEMS.quick.toLocaleString("en-US")} in a quick run) and people asked for lists, digests and their own, beyond what asking took while nothing was open, per 10,000 items.`,
  units: { idle: "MB", "per 10,000 open items": "MB" },
  goals: [
    { figure: "idle", against: "hello-world Bolt", atMost: 1.2 },
    { figure: "per 10,000 open items", atMost: 2 },
  ],
  contestants: {
    Daytwo: ours,
    async "hello-world Bolt"() {
      const peer = await startPeer("hello-bolt.mjs");
      const { now } = peer.memory();
      await peer.kill();
      return { figures: { idle: now / MB }, wrong: [] };
    },
  },
};

async function ours({ world, isQuick }: Use): Promise<Measured> {
  await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
  const url = await world.database();
  const bot = await startDaytwo({ DATABASE_URL: url, REDIS_URL: world.redis.url }, slack.apiUrl);
  const db = new Client({ connectionString: url, options: "-c search_path=daytwo" });
  await db.connect();
  const answers = await answersIn(slack);
  try {
    const idle = bot.memory().now;
    // Twice: what answering takes of the heap is there before there are items, or it would be counted as theirs.
    for (const run of ["first", "before"]) await ask(bot, db, run, answers);
    const before = bot.memory().now;
    const count = isQuick ? ITEMS.quick : ITEMS.full;
    await db.query(
      `insert into items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at)
       select 'bench/' || n, 'check', 'on-call', 'warning', 'something to see to', now(), now(), now() from generate_series(1, $1) as n`,
      [count],
    );
    await ask(bot, db, "after", answers);
    const grown = bot.memory().now - before;
    return { figures: { idle: idle / MB, "per 10,000 open items": (grown / MB / count) * 10_000 }, wrong: [] };
  } finally {
    await bot.kill();
    await db.end();
    await world.forget();
  }
}

const QUESTIONS = ["", "items", "items unowned", "digest", "status"];

/** Asks everything for a while, and waits until all of it is answered. */
async function ask({ port }: Contestant, db: Client, run: string, answers: Answers): Promise<void> {
  for (const [index, text] of QUESTIONS.entries())
    await fire({ port, connections: 2, lasts: 300, request: command(port, `${run}.${index}`, text, answers) });
  await until(
    "every question to be answered",
    async () => (await db.query("select from inbox where handled_at is null limit 1")).rowCount === 0,
    120_000,
  );
}
