import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Call, FarSide } from "./far-side.ts";
import type { History } from "./history.ts";
import { noteKill } from "./kills.ts";
import { awaiting, guarded, LATEST, unfinished, wordsFor } from "./people.ts";
import type { Random } from "./random.ts";
import type { Servers } from "./servers.ts";
import type { Site } from "./sites.ts";
import type { Slot } from "./slot.ts";
import type { Home } from "./world.ts";

/** Whole stories of what goes wrong, each on a site of its own. Everything else goes on beside them. */

export type Use = Home & {
  readonly servers: Servers;
  readonly farSide: FarSide;
  readonly history: History;
  readonly random: Random;
  readonly reserved: Set<Slot>;
  /** A site that this story has for itself. */
  site(like: (site: Site) => boolean): Site;
  readonly enough: AbortSignal;
};

export type Scenario = {
  readonly name: string;
  /** Only where this queue is. */
  readonly queue?: "redis";
  /** All installations stand on one of it: once is for all. */
  readonly once?: true;
  /** It has no end of its own. */
  readonly endless?: true;
  play(this: void, use: Use): Promise<void>;
};

export const SCENARIOS: readonly Scenario[] = [
  { name: "zombie", play: zombie },
  { name: "killed while it looks back", play: killedLookingBack },
  { name: "killed while it is on its way", play: onItsWay },
  { name: "answers lost", play: answersLost },
  { name: "changed by somebody else", play: changedBySomebodyElse },
  { name: "one voice", play: oneVoice },
  { name: "old card", play: oldCard },
  { name: "role lost", play: roleLost },
  { name: "jobs twice", play: jobsTwice },
  { name: "paused", endless: true, play: paused },
  { name: "commit cut", endless: true, play: commitCut },
  { name: "queue emptied", queue: "redis", endless: true, play: queueEmptied },
  { name: "database killed", once: true, endless: true, play: databaseKilled },
];

function bare({ profile, approvals }: Site): boolean {
  return !profile.compares && !profile.knowsTokens && approvals === 0;
}

function note({ history }: Use, kind: string, about: string): void {
  history.faults.push({ at: Date.now(), kind, about });
}

async function until(use: Use, holds: () => Promise<boolean> | boolean, most = 90_000): Promise<boolean> {
  const end = Date.now() + most;
  while (Date.now() < end) {
    if (await Promise.resolve(holds()).catch(() => false)) return true;
    if (use.enough.aborted) return false;
    await pause(150);
  }
  return false;
}

/** A worker for one story, which nobody else kills or pauses meanwhile. */
async function withWorker(use: Use, point: string | null, work: (worker: Slot) => Promise<void>): Promise<void> {
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

/** Ana asks until there is an operation: who is told nothing, or that it did not work, types it again. */
async function asks(use: Use, site: Site, words: string): Promise<void> {
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

function asksOf(farSide: FarSide, application: string): Call[] {
  return farSide.calls.filter((call) => call.kind === "ask" && call.application === application);
}

/** How often an application was asked to change. */
function asked({ farSide }: Use, site: Site): number {
  return asksOf(farSide, site.application).length;
}

/**
 * A worker stands still between its intent and its first byte, and loses its sessions. Long after, when another worker
 * has looked and done it, it wakes and would send.
 */
async function zombie(use: Use): Promise<void> {
  const { farSide } = use;
  await withWorker(use, "C8:1/stop", async (worker) => {
    for (let tries = 0; tries < 6 && !(await worker.stopped()); tries += 1) {
      const site = use.site(bare);
      await asks(use, site, `restart ${site.service}`);
      await until(use, () => worker.stopped(), 8_000);
    }
    if (!(await worker.stopped())) return;
    const { id } = worker.process();
    worker.proxy.endSessions();
    note(use, "zombie", id);
    const held = await heldBy(use, id);
    await until(use, () => held.some((name) => asksOf(farSide, name).some((each) => each.worker !== id)));
    await pause(1_500);
    worker.cont();
    await pause(3_000);
  });
}

/** Applications whose intent a process has open. */
async function heldBy({ installation, farSide }: Use, process: string): Promise<string[]> {
  const { rows } = await installation.db.query<{ target: string }>("select target from steps where state = 'intent'");
  return rows
    .map(({ target }) => target.split("/")[0] ?? "")
    .filter((application) => farSide.lastLooker(application) === process);
}

/** ms from an intent to the look back at it: the longest call, and what the provider says that it takes to settle. */
const SETTLES = 45_000;
const STARTS = 9_000; // ms before something that a process is started for it

/** A worker dies while it finds out what became of an attempt whose worker died. */
async function killedLookingBack(use: Use): Promise<void> {
  await until(use, async () => {
    const { rows } = await use.installation.db.query<{ left: number }>(
      `select (extract(epoch from min(settle_until) - clock_timestamp()) * 1000)::float8 as left
       from steps where state in ('intent', 'unknown') and settle_until > clock_timestamp()`,
    );
    const left = rows[0]?.left ?? Number.POSITIVE_INFINITY;
    return left !== null && left < STARTS && left > STARTS / 2;
  });
  await armed(use, "C14");
}

/** Two workers that end at a point which one of them comes to soon. */
async function armed(use: Use, point: string): Promise<void> {
  const able = use.installation.workers.filter((each) => !use.reserved.has(each) && each.process().ready);
  for (const worker of able.slice(0, Math.max(1, able.length - 1))) {
    worker.arm(`${point}:1`);
    await noteKill(use, worker.kill(), null);
  }
}

/** The request has left, the worker dies, and the far side takes its time. */
async function onItsWay(use: Use): Promise<void> {
  const site = use.site(bare);
  const before = asked(use, site);
  use.farSide.troubles(site.application, { kind: "late", by: LATEST });
  await asks(use, site, `restart ${site.service}`);
  if (!(await until(use, () => asked(use, site) > before, 60_000))) return;
  const sender = asksOf(use.farSide, site.application).at(-1)?.worker;
  const worker = use.installation.workers.find((each) => each.process().id === sender);
  note(use, "late", site.service);
  if (worker !== undefined) await noteKill(use, worker.kill(), null);
}

/** It was done, and nobody was told. */
async function answersLost(use: Use): Promise<void> {
  for (const kind of ["drop", "hang", "500"] as const) {
    const site = use.site(bare);
    use.farSide.troubles(site.application, { kind });
    note(use, "answer lost", site.service);
    await asks(use, site, `restart ${site.service}`);
  }
}

/** Nothing of ours arrives, and somebody else changes it before anybody looks: a person has to judge. */
async function changedBySomebodyElse(use: Use): Promise<void> {
  const site = use.site(bare);
  const before = asked(use, site);
  use.farSide.troubles(site.application, { kind: "lose" });
  await asks(use, site, `restart ${site.service}`);
  if (!(await until(use, () => asked(use, site) > before, 60_000))) return;
  note(use, "changed by somebody else", site.service);
  use.farSide.touch(site.application);
  await pause(SETTLES - STARTS, undefined, { signal: use.enough }).catch(() => undefined);
  if (!use.enough.aborted) await armed(use, "C15"); // it ends while it calls for a person
}

/** Two must approve. One does, with both accounts; who asked tries too; the second person comes late. */
async function oneVoice(use: Use): Promise<void> {
  const site = use.site(({ approvals }) => approvals === 2);
  await asks(use, site, wordsFor(site.service, use.random));
  if (!(await until(use, async () => (await awaiting(use.installation, site.service)).length > 0, 60_000))) return;
  const [operation] = await awaiting(use.installation, site.service);
  if (operation === undefined) return;
  note(use, "one voice", `op-${operation.id}`);
  for (const account of ["U0BEN", "U0BENTWO", "U0ANA"])
    await guarded(() => use.desk.types(account, operation, "approve"));
  await pause(8_000, undefined, { signal: use.enough }).catch(() => undefined);
  await guarded(() => use.desk.types("U0CAM", operation, "approve"));
}

/** Somebody presses *Approve* on a card that showed another plan. */
async function oldCard(use: Use): Promise<void> {
  const site = use.site(({ approvals }) => approvals === 1);
  await asks(use, site, wordsFor(site.service, use.random));
  let pressed = 0;
  await until(
    use,
    async () => {
      const [operation] = await awaiting(use.installation, site.service);
      if (operation === undefined) return pressed > 0;
      const before = use.history.deeds.length;
      await use.desk.presses("U0BEN", operation, "0".repeat(operation.planHash.length));
      pressed += use.history.deeds.length - before;
      if (pressed > 0) note(use, "old card", `op-${operation.id}`);
      return pressed > 0;
    },
    60_000,
  );
}

const LONG = 25_000; // ms that the target is held by another operation

/** Approved, and before its turn comes the approver is no approver any more. */
async function roleLost(use: Use): Promise<void> {
  const site = use.site(({ approvals, profile }) => approvals === 1 && !profile.compares);
  const { installation, history, farSide } = use;
  const before = asked(use, site);
  farSide.troubles(site.application, { kind: "long", by: LONG });
  const holder = await approvedByBen(use, site, `restart ${site.service}`);
  if (!holder || !(await until(use, () => asked(use, site) > before, 60_000))) return;
  if (!(await approvedByBen(use, site, `scale ${site.service} web=3`))) return;
  await installation.writes({ ben: "reader" });
  const revoked = {
    workspace: installation.slack.url,
    person: "ben",
    from: Date.now(),
    until: Number.POSITIVE_INFINITY,
  };
  history.revoked.push(revoked);
  note(use, "role lost", site.service);
  await until(
    use,
    async () => (await unfinished(installation)).every(({ service }) => service !== site.service),
    LONG + 20_000,
  );
  revoked.until = Date.now();
  await installation.writes({});
}

/** Asks, and Ben approves it in words; whether that came about. */
async function approvedByBen(use: Use, site: Site, words: string): Promise<boolean> {
  const { installation, desk } = use;
  await asks(use, site, words);
  return until(
    use,
    async () => {
      const [operation] = await awaiting(installation, site.service);
      if (operation === undefined) return false;
      await desk.types("U0BEN", operation, "approve");
      return until(use, async () => (await awaiting(installation, site.service)).length === 0, 3_000);
    },
    60_000,
  );
}

/** The queue hands the same operation out again and again, while its request is on its way. */
async function jobsTwice(use: Use): Promise<void> {
  const site = use.site(bare);
  const { installation, farSide } = use;
  const before = asked(use, site);
  farSide.troubles(site.application, { kind: "late", by: 4_000 });
  await asks(use, site, `restart ${site.service}`);
  if (!(await until(use, () => asked(use, site) > before, 60_000))) return;
  const operation = (await unfinished(installation)).find(({ service }) => service === site.service);
  if (operation === undefined) return;
  note(use, "jobs twice", `op-${operation.id}`);
  for (let again = 0; again < 4; again += 1) {
    await guarded(() => installation.queues.add("operations", [{ id: operation.id }, { id: operation.id }]));
    await pause(400);
  }
}

/** A worker stands still for a while, and its sessions end. */
async function paused(use: Use): Promise<void> {
  while (!use.enough.aborted) {
    await rest(use, 10_000);
    await withWorker(use, null, async (worker) => {
      worker.stop();
      worker.proxy.endSessions();
      note(use, "paused", worker.name);
      await pause(use.random.between(500, 4_000));
    });
  }
}

/** A commit whose answer is lost, or which never arrives: whoever made it cannot tell which. */
async function commitCut(use: Use): Promise<void> {
  const { installation, random } = use;
  while (!use.enough.aborted) {
    await rest(use, 7_000);
    const up = [installation.web, ...installation.workers].filter((each) => each.process().ready);
    if (up.length < 3) continue;
    const slot = random.pick(up);
    slot.proxy.cutCommit(random.chance(0.7) ? "answer lost" : "lost");
    note(use, "commit cut", slot.name);
  }
}

async function queueEmptied(use: Use): Promise<void> {
  const redis = new Redis(use.servers.redis.url);
  redis.on("error", () => undefined);
  while (!use.enough.aborted) {
    await rest(use, 14_000);
    await guarded(async () => void (await redis.flushall()));
    note(use, "queue emptied", use.installation.name);
  }
  redis.disconnect();
}

async function databaseKilled(use: Use): Promise<void> {
  while (!use.enough.aborted) {
    await rest(use, 35_000);
    if (use.enough.aborted) return;
    note(use, "database killed", "PostgreSQL");
    await use.servers.killPostgres();
  }
}

async function rest({ random, enough }: Use, about: number): Promise<void> {
  await pause(random.between(about / 2, (about * 3) / 2), undefined, { signal: enough }).catch(() => undefined);
}
