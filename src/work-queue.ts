/** Work that waits for its turn: it begins in order, and no more of it runs at once than there is room for. */
export type WorkQueue = {
  /** What comes of the work, once its turn has come and it is done. */
  take<Result>(work: () => Promise<Result>): Promise<Result>;
  /** How many wait for their turn. */
  waiting(): number;
};

const PATIENCE = 20; // ms after which one goes ahead although there is no room

/** `room` is asked each time something could begin, so it may depend on what else is going on. */
export function openWorkQueue(room: () => number): WorkQueue {
  const waiting: (() => void)[] = [];
  let running = 0;
  let timer: NodeJS.Timeout | undefined;

  function begin(): void {
    running += 1;
    waiting.shift()?.();
  }

  function next(): void {
    while (waiting.length > 0 && running < room()) begin();
    if (waiting.length === 0 || running > 0) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      if (waiting.length > 0 && running === 0) begin();
      next();
    }, PATIENCE);
  }

  return {
    async take(work) {
      await new Promise<void>((mayBegin) => {
        waiting.push(mayBegin);
        next();
      });
      try {
        return await work();
      } finally {
        running -= 1;
        next();
      }
    },
    waiting: () => waiting.length,
  };
}
