/** Work that waits for its turn: in order, and no more of it at once than there is room for. */
export type WorkQueue = {
  /** Resolves once the work is done; false: too many wait already, and nothing of it was. */
  take(work: () => Promise<void>): Promise<boolean>;
};

const PATIENCE = 20; // ms after which one goes ahead although there is no room
const WAITING = 500; // more are not held in memory

/** `room` is asked each time somebody could begin, so that it may depend on what else is going on. */
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
      if (waiting.length >= WAITING) return false;
      await new Promise<void>((mayBegin) => {
        waiting.push(mayBegin);
        next();
      });
      try {
        await work();
        return true;
      } finally {
        running -= 1;
        next();
      }
    },
  };
}
