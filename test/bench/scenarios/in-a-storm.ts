import { answersIn, command } from "../commands.ts";
import { fireAll } from "../load.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";
import { alertRequests, LASTING, withDaytwo } from "../storms.ts";

/** Whether people are heard while alerts storm. */

const ALERTS = { full: 100_000, quick: 20_000 };

export const inAStorm: Scenario = {
  name: "commands in a storm",
  sentence: `Signed slash commands over 4 connections, one after another on each, for as long as ${ALERTS.full.toLocaleString("en-US")} alerts (${ALERTS.quick.toLocaleString("en-US")} in a quick run), a hundred in each request over 8 connections, take to come in. Each command is acknowledged when it is committed to PostgreSQL.`,
  units: { "commands acknowledged": "/s", p50: "ms", p99: "ms", slowest: "ms" },
  goals: [
    { figure: "p99", atMost: 100 },
    { figure: "slowest", atMost: 3_000 },
  ],
  contestants: { Daytwo: ours },
};

function ours({ world, isQuick }: Use): Promise<Measured> {
  const storm = { alerts: isQuick ? ALERTS.quick : ALERTS.full, kinds: 1_000, batch: 100, connections: 8 };
  return withDaytwo(world, async ({ daytwo: { port }, slack }) => {
    const alerts = alertRequests(storm, "Slow", LASTING);
    const answers = await answersIn(slack);
    let isOver = false;
    function* commands(): Generator<Buffer> {
      const request = command(port, "storm", "ack #1", answers);
      for (let n = 1; !isOver; n += 1) yield request(n);
    }
    const storming = fireAll(port, storm.connections, alerts).finally(() => (isOver = true));
    const [taken, { statuses, count, took, p50, p99, slowest }] = await Promise.all([
      storming,
      fireAll(port, 4, commands()),
    ]);
    return {
      figures: { "commands acknowledged": (1_000 * count) / took, p50, p99, slowest },
      wrong: [
        ...(taken.statuses["200"] === alerts.length ? [] : [`alerts were answered ${JSON.stringify(taken.statuses)}`]),
        ...(statuses["200"] === count && count > 0 ? [] : [`commands were answered ${JSON.stringify(statuses)}`]),
      ],
    };
  });
}
