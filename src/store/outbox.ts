import { execute, integer, nullable, often, query, Row, sql, text, type Db, type RowOf } from "../db/sql.ts";
import { carried } from "../telemetry/trace.ts";
import { notify } from "./events.ts";

const OWED = new Row({ id: integer, queue: text, subject: integer, trace: nullable(text) });
export type Owed = Omit<RowOf<typeof OWED>, "id">;

/** Owes the queue a job, as part of the change that makes it necessary. */
export async function owe(db: Db, queue: string, subject: number, now: Date): Promise<void> {
  await execute(
    db,
    sql`insert into outbox (queue, subject, created_at, trace) values (${queue}, ${subject}, ${now}, ${carried()})`,
  );
  await notify(db, "daytwo_outbox");
}

/**
 * Takes up to `limit` debts; they are paid when the transaction commits, and owed again if it does not. They are looked for once, as
 * an array: joined, they would be looked for again for each debt, once the planner has seen that there is none.
 */
export async function takeOwed(db: Db, limit: number): Promise<Owed[]> {
  return query(
    db,
    OWED,
    often(
      "outbox.take",
      sql`delete from outbox where id = any(array(select id from outbox order by id limit ${limit} for update skip locked)) returning ${OWED}`,
    ),
  );
}
