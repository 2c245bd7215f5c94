import { LEVELS } from "../domain/reading.ts";
import {
  double,
  execute,
  integer,
  oneOf,
  query,
  queryOne,
  Row,
  sql,
  text,
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
  await execute(db, sql`delete from readings where at < ${before}`);
}

const FILE = new Row({ file: text });

/** The file that was uploaded as the picture of an event. */
export async function pictureOf(db: Db, event: number): Promise<string | null> {
  return (await queryOne(db, FILE, sql`select file from pictures where event = ${event}`))?.file ?? null;
}

export async function keepPicture(db: Db, event: number, file: string): Promise<void> {
  await execute(db, sql`insert into pictures (event, file) values (${event}, ${file}) on conflict (event) do nothing`);
}
