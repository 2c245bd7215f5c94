import { openSlack } from "../../support/slack.ts";
import { SECRET, startDaytwo, startPeer, type Contestant } from "../contestant.ts";
import { cpuOf } from "../processes.ts";
import type { Measured, Scenario } from "../scenario.ts";

/** From the start of the process until it can serve. */
export const start: Scenario = {
  name: "start",
  sentence:
    "From the start of the process until it can serve: Daytwo from source, with its schema checked, PostgreSQL and Redis connected and its token verified; hello-world Bolt listening.",
  units: { "until ready": "ms", CPU: "ms" },
  goals: [{ figure: "until ready", against: "hello-world Bolt", atMost: 2 }],
  contestants: {
    async Daytwo({ world }) {
      await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
      const settings = { DATABASE_URL: await world.database(), REDIS_URL: world.redis.url };
      const measured = await measure(await startDaytwo(settings, slack.apiUrl));
      await world.forget();
      return measured;
    },
    "hello-world Bolt": async () => measure(await startPeer("hello-bolt.ts")),
  },
};

async function measure(contestant: Contestant): Promise<Measured> {
  const cpu = cpuOf(contestant.pid) / 1_000;
  await contestant.kill();
  return { figures: { "until ready": contestant.started, CPU: cpu }, wrong: [] };
}
