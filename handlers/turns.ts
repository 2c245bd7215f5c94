/** Work that waits for its turn: in order, and no more of it at once than there is room for. */
export type Turns = { take(work: () => Promise<void>): Promise<void> };

const PATIENCE = 20; // ms after which one goes ahead although there is no room

/** `room` is asked each time somebody could begin, so that it may depend on what else is going on. */
export function openTurns(room: () => number): Turns {
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
        await work();
      } finally {
        running -= 1;
        next();
      }
    },
  };
}
