import type { Pool, PoolClient } from "pg";
import type { Log } from "../log.ts";

export type Nudges = {
  /** Calls `heard` for each notification on the channel; the returned function ends that. */
  on(channel: string, heard: () => void): () => void;
  close(): Promise<void>;
};

const CHANNELS = [
  "daytwo_outbox",
  "daytwo_delivery",
  "daytwo_cancel",
  "daytwo_alarm",
  "daytwo_wakes",
  "daytwo_silences",
];

/**
 * One connection that listens for every process's nudges. A lost connection is made anew within five seconds; what was
 * missed meanwhile is found by the loops' own rhythm.
 */
export async function listen(pool: Pool, log: Log): Promise<Nudges> {
  const heard = new Map<string, Set<() => void>>(CHANNELS.map((channel) => [channel, new Set()]));
  let client: PoolClient | null = null;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = await pool.connect();
    next.on("error", (err) => lost(next, err));
    next.on("notification", ({ channel }) => heard.get(channel)?.forEach((each) => each()));
    try {
      await next.query(CHANNELS.map((channel) => `listen ${channel}`).join("; "));
    } catch (error) {
      next.release(true);
      throw error;
    }
    if (closed) next.release(true);
    else client = next;
  }

  function lost(lostClient: PoolClient, err: Error): void {
    if (client !== lostClient) return;
    client = null;
    log.warn({ err }, "listening connection lost");
    lostClient.release(err);
    again();
  }

  function again(): void {
    if (closed) return;
    retry = setTimeout(() => {
      connect().catch((err: unknown) => {
        log.warn({ err }, "listening connection not back yet");
        again();
      });
    }, 5_000);
  }

  await connect();
  return {
    on(channel, listener) {
      heard.get(channel)?.add(listener);
      return () => heard.get(channel)?.delete(listener);
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      const open = client;
      client = null;
      open?.release(true);
    },
  };
}
