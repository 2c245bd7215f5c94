import type { App } from "../src/app.ts";
import { failed } from "../src/telemetry/trace.ts";

/**
 * Around every job and every round of a loop: what is thrown is logged with its chain and goes no further. Nothing is
 * retried here: the truth says what is still to be done, and the next round reads it.
 */
export async function guarded(app: App, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (err) {
    failed(err);
    app.log.error({ err, what }, "a job broke");
    app.counters.broke();
  }
}
