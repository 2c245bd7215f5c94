import { randomUUID } from "node:crypto";
import { STEP_STATES } from "../domain/operation.ts";
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
  textArray,
  timestamp,
  uuid,
  type Db,
  type RowOf,
} from "../db/sql.ts";

const STEP = new Row({
  id: integer,
  operation: integer,
  seq: integer,
  target: text,
  state: oneOf(STEP_STATES),
  attempt: integer,
  fence: nullable(integer),
  token: uuid,
  intentAt: nullable(timestamp),
  settleUntil: nullable(timestamp),
  outcome: nullable(text),
  lookAskedAt: nullable(timestamp),
  failingBefore: textArray,
});
export type Step = RowOf<typeof STEP>;

/**
 * The operation's step, made on first sight. Its token stays the same over all attempts, so that a provider which honours
 * tokens applies it once, and is random: another database has the same operation numbers.
 */
export async function stepOf(db: Db, operation: number, target: string): Promise<Step> {
  await execute(
    db,
    sql`insert into steps (operation, seq, target, token) values (${operation}, 1, ${target}, ${randomUUID()}) on conflict (operation, seq) do nothing`,
  );
  const step = await queryOne(
    db,
    STEP,
    sql`select ${STEP} from steps where operation = ${operation} and seq = 1 for update`,
  );
  if (step === null) throw new Error(`operation ${operation} has no step`);
  return step;
}

export async function stepIfAny(db: Db, operation: number): Promise<Step | null> {
  return queryOne(db, STEP, sql`select ${STEP} from steps where operation = ${operation} and seq = 1`);
}

const FENCE = new Row({ fence: integer });

/** The next fence of a target: whoever holds a smaller one has lost it. Locks the target's row until the transaction ends. */
export async function nextFence(db: Db, target: string): Promise<number> {
  const row = await queryOne(
    db,
    FENCE,
    sql`insert into targets (key, fence) values (${target}, 1) on conflict (key) do update set fence = targets.fence + 1 returning fence`,
  );
  if (row === null) throw new Error("an upsert returned no row");
  return row.fence;
}

const HOLDER = new Row({ operation: integer, state: oneOf(STEP_STATES) });

/** The operation whose step holds a target, if any. */
export async function holderOf(db: Db, target: string): Promise<{ operation: number; state: Step["state"] } | null> {
  return queryOne(
    db,
    HOLDER,
    sql`select ${HOLDER} from steps where target = ${target} and state in ('intent', 'unknown', 'needs_human')`,
  );
}

export async function saveStep(db: Db, step: Step): Promise<void> {
  await execute(
    db,
    sql`update steps set state = ${step.state}, attempt = ${step.attempt}, fence = ${step.fence}, intent_at = ${step.intentAt},
          settle_until = ${step.settleUntil}, outcome = ${step.outcome}, look_asked_at = ${step.lookAskedAt}, failing_before = ${step.failingBefore}
        where id = ${step.id}`,
  );
}

/** Whether the intent written by this attempt still stands: asked immediately before the first byte is sent. */
export async function stillHolds(db: Db, step: Pick<Step, "id" | "attempt" | "fence">): Promise<boolean> {
  const rows = await query(
    db,
    FENCE,
    sql`select t.fence from steps s join targets t on t.key = s.target
        where s.id = ${step.id} and s.state = 'intent' and s.attempt = ${step.attempt} and s.fence = ${step.fence} and t.fence = ${step.fence}`,
  );
  return rows.length === 1;
}

/** Operations queued for a target, in the order in which a free target is given: rollback, due reversal, then age. */
export async function waitingFor(db: Db, target: string): Promise<number[]> {
  const rows = await query(
    db,
    ID,
    sql`select id from operations where target = ${target} and state = 'queued'
        order by (action = 'rollback') desc, (reversal_of is not null) desc, id`,
  );
  return rows.map((row) => row.id);
}

const ID = new Row({ id: integer });
