import { asJson } from "../db/json.ts";
import { execute, integer, nullable, oneOf, query, Row, sql, text, type Db, type RowOf } from "../db/sql.ts";
import { RESPONSIBILITIES } from "../domain/catalog.ts";

/** What alerts of one item are together. */

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

/**
 * Adds to the groups, and says how they are now. One that fires already keeps what it is called and whose it is. The
 * source must be locked.
 */
export async function changeGroups(db: Db, changes: readonly GroupChange[]): Promise<AlertGroup[]> {
  const changed = await addTo(db, changes);
  if (changed.length === changes.length) return changed;
  const there = new Set(changed.map(({ itemFingerprint }) => itemFingerprint));
  const missing = changes.filter(({ itemFingerprint }) => !there.has(itemFingerprint));
  await execute(
    db,
    sql`insert into alert_groups (item_fingerprint, source, title, service, responsibility, firing, critical)
          select "itemFingerprint", source, title, service, responsibility, 0, 0
          from json_to_recordset(${asJson(missing)}::json)
            as c ("itemFingerprint" text, source text, title text, service text, responsibility text)`,
  );
  return [...changed, ...(await addTo(db, missing))];
}

/** To those that are there. */
async function addTo(db: Db, changes: readonly GroupChange[]): Promise<AlertGroup[]> {
  if (changes.length === 0) return [];
  return query(
    db,
    GROUP,
    sql`update alert_groups g set
            firing = greatest(0, g.firing + c.firing),
            critical = least(greatest(0, g.critical + c.critical), greatest(0, g.firing + c.firing)),
            title = case when g.firing = 0 then c.title else g.title end,
            service = case when g.firing = 0 then c.service else g.service end,
            responsibility = case when g.firing = 0 then c.responsibility else g.responsibility end
          from json_to_recordset(${asJson(changes)}::json)
            as c ("itemFingerprint" text, title text, service text, responsibility text, firing integer, critical integer)
          where g.item_fingerprint = c."itemFingerprint"
          returning g.item_fingerprint, g.source, g.title, g.service, g.responsibility, g.firing, g.critical`,
  );
}

/** Groups that fire while no item of theirs is open, nor was closed by a person after `closedBefore`; but of `quiet` services. */
export async function firingUnseen(
  db: Db,
  { closedBefore, quiet }: { readonly closedBefore: Date; readonly quiet: readonly string[] },
  limit: number,
  only: string | null = null,
): Promise<AlertGroup[]> {
  const which = only === null ? sql`` : sql`and g.item_fingerprint = ${only}`;
  return query(
    db,
    GROUP,
    sql`select ${GROUP} from alert_groups g
        where g.firing > 0 ${which}
          and (g.service is null or g.service <> all(${quiet}))
          and not exists (select from items i where i.fingerprint = g.item_fingerprint
                                              and (i.state <> 'resolved' or (i.resolved_by is not null and i.resolved_at > ${closedBefore})))
        order by g.item_fingerprint limit ${limit}`,
  );
}
