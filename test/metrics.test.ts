import type { Pool } from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { PAIRS, startBot, type TestBot } from "./support/bot.ts";
import { parseFigures } from "./support/figures.ts";
import { holdRows, openRedis, takeAway, whyNoRedis, type TestRedis } from "./support/server.ts";
import { until } from "./support/until.ts";
import { openPool } from "./support/pool.ts";

/** `/metrics` says what the rows say, in Prometheus's text format, and never in words from outside. */

const CATALOG = `
services:
  shop:
    owner: nobody
    checks: { ownership: off, http: [{ name: a, url: "http://127.0.0.1:9/", every: 1h }, { name: b, url: "http://127.0.0.1:9/b", every: 1h }, { name: c, url: "http://127.0.0.1:9/c", every: 1h }] }
`;

let bot: TestBot;
let pool: Pool;
let redis: TestRedis | null;

beforeAll(async () => {
  redis = whyNoRedis === "" ? await openRedis() : null;
  bot = await startBot(PAIRS[1], { catalog: CATALOG, ...(redis && { redis: redis.url }) });
  pool = openPool(bot.database);
  await bot.passes(20_000); // every check has looked for the first time
});
afterAll(async () => {
  await pool.end();
  await bot.close();
  await redis?.stop();
});
afterEach(async () => {
  await pool.query("truncate postings");
});

function scrape(): Promise<Response> {
  return fetch(`${bot.bot.http.url}/metrics`);
}

/** Our own samples that are read from the rows, by name and labels. */
async function ours(): Promise<Record<string, number>> {
  const families = [...parseFigures(await (await scrape()).text())];
  const gauges = families.filter(([name, { type }]) => name.startsWith("daytwo_") && type === "gauge");
  return Object.fromEntries(gauges.flatMap(([, { samples }]) => [...samples]));
}

const NOTHING = {
  'daytwo_items_open{severity="critical",owned="false"}': 0,
  'daytwo_items_open{severity="critical",owned="true"}': 0,
  'daytwo_items_open{severity="warning",owned="false"}': 0,
  'daytwo_items_open{severity="warning",owned="true"}': 0,
  'daytwo_checks{believed="ok"}': 3,
  'daytwo_checks{believed="warning"}': 0,
  'daytwo_checks{believed="critical"}': 0,
  daytwo_checks_overdue: 0,
  daytwo_postings_behind: 0,
  daytwo_postings_oldest_seconds: 0,
  'daytwo_operations{state="planning"}': 0,
  'daytwo_operations{state="awaiting_approval"}': 0,
  'daytwo_operations{state="queued"}': 0,
  'daytwo_operations{state="running"}': 0,
  'daytwo_alarms{about="channel"}': 0,
  'daytwo_alarms{about="token"}': 0,
  daytwo_channels_shut: 0,
  daytwo_queue_jobs: 0,
};

test("a bot at rest: every series is there, well-formed, of the type that its name promises", async () => {
  const answer = await scrape();
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  const families = parseFigures(await answer.text());
  const own = [...families].flatMap(([name, { type }]) =>
    name.startsWith("daytwo_") && type !== "gauge" ? [`${type} ${name}`] : [],
  );
  expect(own).toEqual([
    "counter daytwo_slack_calls_total",
    "histogram daytwo_acknowledgement_seconds",
    "histogram daytwo_job_duration_seconds",
    "histogram daytwo_delivery_lag_seconds",
    "counter daytwo_posts_repeated_total",
    "counter daytwo_alert_requests_total",
    "counter daytwo_alerts_taken_total",
    "counter daytwo_compared_messages_total",
    "counter daytwo_broken_total",
  ]);
  expect([...families.keys()]).toEqual(
    expect.arrayContaining(["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_version_info"]),
  );
  expect(await ours()).toEqual(NOTHING);
});

test("a world in disorder: what is said is a recount of the rows", async () => {
  await pool.query(
    `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at, owner_person, owner_team, state, resolved_at)
     select n::text, 'check', 'shop', 'on-call', case when n % 3 = 0 then 'critical' else 'warning' end, 'words "from" outside', now(), now(), now(),
            case when n % 4 = 1 then 'ana' end, case when n % 4 = 2 then E'team "x"\n{evil="1"} 1' end,
            case when n % 5 = 0 then 'resolved' else 'open' end, case when n % 5 = 0 then now() end
     from generate_series(1, 60) as n`,
  );
  await pool.query(
    `update checks set claimed_until = now() + interval '1 hour', believed = case when key like '%/a' then 'critical' else 'ok' end,
       due_at = now() - case when key like '%/c' then interval '60 s' else interval '130 s' end, left_at = case when key like '%/b' then now() end`,
  );
  await pool.query(
    `insert into postings (subject_kind, subject, place, asked_at, claimed_until, not_before, problem)
     values ('item', 1, 'channel:C0OPS', now() - interval '100 s', now() + interval '1 hour', null, null),
            ('item', 2, 'channel:C0OPS', now() - interval '900 s', now() + interval '1 hour', null, 'channel_not_found'),
            ('item', 3, 'channel:C0OPS', now() - interval '800 s', now() + interval '1 hour', now() + interval '1 hour', null)`,
  );
  await pool.query(
    `insert into operations (service, environment, target, action, arguments, requested_by, requested_at, state, finished_at)
     select 'shop', 'production', 'shop/web', 'restart', '{}', 'ana', now(), state, case state when 'refused' then now() end
     from unnest(array['planning', 'planning', 'refused']) as state`,
  );
  const { rows } = await pool.query<{ name: string; count: number }>(
    `select format('daytwo_items_open{severity="%s",owned="%s"}', severity, (owner_person is not null or owner_team is not null)::text) as name,
            count(*)::int as count from items where state <> 'resolved' group by 1`,
  );
  const { daytwo_postings_oldest_seconds: oldest, ...said } = await ours();
  const { daytwo_postings_oldest_seconds: _none, ...nothing } = NOTHING;
  expect(rows).toHaveLength(4);
  expect(said).toEqual({
    ...nothing,
    ...Object.fromEntries(rows.map(({ name, count }) => [name, count])),
    'daytwo_checks{believed="ok"}': 1,
    'daytwo_checks{believed="critical"}': 1,
    daytwo_checks_overdue: 1,
    daytwo_postings_behind: 3,
    'daytwo_operations{state="planning"}': 2,
  });
  expect(oldest).toBeGreaterThanOrEqual(100);
  expect(oldest).toBeLessThan(200);
});

test.skipIf(whyNoRedis !== "")(`a queue that is away leaves out its own figure and no other${whyNoRedis}`, async () => {
  await redis?.stop();
  const { daytwo_queue_jobs: none, ...others } = await ours();
  expect(none).toBeUndefined();
  expect(Object.keys(others)).toHaveLength(Object.keys(NOTHING).length - 1);
  await redis?.start();
  await until("the queue's figure to come back", async () => "daytwo_queue_jobs" in (await ours()));
});

test("a database that is slow or away is said in a sentence, and figures come back with it", async () => {
  const letGo = await holdRows(bot.database, "lock table daytwo.item_counts in access exclusive mode");
  const slow = await Promise.all([scrape(), scrape()]);
  await letGo();
  expect(slow.map(({ status }) => status)).toEqual([503, 503]);
  expect(await slow[0]?.text()).toBe("The database does not answer in time, so there are no figures now.\n");
  const giveBack = await takeAway(bot.database);
  expect((await scrape()).status).toBe(503);
  await giveBack();
  expect((await scrape()).status).toBe(200);
});
