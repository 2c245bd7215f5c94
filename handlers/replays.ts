import type { App } from "../src/app.ts";
import { pause } from "../src/wait.ts";
import type { Intake } from "./intake.ts";

const EVERY = 5_000; // ms

/** Picks up what another process acknowledged and never finished, from now on; the returned function ends that. */
export function startReplays(app: App, intake: Intake): () => Promise<void> {
  const stop = new AbortController();
  async function replay(): Promise<void> {
    while (!stop.signal.aborted) {
      await intake.replay().catch((err: unknown) => app.log.warn({ err }, "the inbox could not be read"));
      await pause(EVERY, stop.signal);
    }
  }
  const replaying = replay();
  return async () => {
    stop.abort();
    await replaying;
  };
}
