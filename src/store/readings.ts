import { LEVELS } from "../domain/reading.ts";
import { countOf, double, inSlices, oneOf, query, Row, SLICE, sql, timestamp, type Db, type RowOf } from "../db/sql.ts";

const READING = new Row({ at: timestamp, level: oneOf(LEVELS), value: double });
export type PastReading = RowOf<typeof READING>;

type Span = { readonly from: Date; readonly to: Date };

/** What a check measured between two moments, oldest first. */
export async function readingsOf(db: Db, check: string, { from, to }: Span): Promise<PastReading[]> {
  return query(
    db,
    READING,
    sql`select ${READING} from readings where check_key = ${check} and at >= ${from} and at <= ${to} order by at`,
  );
}

export async function countReadings(db: Db, check: string, { from, to }: Span): Promise<number> {
  return countOf(
    db,
    sql`select count(*) as count from readings where check_key = ${check} and at >= ${from} and at <= ${to}`,
  );
}

export async function forgetReadings(db: Db, before: Date): Promise<void> {
  await inSlices(
    db,
    sql`delete from readings where ctid = any(array(select ctid from readings where at < ${before} limit ${SLICE}))`,
  );
}
