import { WATCHER, type Ask } from "../../checks/postgres-survey.ts";
import { parseDuration } from "../../domain/measures.ts";
import type { Session } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import type { Settings } from "./connect.ts";

/**
 * Who is connected to the database, as the server tells it. What they run is never read but for its first word: a query's
 * text has values in it, and theirs are nobody's business in a channel.
 */

/** How the session of a step names itself; one that only looks does as the check's do. */
export function nameOf(token: string): string {
  return `${ACTING} ${token}`;
}
const ACTING = "daytwo";

const MOST = 100;
const MOST_WAITING = 200; // of whom it is asked whom they wait for, which takes the server's locks for a moment
const WORDS =
  "alter, analyze, begin, call, cluster, commit, copy, create, declare, delete, do, drop, execute, explain, fetch, grant, insert, listen, lock, merge, move, notify, prepare, refresh, reindex, release, reset, revoke, rollback, savepoint, select, set, show, table, truncate, update, vacuum, values, with";

/**
 * Clients of this database that our role may see, with what tells one from another of the same number: a number is given
 * anew, a start is not. `version` stands for the transactions that have been open for long and wait for nobody.
 */
function sessionsFor({ long_transaction: long }: Pick<Settings, "long_transaction">): string {
  return `with sessions as materialized (
    select pid, left(coalesce(nullif(application_name, ''), usename, 'unnamed'), 63) as who, usename::text as role,
           host(client_addr) as address, state, backend_start, xact_start,
           case when state = 'active' then query_start end as query_start,
           lower(substring(query from '^\\s*([A-Za-z]+)')) as word,
           wait_event_type is not distinct from 'Lock' as waits,
           row_number() over (partition by wait_event_type is not distinct from 'Lock' order by xact_start) as place,
           concat_ws('/', extract(epoch from backend_start), extract(epoch from xact_start)) as mark
    from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and state is not null
      and not (usename = current_user and (application_name = '${WATCHER}' or application_name like '${ACTING} %'))
  ), seen as (
    select coalesce(left(encode(sha256(convert_to(string_agg(pid || '/' || mark, ' ' order by pid), 'UTF8')), 'hex'), 20), 'quiet') as version
    from sessions where not waits and xact_start <= clock_timestamp() - ${parseDuration(long)} * interval '1 millisecond'
  )`;
}

export type Sessions = {
  readonly version: string;
  /** The moment by the database's clock, by which its sessions say since when. */
  readonly at: Date;
  readonly sessions: readonly Session[];
  /** Whether there are more of this database, of which our role may see nothing else. */
  readonly areHidden: boolean;
};

const HIDDEN = `exists (
  select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_start is null)`;

type Row = {
  readonly pid: number;
  readonly who: string;
  readonly role: string | null;
  readonly address: string | null;
  readonly state: string;
  readonly connected: Date;
  readonly transaction: Date | null;
  readonly waits: boolean;
  readonly mark: string;
  readonly running: Date | null;
  readonly word: string | null;
  readonly statement: string | null;
  readonly waitsfor: readonly number[] | null;
};

/** Those that hold others up first, then by the age of their transaction. */
export async function lookAtSessions(ask: Ask, where: Settings): Promise<Sessions> {
  const [seen] = await ask<{ version: string; at: Date; hidden: boolean }>(
    `${sessionsFor(where)} select version, clock_timestamp() as at, ${HIDDEN} as hidden from seen`,
  );
  const rows = await ask<Row>(`${sessionsFor(where)}
    select pid, who, role, address, state, backend_start as connected, xact_start as transaction, waits, mark,
           query_start as running, case when word = any(string_to_array('${WORDS}', ', ')) then word end as word,
           concat_ws('/', mark, extract(epoch from query_start)) as statement,
           case when waits and place <= ${MOST_WAITING} then pg_blocking_pids(pid) end as waitsfor
    from sessions order by xact_start nulls last, backend_start, pid`);
  const waiting = rows.filter(({ waitsfor }) => waitsfor !== null);
  const sessions = rows.map((row) => session(row, waiting));
  return {
    version: seen?.version ?? "quiet",
    at: seen?.at ?? new Date(),
    areHidden: seen?.hidden ?? false,
    sessions: sessions.toSorted((a, b) => b.holdsUp.length - a.holdsUp.length).slice(0, MOST),
  };
}

function session(row: Row, waiting: readonly Row[]): Session {
  const { pid, who, role, address, state, waits, mark, running, word, statement } = row;
  return {
    id: String(pid),
    who,
    role: role ?? "unknown",
    address,
    state,
    connected: row.connected.toISOString(),
    transaction: row.transaction?.toISOString() ?? null,
    waits,
    mark,
    statement: running === null ? null : { since: running.toISOString(), word, mark: statement ?? mark },
    holdsUp: waits ? [] : heldUpBy(pid, waiting),
  };
}

/** Whoever waits for it, and for them; each once. */
function heldUpBy(pid: number, waiting: readonly Row[]): string[] {
  const found = new Set([pid]);
  for (const held of found) for (const row of waiting) if (row.waitsfor?.includes(held) === true) found.add(row.pid);
  found.delete(pid);
  return [...found].map(String);
}

/** What of a session is to end: all of it, with its transaction, or the statement that it runs. */
export type Subject = { readonly session: string; readonly mark: string; readonly statement: boolean };

const ENDS = { session: "pg_terminate_backend", statement: "pg_cancel_backend" } as const;
const OURS = 7_291_604; // the advisory lock by which operations on one database come one after another

/**
 * Ends it on condition that it is that very one, and that the version is still this: whoever asks second finds what the
 * first one did. All of it is one message, so that what arrives does so whole; the lock is held until the transaction ends.
 */
export function ending(subject: Subject, version: string, where: Settings): string {
  return `begin; ${limits(5_000)};
    select pg_advisory_xact_lock(${OURS});
    ${sessionsFor(where)}
    select ${subject.statement ? ENDS.statement : ENDS.session}(pid) as told
    from sessions where ${is(subject)} and (select version from seen) = ${literal(version)}`;
}

/**
 * What is left of it, read afresh also within a transaction: null where it is gone. A session is there in whatever
 * transaction it is now; a statement is that one or none. Whom our role may not see any more is not gone.
 */
export async function leftOf(ask: Ask, subject: Subject, where: Settings): Promise<"as it was" | "changed" | null> {
  const { session: id, mark, statement } = subject;
  const [start = ""] = mark.split("/", 1);
  const [left] = await ask<{ same: boolean; hidden: boolean }>(`select pg_stat_clear_snapshot(); ${sessionsFor(where)}
    select ${is(subject)} as same, false as hidden from sessions
    where pid = ${literal(id)} and split_part(mark, '/', 1) = ${literal(start)}
    union all
    select false, true from pg_stat_activity where pid = ${literal(id)} and backend_start is null`);
  if (left === undefined || (statement && !left.same && !left.hidden)) return null;
  return left.same ? "as it was" : "changed";
}

/** Another transaction of the same session, or another statement, is not what was approved. */
function is({ session: id, mark, statement }: Subject): string {
  const marked = statement ? "concat_ws('/', mark, extract(epoch from query_start))" : "mark";
  return `pid = ${literal(id)} and ${marked} = ${literal(mark)}`;
}

/** Limits for what follows in a transaction; not set at connecting, since poolers refuse settings that they do not know. */
export function limits(statement: number): string {
  return `set local statement_timeout = ${statement}; set local lock_timeout = 2000; set local idle_in_transaction_session_timeout = 15000`;
}

/** Numbers, marks and versions, which are all that is ever written into a statement. */
function literal(text: string): string {
  if (!/^[\w./]*$/.test(text)) throw new Invalid("The plan is not one that this provider has drawn.");
  return `'${text}'`;
}
