import { doubles, texts } from "../db/arrays.ts";
import { boolean, integer, nullable, oneOf, query, Row, sql, text, type Db, type RowOf, type Sql } from "../db/sql.ts";
import { RESPONSIBILITIES } from "../domain/duty.ts";
import { SEVERITIES, type Severity } from "../domain/item.ts";

/** Groups of alerts: all that belong to one item. */

const GROUP = new Row({
  itemFingerprint: text,
  source: text,
  title: text,
  service: nullable(text),
  responsibility: oneOf(RESPONSIBILITIES),
  firing: integer,
  critical: integer,
});
export type AlertGroup = RowOf<typeof GROUP>;

/** What a group is, and by how much it changes: `firing` and `critical` are added. */
export type GroupChange = AlertGroup;

const COUNTED = new Row({
  itemFingerprint: text,
  service: nullable(text),
  firing: integer,
  critical: integer,
  item: nullable(integer),
  severity: nullable(oneOf(SEVERITIES)),
  recovered: nullable(boolean),
});
/** How a group is now, and of its unresolved item, without a lock, as much as it takes to tell whether that has to change. */
export type CountedGroup = Pick<AlertGroup, "itemFingerprint" | "service" | "firing" | "critical"> & {
  readonly item: { readonly id: number; readonly severity: Severity; readonly recovered: boolean } | null;
};

/**
 * Adds to the groups, and says how those are now that `always` names, or whose item or card may have to change. In a storm
 * nearly no other is among them: several alerts of it fired and still do, as bad as its item, and no card counts them. A group
 * that fires already keeps what it is called and whose it is. The source must be locked.
 */
export async function changeGroups(
  db: Db,
  changes: readonly GroupChange[],
  always: readonly string[],
): Promise<CountedGroup[]> {
  const fingerprints = changes.map(({ itemFingerprint }) => itemFingerprint);
  const rows = await query(
    db,
    COUNTED,
    sql`with given as (select * from ${given(changes)}),
          counted as (
            update alert_groups g set
              firing = greatest(0, g.firing + c.firing),
              critical = least(greatest(0, g.critical + c.critical), greatest(0, g.firing + c.firing)),
              title = case when g.firing = 0 then c.title else g.title end,
              service = case when g.firing = 0 then c.service else g.service end,
              responsibility = case when g.firing = 0 then c.responsibility else g.responsibility end
            from given c where g.item_fingerprint = c.item_fingerprint
            returning g.item_fingerprint, g.service, g.firing, g.critical, g.firing - c.firing as before),
          begun as (
            insert into alert_groups (item_fingerprint, source, title, service, responsibility, firing, critical)
            select item_fingerprint, source, title, service, responsibility, greatest(0, firing), greatest(0, critical) from given
            where item_fingerprint not in (select item_fingerprint from counted)
            returning item_fingerprint, service, firing, critical, 0 as before),
          changed as (select * from counted union all select * from begun)
        select g.item_fingerprint, g.service, g.firing, g.critical, i.id as item, i.severity, i.recovered
        from changed g
        left join (select * from items where fingerprint = any(${texts(fingerprints)}::text[]) and state <> 'resolved') as i
          on i.fingerprint = g.item_fingerprint
        where g.before < 2 or g.firing < 2 or i.id is null or i.recovered or g.item_fingerprint = any(${texts(always)}::text[])
           or i.severity <> case when g.critical > 0 then 'critical' else 'warning' end
           or exists (select from postings p where p.subject_kind = 'item' and p.subject = i.id)`,
  );
  return rows.map(({ item: id, severity, recovered, ...group }) => ({
    ...group,
    item: id === null || severity === null ? null : { id, severity, recovered: recovered === true },
  }));
}

function given(changes: readonly GroupChange[]): Sql {
  return sql`unnest(
      ${texts(changes.map(({ itemFingerprint }) => itemFingerprint))}::text[], ${texts(changes.map(({ source }) => source))}::text[],
      ${texts(changes.map(({ title }) => title))}::text[], ${texts(changes.map(({ service }) => service))}::text[],
      ${texts(changes.map(({ responsibility }) => responsibility))}::text[],
      ${doubles(changes.map(({ firing }) => firing))}::float8[]::integer[],
      ${doubles(changes.map(({ critical }) => critical))}::float8[]::integer[]
    ) as given (item_fingerprint, source, title, service, responsibility, firing, critical)`;
}

/** These groups, with everything about them. */
export async function groupsOf(db: Db, itemFingerprints: readonly string[]): Promise<AlertGroup[]> {
  if (itemFingerprints.length === 0) return [];
  return query(
    db,
    GROUP,
    sql`select ${GROUP} from alert_groups where item_fingerprint = any(${texts(itemFingerprints)}::text[])`,
  );
}

/** Groups of these sources that fire while no item of theirs is open, nor was closed by a person after `closedBefore`; but of `quiet` services. */
export async function firingUnseen(
  db: Db,
  {
    sources,
    closedBefore,
    quiet,
  }: { readonly sources: readonly string[]; readonly closedBefore: Date; readonly quiet: readonly string[] },
  limit: number,
  only: string | null = null,
): Promise<AlertGroup[]> {
  const which = only === null ? sql`` : sql`and g.item_fingerprint = ${only}`;
  return query(
    db,
    GROUP,
    sql`select ${GROUP} from alert_groups g
        where g.firing > 0 and g.source = any(${sources}) ${which}
          and (g.service is null or g.service <> all(${quiet}))
          and not exists (select from items i where i.fingerprint = g.item_fingerprint
                                              and (i.state <> 'resolved' or (i.resolved_by is not null and i.resolved_at > ${closedBefore})))
        order by g.item_fingerprint limit ${limit}`,
  );
}
