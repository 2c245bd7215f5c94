import type { Random } from "./random.ts";

/** Which failpoint the next process ends at by itself: each in its turn, until the run has enough. */
export type Itinerary = {
  /** From now on what is started is armed: once for each point, or round after round. */
  begin(rounds: "one round" | "on and on"): void;
  end(): void;
  /** `C8:2`, or null for nowhere. */
  next(role: "web" | "worker"): string | null;
  /** A process was ended before it came to its point: another one is to. */
  missed(armed: string): void;
};

export const POINTS = Array.from({ length: 15 }, (_, index) => `C${index + 1}`);
const OF_WEB: ReadonlySet<string> = new Set(["C1", "C2", "C3"]);
/** An intent is open at these, whatever else is. */
export const OPEN_POINTS: ReadonlySet<string> = new Set(["C8", "C9", "C10"]);
/** Only what comes back from an unknown outcome passes these: stories bring processes there. */
export const RARE: ReadonlySet<string> = new Set(["C14", "C15"]);

const PASSES = 3; // the latest pass of a point that is worth waiting for

export function newItinerary(random: Random): Itinerary {
  let rounds: "one round" | "on and on" | null = null;
  const ahead: string[] = [];

  function round(passes: number): void {
    const common = POINTS.filter((point) => !RARE.has(point));
    for (const point of random.shuffled([...common, ...OPEN_POINTS, ...OPEN_POINTS]))
      ahead.push(`${point}:${random.between(1, passes)}`);
  }

  function take(role: "web" | "worker"): string | null {
    const index = ahead.findIndex((each) => OF_WEB.has(pointOf(each)) === (role === "web"));
    return index === -1 ? null : (ahead.splice(index, 1)[0] ?? null);
  }

  return {
    begin(wanted) {
      rounds = wanted;
      round(1);
    },
    end: () => void (rounds = null),
    next(role) {
      if (rounds === null) return null;
      const next = take(role);
      // What people's requests come to reaches its points in seconds: it has its share of a round, and waits for the next one,
      // else nearly all that is killed would be what has no intent.
      if (next !== null || rounds === "one round" || role === "web") return next;
      round(PASSES);
      return take(role);
    },
    missed(armed) {
      if (!RARE.has(pointOf(armed))) ahead.push(`${pointOf(armed)}:1`);
    },
  };
}

/** `C8` of `C8:2/stop`. */
export function pointOf(armed: string): string {
  return armed.split(":")[0] ?? "";
}
