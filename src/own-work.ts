import type { Work } from "./queues.ts";

/** What a worker does of the work that its own process finds, without the way through the queue: one job at a time. */
export type OwnWork = {
  /** Begins with the job; false where one is under way, and when it stops. */
  takes(job: Work): boolean;
  isUnderWay(): boolean;
  /** Takes no more, tells what is under way to end, and resolves when it has. */
  stop(): Promise<void>;
};

export function openOwnWork(run: (job: Work, signal: AbortSignal) => Promise<void>): OwnWork {
  const stopping = new AbortController();
  let underWay: Promise<void> | null = null;
  return {
    takes(job) {
      if (underWay !== null || stopping.signal.aborted) return false;
      underWay = run(job, stopping.signal).finally(() => (underWay = null));
      return true;
    },
    isUnderWay: () => underWay !== null,
    async stop() {
      stopping.abort();
      await underWay;
    },
  };
}
