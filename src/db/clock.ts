import type { Pool } from "pg";
import type { Log } from "../log.ts";

export type Clock = { now(): Date; stop(): void };

/** What the database said, what stood on this machine's two clocks by then (one that nobody sets, and the one on the wall), and how long it took. */
type Known = { readonly at: number; readonly steady: number; readonly wall: number; readonly took: number };

const SET = 1_000; // ms of difference between the two after which the wall clock was set, or the machine slept
const BACK = 60_000; // ms by which the database's clock goes back only where somebody sets it
const AGAIN = 1_000; // ms after which the database is asked again where it gave no answer
const SLOW = 1_000; // ms that an answer may take to be believed to the moment

/**
 * The database's time, counted on from its last word, which is asked for at start and each minute. A machine whose clock is
 * set makes nothing due; one that slept is behind until the answer, which is asked for at once.
 */
export async function databaseClock(db: Pool, log: Log): Promise<Clock> {
  let known = await ask(db);
  let asking = false;
  let askedAt = -AGAIN;
  function again(): void {
    if (asking || performance.now() - askedAt < AGAIN) return;
    asking = true;
    askedAt = performance.now();
    ask(db)
      .then(
        (answer) => {
          if (!isBetter(answer, known)) return;
          const back = known.at + (answer.steady - known.steady) - answer.at;
          if (back > BACK)
            log.error({ seconds: back / 1_000 }, "the database's clock went back: what is due waits as long");
          known = answer;
        },
        (err: unknown) => log.warn({ err }, "the database's clock could not be read"),
      )
      .finally(() => (asking = false));
  }
  const timer = setInterval(again, 60_000);
  timer.unref();
  return {
    now() {
      const passed = performance.now() - known.steady;
      if (Math.abs(Date.now() - known.wall - passed) > SET) again();
      return new Date(known.at + passed);
    },
    stop: () => clearInterval(timer),
  };
}

/** When in its time a slow answer was said, nobody knows: it counts only where what was counted on cannot be what it meant. */
function isBetter(answer: Known, known: Known): boolean {
  const counted = known.at + (answer.steady - known.steady);
  return answer.took < SLOW || Math.abs(answer.at - counted) > answer.took;
}

async function ask(db: Pool): Promise<Known> {
  const before = performance.now();
  const { rows } = await db.query<{ now: Date }>("select clock_timestamp() as now");
  const after = performance.now();
  const steady = (before + after) / 2;
  const wall = Date.now() - (after - steady);
  return { at: rows[0]?.now.getTime() ?? wall, steady, wall, took: after - before };
}
