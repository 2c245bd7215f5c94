import type { Client } from "pg";
import { setTimeout as pause } from "node:timers/promises";
import { startPeer } from "../contestant.ts";
import { at } from "../load.ts";
import { cpuOf } from "../processes.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";
import { whileChecking } from "./catalogs.ts";

/** Whether checks run when they are due. */

/** Checks, and seconds between two looks of each: 10,000 looks a minute. */
const PACE = { full: { count: 1_500, every: 9 }, quick: { count: 1_000, every: 6 } };

export const lateness: Scenario = {
  name: "lateness",
  sentence: `10,000 checks a minute: ${said(PACE.full)} (${said(PACE.quick)} in a quick run), each with one slot that is counted. How late a slot is: Daytwo, until its reading is written; BullMQ, with one scheduler a check made one after the other or spread evenly over the interval, until its job, which does nothing, starts. A slot that is skipped or runs twice voids the figures.`,
  units: { p50: "ms", p99: "ms", "CPU each": "µs" },
  goals: [
    { figure: "p99", against: "BullMQ schedulers, spread", atMost: 0.6 },
    { figure: "p99", against: "BullMQ schedulers", atMost: 0.1 },
    { figure: "CPU each", against: "BullMQ schedulers, spread", atMost: 0.7 },
  ],
  contestants: {
    Daytwo: ours,
    "BullMQ schedulers": (use) => schedulers(use, false),
    "BullMQ schedulers, spread": (use) => schedulers(use, true),
  },
};

type Pace = { readonly count: number; readonly every: number };

function said({ count, every }: Pace): string {
  return `${count.toLocaleString("en-US")}, each of them every ${every} s`;
}

type Look = { readonly check: string; readonly slot: number; readonly late: number };

async function ours({ world, isQuick }: Use): Promise<Measured> {
  const pace = PACE[isQuick ? "quick" : "full"];
  return whileChecking(world, { count: pace.count, every: `${pace.every}s` }, async ({ db, cpu }) => {
    await db.query(NOTE_LOOKS);
    const { rows } = await db.query<{ first: Date }>(spread(pace));
    const from = rows[0]?.first.getTime() ?? Number.NaN;
    const to = from + pace.every * 1_000;
    const used = await cpuBetween(from, to, cpu);
    await pause(GRACE);
    return measured(await noted(db, from, to), used, pace);
  });
}

/** From a whole second on: each check at its own moment, evenly over the interval, whatever is under way given up. */
function spread({ count, every }: Pace): string {
  return `with start as (select date_trunc('second', clock_timestamp()) + interval '2 seconds' as first),
    phases as (select key, row_number() over (order by key) - 1 as n from checks),
    due as (
      update checks set due_at = first + n * interval '${every} seconds' / ${count}, batch = null, claimed_until = null
      from phases, start where checks.key = phases.key
    )
    select first from start`;
}

/** Each slot and the moment at which its reading was written; what that costs counts as ours. */
const NOTE_LOOKS = `create table public.looks (key text not null, slot timestamptz not null, at timestamptz not null);
  create function public.note_looks() returns trigger language plpgsql security definer as $$ begin
    insert into public.looks select n.key, o.due_at, clock_timestamp() from n join o using (key)
      where n.looked_at is distinct from o.looked_at;
    return null;
  end $$;
  create trigger note_looks after update on checks referencing old table as o new table as n
    for each statement execute function public.note_looks()`;

async function noted(db: Client, from: number, to: number): Promise<Look[]> {
  const { rows } = await db.query<Look>(
    `select key as check, extract(epoch from slot)::float8 * 1000 as slot, extract(epoch from at - slot)::float8 * 1000 as late
     from public.looks where slot >= $1 and slot < $2`,
    [new Date(from), new Date(to)],
  );
  return rows;
}

async function schedulers({ world, isQuick }: Use, isSpread: boolean): Promise<Measured> {
  const pace = PACE[isQuick ? "quick" : "full"];
  const peer = await startPeer("bare-schedulers.ts", {
    REDIS_URL: world.redis.url,
    CHECKS: `${pace.count}`,
    EVERY: `${pace.every * 1_000}`,
    SPREAD: isSpread ? "1" : "0",
  });
  try {
    const from = Math.ceil(now() / 1_000) * 1_000 + LEAD;
    const to = from + pace.every * 1_000;
    const used = await cpuBetween(from, to, () => cpuOf(peer.pid) + cpuOf(world.redis.pid));
    await pause(GRACE);
    const { looks } = await peer.ask<{ looks: Look[] }>(`${from} ${to}`);
    return measured(looks, used, pace);
  } finally {
    await peer.kill();
    await world.forget();
  }
}

const LEAD = 2_000; // ms from the last scheduler made to the first slot that counts
const GRACE = 1_500; // ms after which a slot without a look counts as skipped

async function cpuBetween(from: number, to: number, cpu: () => number): Promise<number> {
  await pause(Math.max(0, from - now()));
  const before = cpu();
  await pause(Math.max(0, to - now()));
  return cpu() - before;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function measured(looks: readonly Look[], used: number, { count }: Pace): Measured {
  const late = looks.map((look) => look.late).toSorted((a, b) => a - b);
  const missing = count - new Set(looks.map(({ check }) => check)).size;
  const twice = looks.length - new Set(looks.map(({ check, slot }) => `${check} ${slot}`)).size;
  return {
    figures: { p50: at(late, 0.5), p99: at(late, 0.99), "CPU each": used / looks.length },
    wrong: [
      ...(missing === 0 ? [] : [`${missing} slots were skipped`]),
      ...(twice === 0 ? [] : [`${twice} slots ran twice`]),
    ],
  };
}
