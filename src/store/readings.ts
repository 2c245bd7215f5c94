import { LEVELS } from "../domain/reading.ts";
import {
  double,
  inSlices,
  integer,
  oneOf,
  query,
  queryOne,
  Row,
  SLICE,
  sql,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";

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

const COUNT = new Row({ count: integer });

export async function countReadings(db: Db, check: string, { from, to }: Span): Promise<number> {
  const row = await queryOne(
    db,
    COUNT,
    sql`select count(*) as count from readings where check_key = ${check} and at >= ${from} and at <= ${to}`,
  );
  return row?.count ?? 0;
}

export async function forgetReadings(db: Db, before: Date): Promise<void> {
  await inSlices(
    db,
    sql`delete from readings where ctid = any(array(select ctid from readings where at < ${before} limit ${SLICE}))`,
  );
}
