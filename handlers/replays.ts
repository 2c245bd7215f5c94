import type { App } from "../src/app.ts";
import { pause } from "../src/wait.ts";
import type { Intake } from "./intake.ts";

const EVERY = 5_000; // ms

/** From now on takes up what another process acknowledged and never finished. The returned function stops it. */
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
