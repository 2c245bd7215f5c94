import { randomUUID } from "node:crypto";
import type { Plan } from "../domain/action.ts";
import { STEP_STATES } from "../domain/operation.ts";
import { asJson } from "../db/json.ts";
import {
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
  /** What is sent, as it was drawn last; null before the first intent. */
  plan: nullable(json<Plan>()),
  undoes: nullable(integer),
  doneAt: nullable(timestamp),
});
export type Step = RowOf<typeof STEP>;

/**
 * The step of an operation that is under way, the newest; the first is made on first sight. Its token stays the same over
 * all attempts, so that a provider which honours tokens applies it once, and is random: another database has the same
 * operation numbers.
 */
export async function stepOf(db: Db, operation: number, target: string): Promise<Step> {
  await insertStep(db, { operation, seq: 1, target, undoes: null });
  const step = await queryOne(
    db,
    STEP,
    sql`select ${STEP} from steps where operation = ${operation} order by seq desc limit 1 for update`,
  );
  if (step === null) throw new Error(`operation ${operation} has no step`);
  return step;
}

/** One more step of an operation; what is there already stays. */
export async function insertStep(
  db: Db,
  { operation, seq, target, undoes }: Pick<Step, "operation" | "seq" | "target" | "undoes">,
): Promise<void> {
  await execute(
    db,
    sql`insert into steps (operation, seq, target, undoes, token) values (${operation}, ${seq}, ${target}, ${undoes}, ${randomUUID()})
        on conflict (operation, seq) do nothing`,
  );
}

export async function stepIfAny(db: Db, operation: number): Promise<Step | null> {
  return (await stepsOf(db, operation)).at(-1) ?? null;
}

/** The steps that were begun, in order, and the one that is next. */
export async function stepsOf(db: Db, operation: number): Promise<Step[]> {
  return query(db, STEP, sql`select ${STEP} from steps where operation = ${operation} order by seq`);
}

const FENCE = new Row({ fence: integer });

/** The next fence of a target: whoever holds a smaller one has lost it. Locks the target's row until the transaction ends. */
export async function nextFence(db: Db, target: string): Promise<number> {
  const row = await queryRow(
    db,
    FENCE,
    sql`insert into targets (key, fence) values (${target}, 1) on conflict (key) do update set fence = targets.fence + 1 returning fence`,
  );
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
          settle_until = ${step.settleUntil}, outcome = ${step.outcome}, look_asked_at = ${step.lookAskedAt}, failing_before = ${step.failingBefore},
          plan = ${step.plan === null ? null : asJson(step.plan)}, done_at = ${step.doneAt}
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

/**
 * Operations that wait for a target, in the order in which a free one is given: rollback, what has begun and goes on there,
 * due reversal, then age. A sequence under way keeps all of its targets until it ends; what is put off lets others go first.
 */
export async function waitingFor(db: Db, target: string, now: Date): Promise<number[]> {
  const among = sql`plan->'steps' @> ${JSON.stringify([{ target }])}::jsonb`;
  const rows = await query(
    db,
    ID,
    sql`select id from operations
        where finished_at is null
          and ((state = 'queued' and (target = ${target} or ${among}) and (heartbeat_at is null or heartbeat_at <= ${now}))
               or (state = 'running' and ${among}))
        order by (state = 'queued' and action = 'rollback') desc, (state = 'running') desc, (reversal_of is not null) desc, id`,
  );
  return rows.map((row) => row.id);
}

/** The last step of this action that is done on a target, for the pause after it. A sequence's counts whatever came of the rest. */
export async function lastDone(db: Db, target: string, action: string): Promise<{ plan: Plan; at: Date } | null> {
  const plan = sql`coalesce(s.plan, o.plan)`;
  const rows = await query(
    db,
    DONE,
    sql`select ${plan} as plan, coalesce(s.done_at, o.finished_at) as at from steps s join operations o on o.id = s.operation
        where s.target = ${target} and s.state = 'done' and ${plan}->>'action' = ${action}
          and (o.state = 'succeeded' or o.plan->'steps' is not null) and coalesce(s.done_at, o.finished_at) is not null
        order by at desc limit 1`,
  );
  return rows[0] ?? null;
}

const DONE = new Row({ plan: json<Plan>(), at: timestamp });
const ID = new Row({ id: integer });
