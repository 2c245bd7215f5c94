import type { Client } from "pg";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../support/until.ts";
import { startPeer } from "../contestant.ts";
import { cpuOf } from "../processes.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";
import { whileChecking } from "./catalogs.ts";

/** How many checks can be looked at and recorded, in shards of a hundred and one by one. */

const SHARDED = { full: 10_000, quick: 2_000 };
const SINGLE = { full: 2_000, quick: 500 };

export const checks: Scenario = {
  name: "checks",
  sentence: `${SHARDED.full.toLocaleString("en-US")} checks (${SHARDED.quick.toLocaleString("en-US")} in a quick run) that fall due at the same moment, from then until the reading of each is committed: claimed, queued a hundred to a job, looked at, believed or not, written. Bare BullMQ works off as many jobs that do nothing, a hundred at once.`,
  units: { recorded: "/s", "CPU each": "µs" },
  goals: [{ figure: "recorded", against: "bare BullMQ", atLeast: 4 }],
  contestants: {
    Daytwo: (use) => ours(use, use.isQuick ? SHARDED.quick : SHARDED.full, ALL_DUE),
    "bare BullMQ": (use) => bare(use, use.isQuick ? SHARDED.quick : SHARDED.full),
  },
};

export const jobs: Scenario = {
  name: "jobs",
  sentence: `The same with ${SINGLE.full.toLocaleString("en-US")} checks (${SINGLE.quick.toLocaleString("en-US")} in a quick run) and a job for each one, as when no two are due together: one durable row a job, beside bare BullMQ, which keeps none.`,
  units: { recorded: "/s", "CPU each": "µs" },
  goals: [{ figure: "recorded", against: "bare BullMQ", atLeast: 0.8 }],
  contestants: {
    Daytwo: (use) => ours(use, use.isQuick ? SINGLE.quick : SINGLE.full, ONE_BY_ONE),
    "bare BullMQ": (use) => bare(use, use.isQuick ? SINGLE.quick : SINGLE.full),
  },
};

/** The tick finds all of them: it has a moment to learn when that will be. */
const ALL_DUE = { make: "update checks set due_at = $1", lead: 1_000 };

/** What the tick would do if they were due one after another: a batch and a job for each. */
const ONE_BY_ONE = {
  lead: 0,
  make: `with batches as (
    update checks set due_at = $1, batch = nextval('check_batches'), claimed_until = $1::timestamptz + interval '10 minutes'
    returning batch
  ), owed as (insert into outbox (queue, subject, created_at) select 'checks', batch, $1 from batches)
  select pg_notify('daytwo_outbox', '')`,
};

const LOOKED = 5; // ms between two looks whether all is recorded

async function ours({ world }: Use, count: number, { make, lead }: typeof ALL_DUE): Promise<Measured> {
  return whileChecking(world, { count, every: "1h" }, async ({ db, cpu }) => {
    /** By its index: that we ask counts as Daytwo's. */
    async function someAreDue(moment: Date): Promise<boolean> {
      const due = "select from checks where left_at is null and due_at <= $1 order by due_at limit 1";
      return (await db.query(due, [moment])).rowCount !== 0;
    }
    const first = new Date();
    await db.query(ALL_DUE.make, [first]); // their first looks would be spread over 20 s
    await until("every check to have looked once", async () => !(await someAreDue(first)), 120_000);
    const due = new Date(Date.now() + lead);
    await db.query(make, [due]);
    await pause(Math.max(due.getTime() - Date.now(), 0));
    const before = cpu();
    const began = performance.now();
    while (await someAreDue(due)) await pause(LOOKED);
    const took = performance.now() - began;
    const used = cpu() - before;
    return {
      figures: { recorded: (1_000 * count) / took, "CPU each": used / count },
      wrong: await notOnce(db, due, count),
    };
  });
}

/** A check that was recorded once is due an interval later; one that was left out or recorded twice is not. */
async function notOnce(db: Client, due: Date, count: number): Promise<string[]> {
  const { rows } = await db.query<{ once: number }>(
    "select count(*)::int as once from checks where due_at = $1::timestamptz + interval '1 hour'",
    [due],
  );
  const others = count - (rows[0]?.once ?? 0);
  return others === 0 ? [] : [`${others} of ${count} checks were not recorded exactly once`];
}

async function bare({ world }: Use, count: number): Promise<Measured> {
  const peer = await startPeer("bare-queue.ts", { REDIS_URL: world.redis.url, JOBS: `${count}` });
  const before = cpuOf(peer.pid) + cpuOf(world.redis.pid);
  const { took } = await peer.ask<{ took: number }>("go");
  const used = cpuOf(peer.pid) + cpuOf(world.redis.pid) - before;
  await peer.kill();
  await world.forget();
  return { figures: { recorded: (1_000 * count) / took, "CPU each": used / count }, wrong: [] };
}
