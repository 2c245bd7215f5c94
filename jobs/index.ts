import type { App } from "../src/app.ts";
import { openKeptSessions, type KeptSessions } from "../src/checks/kept-sessions.ts";
import { openDeliveries } from "../src/delivery.ts";
import type { Processor, QueueName } from "../src/queues.ts";
import { guarded } from "./boundary.ts";
import { look } from "./look.ts";
import { startLoops } from "./loops.ts";
import { operate } from "./operate.ts";

/** Queue → processor. Concurrency and lock times stand beside the queues in src/queues.ts. */
const PROCESSORS: Record<
  QueueName,
  (app: App, id: number, signal: AbortSignal, sessions: KeptSessions) => Promise<void>
> = {
  checks: look,
  operations: operate,
};

/** Starts taking work; the returned function stops, letting what is under way finish. */
export async function startWorkers(app: App): Promise<() => Promise<void>> {
  const names = Object.keys(PROCESSORS) as QueueName[];
  const sessions = openKeptSessions();
  const stops = await Promise.all(names.map((name) => app.queues.work(name, processorFor(app, name, sessions))));
  const stopLoops = await startLoops(app, { sessions, deliveries: openDeliveries(app) });
  return async () => {
    await stopLoops();
    await Promise.all(stops.map((stop) => stop()));
    await sessions.close();
  };
}

function processorFor(app: App, name: QueueName, sessions: KeptSessions): Processor {
  return (id, signal) => guarded(app, name, () => PROCESSORS[name](app, id, signal, sessions));
}
