import { Client } from "pg";
import { openSlack } from "../../support/slack.ts";
import { SECRET, startPeer } from "../contestant.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";

/** A hundred people who take the same item at the same moment. */

const OWNERS = 100;
const ITEMS = { full: 50, quick: 10 };

export const claim: Scenario = {
  name: "claim race",
  sentence: `${OWNERS} people press _Take it_ on one item at the same moment, on ${ITEMS.full} items one after another (${ITEMS.quick} in a quick run), over 16 connections: whoever is first owns it and all others are told who was. Daytwo goes through its own door, with permits, the log, the redrawn card and its thread; the peer is a conditional update and a row of a log in one transaction. The record is read afterwards: one taker each, the owner of the row.`,
  units: { answered: "/s", "winners an item": "×" },
  goals: [
    { figure: "winners an item", atLeast: 1, atMost: 1 },
    { figure: "answered", against: "bare transaction", atLeast: 0.4 },
  ],
  contestants: {
    async Daytwo(use) {
      await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
      const more = { REDIS_URL: use.world.redis.url, SLACK_API_URL: slack.apiUrl };
      return await race(use, "claims.ts", more, TAKERS);
    },
    "bare transaction": (use) => race(use, "bare-claims.ts", {}, "select item, who from log where won"),
  },
};

const TAKERS = "select item, account as who from daytwo.events where kind = 'item.taken'";

async function race(
  { world, isQuick }: Use,
  module: string,
  more: Readonly<Record<string, string>>,
  takers: string,
): Promise<Measured> {
  const items = isQuick ? ITEMS.quick : ITEMS.full;
  const url = await world.database();
  const client = new Client({ connectionString: url, options: "-c search_path=daytwo" });
  client.on("error", () => undefined); // the server ends it when the measurement broke
  await client.connect();
  await client.query(
    `insert into daytwo.items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at)
     select 'bench/' || n, 'check', 'on-call', 'warning', 'is wanted', now(), now(), now() from generate_series(1, $1) n`,
    [items],
  );
  const settings = { DATABASE_URL: url, OWNERS: `${OWNERS}`, ITEMS: `${items}`, ...more };
  const contestant = await startPeer(module, settings);
  try {
    const { took, won } = await contestant.ask<{ took: number; won: number }>("race");
    const { rows } = await client.query<{ takers: number; owned: number }>(
      `select count(*)::int as takers, count(*) filter (where i.owner_person = t.who)::int as owned from (${takers}) t
       join daytwo.items i on i.id = t.item`,
    );
    const right = rows[0]?.takers === items && rows[0].owned === items;
    return {
      figures: { answered: (1_000 * OWNERS * items) / took, "winners an item": won / items },
      wrong: right ? [] : [`the record has ${rows[0]?.takers} takers and ${rows[0]?.owned} owners of ${items} items`],
    };
  } finally {
    await contestant.kill();
    await client.end();
    await world.forget();
  }
}
