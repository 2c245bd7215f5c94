import { execute, integer, nullable, oneOf, query, Row, sql, text, timestamp, type Db } from "../db/sql.ts";
import type { Standin } from "../domain/rotation.ts";

const STANDIN = new Row({
  id: integer,
  kind: oneOf(["cover", "away"]),
  rotation: nullable(text),
  person: text,
  covering: nullable(text),
  startsAt: timestamp,
  endsAt: timestamp,
  madeBy: text,
});

/** What was said and has not ended, oldest first; also what begins later. */
export async function standinsInForce(db: Db): Promise<Standin[]> {
  return query(db, STANDIN, sql`select ${STANDIN} from standins where ended_at is null order by id`);
}

export async function insertStandin(db: Db, standin: Omit<Standin, "id">, now: Date): Promise<void> {
  await execute(
    db,
    sql`insert into standins (kind, rotation, person, covering, starts_at, ends_at, made_by, made_at)
        values (${standin.kind}, ${standin.rotation}, ${standin.person}, ${standin.covering}, ${standin.startsAt}, ${standin.endsAt},
                ${standin.madeBy}, ${now})`,
  );
}

/** Those whose end has come; locked. */
export async function lockStandinsOver(db: Db, now: Date, limit: number): Promise<Standin[]> {
  return query(
    db,
    STANDIN,
    sql`select ${STANDIN} from standins where ended_at is null and ends_at <= ${now} order by id limit ${limit} for update skip locked`,
  );
}

/** Whether it had not ended before. */
export async function endStandin(db: Db, id: number, now: Date): Promise<boolean> {
  return (await execute(db, sql`update standins set ended_at = ${now} where id = ${id} and ended_at is null`)) > 0;
}
