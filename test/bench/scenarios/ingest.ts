import type { Client } from "pg";
import { until } from "../../support/until.ts";
import type { Contestant } from "../contestant.ts";
import { fireAll, type Answered } from "../load.ts";
import { cpuOf } from "../processes.ts";
import type { Goal, Measured, Scenario, Use } from "../scenario.ts";
import { alertRequests, hasAlertmanager, LASTING, withAlertmanager, withDaytwo, type Storm } from "../storms.ts";
import type { World } from "../world.ts";

/** How many alerts a second are taken: committed to PostgreSQL by Daytwo, into memory by Alertmanager. */

const PEER = "Alertmanager";

const GROUPS = 1_000;
const STORM = { full: 100_000, quick: 20_000 };
const TENS = { full: 50_000, quick: 10_000 };
const SINGLES = { full: 10_000, quick: 2_000 };

const UNITS = {
  taken: "/s",
  p50: "ms",
  p99: "ms",
  "CPU an alert": "µs",
  repeated: "/s",
  "p99, repeated": "ms",
  "CPU an alert, repeated": "µs",
  resolved: "/s",
} as const;

export const ingest: Scenario = {
  name: "ingest",
  sentence: `${STORM.full.toLocaleString("en-US")} alerts (${STORM.quick.toLocaleString("en-US")} in a quick run) of ${GROUPS.toLocaleString("en-US")} kinds, a hundred in each request over 8 connections, to \`/api/v2/alerts\`; then the same once more, and then their end. Daytwo answers what it has committed to PostgreSQL, a row for each alert and an item for each kind, and meanwhile posts the cards; Alertmanager keeps alerts in memory. CPU is that of the process and PostgreSQL together. Every alert is one row after each of them, and of a storm in which Daytwo is killed nothing that it answered is missing.`,
  units: UNITS,
  goals: againstPeer([
    { figure: "taken", against: PEER, atLeast: 0.8 },
    { figure: "p99", against: PEER, atMost: 0.45 },
    { figure: "CPU an alert", against: PEER, atMost: 1.1 },
    { figure: "repeated", against: PEER, atLeast: 2 },
  ]),
  contestants: contestants((use) => ({ alerts: use.isQuick ? STORM.quick : STORM.full, batch: 100, connections: 8 })),
};

export const tens: Scenario = {
  name: "ingest, by tens",
  sentence: `${TENS.full.toLocaleString("en-US")} alerts (${TENS.quick.toLocaleString("en-US")} in a quick run), ten in each request, over 32 connections.`,
  units: UNITS,
  goals: [],
  contestants: contestants((use) => ({ alerts: use.isQuick ? TENS.quick : TENS.full, batch: 10, connections: 32 })),
};

export const single: Scenario = {
  name: "ingest, one by one",
  sentence: `${SINGLES.full.toLocaleString("en-US")} alerts (${SINGLES.quick.toLocaleString("en-US")} in a quick run), one in each request, over 64 connections.`,
  units: UNITS,
  goals: [],
  contestants: contestants((use) => ({
    alerts: use.isQuick ? SINGLES.quick : SINGLES.full,
    batch: 1,
    connections: 64,
  })),
};

function againstPeer(goals: readonly Goal[]): readonly Goal[] {
  return hasAlertmanager ? goals : [];
}

function contestants(sizes: (use: Use) => Omit<Storm, "kinds">): Scenario["contestants"] {
  function storm(use: Use): Storm {
    return { ...sizes(use), kinds: GROUPS };
  }
  return {
    Daytwo: (use) => ours(use, storm(use)),
    ...(hasAlertmanager ? { [PEER]: (use: Use) => peer(storm(use)) } : {}),
  };
}

const OVER = -60_000; // ms

/** A storm, the same once more, and its end. */
async function storms(port: number, storm: Storm, cpu: () => number, between: () => Promise<void>): Promise<Measured> {
  const first = alertRequests(storm, "Slow", LASTING);
  const phases = [first, first, alertRequests(storm, "Slow", OVER)];
  const done: (Answered & { cpu: number })[] = [];
  for (const phase of phases) {
    const before = cpu();
    const answered = await fireAll(port, storm.connections, phase);
    done.push({ ...answered, cpu: cpu() - before });
    await between();
  }
  const [taken, repeated, resolved] = done;
  const wrong = done.flatMap(({ statuses, count }) =>
    statuses["200"] === count && count === first.length
      ? []
      : [`of ${first.length} requests ${JSON.stringify(statuses)} were answered`],
  );
  if (taken === undefined || repeated === undefined || resolved === undefined) return { figures: {}, wrong };
  function rate({ took }: Answered): number {
    return (1_000 * storm.alerts) / took;
  }
  return {
    figures: {
      taken: rate(taken),
      p50: taken.p50,
      p99: taken.p99,
      "CPU an alert": taken.cpu / storm.alerts,
      repeated: rate(repeated),
      "p99, repeated": repeated.p99,
      "CPU an alert, repeated": repeated.cpu / storm.alerts,
      resolved: rate(resolved),
    },
    wrong,
  };
}

function ours({ world }: Use, storm: Storm): Promise<Measured> {
  return withDaytwo(world, ({ daytwo, db }) => measured(world, storm, daytwo, db));
}

async function measured(world: World, storm: Storm, daytwo: Contestant, db: Client): Promise<Measured> {
  async function number(statement: string): Promise<number> {
    return Number((await db.query<{ number: string }>(statement)).rows[0]?.number);
  }
  async function rows(): Promise<void> {
    const found = await number("select count(*) as number from alerts");
    if (found !== storm.alerts) wrong.push(`${found} alerts were kept of ${storm.alerts}`);
  }
  const wrong: string[] = [];
  const done = await storms(daytwo.port, storm, () => cpuOf(daytwo.pid) + cpuOf(world.postgres.pid), rows);
  const kinds = Math.min(storm.kinds, storm.alerts);
  const items = await number("select count(*) as number from items where origin = 'alert' and state = 'resolved'");
  if (items !== kinds) wrong.push(`${items} items are resolved of ${kinds}`);
  wrong.push(...(await lostWhenKilled(daytwo, storm, number)));
  return { figures: done.figures, wrong: [...done.wrong, ...wrong] };
}

/** Killed in the middle of a storm: what was answered is in the database. */
async function lostWhenKilled(
  daytwo: Contestant,
  storm: Storm,
  number: (statement: string) => Promise<number>,
): Promise<string[]> {
  const running = fireAll(daytwo.port, storm.connections, alertRequests(storm, "Killed", LASTING));
  await until("the storm to be under way", async () => (await number(KILLED)) > 0, 30_000);
  await daytwo.kill();
  const answered = ((await running).statuses["200"] ?? 0) * storm.batch;
  const kept = await number(KILLED);
  return kept >= answered
    ? []
    : [`${answered - kept} of ${answered} alerts that were answered are not in the database`];
}

const KILLED = "select count(*) as number from alerts where name like 'Killed%'";

function peer(storm: Storm): Promise<Measured> {
  const nobody = "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n";
  return withAlertmanager(nobody, ({ pid, port }) =>
    storms(
      port,
      storm,
      () => cpuOf(pid),
      () => Promise.resolve(),
    ),
  );
}
