import { setTimeout as pause } from "node:timers/promises";
import { SEQUENCE } from "./catalog.ts";
import type { Awaiting, Desk } from "./desk.ts";
import type { FarSide, Trouble } from "./far-side.ts";
import type { Installation } from "./installation.ts";
import type { Random } from "./random.ts";
import type { Site } from "./sites.ts";

/** The everyday: people ask for actions on whatever is free, and others approve. It goes on until the run says `enough`. */
export type Everyday = {
  /** ms between two requests. */
  readonly every: number;
  /** The share of requests that go wrong at the far side. */
  readonly troubled: number;
  /** From then on nobody asks for anything; what was asked for is still decided. */
  readonly over: AbortSignal;
};

type Use = {
  readonly installation: Installation;
  readonly farSide: FarSide;
  readonly desk: Desk;
  readonly random: Random;
  readonly everyday: Everyday;
};

export async function work(use: Use, enough: AbortSignal): Promise<void> {
  const { installation, everyday, random } = use;
  const free = random.shuffled(installation.sites.filter(({ story }) => !story));
  let turn = 0;
  while (!enough.aborted) {
    await guarded(async () => {
      const busy = new Set((await unfinished(installation)).map((each) => each.service));
      const site = nextFree(free, busy, (turn += 1));
      // Who sees that nothing is answered does not go on asking all the time.
      const isTime = !everyday.over.aborted && (installation.web.process().ready || random.chance(0.1));
      if (site !== null && isTime) await ask(use, site);
      await decideAll(use);
      if (turn % LISTEN_EVERY === 0) await use.desk.listens();
    });
    await pause(everyday.every, undefined, { signal: enough }).catch(() => undefined);
  }
}

const LISTEN_EVERY = 6; // rounds

function nextFree(sites: readonly Site[], busy: ReadonlySet<string>, turn: number): Site | null {
  const ordered = [...sites.slice(turn % sites.length), ...sites.slice(0, turn % sites.length)];
  return ordered.find(({ service }) => !busy.has(service)) ?? null;
}

async function ask({ farSide, desk, random, everyday }: Use, site: Site): Promise<void> {
  if (random.chance(everyday.troubled)) farSide.troubles(site.application, troubleFrom(random));
  const account = site.approvals === 1 && random.chance(0.3) ? "U0CAM" : "U0ANA";
  await desk.request(account, site.service, wordsFor(site.service, random));
}

function wordsFor(service: string, random: Random): string {
  return random.pick([
    `scale ${service} web=${random.between(1, 3)}`,
    `restart ${service}`,
    `rollback ${service} to v${random.between(1, 2)}`,
    `run ${service} ${SEQUENCE}`,
  ]);
}

/** How long a request may be on its way: the provider promises that fifteen seconds are enough. */
export const LATEST = 14_000;

function troubleFrom(random: Random): Trouble {
  return random.pick<Trouble>([
    { kind: "late", by: random.between(500, 6_000) },
    { kind: "late", by: random.between(6_000, LATEST) },
    { kind: "hang" },
    { kind: "drop" },
    { kind: "lose" },
    { kind: "500" },
    { kind: "after the deadline" },
  ]);
}

/** Everybody decides on what waits for them: mostly by button, sometimes in words. */
async function decideAll({ installation, desk, random }: Use): Promise<void> {
  const stories = new Set(installation.sites.filter(({ story }) => story).map(({ service }) => service));
  for (const operation of await awaiting(installation)) {
    if (stories.has(operation.service)) continue;
    for (const account of ["U0BEN", "U0CAM"]) {
      if (random.chance(0.4)) continue; // later
      if (random.chance(0.7)) await desk.presses(account, operation);
      else await desk.types(account, operation, "approve");
    }
  }
}

/** Afterwards: what still waits for somebody gets its answer, so that everything comes to an end. */
export async function windUp({ installation, desk }: Pick<Use, "installation" | "desk">): Promise<void> {
  await guarded(async () => {
    for (const operation of await awaiting(installation))
      for (const account of ["U0BEN", "U0CAM"]) await desk.types(account, operation, "approve");
    for (const operation of await stuck(installation)) await desk.types("U0ANA", operation, "cancel");
    await desk.listens();
  });
}

export async function unfinished({
  db,
}: Pick<Installation, "db">): Promise<{ id: number; service: string; state: string }[]> {
  const { rows } = await db.query<{ id: number; service: string; state: string }>(
    "select id::int, service, state from operations where finished_at is null",
  );
  return rows;
}

export async function awaiting({ db }: Pick<Installation, "db">, service?: string): Promise<Awaiting[]> {
  const { rows } = await db.query<Awaiting>(
    `select id::int, service, plan_hash as "planHash" from operations
     where state = 'awaiting_approval' and ($1::text is null or service = $1) order by id`,
    [service ?? null],
  );
  return rows;
}

/** Operations that wait for a person to judge what happened. */
export async function stuck({ db }: Pick<Installation, "db">): Promise<{ id: number; service: string }[]> {
  const { rows } = await db.query<{ id: number; service: string }>(
    `select o.id::int, o.service from operations o join steps s on s.operation = o.id
     where s.state = 'needs_human' and o.finished_at is null`,
  );
  return rows;
}

/** The database is away now and then: whoever has to know asks again. */
export async function answered<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries >= TRIES) throw error;
      await pause(500);
    }
  }
}

const TRIES = 120;

/** What does not work while something is away is left. */
export async function guarded(work: () => Promise<void>): Promise<void> {
  await work().catch(() => undefined);
}
