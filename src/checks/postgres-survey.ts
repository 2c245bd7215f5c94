import { formatDuration } from "../domain/measures.ts";

/** What a database says of its sessions, in one transaction that changes nothing. No query text is read. */

export type Transaction = {
  /** The number of its session. */
  readonly pid: number;
  /** The application's name, or the role's where it gives none. */
  readonly who: string;
  readonly state: string;
  /** ms. */
  readonly age: number;
};

export type Survey = {
  /** Sessions of clients, without those of looks like this one. */
  readonly used: number;
  /** How many there may be of roles that are not superusers. */
  readonly usable: number;
  /** Sessions whose doings our role may not see. */
  readonly hidden: number;
  /** The most frequent first; `age` is how long the longest of them is in its state, in ms, where our role may see it. */
  readonly groups: readonly {
    readonly who: string;
    readonly state: string;
    readonly count: number;
    readonly age: number | null;
  }[];
  /** By the age of the transaction, the oldest first. */
  readonly open: readonly Transaction[];
  /** Those that wait for their client; by how long they wait. */
  readonly idle: readonly Transaction[];
};

/** "web v142, idle in transaction (61, for up to 12 minutes)" */
export function holders({ who, state, count, age }: Survey["groups"][number]): string {
  return `${who}, ${state} (${count}${age === null ? "" : `, for up to ${formatDuration(age)}`})`;
}

/** How our own sessions name themselves. */
export const WATCHER = "daytwo-check";

// What our role may not see has no type, no state and no start; a database alone tells such sessions from the server's own.
const SESSIONS = `
  with sessions as (
    select pid, coalesce(nullif(application_name, ''), usename, 'unnamed') as who,
           coalesce(state, 'not visible') as state,
           clock_timestamp() - state_change as age,
           clock_timestamp() - xact_start as open,
           case when state like 'idle in transaction%' then clock_timestamp() - state_change end as idle
    from pg_stat_activity
    where pid <> pg_backend_pid() and coalesce(application_name, '') <> '${WATCHER}'
      and (backend_type = 'client backend' or (backend_type is null and datid is not null))
  )`;

const COUNTS = `${SESSIONS}
  select count(*)::int as used,
         (count(*) filter (where state = 'not visible'))::int as hidden,
         current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true), '0')::int as usable
  from sessions`;

const GROUPS = `${SESSIONS}
  select who, state, count(*)::int as count, extract(epoch from max(age))::float8 * 1000 as age from sessions group by who, state order by count(*) desc, who, state limit 3`;

const OPEN = `${SESSIONS}
  select pid, who, state, extract(epoch from open)::float8 * 1000 as age from sessions where open is not null order by open desc limit 3`;

const IDLE = `${SESSIONS}
  select pid, who, state, extract(epoch from idle)::float8 * 1000 as age from sessions where idle is not null order by idle desc limit 3`;

/** One question to the database, with values for `$1` and those after it; the rows it answers with. */
export type Ask = <Row extends object>(text: string, values?: readonly string[]) => Promise<readonly Row[]>;

/** @param patience ms for each question */
export async function survey(ask: Ask, patience: number): Promise<Survey> {
  // Set here and not at connecting: poolers refuse settings that they do not know.
  await ask(`begin transaction read only; set local statement_timeout = ${patience}`);
  const [counts] = await ask<Pick<Survey, "used" | "usable" | "hidden">>(COUNTS);
  const groups = await ask<Survey["groups"][number]>(GROUPS);
  const open = await ask<Transaction>(OPEN);
  const idle = await ask<Transaction>(IDLE);
  await ask("commit");
  return { ...(counts ?? { used: 0, usable: 0, hidden: 0 }), groups, open, idle };
}
