import { setTimeout as pause } from "node:timers/promises";
import type { FarSide } from "./far-side.ts";
import type { History } from "./history.ts";
import type { Installation } from "./installation.ts";
import { OPEN_POINTS, pointOf, RARE } from "./itinerary.ts";
import type { Random } from "./random.ts";
import type { Ending, Slot } from "./slot.ts";

/** kill -9 at random, mostly of a process that has sent something and has no answer yet, and the count of all that ended. */

type Use = {
  readonly installation: Installation;
  readonly farSide: FarSide;
  readonly history: History;
};

/** Notes that a process was ended, and how many intents it left open. */
export async function noteKill(
  { installation, farSide, history }: Use,
  process: string,
  point: string | null,
): Promise<void> {
  const at = Date.now();
  const targets = await installation.db
    .query<{ target: string }>("select target from steps where state = 'intent'")
    .then(({ rows }) => rows.map(({ target }) => target.split("/")[0] ?? ""))
    .catch(() => []);
  const left = targets.filter((application) => farSide.lastLooker(application) === process).length;
  history.kills.push({ at, process, point, intents: Math.max(left, OPEN_POINTS.has(point ?? "") ? 1 : 0) });
}

/** Notes what ended at a failpoint. */
export function watchEndings(use: Use): void {
  const { endings } = use.installation;
  const push = endings.push.bind(endings);
  endings.push = (...ended: Ending[]) => {
    for (const { id, point } of ended) if (point !== null) void noteKill(use, id, point);
    return push(...ended);
  };
}

export type Killing = {
  readonly random: Random;
  /** ms between two kills, about. */
  readonly every: number;
  /** How much slower everything is than on a machine of our own, from 1. */
  readonly pace: number;
  /** Workers that scenarios have for themselves at the moment. */
  readonly reserved: ReadonlySet<Slot>;
};

/** Kills until `enough`: each time a process that is busy, if there is one. */
export async function keepKilling(use: Use, killing: Killing, enough: AbortSignal): Promise<void> {
  const { installation } = use;
  const { random } = killing;
  while (!enough.aborted) {
    await pause(random.between(killing.every / 2, (killing.every * 3) / 2), undefined, { signal: enough }).catch(
      () => undefined,
    );
    if (enough.aborted) return;
    if (!isUp(installation)) continue; // what nobody can use, nobody can break
    const isWeb = random.chance(WEB) && isRoomForIdle(use.history) && mayBeKilled(installation.web, killing.pace);
    const candidates = isWeb ? [installation.web] : await victims(use, killing, enough);
    if (candidates.length === 0) continue;
    const victim = random.pick(candidates);
    await noteKill(use, victim.kill(), null);
  }
}

/** Whether there is something to be broken: requests come in, and two workers work. */
function isUp({ web, workers }: Installation): boolean {
  return web.process().ready && workers.filter((slot) => slot.process().ready).length >= 2;
}

const WEB = 0.12; // the share of kills that hit the process which people's requests come to

/** One that is busy, for which it is worth waiting a little; else one that is idle. */
async function victims(
  { installation, farSide, history }: Use,
  { reserved, pace }: Killing,
  enough: AbortSignal,
): Promise<Slot[]> {
  for (let waited = 0; ; waited += LOOK) {
    const able = installation.workers.filter((slot) => mayBeKilled(slot, pace) && !reserved.has(slot));
    const busy = able.filter((slot) => farSide.busy(slot.process().id).length > 0);
    if (busy.length > 0 || enough.aborted) return busy;
    if (waited >= WORTH) return isRoomForIdle(history) ? able : [];
    await pause(LOOK);
  }
}

const LOOK = 100; // ms
const WORTH = 5_000;

/** Only a kill with an intent open can show much: what hits nothing is half of all, at most. */
function isRoomForIdle({ kills }: History): boolean {
  return kills.filter(({ intents }) => intents > 0).length * 2 >= kills.length;
}

const PATIENCE = 12_000; // ms that an armed process has to reach its point
const LONG_PATIENCE = 40_000;

/** Not while it starts, and not while it is on its way to its failpoint. */
function mayBeKilled(slot: Slot, pace: number): boolean {
  const { armed, ready, since } = slot.process();
  if (!ready || armed === null) return ready;
  return Date.now() - since > pace * (RARE.has(pointOf(armed)) ? LONG_PATIENCE : PATIENCE);
}
