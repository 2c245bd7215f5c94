/** Work that waits for its turn: in order, and no more of it at once than there is room for. */
export type Turns = { take(work: () => Promise<void>): Promise<void> };

/** `room` is asked each time somebody could begin, so that it may depend on what else is going on. At least one always runs. */
export function openTurns(room: () => number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;

  function next(): void {
    while (waiting.length > 0 && running < Math.max(1, room())) {
      running += 1;
      waiting.shift()?.();
    }
  }

  return {
    async take(work) {
      await new Promise<void>((begin) => {
        waiting.push(begin);
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
