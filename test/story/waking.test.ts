import { afterAll, beforeAll, expect, test } from "vitest";
import { NTFY_TOKEN, openAlarms, ROUTING_KEY, type Alarms } from "../support/alarms.ts";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";

/** Whoever is woken outside Slack is led where the item's card leads. */

const MINUTE = 60_000;
const SECRET = "waking-alerts-secret";

let alarms: Alarms;
let bot: TestBot;

beforeAll(async () => {
  alarms = await openAlarms();
  Object.assign(process.env, { WAKING_KEY: ROUTING_KEY, WAKING_TOKEN: NTFY_TOKEN, WAKING_ALERTS: SECRET });
  bot = await startBot(PAIRS[0], {
    catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: operator, wake: { pagerduty: { routing_key: { env: WAKING_KEY }, url: "${alarms.url}" } } }
  ben: { name: Ben, slack: U0BEN, role: admin, wake: { ntfy: { url: "${alarms.url}/ntfy/shop-ben", token: { env: WAKING_TOKEN } } } }
rotations: { web: { name: Web, members: [ana, ben], handover: mon 09:00, from: "2020-01-06" } }
services:
  shop: { owner: rotation-web, channel: "#shop", runbook: "https://wiki.example.com/shop", checks: { ownership: off } }
alerts: { prom: { format: alertmanager, secret: { env: WAKING_ALERTS } } }
`,
  });
});
afterAll(async () => {
  await bot.close();
  await alarms.close();
});

async function fires(alertname: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  alarms.links.length = 0;
  const labels = { alertname, service: "shop", severity: "critical" };
  const answer = await fetch(`${bot.bot.http.url}/alerts/prom`, {
    method: "POST",
    headers: { authorization: `Bearer ${SECRET}`, "content-type": "application/json" },
    body: JSON.stringify({
      version: "4",
      status: "firing",
      alerts: [{ status: "firing", labels, annotations, startsAt: bot.now().toISOString() }],
    }),
  });
  expect(answer.status).toBe(200);
  await bot.settle();
  for (let waited = 0; waited < 40; waited += 10) await bot.passes(10 * MINUTE);
  expect(alarms.refused).toEqual([]);
}

test("an alarm leads to the alert's own runbook, and to its service's where the alert has none that opens", async () => {
  await fires("Slow", { runbook_url: "https://runbooks.example.com/slow" });
  expect(new Set(alarms.links)).toEqual(new Set(["https://runbooks.example.com/slow"]));
  expect(new Set(alarms.heard.map((line) => line.split(" ")[0]))).toEqual(new Set(["pagerduty", "ntfy"]));
  await bot.slack.as("ben").asks("/day2 ack #1");
  await fires("Full", { runbook_url: "see the wiki" });
  expect(new Set(alarms.links)).toEqual(new Set(["https://wiki.example.com/shop"]));
});
