import type { App } from "../src/app.ts";
import { openKeptSessions, type KeptSessions } from "../src/checks/kept-sessions.ts";
import { openDeliveries } from "../src/delivery.ts";
import type { Processor, QueueName } from "../src/queues.ts";
import { guarded } from "./boundary.ts";
import { openLooking } from "./look.ts";
import { openSweeps, startLoops } from "./loops.ts";
import { operate } from "./operate.ts";
import { openWatches } from "./watches.ts";

/** Queue → its processor. Concurrency and lock times stand beside the queues in src/queues.ts. */
const PROCESSORS: Record<QueueName, (app: App, sessions: KeptSessions) => Processor> = {
  checks: openLooking,
  operations: (app, sessions) => (id, signal) => operate(app, id, signal, sessions),
};

/**
 * Starts taking work; the returned function stops, letting what is under way finish. @throws what one of them could not
 * start for, once the others have stopped: a worker that outlives its process's start asks a closed pool for jobs for ever.
 */
export async function startWorkers(app: App): Promise<() => Promise<void>> {
  const names = Object.keys(PROCESSORS) as QueueName[];
  const sessions = openKeptSessions();
  const begun = await Promise.allSettled(names.map((name) => app.queues.work(name, processorFor(app, name, sessions))));
  const stops = begun.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  async function stopWorkers(): Promise<void> {
    await Promise.all(stops.map((stop) => stop()));
    await sessions.close();
  }
  try {
    for (const each of begun) if (each.status === "rejected") throw each.reason;
    const stopLoops = await startLoops(app, {
      sessions,
      deliveries: openDeliveries(app),
      watches: openWatches(app),
      sweeps: openSweeps(app),
    });
    return async () => {
      await stopLoops();
      await stopWorkers();
    };
  } catch (error) {
    await stopWorkers();
    throw error;
  }
}

function processorFor(app: App, name: QueueName, sessions: KeptSessions): Processor {
  const process = PROCESSORS[name](app, sessions);
  return (id, signal) => guarded(app, name, () => process(id, signal));
}
