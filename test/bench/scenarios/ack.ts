import { Client } from "pg";
import { openSlack } from "../../support/slack.ts";
import { command } from "../commands.ts";
import { SECRET, startDaytwo, startPeer, type Contestant } from "../contestant.ts";
import { fire } from "../load.ts";
import { cpuOf } from "../processes.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";
import type { World } from "../world.ts";

/** A slash command from the first byte to Slack's acknowledgement. */

const CONNECTIONS = 50;

export const ack: Scenario = {
  name: "ack",
  sentence:
    "Signed slash commands over 50 connections. Daytwo acknowledges what it has committed to PostgreSQL and handles it meanwhile; hello-world Bolt acknowledges and does nothing.",
  units: { "commands acknowledged": "/s", "CPU a command": "µs", p99: "ms" },
  goals: [
    { figure: "commands acknowledged", against: "hello-world Bolt", atLeast: 2.5 },
    { figure: "CPU a command", against: "hello-world Bolt", atMost: 0.35 },
    { figure: "p99", against: "hello-world Bolt", atMost: 0.4 },
    { figure: "commands acknowledged", against: "Bolt with an insert", atLeast: 4 },
  ],
  contestants: {
    Daytwo: ours,
    "hello-world Bolt": (use) => load(use, () => startPeer("hello-bolt.ts"), null),
    async "Bolt with an insert"(use) {
      const url = await use.world.database();
      return load(use, () => startPeer("bolt-insert.ts", { DATABASE_URL: url }), { url, table: "commands" });
    },
  },
};

async function ours(use: Use): Promise<Measured> {
  await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
  const url = await use.world.database();
  const settings = { DATABASE_URL: url, REDIS_URL: use.world.redis.url };
  return await load(use, () => startDaytwo(settings, slack.apiUrl), { url, table: "daytwo.inbox" });
}

type Kept = { readonly url: string; readonly table: string };

async function load({ world, isQuick }: Use, start: () => Promise<Contestant>, kept: Kept | null): Promise<Measured> {
  const contestant = await start();
  try {
    await fire({
      port: contestant.port,
      connections: 4,
      lasts: 500,
      request: command(contestant.port, "warm", "ack #1"),
    });
    const before = cost(world, contestant);
    const answered = await fire({
      port: contestant.port,
      connections: CONNECTIONS,
      lasts: isQuick ? 1_000 : 3_000,
      request: command(contestant.port, "load", "ack #1"),
    });
    const cpu = cost(world, contestant) - before;
    await contestant.kill();
    return {
      figures: {
        "commands acknowledged": (1_000 * answered.count) / answered.took,
        "CPU a command": cpu / answered.count,
        p99: answered.p99,
      },
      wrong: [...refusals(answered.statuses), ...(await lost(kept, answered.count))],
    };
  } finally {
    await contestant.kill();
    await world.forget();
  }
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
