import { execute, query, Row, sql, text, timestamp, type Db } from "../db/sql.ts";
import type { Asked } from "../domain/operation.ts";

const ASKED = new Row({ person: text, at: timestamp });

/** Notes who is asked to approve, and through which account; whoever was asked before stays as noted then. */
export async function insertAsked(
  db: Db,
  operation: number,
  people: readonly { readonly person: string; readonly account: string }[],
  at: Date,
): Promise<void> {
  await execute(
    db,
    sql`insert into asked (operation, person, account, at)
        select ${operation}, person, account, ${at}
        from unnest(${people.map((each) => each.person)}::text[], ${people.map((each) => each.account)}::text[]) as p (person, account)
        on conflict (operation, person) do nothing`,
  );
}

/** In the order in which they were asked. */
export async function askedOf(db: Db, operation: number): Promise<Asked[]> {
  return query(db, ASKED, sql`select ${ASKED} from asked where operation = ${operation} order by at, person`);
}
