import { Client } from "pg";
import { openSlack } from "../../support/slack.ts";
import { until } from "../../support/until.ts";
import { answersIn, command, nowhere, type Answers } from "../commands.ts";
import { SECRET, startDaytwo, startPeer, type Contestant } from "../contestant.ts";
import { fire } from "../load.ts";
import { cpuOf } from "../processes.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";
import type { World } from "../world.ts";

/** A slash command from the first byte to Slack's acknowledgement. */

const CONNECTIONS = 50;
const MOST = 20_000; // commands a second that are made beforehand: making and signing one costs as much as sending it
const OURS = "daytwo.inbox";

export const ack: Scenario = {
  name: "ack",
  sentence:
    "Signed slash commands over 50 connections, one after another on each. Daytwo acknowledges what it has committed to PostgreSQL, and meanwhile handles some of it, which counts as its CPU too; “handled as well” is its CPU until as many commands, over 4 connections, are wholly handled and answered. Hello-world Bolt acknowledges and does nothing; Bolt with an insert keeps the command as durably as Daytwo and does nothing. CPU is that of the process, PostgreSQL and Redis together. Killed right after the last answer, all that was acknowledged is in the database.",
  units: {
    "commands acknowledged": "/s",
    "CPU a command": "µs",
    p50: "ms",
    p99: "ms",
    "CPU a command, handled as well": "µs",
  },
  goals: [
    { figure: "commands acknowledged", against: "hello-world Bolt", atLeast: 2.5 },
    { figure: "CPU a command", against: "hello-world Bolt", atMost: 0.35 },
    { figure: "p99", against: "hello-world Bolt", atMost: 0.4 },
    { figure: "commands acknowledged", against: "Bolt with an insert", atLeast: 4 },
  ],
  contestants: {
    Daytwo: ours,
    "hello-world Bolt": (use) => load(use, () => startPeer("hello-bolt.mjs"), { answers: nowhere, kept: null }),
    async "Bolt with an insert"(use) {
      const url = await use.world.database();
      const kept = { url, table: "commands" };
      return load(use, () => startPeer("bolt-insert.ts", { DATABASE_URL: url }), { answers: nowhere, kept });
    },
  },
};

async function ours(use: Use): Promise<Measured> {
  await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
  const url = await use.world.database();
  const settings = { DATABASE_URL: url, REDIS_URL: use.world.redis.url };
  const answers = await answersIn(slack);
  return await load(use, () => startDaytwo(settings, slack.apiUrl), { answers, kept: { url, table: OURS } });
}

type Kept = { readonly url: string; readonly table: string };
/** `answers`: where a contestant answers commands. `kept`: where it keeps them, if it does. */
type Ways = { readonly answers: Answers; readonly kept: Kept | null };

async function load(
  { world, isQuick }: Use,
  start: () => Promise<Contestant>,
  { answers, kept }: Ways,
): Promise<Measured> {
  const contestant = await start();
  const { port } = contestant;
  function commands(run: string): (n: number) => Buffer {
    return command(port, run, "ack #1", answers);
  }
  try {
    await fire({ port, connections: 4, lasts: 500, request: commands("first") });
    const whole = kept?.table === OURS ? await handled(world, contestant, kept, commands("whole")) : {};
    const lasts = isQuick ? 1_000 : 3_000;
    const further = commands("load");
    const made = Array.from({ length: (MOST * lasts) / 1_000 }, (_, n) => further(n));
    const before = cost(world, contestant);
    const answered = await fire({
      port,
      connections: CONNECTIONS,
      lasts,
      request: (n) => made[n] ?? further(n),
    });
    const cpu = cost(world, contestant) - before;
    await contestant.kill();
    return {
      figures: {
        "commands acknowledged": (1_000 * answered.count) / answered.took,
        "CPU a command": cpu / answered.count,
        p50: answered.p50,
        p99: answered.p99,
        ...whole,
      },
      wrong: [...refusals(answered.statuses), ...(await lost(kept, answered.count))],
    };
  } finally {
    await contestant.kill();
    await world.forget();
  }
}

/** What commands cost until nothing of them is left to do. */
async function handled(
  world: World,
  contestant: Contestant,
  { url }: Kept,
  request: (n: number) => Buffer,
): Promise<Record<string, number>> {
  const { port } = contestant;
  const client = new Client({ connectionString: url });
  await client.connect();
  async function allHandled(): Promise<boolean> {
    return (await client.query("select from daytwo.inbox where handled_at is null limit 1")).rowCount === 0;
  }
  await until("the first commands to be handled", allHandled, 120_000);
  const before = cost(world, contestant);
  const { count } = await fire({ port, connections: 4, lasts: 500, request });
  await until("every command to be handled", allHandled, 120_000);
  const used = cost(world, contestant) - before;
  await client.end();
  return { "CPU a command, handled as well": used / count };
}

function cost(world: World, { pid }: Contestant): number {
  return cpuOf(pid) + cpuOf(world.postgres.pid) + cpuOf(world.redis.pid);
}

function refusals(statuses: Readonly<Record<string, number>>): string[] {
  return Object.entries(statuses).flatMap(([status, count]) => (status === "200" ? [] : [`${count} times ${status}`]));
}

/** It was killed the moment that the last answer was there: what was acknowledged is kept all the same. */
async function lost(kept: Kept | null, acknowledged: number): Promise<string[]> {
  if (kept === null) return [];
  const client = new Client({ connectionString: kept.url });
  await client.connect();
  const { rows } = await client.query<{ count: string }>(
    `select count(*) from ${kept.table} where ${kept.table === "commands" ? "trigger_id" : "key"} like '%load.%'`,
  );
  await client.end();
  const count = Number(rows[0]?.count);
  return count >= acknowledged ? [] : [`${acknowledged - count} acknowledged commands are not in the database`];
}
