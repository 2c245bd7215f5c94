import { boolean, double, execute, oneOf, query, Row, sql, text, type Db, type RowOf } from "../db/sql.ts";
import { lateSince } from "./due-postings.ts";

/** The figures of `/metrics`: how much there is of whatever somebody may want to be alerted by. */

const FIGURE = new Row({
  figure: oneOf([
    "items",
    "checks",
    "checks overdue",
    "postings behind",
    "postings oldest",
    "operations",
    "alarms",
    "channels shut",
  ]),
  /** Severity, belief or state; empty for the others. */
  label: text,
  owned: boolean,
  value: double,
});
export type Figure = RowOf<typeof FIGURE>;

/** A statement timeout: whoever asks gives up after a while, and nothing may go on counting for nobody. */
export async function boundStatements(db: Db, ms: number): Promise<void> {
  await execute(db, sql`select set_config('statement_timeout', ${String(ms)}, true)`);
}

/** Every figure in one statement; a group that is empty has no row. A check is overdue when it has been due since before `late`. */
export async function figures(db: Db, now: Date, late: Date): Promise<Figure[]> {
  return query(
    db,
    FIGURE,
    sql`select 'items' as figure, severity as label, owner_person <> '' or owner_team <> '' as owned, sum(count)::float8 as value
          from item_counts group by 2, 3
        union all
        select 'checks', believed, false, count(*)::float8 from checks where left_at is null group by believed
        union all
        select 'checks overdue', '', false, count(*)::float8 from checks where left_at is null and due_at < ${late}
        union all
        select 'postings behind', '', false, count(*)::float8 from postings where shown < wanted
        union all
        select 'postings oldest', '', false, coalesce(greatest(extract(epoch from ${now}::timestamptz - ${lateSince(now)}), 0), 0)::float8
        union all
        select 'operations', state, false, count(*)::float8 from operations where finished_at is null group by state
        union all
        select 'alarms', about, false, 1 from alarms where ended_at is null
        union all
        select 'channels shut', '', false, count(*)::float8 from pace where problem is not null`,
  );
}
