import { Pool } from "pg";
import type { Call } from "../../../src/local/workspace/web-api.ts";
import { redraw, wantAt } from "../../../src/store/postings.ts";
import { openSlack, type Slack } from "../../support/slack.ts";
import { until } from "../../support/until.ts";
import { SECRET, startDaytwo, startPeer } from "../contestant.ts";
import { at } from "../load.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";

/** Progress of several things at once in one channel, on a Slack that takes fifty changes a minute. */

type Load = { readonly cards: number; readonly events: number };

const FULL: Load = { cards: 5, events: 40 };
const QUICK: Load = { cards: 3, events: 40 };
const EVERY = 500; // ms between two events of a card
const QUIET = 10; // channels with one new message each meanwhile

export const fanOut: Scenario = {
  name: "fan-out",
  sentence: `${FULL.cards} cards in one channel that change ${FULL.events} times in ${(FULL.events * EVERY) / 1_000} s (${QUICK.cards} that change ${QUICK.events} times in a quick run), on a workspace that takes one new message a second in a channel and 50 changes a minute, as Slack does: how late the last card shows its last state, and how many calls that took. Meanwhile ${QUIET} quiet channels get a message each. The naive client sends every change as it comes, by Slack's own library.`,
  units: { "last state late by": "ms", calls: "×", "answers 429": "×", "quiet channel, most": "ms" },
  goals: [
    { figure: "last state late by", against: "naive client", atMost: 0.066 }, // 15 times earlier,
    { figure: "calls", against: "naive client", atMost: 0.15 },
    { figure: "answers 429", atMost: 0 },
    { figure: "quiet channel, most", atMost: 1_500 },
  ],
  contestants: { Daytwo: ours, "naive client": naive },
};

async function openWorkspace(): Promise<Slack> {
  const quiet = Array.from({ length: QUIET }, (_, n) => ({ id: `C0Q${n}`, name: `q${n}`, topic: "" }));
  return openSlack({
    botToken: "xoxb-bench",
    signingSecret: SECRET,
    seed: { channels: [{ id: "C0OPS", name: "ops", topic: "" }, ...quiet] },
  });
}

async function ours({ world, isQuick }: Use): Promise<Measured> {
  const { cards, events } = isQuick ? QUICK : FULL;
  await using slack = await openWorkspace();
  const url = await world.database();
  const bot = await startDaytwo({ DATABASE_URL: url, REDIS_URL: world.redis.url }, slack.apiUrl);
  const db = new Pool({ connectionString: url, options: "-c search_path=daytwo" });
  try {
    const items = await openItems(db, cards + QUIET);
    const [shown, quiet] = [items.slice(0, cards), items.slice(cards)];
    for (const item of shown) await wantAt(db, "item", item, "channel:C0OPS", new Date());
    await until("the cards to be there", async () => (await slack.calls("chat.postMessage")).length === cards, 120_000);
    const before = (await slack.calls()).length;
    const waited: Promise<number>[] = [];
    for (let event = 1; event <= events; event += 1) {
      await new Promise((resolve) => setTimeout(resolve, EVERY));
      await db.query("update items set summary = $1 where id = any($2)", [`at ${event}/${events}`, shown]);
      for (const item of shown) await redraw(db, "item", item, event === events, new Date());
      const [item] = event % 2 === 0 ? quiet.splice(0, 1) : [];
      if (item !== undefined) waited.push(appears(db, slack, item, `C0Q${quiet.length}`));
    }
    const ended = Date.now();
    const late = await Promise.all(waited);
    await until(
      "every card to show its last state",
      async () => (await db.query("select from postings where shown < wanted limit 1")).rowCount === 0,
      120_000,
    );
    late.sort((a, b) => a - b);
    const measured = await read(slack, { before, ended, events });
    return { ...measured, figures: { ...measured.figures, "quiet channel, most": at(late, 1) } };
  } finally {
    await db.end();
    await bot.kill();
    await world.forget();
  }
}

async function openItems(db: Pool, count: number): Promise<number[]> {
  const { rows } = await db.query<{ id: string }>(
    `insert into items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at)
     select 'bench/' || n, 'check', 'on-call', 'warning', 'begins', now(), now(), now() from generate_series(1, $1) n returning id`,
    [count],
  );
  return rows.map(({ id }) => Number(id));
}

/** ms until a new message is in a channel of its own. */
async function appears(db: Pool, slack: Slack, item: number, channel: string): Promise<number> {
  const asked = Date.now();
  await wantAt(db, "item", item, `channel:${channel}`, new Date());
  let found: Call | undefined;
  await until(`a message in ${channel}`, async () => {
    found = (await slack.calls("chat.postMessage")).find((call) => call.channel === channel && call.ok);
    return found !== undefined;
  });
  return (found?.at ?? Number.NaN) - asked;
}

async function naive({ isQuick }: Use): Promise<Measured> {
  const { cards, events } = isQuick ? QUICK : FULL;
  await using slack = await openWorkspace();
  const settings = { SLACK_API_URL: slack.apiUrl, CARDS: `${cards}`, EVENTS: `${events}`, EVERY: `${EVERY}` };
  const peer = await startPeer("naive-updates.ts", settings);
  try {
    await peer.ask("post");
    const before = (await slack.calls()).length;
    const { ended } = await peer.ask<{ ended: number }>("update");
    // It may end with an older state than the last: that is what naive means, and no fault of the measurement.
    const { figures } = await read(slack, { before, ended, events });
    return { figures, wrong: [] };
  } finally {
    await peer.kill();
  }
}

async function read(
  slack: Slack,
  { before, ended, events }: { before: number; ended: number; events: number },
): Promise<Measured> {
  const calls = (await slack.calls()).slice(before);
  const changes = calls.filter(({ method }) => method === "chat.update");
  const last = Math.max(...changes.filter(({ ok }) => ok).map((call) => call.at));
  const cards = (await slack.as("ana").sees("#ops")).map(({ plain }) => plain);
  const behind = cards.filter((card) => !card.includes(`at ${events}/${events}`)).length;
  return {
    figures: {
      "last state late by": last - ended,
      calls: changes.length,
      "answers 429": calls.filter(({ status }) => status === 429).length,
    },
    wrong: behind === 0 ? [] : [`${behind} cards do not show their last state`],
  };
}
