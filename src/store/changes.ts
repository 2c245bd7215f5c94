import { CHANGE_KINDS, type SeenChange } from "../domain/observed-change.ts";
import { execute, inSlices, nullable, oneOf, query, Row, SLICE, sql, text, timestamp, type Db } from "../db/sql.ts";

const CHANGE = new Row({
  target: text,
  what: oneOf(CHANGE_KINDS),
  name: nullable(text),
  was: nullable(text),
  became: nullable(text),
  madeBy: nullable(text),
  summary: nullable(text),
  madeAt: nullable(timestamp),
  notBefore: timestamp,
  seenAt: timestamp,
});

export async function insertChanges(db: Db, changes: readonly SeenChange[]): Promise<void> {
  if (changes.length === 0) return;
  await execute(
    db,
    sql`insert into changes (target, what, name, was, became, made_by, summary, made_at, not_before, seen_at)
        select * from unnest(${changes.map((each) => each.target)}::text[], ${changes.map((each) => each.what)}::text[], ${texts(changes, "name")}::text[],
          ${texts(changes, "was")}::text[], ${texts(changes, "became")}::text[], ${texts(changes, "madeBy")}::text[], ${texts(changes, "summary")}::text[],
          ${changes.map((each) => each.madeAt)}::timestamptz[], ${changes.map((each) => each.notBefore)}::timestamptz[], ${changes.map((each) => each.seenAt)}::timestamptz[])`,
  );
}

function texts(
  changes: readonly SeenChange[],
  field: "name" | "was" | "became" | "madeBy" | "summary",
): (string | null)[] {
  return changes.map((each) => each[field]);
}

/** What may have happened on these targets between two moments, newest first. */
export async function changesOf(
  db: Db,
  targets: readonly string[],
  between: { readonly from: Date; readonly to: Date },
): Promise<SeenChange[]> {
  return query(
    db,
    CHANGE,
    sql`select ${CHANGE} from changes
        where target = any(${targets}) and seen_at >= ${between.from} and not_before <= ${between.to}
        order by seen_at desc, id desc limit 200`,
  );
}

export async function forgetChanges(db: Db, before: Date): Promise<void> {
  await inSlices(
    db,
    sql`delete from changes where ctid = any(array(select ctid from changes where seen_at < ${before} limit ${SLICE}))`,
  );
}
