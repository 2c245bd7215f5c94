import { Pool } from "pg";
import { Unavailable } from "../errors.ts";
import type { Log } from "../log.ts";
import { prepareBotRole, worksAs } from "./bot-role.ts";
import { migrate } from "./migrate.ts";
import { cannotHold, databaseProblem, tooOld } from "./problem.ts";
import { sqlState, STANDS_BY } from "./sql.ts";

/** Brings the schema up to date as its owner; the pool then works as the bot's own role, where there is one. */
export async function openDatabase(databaseUrl: string, { log, here }: { log: Log; here: boolean }): Promise<Pool> {
  const owner = openPool(databaseUrl, log, "daytwo-migrate");
  try {
    await reach(owner);
    await bringUpToDate(owner, here);
    const role = await prepareBotRole(owner, log);
    if (role === null) return openPool(databaseUrl, log);
    return (await openPoolAs(databaseUrl, role, log)) ?? openPool(databaseUrl, log);
  } finally {
    await owner.end();
  }
}

const REFUSED = [STANDS_BY, "42501"]; // no changes at all, or none of our role's

/** What `migrate` does. @throws Unavailable too where the server takes no changes from us */
export async function bringUpToDate(owner: Pool, here: boolean): Promise<readonly string[]> {
  return migrate(owner, { here }).catch((error: unknown) => {
    throw REFUSED.includes(sqlState(error) ?? "") ? unusable(error) : error;
  });
}

async function openPoolAs(databaseUrl: string, role: string, log: Log): Promise<Pool | null> {
  const pool = openPool(databaseUrl, log, "daytwo", role);
  const works = await worksAs(pool, role, log).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  if (works) return pool;
  await pool.end();
  return null;
}

/** By the name that tells running bots from commands: how long one statement may take, in ms. A migration takes its time. */
const PATIENCE = {
  daytwo: 30_000,
  "daytwo-migrate": 0,
  "daytwo-audit": 0,
  "daytwo-backup": 30_000,
  "daytwo-restore": 30_000,
} as const;

/**
 * How a connection notices that its server is gone without a word, as after a failover: the system asks while nothing is
 * under way, and what a server would have ended by itself is not waited for any longer.
 */
export const NOTICES_SILENCE = {
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  query_timeout: PATIENCE.daytwo + 5_000,
} as const;

/** Connections as the doors need them, from their first moment in the role that is given; else in the one that logs in. */
export function openPool(
  connectionString: string,
  log: Log,
  name: keyof typeof PATIENCE = "daytwo",
  role?: string,
): Pool {
  const settings = {
    search_path: "daytwo",
    datestyle: "ISO", // the only one that the driver reads, whatever the database's own is
    statement_timeout: PATIENCE[name], // ms
    idle_in_transaction_session_timeout: "60s",
    ...(role === undefined ? {} : { role }),
  };
  const pool = new Pool({
    connectionString,
    max: 16,
    ...NOTICES_SILENCE,
    ...(name === "daytwo" ? {} : { query_timeout: 0 }), // copying a table ends when it is copied
    options: Object.entries(settings)
      .map(([setting, value]) => `-c ${setting}=${value}`)
      .join(" "),
    application_name: name,
  });
  pool.on("error", (err) => log.warn({ err }, "database connection lost"));
  // Between its first word and whoever asked for it a connection is nobody's: a server that goes away in that very
  // moment would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** @throws Unavailable with a sentence for the operator when the database cannot be used, is too old or keeps other text */
export async function reach(db: Pool): Promise<void> {
  const { version, encoding } = await serverOf(db).catch((cause: unknown) => {
    throw unusable(cause);
  });
  const problem = tooOld(version) ?? cannotHold(encoding);
  if (problem !== null) throw new Unavailable(problem.sentence, { hint: problem.hint });
}

async function serverOf(db: Pool): Promise<{ version: number; encoding: string }> {
  const { rows } = await db.query<{ version: number; encoding: string }>(
    "select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding",
  );
  return rows[0] ?? { version: 0, encoding: "" };
}

function unusable(cause: unknown): Unavailable {
  const { sentence, hint } = databaseProblem(cause);
  return new Unavailable(sentence, { cause, hint });
}
