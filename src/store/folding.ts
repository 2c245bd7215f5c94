import { partyOf, type Party } from "../domain/duty.ts";
import {
  countOf,
  execute,
  integer,
  nullable,
  query,
  raw,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
  type Sql,
} from "../db/sql.ts";
import { itemsWhere, type StoredItem } from "./items.ts";

/** Items that fold under another one, which stands for them. */

/** As `hasOwnCard` in domain/item.ts. */
export const HAS_OWN_CARD = raw("folded_under is null");

/** As `isFoldable` in items/folding.ts. */
const IS_FOLDABLE = raw("origin in ('alert', 'check') and fingerprint not like 'storm:%'");

/** What nothing is folded under. */
const HOLDS_NOTHING = raw("not exists (select from items f where f.folded_under = items.id)");

/** Where the cards of a channel come from: these services, or all but these and of none. */
export type Feeding = { readonly only: readonly string[] } | { readonly except: readonly string[] };

function fedBy(feeding: Feeding): Sql {
  return "only" in feeding
    ? sql`service = any(${feeding.only})`
    : sql`(service is null or service <> all(${feeding.except}))`;
}

const ID = new Row({ id: integer });

/** What is new of a channel's since then, unless it folds under something else than a storm there; counted up to `most`. */
export async function countLately(
  db: Db,
  feeding: Feeding,
  { since, storm, most }: { readonly since: Date; readonly storm: number | null; readonly most: number },
): Promise<number> {
  const new_ = sql`select id from items where ${IS_FOLDABLE} and opened_at > ${since} and ${fedBy(feeding)}
                     and (folded_under is null or folded_under = ${storm}) limit ${most}`;
  return (await query(db, ID, new_)).length;
}

/** The most that was new of a channel's in any span of so many ms, counted back from now over `spans` of them. */
export async function busiestSpan(
  db: Db,
  feeding: Feeding,
  { now, within, spans, storm }: { now: Date; within: number; spans: number; storm: number },
): Promise<number> {
  const from = new Date(now.getTime() - within * spans);
  return countOf(
    db,
    sql`select coalesce(max(n), 0)::bigint as count
        from (select count(*) as n from items
              where ${IS_FOLDABLE} and opened_at > ${from} and ${fedBy(feeding)}
                and (folded_under is null or folded_under = ${storm})
              group by floor(extract(epoch from ${now}::timestamptz - opened_at) * 1000 / ${within})) as spans`,
  );
}

const SERVICE = new Row({ service: nullable(text) });

/** Of these services, which have an open critical item with a card of its own. */
export async function withOwnCard(
  db: Db,
  services: readonly string[],
  besides: readonly number[],
): Promise<Set<string>> {
  const rows = await query(
    db,
    SERVICE,
    sql`select service from items
        where state <> 'resolved' and severity = 'critical' and ${HAS_OWN_CARD} and service = any(${services})
          and id <> all(${besides}::bigint[])
        group by service`,
  );
  return new Set(rows.flatMap(({ service }) => service ?? []));
}

/** Critical items of a channel's with a card of their own that began since then. */
export async function countOwnCards(
  db: Db,
  feeding: Feeding,
  since: Date,
  besides: readonly number[],
): Promise<number> {
  const own = sql`select id from items where ${IS_FOLDABLE} and opened_at >= ${since} and ${fedBy(feeding)}
                    and severity = 'critical' and ${HAS_OWN_CARD}
                    and id <> all(${besides}::bigint[])`;
  return (await query(db, ID, own)).length;
}

/** Their cards are held back while that item stands for them; null gives them back their own. */
export async function foldUnder(db: Db, items: readonly number[], under: number | null): Promise<void> {
  if (items.length === 0) return;
  await execute(db, sql`update items set folded_under = ${under} where id = any(${items})`);
}

const TALLY = new Row({ service: nullable(text), all: integer, open: integer, critical: integer });

/** How much is folded under an item, by service, the gravest first. What is put aside counts as open. */
export async function talliesOf(db: Db, under: number): Promise<RowOf<typeof TALLY>[]> {
  return query(
    db,
    TALLY,
    sql`select service, count(*) as "all", count(*) filter (where state <> 'resolved') as open,
               count(*) filter (where state <> 'resolved' and severity = 'critical') as critical
        from items where folded_under = ${under} group by service order by critical desc, open desc, service`,
  );
}

/** What is folded under an item and open, the gravest first. */
export async function foldedUnder(db: Db, under: number, limit: number): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where folded_under = ${under} and state <> 'resolved' order by severity, opened_at, id limit ${limit}`,
  );
}

/** The storm of this fingerprint that is on; not locked, so that nobody who opens an item waits for who changes it. */
export async function runningStorm(db: Db, fingerprint: string): Promise<StoredItem | null> {
  return (await itemsWhere(db, sql`where fingerprint = ${fingerprint} and state <> 'resolved'`))[0] ?? null;
}

/** The storms that are on and that nobody else is changing at the moment; locked. */
export async function lockStorms(db: Db): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state <> 'resolved' and fingerprint like 'storm:%' order by id for no key update skip locked`,
  );
}

/** Open items that are still folded under an item which no longer stands for them: it is over, or a cause put aside or eased. */
export const HELD_TOO_LONG = raw(`state <> 'resolved' and folded_under is not null
  and exists (select from items h where h.id = items.folded_under
              and (h.state = 'resolved'
                   or (h.fingerprint not like 'storm:%' and (h.state = 'snoozed' or h.severity <> 'critical'))))`);

/** The services, and null, of items that still fold under what no longer stands for them. */
export async function servicesToLetGo(db: Db): Promise<(string | null)[]> {
  const rows = await query(db, SERVICE, sql`select distinct service from items where ${HELD_TOO_LONG}`);
  return rows.map(({ service }) => service);
}

/** Those items of a channel's, the gravest first; at most `limit`. */
export async function heldTooLong(db: Db, feeding: Feeding, limit: number): Promise<StoredItem[]> {
  return itemsWhere(db, sql`where ${HELD_TOO_LONG} and ${fedBy(feeding)} order by severity, id limit ${limit}`);
}

/** Those of these items that still are, and that nobody else has; locked. */
export async function lockHeldTooLong(db: Db, items: readonly number[]): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where ${HELD_TOO_LONG} and id = any(${items}) order by severity, id for no key update skip locked`,
  );
}

/** What began in a channel since then and waits for its first message there, but for what is critical on a service; locked. */
export async function lockNotShown(db: Db, where: string, since: Date): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state = 'open' and ${IS_FOLDABLE} and opened_at >= ${since} and ${HAS_OWN_CARD} and ${HOLDS_NOTHING}
          and acknowledged_by is null and (severity = 'warning' or service is null)
          and exists (select from postings p where p.subject_kind = 'item' and p.subject = items.id and p.place = ${where} and p.message_ts is null)
        order by id limit 1000 for no key update skip locked`,
  );
}

/** Takes back cards of which nothing was sent yet, and that have no thread. The items that are without one now. */
export async function takeBackCards(db: Db, items: readonly number[], where: string): Promise<number[]> {
  const rows = await query(
    db,
    ID,
    sql`delete from postings p where p.subject_kind = 'item' and p.subject = any(${items}) and p.place = ${where}
          and p.message_ts is null and p.claimed_until is null and p.unsure_since is null and p.attempts = 0
          and not exists (select from postings t where t.place = 'thread:' || p.id)
        returning p.subject as id`,
  );
  return rows.map(({ id }) => id);
}

export type Folded = Pick<StoredItem, "service" | "since">;

/** Open critical items of these services with a card of their own that began since then, the oldest first. */
export async function criticalOf(db: Db, services: readonly string[], since: Date): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state = 'open' and severity = 'critical' and ${HAS_OWN_CARD} and service = any(${services})
          and since >= ${since} and origin in ('alert', 'check', 'person') and fingerprint not like 'storm:%' order by id limit 100`,
  );
}

/** What began on these services between two moments, has its own card, stands for nothing else, and nobody has seen; locked. */
export async function lockJustBefore(
  db: Db,
  services: readonly string[],
  since: Date,
  now: Date,
): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state = 'open' and service = any(${services}) and opened_at >= ${since} and opened_at < ${now} and ${HAS_OWN_CARD}
          and ${IS_FOLDABLE} and ${HOLDS_NOTHING} and acknowledged_by is null and owned_since is null
        order by id limit 100 for no key update skip locked`,
  );
}

/** Open items that began since then and fold under what is no storm. */
function isYoungFold(since: Date): Sql {
  return sql`state <> 'resolved' and folded_under is not null and opened_at >= ${since}
             and exists (select from items h where h.id = items.folded_under and h.fingerprint not like 'storm:%')`;
}

const FOLDS = new Row({ service: nullable(text), under: integer, since: timestamp });
/** Items of one service that fold under one item; `since`: the first of them. */
export type Folds = RowOf<typeof FOLDS>;

export async function youngFolds(db: Db, since: Date): Promise<Folds[]> {
  const statement = sql`select service, folded_under as under, min(since) as since from items
                        where ${isYoungFold(since)} group by service, folded_under order by folded_under, service`;
  return query(db, FOLDS, statement);
}

/** These items, locked. */
export async function lockFolds(db: Db, since: Date, { service, under }: Folds): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where ${isYoungFold(since)} and folded_under = ${under} and service is not distinct from ${service}
        order by id limit 50 for no key update skip locked`,
  );
}

/** Cards of items that wait for their first message at a place; of a channel that takes none no card is on its way. */
export async function countNewCards(db: Db, where: string): Promise<number> {
  return countOf(
    db,
    sql`select count(*) as count from postings p
        where subject_kind = 'item' and place = ${where} and message_ts is null and shown < wanted
          and not exists (select from pace c where c.key in (p.place, 'channel:' || p.channel) and c.problem is not null)`,
  );
}

const PARTY = new Row({
  service: nullable(text),
  ownerPerson: nullable(text),
  ownerTeam: nullable(text),
  worst: text,
});
/** Owner and service of an item that is folded under another. */
export type FoldedParty = { readonly service: string | null; readonly owner: Party | null };

/** Of items that nobody has seen, the gravest first. */
export async function foldedParties(db: Db, under: number): Promise<FoldedParty[]> {
  const rows = await query(
    db,
    PARTY,
    sql`select service, owner_person, owner_team, min(severity) as worst from items
        where folded_under = ${under} and state = 'open' and acknowledged_by is null
        group by service, owner_person, owner_team order by min(severity), count(*) desc, service`,
  );
  return rows.map(({ service, ownerPerson, ownerTeam }) => ({ service, owner: partyOf(ownerPerson, ownerTeam) }));
}
