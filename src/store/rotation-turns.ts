import { execute, nullable, query, queryOne, Row, sql, text, timestamp, type Db, type RowOf } from "../db/sql.ts";

const TURN = new Row({
  rotation: text,
  person: nullable(text),
  since: timestamp,
  groupShows: nullable(text),
  groupDueAt: timestamp,
  groupProblem: nullable(text),
});
/** Who was on call when we last looked, and whom the rotation's Slack user group shows: "S0WEB:U0ANA". */
export type StoredTurn = RowOf<typeof TURN>;

export async function turns(db: Db): Promise<StoredTurn[]> {
  return query(db, TURN, sql`select ${TURN} from turns order by rotation`);
}

/** The first look at a rotation; false when there was one. */
export async function insertTurn(db: Db, rotation: string, person: string | null, now: Date): Promise<boolean> {
  const made = sql`insert into turns (rotation, person, since, group_due_at) values (${rotation}, ${person}, ${now}, ${now}) on conflict do nothing`;
  return (await execute(db, made)) > 0;
}

export async function lockTurn(db: Db, rotation: string): Promise<StoredTurn | null> {
  return queryOne(db, TURN, sql`select ${TURN} from turns where rotation = ${rotation} for update`);
}

/** Somebody else is on call; the group follows at once. */
export async function moveTurn(db: Db, rotation: string, person: string | null, now: Date): Promise<void> {
  await execute(
    db,
    sql`update turns set person = ${person}, since = ${now}, group_due_at = ${now} where rotation = ${rotation}`,
  );
}

/** Deletes the turns of rotations that the catalog no longer has. */
export async function dropTurns(db: Db, kept: readonly string[]): Promise<void> {
  await execute(db, sql`delete from turns where rotation <> all(${kept})`);
}

/** Claims the change of the user group: true where it is ours, and nobody else tries until then. */
export async function claimGroup(db: Db, rotation: string, now: Date, until: Date): Promise<boolean> {
  const claim = sql`update turns set group_due_at = ${until} where rotation = ${rotation} and group_due_at <= ${now}`;
  return (await execute(db, claim)) > 0;
}

export async function saveGroup(
  db: Db,
  rotation: string,
  { shows, problem, dueAt }: { readonly shows: string | null; readonly problem: string | null; readonly dueAt: Date },
): Promise<void> {
  await execute(
    db,
    sql`update turns set group_shows = coalesce(${shows}, group_shows), group_problem = ${problem}, group_due_at = ${dueAt} where rotation = ${rotation}`,
  );
}
