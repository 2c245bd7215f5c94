import { texts } from "../db/arrays.ts";
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
 * Adds to the groups, and says how they are now. One that fires already keeps what it is called and whose it is. The
 * source must be locked.
 */
export async function changeGroups(db: Db, changes: readonly GroupChange[]): Promise<CountedGroup[]> {
  const changed = await addTo(db, changes);
  if (changed.length === changes.length) return changed;
  const there = new Set(changed.map(({ itemFingerprint }) => itemFingerprint));
  const missing = changes.filter(({ itemFingerprint }) => !there.has(itemFingerprint));
  return [...changed, ...(await begin(db, missing))];
}

/** Adds to the groups that exist already. */
function addTo(db: Db, changes: readonly GroupChange[]): Promise<CountedGroup[]> {
  if (changes.length === 0) return Promise.resolve([]);
  return counted(
    db,
    changes,
    sql`update alert_groups g set
            firing = greatest(0, g.firing + c.firing),
            critical = least(greatest(0, g.critical + c.critical), greatest(0, g.firing + c.firing)),
            title = case when g.firing = 0 then c.title else g.title end,
            service = case when g.firing = 0 then c.service else g.service end,
            responsibility = case when g.firing = 0 then c.responsibility else g.responsibility end
          from ${given(changes)}
          where g.item_fingerprint = c.item_fingerprint
          returning g.item_fingerprint, g.service, g.firing, g.critical`,
  );
}

function begin(db: Db, missing: readonly GroupChange[]): Promise<CountedGroup[]> {
  return counted(
    db,
    missing,
    sql`insert into alert_groups (item_fingerprint, source, title, service, responsibility, firing, critical)
          select item_fingerprint, source, title, service, responsibility, greatest(0, firing), greatest(0, critical)
          from ${given(missing)}
          returning item_fingerprint, service, firing, critical`,
  );
}

async function counted(db: Db, changes: readonly GroupChange[], change: Sql): Promise<CountedGroup[]> {
  const fingerprints = texts(changes.map(({ itemFingerprint }) => itemFingerprint));
  const rows = await query(
    db,
    COUNTED,
    sql`with counted as (${change})
        select g.*, i.id as item, i.severity, i.recovered from counted g
        left join (select * from items where fingerprint = any(${fingerprints}::text[]) and state <> 'resolved') as i
          on i.fingerprint = g.item_fingerprint`,
  );
  return rows.map(({ item: id, severity, recovered, ...group }) => ({
    ...group,
    item: id === null || severity === null ? null : { id, severity, recovered: recovered === true },
  }));
}

/** As a table `c`. */
function given(changes: readonly GroupChange[]): Sql {
  return sql`unnest(
      ${texts(changes.map(({ itemFingerprint }) => itemFingerprint))}::text[], ${texts(changes.map(({ source }) => source))}::text[],
      ${texts(changes.map(({ title }) => title))}::text[], ${texts(changes.map(({ service }) => service))}::text[],
      ${texts(changes.map(({ responsibility }) => responsibility))}::text[],
      ${changes.map(({ firing }) => firing)}::integer[], ${changes.map(({ critical }) => critical)}::integer[]
    ) as c (item_fingerprint, source, title, service, responsibility, firing, critical)`;
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
