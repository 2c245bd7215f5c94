import { asJson } from "../db/json.ts";
import { execute, query, Row, sql, text, type Db } from "../db/sql.ts";
import type { Item } from "../domain/item.ts";
import { ITEM, itemsWhere, toItem, type NewItem, type StoredItem } from "./items.ts";
import { personOf, teamOf } from "../domain/duty.ts";

/** What is done to many items in one statement. */

/** The unresolved items of these fingerprints, locked. */
export async function lockUnresolved(db: Db, fingerprints: readonly string[]): Promise<StoredItem[]> {
  if (fingerprints.length === 0) return [];
  return itemsWhere(
    db,
    sql`where fingerprint = any(${fingerprints}) and state <> 'resolved' order by id for no key update`,
  );
}

/** Many in one statement; those of which the same is open already are left out. */
export async function insertItems(db: Db, all: readonly NewItem[]): Promise<StoredItem[]> {
  const given = all.map(({ owner = null, ...item }) => ({
    ...item,
    ownerPerson: personOf(owner),
    ownerTeam: teamOf(owner),
  }));
  const rows = await query(
    db,
    ITEM,
    sql`insert into items (fingerprint, origin, service, responsibility, severity, summary, evidence, since, opened_at, last_seen_at,
                           owner_person, owner_team, owned_since, due_at, follows, reverses)
        select fingerprint, origin, service, responsibility, severity, summary, evidence, since, "openedAt", "openedAt",
               "ownerPerson", "ownerTeam", "ownedSince", "dueAt", follows, reverses
        from json_to_recordset(${asJson(given)}::json)
          as i (fingerprint text, origin text, service text, responsibility text, severity text, summary text, evidence jsonb, since timestamptz,
                "openedAt" timestamptz, "ownerPerson" text, "ownerTeam" text, "ownedSince" timestamptz, "dueAt" timestamptz, follows bigint, reverses bigint)
        order by fingerprint
        on conflict (fingerprint) where state <> 'resolved' do nothing
        returning ${ITEM}`,
  );
  return rows.map(toItem);
}

const FINGERPRINT = new Row({ fingerprint: text });

/** Which of these fingerprints ever had an item. */
export async function knownOf(db: Db, fingerprints: readonly string[]): Promise<Set<string>> {
  const statement = sql`select distinct fingerprint from items where fingerprint = any(${fingerprints})`;
  return new Set((await query(db, FINGERPRINT, statement)).map(({ fingerprint }) => fingerprint));
}

/** Gives locked items new words, and counts them as seen once more. */
export async function restateItems(
  db: Db,
  all: readonly { readonly id: number; readonly summary: string; readonly evidence: Item["evidence"] }[],
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`update items set summary = n.summary, evidence = n.evidence, seen = seen + 1, last_seen_at = ${now}
        from json_to_recordset(${asJson(all)}::json) as n (id bigint, summary text, evidence jsonb) where items.id = n.id`,
  );
}

/** Resolves locked items whose alerts are over. */
export async function resolveItems(
  db: Db,
  all: readonly { readonly id: number; readonly how: string }[],
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`update items set state = 'resolved', snoozed_until = null, resolved_at = ${now}, resolved_by = null, resolution = n.how, recovered = false
        from json_to_recordset(${asJson(all)}::json) as n (id bigint, how text) where items.id = n.id`,
  );
}
