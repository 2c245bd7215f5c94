import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Client } from "pg";
import { query, sql } from "../../../src/db/sql.ts";
import { POSTING } from "../../../src/store/postings.ts";
import { openAppAlone } from "../../support/app-alone.ts";
import { worst } from "../../support/paces.ts";
import { different, messages } from "../../support/shown.ts";
import type { Slack } from "../../support/slack.ts";
import { until } from "../../support/until.ts";
import { fireAll, type Answered } from "../load.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";
import { alertRequests, hasAlertmanager, LASTING, withAlertmanager, withDaytwo, type Storm } from "../storms.ts";

/** What a storm of alerts is in Slack, on a workspace that takes no more than Slack does. */

const PEER = "Alertmanager";
const FOLDED = { full: 100_000, quick: 20_000 };
const KINDS = { full: 60, quick: 20 };
const EACH = 100; // alerts of a kind
const LIMITS = "on a workspace that takes one new message a second in a channel and 50 changes a minute, as Slack does";

export const stormToSlack: Scenario = {
  name: "storm to Slack",
  sentence: `${FOLDED.full.toLocaleString("en-US")} alerts (${FOLDED.quick.toLocaleString("en-US")} in a quick run) of 1,000 kinds, a hundred in each request over 8 connections, ${LIMITS}: how many calls that is, how long until the first message is there, and how long after the last alert everything in Slack shows its row. Alertmanager tells a webhook of each kind (\`group_wait: 0s\`, \`group_interval: 1s\`). Every message is compared with its row in the end.`,
  units: { calls: "×", "answers 429": "×", "first message": "ms", "last counts": "ms" },
  goals: [
    ...(hasAlertmanager ? [{ figure: "calls", against: PEER, atMost: 0.01 }] : []),
    { figure: "answers 429", atMost: 0 },
    { figure: "first message", atMost: 1_000 },
    { figure: "last counts", atMost: 3_000 },
  ],
  contestants: { Daytwo: folded, ...(hasAlertmanager ? { [PEER]: posted } : {}) },
};

export const unfolded: Scenario = {
  name: "storm to Slack, unfolded",
  sentence: `${KINDS.full} kinds of alerts (${KINDS.quick} in a quick run), ${EACH} of each, with \`storm: off\`, so that each kind is a card in the same channel, ${LIMITS}: how long from the first alert until every card shows its row, and what part that is of the time that as many new messages take at least. Every message is compared with its row in the end.`,
  units: { "until all is shown": "ms", "of Slack's limit": "×", "answers 429": "×" },
  goals: [
    { figure: "of Slack's limit", atMost: 1.1 },
    { figure: "answers 429", atMost: 0 },
  ],
  contestants: { Daytwo: cardByCard },
};

function stormOf({ isQuick }: Use): Storm {
  return { alerts: isQuick ? FOLDED.quick : FOLDED.full, kinds: 1_000, batch: 100, connections: 8 };
}

function folded(use: Use): Promise<Measured> {
  return shown(use, stormOf(use), "", ({ began, ended, last, calls }) => ({
    calls: calls.length,
    "first message": Math.min(...calls.filter(isPost).map(({ at }) => at)) - began,
    "last counts": Math.max(0, last - ended),
  }));
}

function cardByCard(use: Use): Promise<Measured> {
  const kinds = use.isQuick ? KINDS.quick : KINDS.full;
  const storm = { alerts: kinds * EACH, kinds, batch: 100, connections: 8 };
  return shown(use, storm, "storm: off", ({ began, last, calls }) => ({
    "until all is shown": last - began,
    "of Slack's limit": (last - began) / ((calls.filter(isPost).length - 1) * 1_000),
  }));
}

type Call = Awaited<ReturnType<Slack["calls"]>>[number];
type Told = {
  /** When the first alert was sent, the last one was answered, and the last call was made: ms since 1970. */
  readonly began: number;
  readonly ended: number;
  readonly last: number;
  /** What changed something in Slack. */
  readonly calls: readonly Call[];
};

function isPost({ method, ok }: Call): boolean {
  return method === "chat.postMessage" && ok;
}

/** Lets it storm until Slack shows everything; void unless every message is as its row. */
function shown(
  { world }: Use,
  storm: Storm,
  catalog: string,
  figures: (told: Told) => Measured["figures"],
): Promise<Measured> {
  return withDaytwo(
    world,
    async ({ daytwo, db, url, slack }) => {
      const requests = alertRequests(storm, "Slow", LASTING);
      const began = Date.now();
      const taken = await fireAll(daytwo.port, storm.connections, requests);
      const ended = Date.now();
      await until("everything to be shown", () => isShown(db), 300_000);
      const all = await slack.calls();
      const calls = all.filter(({ method }) => method.startsWith("chat."));
      const last = Math.max(...calls.map(({ at }) => at));
      const { tooFast, tooSoon } = worst(all);
      return {
        figures: { ...figures({ began, ended, last, calls }), "answers 429": tooFast.length },
        wrong: [
          ...unanswered(taken, requests.length),
          ...(tooSoon.length === 0 ? [] : [`${tooSoon.length} calls came before the time that Slack had named`]),
          ...(await unlike(url, slack)),
        ],
      };
    },
    catalog,
  );
}

async function isShown(db: Client): Promise<boolean> {
  return (await db.query("select from postings where shown < wanted limit 1")).rowCount === 0;
}

function unanswered({ statuses }: Answered, count: number): string[] {
  return statuses["200"] === count ? [] : [`of ${count} requests ${JSON.stringify(statuses)} were answered`];
}

/** Says what Slack shows otherwise than its row. */
async function unlike(databaseUrl: string, slack: Slack): Promise<string[]> {
  const app = await openAppAlone(databaseUrl, slack);
  try {
    await app.followCatalog();
    const postings = await query(app.db, POSTING, sql`select ${POSTING} from postings order by id`);
    const wrong = await different(app, postings, await messages(slack));
    return wrong.length === 0 ? [] : [`messages are not as their rows: ${JSON.stringify(wrong).slice(0, 500)}`];
  } finally {
    await app.close();
  }
}

const QUIET = 3_000; // ms without a post after which Alertmanager is done

async function posted(use: Use): Promise<Measured> {
  let calls = 0;
  let last = 0;
  const webhook = createServer((request, response) => {
    calls += 1;
    last = performance.now();
    request.resume().on("end", () => response.end());
  });
  await once(webhook.listen(0, "127.0.0.1"), "listening");
  const { port } = webhook.address() as AddressInfo;
  const route = "{ receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s }";
  const hook = `{ name: hook, webhook_configs: [{ url: "http://127.0.0.1:${port}/" }] }`;
  try {
    return await withAlertmanager(`route: ${route}\nreceivers: [${hook}]\n`, async (alertmanager) => {
      const requests = alertRequests(stormOf(use), "Slow", LASTING);
      const taken = await fireAll(alertmanager.port, 8, requests);
      await until("Alertmanager to be done", () => calls > 0 && performance.now() - last > QUIET, 120_000);
      return { figures: { calls }, wrong: unanswered(taken, requests.length) };
    });
  } finally {
    webhook.closeAllConnections();
    webhook.close();
  }
}
