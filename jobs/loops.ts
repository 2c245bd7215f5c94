import type { App, Nudges } from "../src/app.ts";
import { tellBroken } from "../src/broken-item.ts";
import { askTheRest } from "../src/operations/asking.ts";
import { forgetOldChanges } from "../src/observing.ts";
import type { KeptSessions } from "../src/checks/kept-sessions.ts";
import { tellAlarms } from "../src/delivery/alarms.ts";
import type { Deliveries } from "../src/delivery.ts";
import { endFlapping } from "../src/items/flapping.ts";
import { escalate, keepChains, proveNoneForgotten } from "../src/on-call/escalating.ts";
import { offerAlone } from "../src/operations/going-alone.ts";
import { handOver } from "../src/on-call/handing-over.ts";
import { endSilentAlerts, forgetOldAlerts, reopenFiring } from "../src/alerts/sweeps.ts";
import { tellSilence } from "../src/alerts/heartbeats.ts";
import { beat } from "../src/telemetry/heartbeat.ts";
import { askStillOn } from "../src/items/holding.ts";
import { syncSilences } from "../src/alerts/silence-sync.ts";
import { compareNext } from "../src/delivery/comparison.ts";
import { endStandins } from "../src/on-call/rotations.ts";
import { payQueue } from "../src/outbox.ts";
import { forgetOldReadings } from "../src/delivery/pictures.ts";
import { admitApproved } from "../src/operations.ts";
import * as inbox from "../src/inbox.ts";
import { sealEvents } from "../src/record.ts";
import {
  endAcknowledgements,
  expireRequests,
  makeDigests,
  remindQueue,
  startReversals,
  tickChecks,
  wakeSnoozed,
} from "../src/sweeps.ts";
import { goOnWithStorms, letGo, showReleased } from "../src/items/unfolding.ts";
import { wakePeople } from "../src/on-call/waking.ts";
import { moveWindows } from "../src/windows/moving.ts";
import { guarded } from "./boundary.ts";
import { isDoneWithin, pause } from "../src/wait.ts";
import type { Watches } from "./watches.ts";

/**
 * What runs over and over in a worker. `nudge` names the notification that starts a round at once; without one it starts
 * after `every` ms. A round that returns `true` has more to do at once; a number says in how many ms, if that is sooner.
 */
const LOOPS = [
  { name: "queue", nudge: "daytwo_outbox", every: 1_000, round: (app: App) => payQueue(app) },
  { name: "delivery", nudge: "daytwo_delivery", every: 1_000, round: deliverNext },
  { name: "checks", nudge: null, every: 500, round: tickChecks },
  { name: "watches", nudge: null, every: 2_000, round: (_app: App, { watches }: Kept) => watches.round() },
  { name: "sweep", nudge: null, every: 2_000, round: (_app: App, { sweeps }: Kept) => sweeps.round() },
  { name: "wakes", nudge: "daytwo_wakes", every: 1_000, round: (app: App) => wakePeople(app) },
  { name: "silences", nudge: "daytwo_silences", every: 1_000, round: (app: App) => syncSilences(app) },
  { name: "forgotten", nudge: null, every: 60_000, round: (app: App) => proveNoneForgotten(app) },
  { name: "sessions", nudge: null, every: 5_000, round: partWithSessions },
  { name: "seal", nudge: null, every: 2_000, round: (app: App) => sealEvents(app) },
  { name: "comparison", nudge: null, every: 5_000, round: compareNext },
  { name: "alarms", nudge: "daytwo_alarm", every: 30_000, round: (app: App) => tellAlarms(app) },
  { name: "heartbeat", nudge: null, every: 60_000, round: (app: App) => beat(app) },
  { name: "memory", nudge: null, every: 3_600_000, round: forget },
] as const;

/** What a worker keeps open for its loops. */
export type Kept = {
  readonly sessions: KeptSessions;
  readonly deliveries: Deliveries;
  readonly watches: Watches;
  readonly sweeps: Sweeps;
};

function deliverNext(_app: App, { deliveries }: Kept): Promise<boolean | number> {
  return deliveries.round();
}

/** Closes sessions with databases that no check watches any more. */
async function partWithSessions(app: App, { sessions }: Kept): Promise<false> {
  const services = Object.values(app.inForce().catalog.services);
  await sessions.keepOnly((key) => services.some(({ checks }) => checks.some((check) => check.key === key)));
  return false;
}

/** Deletes what need not be remembered any longer. */
async function forget(app: App): Promise<false> {
  for (const part of [inbox.forget, forgetOldChanges, forgetOldReadings, forgetOldAlerts])
    await guarded(app, "memory", () => part(app));
  return false;
}

const SWEEPS = [
  wakeSnoozed,
  endAcknowledgements,
  askStillOn,
  expireRequests,
  admitApproved,
  askTheRest,
  offerAlone,
  moveWindows,
  startReversals,
  remindQueue,
  makeDigests,
  endSilentAlerts,
  reopenFiring,
  tellSilence,
  endStandins,
  handOver,
  endFlapping,
  goOnWithStorms,
  showReleased,
  letGo,
  keepChains,
  escalate,
  tellBroken,
] as const;

/** Sweeps of one worker: one that takes long, as where it waits for a row, holds up nothing but itself. */
export type Sweeps = {
  /** Begins every sweep that is not under way, one after the other. */
  round(): Promise<false>;
  /** Resolves when every sweep under way has ended. */
  ended(): Promise<void>;
};

const PATIENCE = 2_000; // ms after which a sweep is left to itself
const LEFT = 4; // sweeps at most that are: each keeps a connection

export function openSweeps(app: App): Sweeps {
  const underWay = new Map<string, Promise<void>>();
  return {
    async round() {
      for (const part of SWEEPS) {
        if (underWay.has(part.name)) continue;
        if (underWay.size === LEFT) await Promise.race(underWay.values());
        const run = guarded(app, part.name, () => part(app)).finally(() => underWay.delete(part.name));
        underWay.set(part.name, run);
        await isDoneWithin(PATIENCE, run);
      }
      return false;
    },
    async ended() {
      await Promise.all(underWay.values());
    },
  };
}

/** Runs every sweep once. */
export async function sweep(app: App): Promise<void> {
  const sweeps = openSweeps(app);
  await sweeps.round();
  await sweeps.ended();
}

/** Starts every loop; the returned function stops them, letting the rounds under way finish. */
export async function startLoops(app: App, kept: Kept): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const nudges = await app.listen();
  const loops = LOOPS.map((loop) => run(app, loop, { nudges, kept, stop: stop.signal }));
  return async () => {
    stop.abort();
    await Promise.all(loops);
    await kept.deliveries.ended();
    await kept.sweeps.ended();
    await kept.watches.close();
    await nudges.close();
  };
}

type Running = { readonly nudges: Nudges; readonly kept: Kept; readonly stop: AbortSignal };

async function run(app: App, loop: (typeof LOOPS)[number], { nudges, kept, stop }: Running): Promise<void> {
  while (!stop.aborted) {
    const nudged = new AbortController();
    const unsubscribe = loop.nudge === null ? () => undefined : nudges.on(loop.nudge, () => nudged.abort());
    let rest: number = loop.every;
    await guarded(app, loop.name, async () => {
      rest = restOf(await loop.round(app, kept), loop.every);
    });
    if (rest > 0) await pause(rest, AbortSignal.any([stop, nudged.signal]));
    unsubscribe();
  }
}

function restOf(said: boolean | number, every: number): number {
  if (said === true) return 0;
  return said === false ? every : Math.min(said, every);
}
