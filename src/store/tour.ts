import { integer, query, Row, sql, text, type Db } from "../db/sql.ts";
import { TOUR_KINDS, type Deed } from "../domain/tour.ts";

const DEED = new Row({ event: integer, name: text });

/** What of the log the tour looks at, oldest first. Only the demo asks, and its log is short. */
export async function tourDeeds(db: Db): Promise<Deed[]> {
  return query(
    db,
    DEED,
    sql`select e.id as event, concat_ws(' ', e.kind, e.detail->>'what', o.action) as name
        from events e left join operations o on o.id = e.operation
        where e.kind = any(${TOUR_KINDS}) order by e.id`,
  );
}
