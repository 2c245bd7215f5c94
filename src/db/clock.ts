import type { Pool } from "pg";
import type { Log } from "../log.ts";

export type Clock = { now(): Date; stop(): void };

/** The database's time as an offset from ours, measured at start and each minute. */
export async function databaseClock(db: Pool, log: Log): Promise<Clock> {
  let offset = await measureOffset(db);
  const timer = setInterval(() => {
    measureOffset(db).then(
      (measured) => (offset = measured),
      (err: unknown) => log.warn({ err }, "the database's clock could not be read"),
    );
  }, 60_000);
  timer.unref();
  return { now: () => new Date(Date.now() + offset), stop: () => clearInterval(timer) };
}

async function measureOffset(db: Pool): Promise<number> {
  const before = Date.now();
  const { rows } = await db.query<{ now: Date }>("select clock_timestamp() as now");
  const after = Date.now();
  return (rows[0]?.now.getTime() ?? after) - (before + after) / 2;
}
