import { ACTIONS, type Arguments, type Plan } from "../domain/action.ts";
import { OPERATION_STATES, type Operation } from "../domain/operation.ts";
import { asJson } from "../db/json.ts";
import {
  boolean,
  countOf,
  execute,
  integer,
  json,
  nullable,
  oneOf,
  query,
  queryOne,
  queryRow,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type Sql,
} from "../db/sql.ts";

const OPERATION = new Row({
  id: integer,
  item: nullable(integer),
  service: text,
  environment: text,
  target: text,
  action: oneOf(ACTIONS),
  arguments: json<Arguments>(),
  state: oneOf(OPERATION_STATES),
  requestedBy: text,
  requestedAt: timestamp,
  catalogVersion: nullable(integer),
  plan: nullable(json<Plan>()),
  planHash: nullable(text),
  approvals: integer,
  expiresAt: nullable(timestamp),
  cancelRequestedAt: nullable(timestamp),
  startedAt: nullable(timestamp),
  heartbeatAt: nullable(timestamp),
  finishedAt: nullable(timestamp),
  outcome: nullable(text),
  reversalOf: nullable(integer),
  preview: boolean,
  despite: nullable(text),
  restAt: nullable(timestamp),
  aloneAt: nullable(timestamp),
  aloneOfferedAt: nullable(timestamp),
});

/** An operation as stored, with what only its own machinery needs. */
export type StoredOperation = Operation & {
  readonly catalogVersion: number | null;
  readonly heartbeatAt: Date | null;
  readonly preview: boolean;
  /** When everybody else who may approve is asked too. */
  readonly restAt: Date | null;
  /** When whoever is on call was told that they may go alone. */
  readonly aloneOfferedAt: Date | null;
};

/** Operations by the rest of a statement, which begins with `where`. */
export async function operations(db: Db, rest: Sql): Promise<StoredOperation[]> {
  return query(db, OPERATION, sql`select ${OPERATION} from operations ${rest}`);
}

export async function operationById(db: Db, id: number): Promise<StoredOperation | null> {
  return (await operations(db, sql`where id = ${id}`))[0] ?? null;
}

export async function lockOperation(db: Db, id: number): Promise<StoredOperation | null> {
  return (await operations(db, sql`where id = ${id} for update`))[0] ?? null;
}

export type NewOperation = Pick<
  Operation,
  "item" | "service" | "environment" | "target" | "action" | "arguments" | "requestedBy" | "requestedAt" | "reversalOf"
> & {
  readonly catalogVersion: number | null;
  readonly expiresAt: Date;
  readonly preview: boolean;
  readonly despite: string | null;
};

export async function insertOperation(db: Db, operation: NewOperation): Promise<StoredOperation> {
  return queryRow(
    db,
    OPERATION,
    sql`insert into operations (item, service, environment, target, action, arguments, requested_by, requested_at, catalog_version, expires_at, reversal_of, preview, despite)
        values (${operation.item}, ${operation.service}, ${operation.environment}, ${operation.target}, ${operation.action},
                ${asJson(operation.arguments)}, ${operation.requestedBy}, ${operation.requestedAt}, ${operation.catalogVersion},
                ${operation.expiresAt}, ${operation.reversalOf}, ${operation.preview},
                ${operation.despite})
        returning ${OPERATION}`,
  );
}

/** Writes back what the door changed on a locked operation. */
export async function saveOperation(db: Db, operation: StoredOperation): Promise<void> {
  await execute(
    db,
    sql`update operations set state = ${operation.state}, plan = ${operation.plan === null ? null : asJson(operation.plan)}, plan_hash = ${operation.planHash},
          approvals = ${operation.approvals}, catalog_version = ${operation.catalogVersion}, expires_at = ${operation.expiresAt},
          cancel_requested_at = ${operation.cancelRequestedAt}, started_at = ${operation.startedAt}, heartbeat_at = ${operation.heartbeatAt},
          finished_at = ${operation.finishedAt}, outcome = ${operation.outcome},
          rest_at = ${operation.restAt}, alone_at = ${operation.aloneAt}, alone_offered_at = ${operation.aloneOfferedAt}
        where id = ${operation.id}`,
  );
}

export async function heartbeat(db: Db, id: number, now: Date): Promise<{ cancelled: boolean }> {
  const row = await queryOne(
    db,
    CANCEL,
    sql`update operations set heartbeat_at = ${now} where id = ${id} and state = 'running' returning cancel_requested_at`,
  );
  return { cancelled: row?.cancelRequestedAt !== undefined && row.cancelRequestedAt !== null };
}

const CANCEL = new Row({ cancelRequestedAt: nullable(timestamp) });
const ID = new Row({ id: integer });
/** Operations on an item, newest first; without previews, which only their requester sees. */
export async function operationsOfItem(db: Db, item: number, limit: number): Promise<StoredOperation[]> {
  return operations(db, sql`where item = ${item} and not preview order by id desc limit ${limit}`);
}

/** Unfinished operations on a service, oldest first, without previews. */
export async function unfinishedOf(db: Db, service: string, limit: number): Promise<StoredOperation[]> {
  return operations(db, sql`where ${unfinished(service)} order by id limit ${limit}`);
}

export async function countUnfinished(db: Db, service: string): Promise<number> {
  return countOf(db, sql`select count(*) as count from operations where ${unfinished(service)}`);
}

/** Finished operations on a service, the newest request first. */
export async function doneOf(db: Db, service: string, limit: number): Promise<StoredOperation[]> {
  return operations(
    db,
    sql`where service = ${service} and state in ('succeeded', 'failed', 'reverted', 'closed_unknown') and not preview
        order by id desc limit ${limit}`,
  );
}

function unfinished(service: string): Sql {
  return sql`service = ${service} and finished_at is null and not preview`;
}

/** The oldest unfinished request for the same action, or for the same task or sequence, on a target. */
export async function twinOf(
  db: Db,
  target: string,
  action: string,
  { task, sequence, session }: Pick<Arguments, "task" | "sequence" | "session">,
): Promise<StoredOperation | null> {
  const twins = sql`where target = ${target} and action = ${action} and arguments->>'task' is not distinct from ${task ?? null}::text
                      and arguments->>'sequence' is not distinct from ${sequence ?? null}::text
                      and arguments->>'session' is not distinct from ${session ?? null}::text
                      and finished_at is null and not preview and reversal_of is null order by id limit 1`;
  return (await operations(db, twins))[0] ?? null;
}

/** Operations on these services that were under way at some moment between two. */
export async function operationsBetween(
  db: Db,
  services: readonly string[],
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<StoredOperation[]> {
  return operations(
    db,
    sql`where service = any(${services}) and started_at <= ${to} and (finished_at is null or finished_at >= ${from})
        order by started_at desc limit 100`,
  );
}

export type AwaitingFilter = {
  /** Absent: of every service. */
  readonly services?: readonly string[] | undefined;
  /** Without what this person asked for, or has decided on already. */
  readonly decider?: string;
};

/** Oldest first. */
export async function awaitingApproval(db: Db, filter: AwaitingFilter, limit: number): Promise<StoredOperation[]> {
  return operations(db, sql`where ${awaiting(filter)} order by id limit ${limit}`);
}

export async function countAwaiting(db: Db, filter: AwaitingFilter): Promise<number> {
  return countOf(db, sql`select count(*) as count from operations where ${awaiting(filter)}`);
}

function awaiting({ services, decider }: AwaitingFilter): Sql {
  const which = services === undefined ? sql`` : sql`and service = any(${services})`;
  const whose =
    decider === undefined
      ? sql``
      : sql`and requested_by <> ${decider}
            and not exists (select from approvals a where a.operation = operations.id and a.person = ${decider})`;
  return sql`state = 'awaiting_approval' and finished_at is null ${which} ${whose}`;
}

/** Whether something may still happen because of an item; a preview changes nothing. */
export async function hasUnfinished(db: Db, item: number): Promise<boolean> {
  const found = sql`select id from operations where item = ${item} and finished_at is null and not preview limit 1`;
  return (await query(db, ID, found)).length > 0;
}

/**
 * Whether somebody or the bot is busy with an operation on an item: it runs, or was asked for since then. Not where only a person
 * can say how it ended, nor where the item is about what that operation only tries again to take back.
 */
export async function isBusyWith(db: Db, item: number, since: Date): Promise<boolean> {
  const busy = sql`select id from operations o where item = ${item} and finished_at is null and not preview
                     and (o.state = 'running' or o.requested_at > ${since})
                     and not exists (select from steps s where s.operation = o.id and s.state = 'needs_human')
                     and not exists (select from items i where i.id = o.item and i.reverses = o.reversal_of) limit 1`;
  return (await query(db, ID, busy)).length > 0;
}

const OF_ITEM = new Row({ item: integer });

/** Which of these items have an operation under way. */
export async function withUnfinished(db: Db, items: readonly number[]): Promise<Set<number>> {
  const found = sql`select distinct item from operations where item = any(${items}) and finished_at is null and not preview`;
  return new Set((await query(db, OF_ITEM, found)).map(({ item }) => item));
}

/** The operation under way that takes this one back. */
export async function takingBack(db: Db, parent: number): Promise<number | null> {
  const found = sql`select id from operations where reversal_of = ${parent} and finished_at is null`;
  return (await queryOne(db, ID, found))?.id ?? null;
}
