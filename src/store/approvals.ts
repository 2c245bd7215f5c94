import { VERDICTS, type Approval, type Asked } from "../domain/operation.ts";
import { execute, nullable, oneOf, query, Row, sql, text, timestamp, type Db } from "../db/sql.ts";

/** Who was asked to approve an operation, and what people decided. */

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

const APPROVAL = new Row({
  person: text,
  verdict: oneOf(VERDICTS),
  reason: nullable(text),
  planHash: text,
  at: timestamp,
});

export async function decisionsOf(db: Db, operation: number): Promise<Approval[]> {
  return query(db, APPROVAL, sql`select ${APPROVAL} from approvals where operation = ${operation} order by at`);
}

/** The database allows one decision a person. */
export async function insertDecision(
  db: Db,
  operation: number,
  account: string,
  { person, verdict, reason, planHash, at }: Approval,
): Promise<void> {
  await execute(
    db,
    sql`insert into approvals (operation, person, account, verdict, reason, plan_hash, at)
        values (${operation}, ${person}, ${account}, ${verdict}, ${reason}, ${planHash}, ${at})`,
  );
}
