import { holders, survey, WATCHER, type Survey } from "../../checks/postgres-survey.ts";
import type { Target } from "../../domain/catalog.ts";
import { formatDuration, formatShare, formatSize, parseDuration } from "../../domain/measures.ts";
import type { Observation, Session } from "../../domain/observation.ts";
import { complaint, connected, settings } from "./connect.ts";
import { limits, lookAtSessions, type Sessions } from "./sessions.ts";
import type { Standing } from "../provider.ts";

/** What there is to see of a database. */

const PATIENCE = 5_000; // ms for each question, as the server counts

/** @throws Unavailable | Invalid */
export async function observe(target: Target, signal: AbortSignal): Promise<Observation> {
  const where = settings.parse(target.settings);
  const seen = await connected(target, WATCHER, signal, async ({ ask, address }) => {
    const connections = await survey(ask, PATIENCE);
    await ask(`begin transaction read only; ${limits(PATIENCE)}`);
    const [overview] = await ask<Overview>(OVERVIEW);
    const found = await lookAtSessions(ask, where);
    await ask("commit");
    return { address, connections, overview, found };
  }).catch((error: unknown) => {
    throw complaint(error);
  });
  const { sessions, version } = seen.found;
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version,
    ...healthOf(seen.found, parseDuration(where.long_transaction)),
    releases: [],
    sizes: [],
    certificates: [],
    sessions,
    facts: factsOf(seen),
  };
}

type Overview = {
  readonly version: string;
  readonly role: string;
  readonly size: string;
  readonly reserved: number;
  readonly standby: boolean;
  /** Seconds behind: of a standby its own, of a primary the most of its standbys. */
  readonly lag: number | null;
  readonly standbys: number;
  /** Transactions since the oldest row that is not frozen yet. */
  readonly frozen: number;
};

// A reader of Aurora shares the writer's storage, and refuses the functions that say how far behind a standby is.
// Where nothing is written, a standby that has replayed all that it got is not behind, however old that is.
const OVERVIEW = `
  select current_setting('server_version') as version, current_user as role,
         pg_database_size(current_database())::text as size,
         current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true), '0')::int as reserved,
         pg_is_in_recovery() as standby,
         (select count(*)::int from pg_stat_replication) as standbys,
         case when exists (select from pg_proc where proname = 'aurora_version') and pg_is_in_recovery() then null
              when not pg_is_in_recovery() then (select extract(epoch from max(replay_lag)) from pg_stat_replication)
              when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
              else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end::float8 as lag,
         (select age(datfrozenxid) from pg_database where datname = current_database()) as frozen`;

type Seen = {
  readonly address: string;
  readonly connections: Survey;
  readonly overview: Overview | undefined;
  readonly found: Sessions;
};

const FROZEN_AT_MOST = 2 ** 31; // transaction ids until the oldest row must be frozen
const SHOWN = 3;

function factsOf({ address, connections, overview, found: { sessions } }: Seen): Observation["facts"] {
  const holding = sessions.filter(({ holdsUp }) => holdsUp.length > 0);
  const open = sessions.filter(({ transaction }) => transaction !== null).toSorted(byTransaction);
  const facts: Record<string, string> = {
    ...(holding.length > 0 && { Blocked: some(holding, blocking) }),
    ...(open.length > 0 && { "Longest transactions": some(open, longest) }),
    Connections: `${connections.used} of ${connections.usable} in use${overview === undefined ? "" : `, ${overview.reserved} more are reserved`}`,
    ...(connections.groups.length > 0 && { "Most from": connections.groups.map(holders).join("; ") }),
    ...(connections.hidden > 0 && {
      "Not visible": `what ${connections.hidden} sessions do; grant pg_monitor to our role`,
    }),
    ...(overview !== undefined && {
      Replication: replicationOf(overview),
      Size: formatSize(Number(overview.size)),
      "Transaction ids": `${formatShare(overview.frozen / FROZEN_AT_MOST)} used since the oldest row was frozen`,
      System: `PostgreSQL ${overview.version}, as ${overview.role}`,
    }),
    Database: address,
  };
  return facts;
}

function some(sessions: readonly Session[], words: (session: Session) => string): string {
  const more = sessions.length - SHOWN;
  return [...sessions.slice(0, SHOWN).map(words), ...(more > 0 ? [`${more} more`] : [])].join("; ");
}

function byTransaction(a: Session, b: Session): number {
  return (a.transaction ?? "") < (b.transaction ?? "") ? -1 : 1;
}

function blocking({ id, who, state, holdsUp }: Session): string {
  return `${holdsUp.length === 1 ? "1 waits" : `${holdsUp.length} wait`} for ${id} (${who}, ${state})`;
}

function longest({ id, who, state, transaction }: Session): string {
  return `${id} (${who}, ${state}) since ${transaction?.slice(0, 19) ?? "unknown"}Z`;
}

function replicationOf({ standby, standbys, lag }: Overview): string {
  const behind = lag === null ? "" : `, ${formatDuration(Math.max(0, Math.round(lag * 1_000)))} behind`;
  if (standby) return `standby${behind}`;
  return standbys === 0
    ? "primary without a standby"
    : `primary of ${standbys}${behind === "" ? "" : `, up to${behind.slice(1)}`}`;
}

/** Not well is that somebody holds others up for long; of the rest the check `postgres` tells, by its own limits. */
function healthOf({ sessions, at, areHidden }: Sessions, long: number): Pick<Observation, "health" | "problem"> {
  const before = at.getTime() - long;
  const holding = sessions.find(
    ({ holdsUp, transaction }) => holdsUp.length > 0 && transaction !== null && Date.parse(transaction) <= before,
  );
  if (holding !== undefined)
    return { health: "degraded", problem: `session ${holding.id} (${holding.who}) holds others up` };
  if (!areHidden) return { health: "ok" };
  return { health: "unknown", problem: "sessions that our role may not see may hold others up" };
}

/** @throws Unavailable | Invalid */
export async function examine(target: Target, signal: AbortSignal): Promise<Standing> {
  return connected(target, WATCHER, signal, async ({ ask, address }) => {
    const [role] = await ask<Role>(RIGHTS);
    if (role === undefined) return { identity: "nobody", missing: [] };
    const { name, superuser, sees, ends } = role;
    return {
      identity: `${name} on ${address}${superuser ? ", a superuser, which is more than it should be" : ""}`,
      missing: [
        ...(sees ? [] : [`see what the sessions of other roles do: grant pg_monitor to ${name}`]),
        ...(ends ? [] : [`end sessions of other roles: grant pg_signal_backend to ${name} (for end)`]),
      ],
    };
  }).catch((error: unknown) => {
    throw complaint(error);
  });
}

type Role = { readonly name: string; readonly superuser: boolean; readonly sees: boolean; readonly ends: boolean };

const RIGHTS = `
  select current_user as name, current_setting('is_superuser') = 'on' as superuser,
         pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees,
         pg_has_role(current_user, 'pg_signal_backend', 'usage') as ends`;
