import { execute, integer, often, query, Row, sql, type Db } from "../db/sql.ts";
import { operations, type StoredOperation } from "./operations.ts";

/** Operations that are due for something: what sweeps ask for, each row locked or left to whoever has it. */

const ID = new Row({ id: integer });

/** Requests whose plan was not drawn, or that were not approved, in time; locked. */
export async function lockExpired(db: Db, now: Date, limit: number): Promise<StoredOperation[]> {
  return operations(
    db,
    sql`where finished_at is null and state in ('planning', 'awaiting_approval') and expires_at <= ${now} order by id limit ${limit} for update skip locked`,
  );
}

/** Requests that have as many approvals as they need, though not all of them counted when they were given; locked. */
export async function lockApproved(db: Db, now: Date): Promise<StoredOperation[]> {
  return operations(
    db,
    sql`where state = 'awaiting_approval' and expires_at > ${now} and approvals > 0
          and (select count(*) from approvals a where a.operation = operations.id and a.verdict = 'approved') >= approvals
        order by id for update skip locked`,
  );
}

/** Requests that more people are to be asked about by now, locked. */
export async function lockWithRest(db: Db, now: Date, limit: number): Promise<StoredOperation[]> {
  return operations(
    db,
    sql`where state = 'awaiting_approval' and rest_at <= ${now} and expires_at > ${now}
        order by rest_at, id limit ${limit} for update skip locked`,
  );
}

/** Requests that nobody decided on, and with which whoever is on call may go alone by now; locked, each once. */
export async function lockForAlone(db: Db, now: Date, limit: number): Promise<StoredOperation[]> {
  return operations(
    db,
    sql`where state = 'awaiting_approval' and alone_at <= ${now} and alone_offered_at is null and expires_at > ${now}
        order by alone_at, id limit ${limit} for update skip locked`,
  );
}

/**
 * Operations that some worker should be busy with and none seems to be: not asked for since `quietSince`, the longest first. What
 * the queue forgot is asked for again.
 */
export async function forgotten(db: Db, quietSince: Date, now: Date, limit: number): Promise<number[]> {
  const rows = await query(
    db,
    ID,
    often(
      "operations.forgotten",
      sql`select o.id from operations o
        where o.finished_at is null
          and ((o.state in ('planning', 'queued') and coalesce(o.heartbeat_at, o.requested_at) <= ${quietSince})
            or (o.state = 'running' and coalesce(o.heartbeat_at, o.started_at) <= ${quietSince}
                and exists (select from steps s where s.operation = o.id
                             and (s.state = 'ready' or s.look_asked_at is not null
                               or (s.state in ('intent', 'unknown') and s.settle_until <= ${now})))))
        order by coalesce(o.heartbeat_at, o.requested_at), o.id limit ${limit}`,
    ),
  );
  return rows.map((row) => row.id);
}

/** Notes that a job was asked for now, so that the sweep leaves its operation alone for a while. */
export async function touch(db: Db, id: number, now: Date): Promise<void> {
  await execute(db, sql`update operations set heartbeat_at = ${now} where id = ${id} and finished_at is null`);
}
