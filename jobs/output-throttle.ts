/** Which of the lines that a program prints stand on its card while it runs: the first ones, then now and then the newest. */

const AT_ONCE = 8; // lines that are told as they come
const LAST_LINES = 8; // that are told at the end, as many as the card shows
const MOST = 2_000; // lines that are remembered

export type OutputThrottle = {
  report(line: string): void;
  /** Time has passed: the newest is told. */
  tick(): void;
  /** It is over: the last lines are told. What was printed, as far as it is remembered; the first lines are forgotten first. */
  end(): { readonly lines: readonly string[]; readonly forgotten: number };
};

export function throttleOutput(tell: (line: string) => void): OutputThrottle {
  const lines: string[] = [];
  let forgotten = 0;
  let told = 0;
  function tellFrom(first: number): void {
    for (const line of lines.slice(Math.max(first, told) - forgotten)) tell(line);
    told = forgotten + lines.length;
  }
  return {
    report(line) {
      lines.push(line);
      const printed = forgotten + lines.length;
      if (printed <= AT_ONCE) tellFrom(0);
      if (lines.length <= MOST) return;
      lines.shift();
      forgotten += 1;
      told = Math.max(told, forgotten);
    },
    tick: () => tellFrom(forgotten + lines.length - 1),
    end() {
      tellFrom(forgotten + lines.length - LAST_LINES);
      return { lines, forgotten };
    },
  };
}
