import { subHours } from "../domain/time.ts";
import {
  boolean,
  countOf,
  execute,
  integer,
  nullable,
  oneOf,
  query,
  queryOne,
  Row,
  sql,
  text,
  textArray,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";
import { SEVERITIES } from "../domain/item.ts";
import { HAS_OWN_CARD, HELD_TOO_LONG } from "./folding.ts";

const ESCALATION = new Row({
  item: integer,
  position: integer,
  told: textArray,
  toldAt: nullable(timestamp),
  dueAt: timestamp,
});
/** `position` counts the steps that were made; `told` are the person keys that know. */
export type Escalation = RowOf<typeof ESCALATION>;

/** As `waitsForSomebody` in domain/item.ts. */
export const WAITS = sql`i.state = 'open' and i.acknowledged_by is null and (i.reverses is null or i.due_at is null) and ${HAS_OWN_CARD}`;
const OWNER = sql`coalesce(i.owner_person, 'team-' || i.owner_team, '')`;

/** Items where somebody acted go on no further. */
export async function dropActedOn(db: Db): Promise<void> {
  await execute(db, sql`delete from escalations e using items i where i.id = e.item and not (${WAITS})`);
}

const WAITING = new Row({
  id: integer,
  service: nullable(text),
  severity: oneOf(SEVERITIES),
  owner: text,
  isTold: boolean,
});
export type Waiting = RowOf<typeof WAITING>;

/**
 * Items whose chain has to begin: they wait for somebody and have none, or became worse, milder or somebody else's since theirs
 * began. Not those that somebody is changing, since a chain needs its item to stay. `isTold`: their card says whom that one told.
 */
export async function withoutChain(db: Db, limit: number): Promise<Waiting[]> {
  return query(
    db,
    WAITING,
    sql`select i.id, i.service, i.severity, ${OWNER} as owner, e.told_at is not null as is_told from items i left join escalations e on e.item = i.id
        where ${WAITS} and (e.item is null or e.severity <> i.severity or e.owner <> ${OWNER})
        order by i.severity, i.id limit ${limit} for key share of i skip locked`,
  );
}

/**
 * Their chains begin. One that another process began meanwhile goes on as it is: nobody is told twice. What somebody acted on
 * in between is left out at its first step.
 */
export async function beginChains(
  db: Db,
  chains: readonly (Waiting & { readonly dueAt: Date })[],
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`insert into escalations (item, severity, owner, began_at, due_at)
        select c.item, c.severity, c.owner, ${now}, c.due_at
        from unnest(${chains.map(({ id }) => id)}::bigint[], ${chains.map(({ severity }) => severity)}::text[],
                    ${chains.map(({ owner }) => owner)}::text[], ${chains.map(({ dueAt }) => dueAt)}::timestamptz[])
          as c (item, severity, owner, due_at)
          join items i on i.id = c.item and i.severity = c.severity and ${OWNER} = c.owner
        on conflict (item) do update set severity = excluded.severity, owner = excluded.owner, position = 0, told = '{}',
          told_at = null, began_at = excluded.began_at, due_at = excluded.due_at
        where (escalations.severity, escalations.owner) <> (excluded.severity, excluded.owner)`,
  );
}

const DUE = new Row({ item: integer });

/** Items with a step that is due, critical ones first; without those that somebody is changing, whose turn comes after that. */
export async function dueEscalations(db: Db, now: Date, limit: number): Promise<number[]> {
  const rows = await query(
    db,
    DUE,
    sql`select e.item from escalations e join items i on i.id = e.item where e.due_at <= ${now}
        order by e.severity, e.due_at, e.item limit ${limit} for update of i skip locked`,
  );
  return rows.map(({ item }) => item);
}

/** Null when another process has it. */
export async function lockEscalation(db: Db, item: number): Promise<Escalation | null> {
  return queryOne(
    db,
    ESCALATION,
    sql`select ${ESCALATION} from escalations where item = ${item} for update skip locked`,
  );
}

export async function escalationOf(db: Db, item: number): Promise<Escalation | null> {
  return queryOne(db, ESCALATION, sql`select ${ESCALATION} from escalations where item = ${item}`);
}

export async function saveEscalation(db: Db, { item, position, told, toldAt, dueAt }: Escalation): Promise<void> {
  await execute(
    db,
    sql`update escalations set position = ${position}, told = ${told}, told_at = ${toldAt}, due_at = ${dueAt} where item = ${item}`,
  );
}

/** Of how many waiting items somebody was told since then. */
export async function countTold(db: Db, person: string, since: Date): Promise<number> {
  return countOf(
    db,
    sql`select count(*) as count from escalations where told_at >= ${since} and ${person} = any(told)`,
  );
}

/** The steps that are still to come move to this moment, where they are later. */
export async function hurry(db: Db, item: number, now: Date): Promise<void> {
  await execute(db, sql`update escalations set due_at = ${now} where item = ${item} and due_at > ${now}`);
}

/**
 * Critical items of which nobody would hear again: nobody has seen or snoozed them, and no step is to come by `until`, or
 * one is overdue since before `overdue`; or they still fold under what no longer stands for them, and of which nothing was
 * heard since an hour before that.
 */
export async function forgottenItems(db: Db, overdue: Date, until: Date): Promise<number[]> {
  const rows = await query(
    db,
    DUE,
    sql`select i.id as item from items i left join escalations e on e.item = i.id
        where (${WAITS} and i.severity = 'critical' and i.opened_at < ${overdue}
               and (e.item is null or e.due_at > ${until} or e.due_at < ${overdue}))
           or i.id in (select id from items where state = 'open' and severity = 'critical' and ${HELD_TOO_LONG}
                         and not exists (select from events t where t.item = items.folded_under and t.at >= ${subHours(overdue, 1)}))
        order by i.id limit 20`,
  );
  return rows.map(({ item }) => item);
}
