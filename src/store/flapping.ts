import { integer, query, Row, sql, timestamp, type Db } from "../db/sql.ts";
import { itemsWhere, type StoredItem } from "./items.ts";

/** When items became well by themselves, as the log has it. */

const WELL = new Row({ item: integer, at: timestamp });

/** Item → the moments since then at which it became well, in order. */
export async function wellsOf(db: Db, items: readonly number[], since: Date): Promise<Map<number, Date[]>> {
  const rows = await query(
    db,
    WELL,
    sql`select item, at from events where item = any(${items}) and at >= ${since}
          and (kind = 'item.well_again' or (kind = 'item.resolved' and person is null and account is null))
        order by id`,
  );
  const wells = new Map<number, Date[]>();
  for (const { item, at } of rows) wells.set(item, [...(wells.get(item) ?? []), at]);
  return wells;
}

/** Flapping items that have been well since then or before, and that no operation is under way on; locked, at most `limit`. */
export async function lockWellSince(db: Db, since: Date, limit: number): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where well_since <= ${since} and well_since is not null and state <> 'resolved'
          and not exists (select from operations o where o.item = items.id and o.finished_at is null and not o.preview)
        order by well_since limit ${limit} for update skip locked`,
  );
}
