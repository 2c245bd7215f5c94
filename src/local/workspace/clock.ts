/** The workspace's time: the machine's until somebody sets it, then exactly what it was told. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Stops the clock at `ms`; what has become due by then runs. */
  set(ms: number): void;
  /** Runs `job` once when the clock has reached `ms`. */
  at(ms: number, job: () => void): void;
  close(): void;
}

export function openClock(machine: () => number): Clock {
  let fixed: number | null = null;
  let waiting: { at: number; job: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;

  function now(): number {
    return fixed ?? machine();
  }

  function runDue(): void {
    const due = waiting.filter((entry) => entry.at <= now());
    waiting = waiting.filter((entry) => entry.at > now());
    for (const entry of due.toSorted((a, b) => a.at - b.at)) entry.job();
    arm();
  }

  function arm(): void {
    clearTimeout(timer);
    if (fixed !== null || waiting.length === 0) return;
    const next = Math.min(...waiting.map((entry) => entry.at));
    timer = setTimeout(runDue, Math.max(0, next - now()));
    timer.unref();
  }

  return {
    now,
    set(ms) {
      fixed = ms;
      runDue();
    },
    at(ms, job) {
      waiting.push({ at: ms, job });
      arm();
    },
    close() {
      clearTimeout(timer);
      waiting = [];
    },
  };
}
