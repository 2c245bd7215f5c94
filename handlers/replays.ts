import type { App } from "../src/app.ts";
import type { Intake } from "./intake.ts";

const EVERY = 5_000; // ms

/** Picks up what another process acknowledged and never finished; the returned function ends that. */
export function startReplays(app: App, intake: Intake): () => Promise<void> {
  let round: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    round = intake.replay().catch((err: unknown) => app.log.warn({ err }, "the inbox could not be read"));
  }, EVERY);
  return async () => {
    clearInterval(timer);
    await round;
  };
}
