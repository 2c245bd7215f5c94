import { RUNBOOK, type AlertList } from "../domain/alert.ts";
import { SEVERITIES } from "../domain/item.ts";
import {
  execute,
  integer,
  json,
  nullable,
  oneOf,
  query,
  queryOne,
  queryRow,
  Row,
  SLICE,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";

/** Alerts as they are kept, and how they end as time passes. */

const MEMBER = new Row({
  itemFingerprint: text,
  name: text,
  summary: text,
  description: text,
  severity: oneOf(SEVERITIES),
  labels: json<Readonly<Record<string, string>>>(),
  link: nullable(text),
  startedAt: timestamp,
});
export type Member = RowOf<typeof MEMBER>;

/** Of each of these items the gravest alert that fires, of those the oldest. */
export async function gravestOf(db: Db, itemFingerprints: readonly string[]): Promise<Member[]> {
  if (itemFingerprints.length === 0) return [];
  return query(
    db,
    MEMBER,
    sql`select m.* from unnest(${itemFingerprints}::text[]) as wanted (item_fingerprint)
        cross join lateral (select ${MEMBER} from alerts a where a.item_fingerprint = wanted.item_fingerprint and a.state = 'firing'
                            order by a.severity, a.started_at, a.summary, a.fingerprint limit 1) as m`,
  );
}

/** These alerts, as they are kept. */
export async function membersOf(
  db: Db,
  wanted: readonly { readonly source: string; readonly fingerprint: string }[],
): Promise<Member[]> {
  return query(
    db,
    MEMBER,
    sql`select ${MEMBER} from alerts where (source, fingerprint) in
          (select * from unnest(${wanted.map((each) => each.source)}::text[], ${wanted.map((each) => each.fingerprint)}::text[]))`,
  );
}

const COUNTS = new Row({ firing: integer, told: integer });
const SHOWN = new Row({ summary: text, link: nullable(text), runbook: nullable(text) });

/** What an item's card says of its alerts; of those that were only told, what came since it opened. */
export async function alertsOfItem(db: Db, itemFingerprint: string, since: Date): Promise<AlertList> {
  const which = sql`item_fingerprint = ${itemFingerprint} and (state = 'firing' or (state = 'told' and last_seen_at >= ${since}))`;
  const counts = await queryRow(
    db,
    COUNTS,
    sql`select count(*) filter (where state = 'firing') as firing, count(*) filter (where state = 'told') as told from alerts where ${which}`,
  );
  const shown = await query(
    db,
    SHOWN,
    sql`select summary, link, labels ->> ${RUNBOOK} as runbook from alerts where ${which}
        order by severity, started_at, summary, fingerprint limit 3`,
  );
  return { ...counts, shown };
}

const SAMPLE = new Row({ source: text, labels: json<Readonly<Record<string, string>>>() });

/** The newest alert that was folded into an item, over or not. */
export async function newestAlertOf(db: Db, itemFingerprint: string): Promise<RowOf<typeof SAMPLE> | null> {
  return queryOne(
    db,
    SAMPLE,
    sql`select ${SAMPLE} from alerts where item_fingerprint = ${itemFingerprint} order by last_seen_at desc limit 1`,
  );
}

export const LASTING = new Row({
  source: text,
  fingerprint: text,
  itemFingerprint: text,
  severity: oneOf(SEVERITIES),
});
export type EndedAlert = RowOf<typeof LASTING>;

/** Alerts that fire and were not sent again in time. */
export async function silentAlerts(db: Db, before: Date, limit: number): Promise<EndedAlert[]> {
  return query(
    db,
    LASTING,
    sql`select ${LASTING} from alerts where state = 'firing' and lasts_until is not null and lasts_until <= ${before}
        order by lasts_until limit ${limit}`,
  );
}

/** Ends those of these alerts that are silent still; the source must be locked. */
export async function endSilent(
  db: Db,
  silent: readonly { readonly source: string; readonly fingerprint: string }[],
  before: Date,
  now: Date,
): Promise<EndedAlert[]> {
  return query(
    db,
    LASTING,
    sql`update alerts a set state = 'resolved', ended_at = ${now}
        from unnest(${silent.map((each) => each.source)}::text[], ${silent.map((each) => each.fingerprint)}::text[]) as s (source, fingerprint)
        where a.source = s.source and a.fingerprint = s.fingerprint and a.state = 'firing' and a.lasts_until <= ${before}
        returning a.source, a.fingerprint, a.item_fingerprint, a.severity`,
  );
}

const SOURCE = new Row({ source: text });

/** The sources of alerts that have been over, or were only told, for long. */
export async function sourcesOfOld(db: Db, before: Date): Promise<string[]> {
  const found = await query(
    db,
    SOURCE,
    sql`select distinct source from alerts where state <> 'firing' and last_seen_at < ${before}`,
  );
  return found.map(({ source }) => source);
}

/** Deletes a slice of these alerts, whose sources must be locked; how many. Writers stay: the sum of their changes must never fall. */
export async function forgetAlerts(db: Db, sources: readonly string[], before: Date): Promise<number> {
  return execute(
    db,
    sql`delete from alerts where ctid = any(array(
          select ctid from alerts where source = any(${sources}) and state <> 'firing' and last_seen_at < ${before} limit ${SLICE}))`,
  );
}

/** Deletes a slice of the groups that nothing is left of; how many. */
export async function forgetGroups(db: Db): Promise<number> {
  return execute(
    db,
    sql`delete from alert_groups where firing = 0 and item_fingerprint = any(array(
          select item_fingerprint from alert_groups g
          where firing = 0
            and not exists (select from alerts a where a.item_fingerprint = g.item_fingerprint and a.state <> 'resolved')
            and not exists (select from items i where i.fingerprint = g.item_fingerprint and i.state <> 'resolved')
          limit ${SLICE}))`,
  );
}
