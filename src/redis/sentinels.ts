import { setTimeout as after } from "node:timers/promises";
import { SentinelConnector } from "ioredis";

/**
 * Asks the sentinels again for as long as its client is open, and not a moment longer. What ioredis itself does with a
 * `sentinelRetryStrategy` sleeps on after the client was closed; so that strategy must give up at once for this one.
 */
export class Sentinels extends SentinelConnector {
  #closed = new AbortController();

  // ioredis gives a connector its own options, and calls them unknown.
  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
  }

  override async connect(tell: Parameters<SentinelConnector["connect"]>[0]): ReturnType<SentinelConnector["connect"]> {
    this.#closed = new AbortController();
    const { signal } = this.#closed;
    for (let times = 1; ; times += 1) {
      try {
        return await super.connect(tell);
      } catch (error) {
        if (signal.aborted || !(error instanceof Error)) throw error;
        tell("error", error);
        await after(again(times), undefined, { signal });
      }
    }
  }

  override disconnect(): void {
    this.#closed.abort();
    super.disconnect();
  }
}

/** When to try again, in ms: after 100, then later, at most 2 s. */
export function again(times: number): number {
  return Math.min(2_000, 100 * times);
}
