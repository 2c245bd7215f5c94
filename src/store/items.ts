import { partyOf, personOf, RESPONSIBILITIES, teamOf, type Party, type Responsibility } from "../domain/duty.ts";
import { ITEM_ORIGINS, ITEM_STATES, SEVERITIES, type Item } from "../domain/item.ts";
import { asJson } from "../db/json.ts";
import {
  boolean,
  execute,
  integer,
  json,
  nullable,
  oneOf,
  query,
  queryOne,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
  type Sql,
} from "../db/sql.ts";

export const ITEM = new Row({
  id: integer,
  fingerprint: text,
  origin: oneOf(ITEM_ORIGINS),
  service: nullable(text),
  responsibility: oneOf(RESPONSIBILITIES),
  severity: oneOf(SEVERITIES),
  state: oneOf(ITEM_STATES),
  summary: text,
  evidence: json<Readonly<Record<string, string>>>(),
  seen: integer,
  since: timestamp,
  openedAt: timestamp,
  lastSeenAt: timestamp,
  ownerPerson: nullable(text),
  ownerTeam: nullable(text),
  ownedSince: nullable(timestamp),
  dueAt: nullable(timestamp),
  acknowledgedBy: nullable(text),
  acknowledgedAt: nullable(timestamp),
  acknowledgedUntil: nullable(timestamp),
  snoozedUntil: nullable(timestamp),
  resolvedAt: nullable(timestamp),
  resolvedBy: nullable(text),
  resolution: nullable(text),
  recovered: boolean,
  asksAt: nullable(timestamp),
  askedStill: nullable(integer),
  follows: nullable(integer),
  reverses: nullable(integer),
  foldedUnder: nullable(integer),
  flappingSince: nullable(timestamp),
  wellSince: nullable(timestamp),
});

export type StoredItem = Item & {
  /** Its check passes again while an operation on it is unfinished. */
  readonly recovered: boolean;
  /** When whoever acknowledged it is asked whether they are still on it; null when they were, or will not be. */
  readonly asksAt: Date | null;
  /** The event of that question, while nothing has answered it. */
  readonly askedStill: number | null;
  /** As in Item. */
  readonly foldedUnder: number | null;
  readonly flappingSince: Date | null;
  readonly wellSince: Date | null;
};

export function toItem({ ownerPerson, ownerTeam, ...row }: RowOf<typeof ITEM>): StoredItem {
  return { ...row, owner: partyOf(ownerPerson, ownerTeam) };
}

/** Items by the rest of a whole statement. */
export async function itemsWhere(db: Db, rest: Sql): Promise<StoredItem[]> {
  return (await query(db, ITEM, sql`select ${ITEM} from items ${rest}`)).map(toItem);
}

export async function itemById(db: Db, id: number): Promise<StoredItem | null> {
  return (await itemsWhere(db, sql`where id = ${id}`))[0] ?? null;
}

export async function lockItem(db: Db, id: number): Promise<StoredItem | null> {
  return (await itemsWhere(db, sql`where id = ${id} for update`))[0] ?? null;
}

/** The same; null also where somebody else has it at the moment. */
export async function lockItemIfFree(db: Db, id: number): Promise<StoredItem | null> {
  return (await itemsWhere(db, sql`where id = ${id} for update skip locked`))[0] ?? null;
}

/** The newest item of a fingerprint, resolved or not, locked. */
export async function lockNewest(db: Db, fingerprint: string): Promise<StoredItem | null> {
  return (await itemsWhere(db, sql`where fingerprint = ${fingerprint} order by id desc limit 1 for update`))[0] ?? null;
}

export type NewItem = Pick<
  Item,
  "fingerprint" | "origin" | "service" | "severity" | "summary" | "evidence" | "since" | "openedAt"
> & {
  readonly responsibility: Responsibility;
  readonly follows?: number | null;
  readonly reverses?: number | null;
  readonly owner?: Party | null;
  readonly ownedSince?: Date | null;
  readonly dueAt?: Date | null;
};

/** Null when the same is open already: somebody was faster. */
export async function insertItem(db: Db, item: NewItem): Promise<StoredItem | null> {
  const owner = item.owner ?? null;
  const row = await queryOne(
    db,
    ITEM,
    sql`insert into items (fingerprint, origin, service, responsibility, severity, summary, evidence, since, opened_at, last_seen_at,
                           owner_person, owner_team, owned_since, due_at, follows, reverses)
        values (${item.fingerprint}, ${item.origin}, ${item.service}, ${item.responsibility}, ${item.severity}, ${item.summary},
                ${asJson(item.evidence)}, ${item.since}, ${item.openedAt}, ${item.openedAt},
                ${personOf(owner)}, ${teamOf(owner)}, ${item.ownedSince ?? null}, ${item.dueAt ?? null},
                ${item.follows ?? null}, ${item.reverses ?? null})
        on conflict (fingerprint) where state <> 'resolved' do nothing
        returning ${ITEM}`,
  );
  return row === null ? null : toItem(row);
}

/** Columns that never change, and those that only `markAsked`, `markAnswered` and `foldUnder` write. */
type Unsaved =
  | "id"
  | "fingerprint"
  | "origin"
  | "service"
  | "responsibility"
  | "openedAt"
  | "follows"
  | "reverses"
  | "askedStill"
  | "foldedUnder";
export type ItemChange = Partial<Omit<StoredItem, Unsaved>> & { readonly [Column in Unsaved]?: never };

/** Changes a locked item. Returns it as it is now. */
export async function saveItem(db: Db, before: StoredItem, change: ItemChange): Promise<StoredItem> {
  const item: StoredItem = { ...before, ...change };
  await execute(
    db,
    sql`update items set severity = ${item.severity}, state = ${item.state}, summary = ${item.summary},
          evidence = ${asJson(item.evidence)}, seen = ${item.seen}, since = ${item.since}, last_seen_at = ${item.lastSeenAt},
          owner_person = ${personOf(item.owner)}, owner_team = ${teamOf(item.owner)}, owned_since = ${item.ownedSince}, due_at = ${item.dueAt},
          acknowledged_by = ${item.acknowledgedBy}, acknowledged_at = ${item.acknowledgedAt}, acknowledged_until = ${item.acknowledgedUntil},
          asks_at = ${item.asksAt}, snoozed_until = ${item.snoozedUntil}, resolved_at = ${item.resolvedAt}, resolved_by = ${item.resolvedBy},
          resolution = ${item.resolution}, recovered = ${item.recovered},
          flapping_since = ${item.flappingSince}, well_since = ${item.wellSince}
        where id = ${item.id}`,
  );
  return item;
}

/** Remembers the open question to its holder whether they are still on it. */
export async function markAsked(db: Db, id: number, event: number): Promise<void> {
  await execute(db, sql`update items set asked_still = ${event}, asks_at = null where id = ${id}`);
}

export async function markAnswered(db: Db, id: number): Promise<void> {
  await execute(db, sql`update items set asked_still = null where id = ${id}`);
}
