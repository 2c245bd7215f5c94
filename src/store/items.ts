import type { Party, Responsibility } from "../domain/catalog.ts";
import { RESPONSIBILITIES } from "../domain/catalog.ts";
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

export function partyOf(person: string | null, team: string | null): Party | null {
  if (person !== null) return { person };
  return team === null ? null : { team };
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

/** What an item is, and what other functions write: `markAsked` and `markAnswered`, `foldUnder`. */
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

/** Changes a locked item; how it is now. */
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

export function personOf(owner: Party | null): string | null {
  return owner !== null && "person" in owner ? owner.person : null;
}

export function teamOf(owner: Party | null): string | null {
  return owner !== null && "team" in owner ? owner.team : null;
}

/** Items whose acknowledgement ran out, whose snooze ended; locked, at most `limit`. What is snoozed asks nobody until it wakes. */
export async function lockDueItems(
  db: Db,
  due: "acknowledgement" | "snooze",
  now: Date,
  limit: number,
): Promise<StoredItem[]> {
  const which =
    due === "snooze"
      ? sql`state = 'snoozed' and snoozed_until <= ${now}`
      : sql`state = 'open' and acknowledged_until <= ${now}`;
  return itemsWhere(db, sql`where ${which} order by id limit ${limit} for update skip locked`);
}

/** Open reversal items that are due, whose reversal is not under way and was not since then. */
export async function lockDueReversals(db: Db, now: Date, limit: number): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state <> 'resolved' and reverses is not null and due_at <= ${now}
          and not exists (select 1 from operations o where o.reversal_of = items.reverses
                            and (o.finished_at is null or o.requested_at >= items.due_at))
        order by due_at limit ${limit} for update skip locked`,
  );
}

/** Open reversal items of a target, but those whose reversal is under way. */
export async function lockOwedBack(db: Db, target: string): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state <> 'resolved' and reverses is not null
          and exists (select 1 from operations o where o.id = items.reverses and o.target = ${target})
          and not exists (select 1 from operations o where o.reversal_of = items.reverses and o.finished_at is null)
        order by id for update`,
  );
}

/** Unresolved items that a person, or with null nobody, has by the catalog alone: nobody took them or was handed them. */
export async function lockOwnedByCatalog(
  db: Db,
  of: { readonly service: string; readonly responsibility: Responsibility; readonly person: string | null },
  limit: number,
): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state <> 'resolved' and service = ${of.service} and responsibility = ${of.responsibility} and owned_since is null
          and owner_team is null and owner_person is not distinct from ${of.person} and reverses is null
        order by id limit ${limit} for update`,
  );
}

/** Unresolved items that the checks of a service opened. */
export async function lockFromChecks(db: Db, service: string): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state <> 'resolved' and service = ${service} and origin = 'check' order by id for update`,
  );
}

export type ItemFilter = {
  /** Absent: of every service, and of none. */
  readonly services?: readonly string[] | undefined;
  readonly person?: { readonly key: string; readonly teams: readonly string[] };
  readonly unowned?: boolean;
  /** Without what is put aside. */
  readonly awake?: boolean;
};

/** Unresolved items, critical first, then oldest; 'critical' sorts before 'warning'. */
export async function unresolved(db: Db, filter: ItemFilter, limit: number): Promise<StoredItem[]> {
  return itemsWhere(db, sql`where ${where(filter)} order by severity, opened_at, id limit ${limit}`);
}

/** Unresolved items that are due in a span, the first due first. */
export async function dueBetween(
  db: Db,
  services: ItemFilter["services"],
  span: { from: Date | null; until: Date },
  limit: number,
): Promise<StoredItem[]> {
  const from = span.from === null ? sql`` : sql`and due_at >= ${span.from}`;
  return itemsWhere(
    db,
    sql`where ${where({ services })} and due_at < ${span.until} ${from} order by due_at, id limit ${limit}`,
  );
}

const COUNT = new Row({ count: integer });

/** Counted already, however many there are. */
export async function countUnresolved(db: Db, filter: ItemFilter): Promise<number> {
  const statement = sql`select coalesce(sum(count), 0)::bigint as count from item_counts where ${counted(filter)}`;
  return (await queryOne(db, COUNT, statement))?.count ?? 0;
}

export async function countOverdue(db: Db, services: ItemFilter["services"], now: Date): Promise<number> {
  const statement = sql`select count(*) as count from items where ${where({ services })} and due_at < ${now}`;
  return (await queryOne(db, COUNT, statement))?.count ?? 0;
}

function where({ services, person, unowned, awake }: ItemFilter): Sql {
  return every([
    sql`state <> 'resolved'`,
    awake === true ? sql`state <> 'snoozed'` : null,
    services === undefined ? null : sql`service = any(${services})`,
    person === undefined
      ? null
      : sql`${OWNER} in (select p.person, p.team from ${parties(person)} as p (person, team))`,
    unowned === true ? sql`owner_person is null and owner_team is null` : null,
  ]);
}

/** The same of the counts, where '' stands for none; they count what is put aside too. */
function counted({ services, person, unowned }: ItemFilter): Sql {
  return every([
    services === undefined ? null : sql`service = any(${services})`,
    person === undefined
      ? null
      : sql`(owner_person, owner_team) in (select p.person, p.team from ${parties(person)} as p (person, team))`,
    unowned === true ? sql`owner_person = '' and owner_team = ''` : null,
  ]);
}

function every(parts: readonly (Sql | null)[]): Sql {
  return parts.filter((part) => part !== null).reduce((all, part) => sql`${all} and ${part}`, sql`true`);
}

/** As the index has it: '' stands for none. */
export const OWNER = sql`(coalesce(owner_person, ''), coalesce(owner_team, ''))`;

export function parties({ key, teams }: { key: string; teams: readonly string[] }): Sql {
  return sql`unnest(${[key, ...teams.map(() => "")]}::text[], ${["", ...teams]}::text[])`;
}

const OWNED = new Row({ ownerPerson: text, ownerTeam: text, count: integer, critical: integer });

/** How much each owner has, the one with the oldest item first. */
export async function countByOwner(
  db: Db,
  services: ItemFilter["services"],
): Promise<{ owner: Party; count: number; critical: number }[]> {
  const rows = await query(
    db,
    OWNED,
    sql`select c.owner_person, c.owner_team, c.count, c.critical
        from (select owner_person, owner_team, sum(count)::bigint as count,
                     coalesce(sum(count) filter (where severity = 'critical'), 0)::bigint as critical
              from item_counts where ${counted({ services })} and (owner_person <> '' or owner_team <> '')
              group by owner_person, owner_team having sum(count) > 0) as c
        cross join lateral (select opened_at from items where ${where({ services })} and ${OWNER} = (c.owner_person, c.owner_team)
                            order by opened_at limit 1) as oldest
        order by oldest.opened_at`,
  );
  return rows.flatMap(({ ownerPerson, ownerTeam, count, critical }) => {
    const owner = partyOf(ownerPerson || null, ownerTeam || null);
    return owner === null ? [] : [{ owner, count, critical }];
  });
}

/** The oldest `each` items of every one of these owners, by owner in the order given. */
export async function oldestOfOwners(
  db: Db,
  owners: readonly Party[],
  services: ItemFilter["services"],
  each: number,
): Promise<StoredItem[][]> {
  const found = (
    await query(
      db,
      ITEM,
      sql`select ${ITEM} from unnest(${owners.map((owner) => personOf(owner) ?? "")}::text[], ${owners.map((owner) => teamOf(owner) ?? "")}::text[]) as o (person, team)
          cross join lateral (select ${ITEM} from items where ${where({ services })} and ${OWNER} = (o.person, o.team)
                              order by opened_at limit ${each}) as oldest`,
    )
  ).map(toItem);
  return owners.map((owner) =>
    found.filter((item) => personOf(item.owner) === personOf(owner) && teamOf(item.owner) === teamOf(owner)),
  );
}
