import type { Addition } from "../domain/addition.ts";
import { execute, integer, query, queryRow, Row, sql, text, timestamp, type Db } from "../db/sql.ts";

const ADDITION = new Row({ id: integer, service: text, url: text, madeBy: text, madeAt: timestamp });

/** What is laid over the catalog, the oldest first. */
export async function additionsInForce(db: Db): Promise<Addition[]> {
  return query(db, ADDITION, sql`select ${ADDITION} from additions where ended_at is null order by id`);
}

export async function insertAddition(db: Db, addition: Omit<Addition, "id">): Promise<Addition> {
  const { service, url, madeBy, madeAt } = addition;
  return queryRow(
    db,
    ADDITION,
    sql`insert into additions (service, url, made_by, made_at) values (${service}, ${url}, ${madeBy}, ${madeAt}) returning ${ADDITION}`,
  );
}

export async function endAddition(db: Db, id: number, at: Date): Promise<void> {
  await execute(db, sql`update additions set ended_at = ${at} where id = ${id} and ended_at is null`);
}
