import { partyOf, personOf, teamOf, type Party } from "../domain/duty.ts";
import { countOf, integer, query, Row, sql, text, type Db, type Sql } from "../db/sql.ts";
import { ITEM, itemsWhere, toItem, type StoredItem } from "./items.ts";

/** Lists and counts of unresolved items: by service, by owner, by when they are due. */

export type ItemFilter = {
  /** Absent: items of all services, and those without one. */
  readonly services?: readonly string[] | undefined;
  readonly person?: { readonly key: string; readonly teams: readonly string[] };
  readonly unowned?: boolean;
  /** Without snoozed items. */
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

/** Read from counts that triggers keep, so it takes the same time however many there are. */
export async function countUnresolved(db: Db, filter: ItemFilter): Promise<number> {
  const statement = sql`select coalesce(sum(count), 0)::bigint as count from item_counts where ${counted(filter)}`;
  return countOf(db, statement);
}

export async function countOverdue(db: Db, services: ItemFilter["services"], now: Date): Promise<number> {
  const statement = sql`select count(*) as count from items where ${where({ services })} and due_at < ${now}`;
  return countOf(db, statement);
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

/** The same filter on the counts, where '' stands for none; they include snoozed items. */
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

/** An item's owner as the index has it: '' stands for none. */
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
