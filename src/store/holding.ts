import { countOf, integer, query, Row, sql, text, type Db, type RowOf } from "../db/sql.ts";
import { itemsWhere, type StoredItem } from "./items.ts";
import { OWNER, parties, type ItemFilter } from "./item-lists.ts";

/** What holding items asks of them: who is to be asked, what there is to take of a service, what is put aside. */

/** More than so many are not counted one by one. */
const COUNTED = 1_000;

/** Open items whose holder is due to be asked whether they are still on it; locked, at most `limit`. */
export async function lockToAsk(db: Db, now: Date, limit: number): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state = 'open' and asks_at <= ${now} and acknowledged_until > ${now} order by asks_at limit ${limit} for update skip locked`,
  );
}

/** Items by their numbers, locked in order. */
export async function lockItems(db: Db, ids: readonly number[]): Promise<StoredItem[]> {
  return itemsWhere(db, sql`where id = any(${ids}) order by id for update`);
}

/** What of a service is free: nobody has taken it with their own hands, or nobody has said that they saw it. */
export type Free = "untaken" | "unseen";

const FREE = {
  untaken: sql`state = 'open' and reverses is null and (owner_person is null or owned_since is null)`,
  unseen: sql`state = 'open' and acknowledged_by is null`,
} as const;

/** The oldest `limit` that are free, locked in order. */
export async function lockFree(db: Db, service: string, free: Free, limit: number): Promise<StoredItem[]> {
  return itemsWhere(db, sql`where ${FREE[free]} and service = ${service} order by id limit ${limit} for update`);
}

/** The same of what is folded under an item. */
export async function lockFreeUnder(db: Db, under: number, free: Free, limit: number): Promise<StoredItem[]> {
  return itemsWhere(db, sql`where ${FREE[free]} and folded_under = ${under} order by id limit ${limit} for update`);
}

export async function countFreeUnder(db: Db, under: number, free: Free): Promise<number> {
  return countOf(db, sql`select count(*) as count from items where ${FREE[free]} and folded_under = ${under}`);
}

/** How many of a service are free, counted up to one more than COUNTED. */
export async function countFree(db: Db, service: string, free: Free): Promise<number> {
  const these = sql`select from items where ${FREE[free]} and service = ${service} limit ${COUNTED + 1}`;
  return countOf(db, sql`select count(*) as count from (${these}) as found`);
}

const HELD = new Row({ who: text, count: integer });

/** Who has open items of a service in hand already, and how many; of the first COUNTED. */
export async function heldBy(db: Db, service: string, free: Free): Promise<{ who: string; count: number }[]> {
  const who = free === "unseen" ? sql`acknowledged_by` : sql`owner_person`;
  const held =
    free === "unseen" ? sql`acknowledged_by is not null` : sql`owner_person is not null and owned_since is not null`;
  return query(
    db,
    HELD,
    sql`select who, count(*) as count
        from (select ${who} as who from items where state = 'open' and service = ${service} and ${held} limit ${COUNTED}) as found
        group by who order by count(*) desc, who`,
  );
}

const BUSY = new Row({ service: text, untaken: integer, unseen: integer });

/** Services with more than one item that is free in one of these ways, the fullest first. */
export async function busyServices(db: Db, among: readonly string[], limit: number): Promise<RowOf<typeof BUSY>[]> {
  const most = COUNTED + 1;
  return query(
    db,
    BUSY,
    sql`select b.service, untaken.n as untaken, unseen.n as unseen
        from (select service from item_counts where service = any(${among})
              group by service having sum(count) > 1 order by sum(count) desc, service limit ${limit}) as b
        cross join lateral (select count(*) as n from (select from items i where ${FREE.untaken} and i.service = b.service limit ${most}) as s) as untaken
        cross join lateral (select count(*) as n from (select from items i where ${FREE.unseen} and i.service = b.service limit ${most}) as s) as unseen
        where untaken.n > 1 or unseen.n > 1`,
  );
}

/** What somebody has put aside, the first to come back first. */
export async function putAside(
  db: Db,
  person: NonNullable<ItemFilter["person"]>,
  limit: number,
): Promise<StoredItem[]> {
  return itemsWhere(db, sql`where ${aside(person)} order by snoozed_until, id limit ${limit}`);
}

export async function countAside(db: Db, person: NonNullable<ItemFilter["person"]>): Promise<number> {
  return countOf(db, sql`select count(*) as count from items where ${aside(person)}`);
}

function aside(person: NonNullable<ItemFilter["person"]>) {
  return sql`state = 'snoozed' and ${OWNER} in (select p.person, p.team from ${parties(person)} as p (person, team))`;
}

/** What of somebody's was done since then, the newest first. */
export async function doneSince(
  db: Db,
  person: NonNullable<ItemFilter["person"]>,
  since: Date,
  limit: number,
): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state = 'resolved' and resolved_at >= ${since}
          and ${OWNER} in (select p.person, p.team from ${parties(person)} as p (person, team))
        order by resolved_at desc, id desc limit ${limit}`,
  );
}
