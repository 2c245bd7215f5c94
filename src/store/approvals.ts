import { VERDICTS, type Approval, type Asked } from "../domain/operation.ts";
import {
  execute,
  integer,
  nullable,
  oneOf,
  query,
  queryOne,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type Sql,
} from "../db/sql.ts";
import { operations, type StoredOperation } from "./operations.ts";

/** Requests that wait to be approved, who was asked to, and what people decided. */

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

const COUNT = new Row({ count: integer });

export async function countAwaiting(db: Db, filter: AwaitingFilter): Promise<number> {
  const row = await queryOne(db, COUNT, sql`select count(*) as count from operations where ${awaiting(filter)}`);
  return row?.count ?? 0;
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

const SERVICE = new Row({ service: text });

/** Services on which something waits to be approved. */
export async function servicesAwaiting(db: Db): Promise<string[]> {
  const rows = await query(
    db,
    SERVICE,
    sql`select distinct service from operations where state = 'awaiting_approval' and finished_at is null`,
  );
  return rows.map((row) => row.service);
}

const ASKED = new Row({ person: text, at: timestamp });

/** Notes who is asked to approve, and through which account; whoever was asked before stays as noted then. */
export async function insertAsked(
  db: Db,
  operation: number,
  people: readonly { readonly person: string; readonly account: string }[],
  at: Date,
): Promise<void> {
  await execute(
    db,
    sql`insert into asked (operation, person, account, at)
        select ${operation}, person, account, ${at}
        from unnest(${people.map((each) => each.person)}::text[], ${people.map((each) => each.account)}::text[]) as p (person, account)
        on conflict (operation, person) do nothing`,
  );
}

/** In the order in which they were asked. */
export async function askedOf(db: Db, operation: number): Promise<Asked[]> {
  return query(db, ASKED, sql`select ${ASKED} from asked where operation = ${operation} order by at, person`);
}

const APPROVAL = new Row({
  person: text,
  verdict: oneOf(VERDICTS),
  reason: nullable(text),
  planHash: text,
  at: timestamp,
});

export async function decisionsOf(db: Db, operation: number): Promise<Approval[]> {
  return query(db, APPROVAL, sql`select ${APPROVAL} from approvals where operation = ${operation} order by at`);
}

/** The database allows one decision a person. */
export async function insertDecision(
  db: Db,
  operation: number,
  account: string,
  { person, verdict, reason, planHash, at }: Approval,
): Promise<void> {
  await execute(
    db,
    sql`insert into approvals (operation, person, account, verdict, reason, plan_hash, at)
        values (${operation}, ${person}, ${account}, ${verdict}, ${reason}, ${planHash}, ${at})`,
  );
}
