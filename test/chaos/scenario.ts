import { setTimeout as pause } from "node:timers/promises";
import type { Call, FarSide } from "./far-side.ts";
import type { History } from "./history.ts";
import { noteKill } from "./kills.ts";
import type { Random } from "./random.ts";
import type { Servers } from "./servers.ts";
import type { Site } from "./sites.ts";
import type { Slot } from "./slot.ts";
import type { Home } from "./world.ts";

/** What stories of what goes wrong are told with. */

export type Use = Home & {
  readonly servers: Servers;
  readonly farSide: FarSide;
  readonly history: History;
  readonly random: Random;
  readonly reserved: Set<Slot>;
  /** A site that this story has for itself. */
  site(like: (site: Site) => boolean): Site;
  /** How much slower everything is than on a machine of our own, from 1. */
  readonly pace: number;
  /** It came about. */
  came(about: string): void;
  readonly enough: AbortSignal;
};

export type Scenario = {
  /** Also of the fault that it brings. */
  readonly name: string;
  /** Only where this queue is. */
  readonly queue?: "redis";
  /** All installations stand on one of it: once is for all. */
  readonly once?: true;
  /** It has no end of its own. */
  readonly endless?: true;
  play(this: void, use: Use): Promise<void>;
};

export function bare({ profile, approvals }: Site): boolean {
  return !profile.compares && !profile.knowsTokens && approvals === 0;
}

const PATIENCE = 90_000; // ms

export async function until(use: Use, holds: () => Promise<boolean> | boolean, most = PATIENCE): Promise<boolean> {
  const end = Date.now() + use.pace * most;
  while (Date.now() < end) {
    if (await Promise.resolve(holds()).catch(() => false)) return true;
    if (use.enough.aborted) return false;
    await pause(150);
  }
  return false;
}

/** About so long, in ms. */
export async function rest({ random, enough, pace }: Use, about: number): Promise<void> {
  await pause(pace * random.between(about / 2, (about * 3) / 2), undefined, { signal: enough }).catch(() => undefined);
}

/** A worker for one story, which nobody else kills or pauses meanwhile. */
export async function withWorker(use: Use, point: string | null, work: (worker: Slot) => Promise<void>): Promise<void> {
  const worker = use.installation.workers.find((each) => !use.reserved.has(each) && each.process().ready);
  if (worker === undefined) return;
  use.reserved.add(worker);
  try {
    if (point !== null) {
      worker.arm(point);
      await noteKill(use, worker.kill(), null);
      await worker.untilReady();
    }
    await work(worker);
  } finally {
    worker.cont();
    use.reserved.delete(worker);
  }
}

/** Two workers that end at a point which one of them comes to soon. */
export async function armed(use: Use, point: string): Promise<void> {
  const able = use.installation.workers.filter((each) => !use.reserved.has(each) && each.process().ready);
  for (const worker of able.slice(0, Math.max(1, able.length - 1))) {
    worker.arm(`${point}:1`);
    await noteKill(use, worker.kill(), null);
  }
}

/** Ana asks until there is an operation: who is told nothing, or that it did not work, types it again. */
export async function asks(use: Use, site: Site, words: string): Promise<void> {
  const before = await highest(use, site);
  for (let tries = 0; tries < 8 && !use.enough.aborted; tries += 1) {
    await use.installation.web.untilReady();
    await use.desk.request("U0ANA", site.service, words);
    if (await until(use, async () => (await highest(use, site)) > before, 5_000)) return;
  }
}

async function highest({ installation }: Use, { service }: Site): Promise<number> {
  const { rows } = await installation.db
    .query<{ id: number }>("select coalesce(max(id), 0)::int as id from operations where service = $1", [service])
    .catch(() => ({ rows: [] }));
  return rows[0]?.id ?? -1;
}

export function asksOf(farSide: FarSide, application: string): Call[] {
  return farSide.calls.filter((call) => call.kind === "ask" && call.application === application);
}

/** How often an application was asked to change. */
export function asked({ farSide }: Use, site: Site): number {
  return asksOf(farSide, site.application).length;
}
