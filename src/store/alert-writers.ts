import { countOf, execute, often, sql, type Db } from "../db/sql.ts";

/** By these counts a process knows whether what it remembers of alerts is still true. */

/** Counts a change by this writer. */
export async function countChange(db: Db, writer: string, now: Date): Promise<void> {
  await execute(
    db,
    often(
      "alerts.changed",
      sql`insert into alert_writers as w (writer, changes, at) values (${writer}, 1, ${now})
          on conflict (writer) do update set changes = w.changes + 1, at = excluded.at`,
    ),
  );
}

/** How often all other writers changed something: while this stays the same, what this one remembers is true. */
export async function changesOfOthers(db: Db, writer: string): Promise<number> {
  const statement = sql`select coalesce(sum(changes), 0)::bigint as count from alert_writers where writer <> ${writer}`;
  return countOf(db, often("alerts.others", statement));
}
