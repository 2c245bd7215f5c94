import { ALERT_STATES, type Alert, type AlertList } from "../domain/alert.ts";
import { RESPONSIBILITIES } from "../domain/catalog.ts";
import { SEVERITIES, type Severity } from "../domain/item.ts";
import { asJson } from "../db/json.ts";
import {
  execute,
  integer,
  json,
  nullable,
  often,
  oneOf,
  query,
  queryOne,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";

/** One alert as it is to be kept, however often it was sent since the last time. */
export type AlertRow = {
  readonly source: string;
  readonly fingerprint: string;
  readonly itemFingerprint: string;
  readonly severity: Severity;
  readonly count: number;
  readonly alert: Alert;
};

/** One at a time for each source, in every process: what is read of it holds until the transaction ends. */
export async function lockSources(db: Db, sources: readonly string[]): Promise<void> {
  await execute(
    db,
    often(
      "alerts.lock",
      sql`select pg_advisory_xact_lock(hashtext('daytwo.alerts'), key)
          from (select distinct hashtext(s) as key from unnest(${sources}::text[]) as s order by 1) as keys`,
    ),
  );
}

const KEPT = new Row({
  source: text,
  fingerprint: text,
  itemFingerprint: text,
  state: oneOf(ALERT_STATES),
  severity: oneOf(SEVERITIES),
  was: nullable(oneOf(ALERT_STATES)),
  wasSeverity: nullable(oneOf(SEVERITIES)),
  wasIn: nullable(text),
});
/** What became of one alert, and what it was before; null where it is new. */
export type KeptAlert = RowOf<typeof KEPT>;

/**
 * Keeps a batch in one statement, planned each time, since a plan for the small table before a storm would not do for what
 * it becomes; the source must be locked. What is over keeps the words and the item that it had while it
 * lasted. Each alert may be in it once; all are one parameter, as in the inbox.
 */
export async function keepAlerts(db: Db, rows: readonly AlertRow[], now: Date): Promise<KeptAlert[]> {
  const given = rows.map(({ alert, ...row }) => ({
    ...row,
    state: alert.state,
    name: alert.name,
    summary: alert.summary,
    description: alert.description,
    labels: alert.labels,
    link: alert.link,
    startedAt: alert.startedAt,
    lastsUntil: alert.lastsUntil,
  }));
  return query(
    db,
    KEPT,
    sql`with given as materialized (
            select * from json_to_recordset(${asJson(given)}::json) as g (source text, fingerprint text, "itemFingerprint" text, state text,
              severity text, name text, summary text, description text, labels jsonb, link text, "startedAt" timestamptz, "lastsUntil" timestamptz, count bigint)),
          before as materialized (
            select a.source, a.fingerprint, a.state, a.severity, a.item_fingerprint from given g join alerts a using (source, fingerprint)),
          kept as (
            insert into alerts as a (source, fingerprint, item_fingerprint, state, severity, name, summary, description, labels, link,
                                     started_at, ended_at, lasts_until, first_seen_at, last_seen_at, count)
            select source, fingerprint, "itemFingerprint", state, severity, name, summary, description, labels, link,
                   coalesce("startedAt", ${now}), case when state = 'resolved' then ${now}::timestamptz end, "lastsUntil", ${now}, ${now}, count
            from given order by source, fingerprint
            on conflict (source, fingerprint) do update set
              state = excluded.state,
              item_fingerprint = case when excluded.state = 'resolved' then a.item_fingerprint else excluded.item_fingerprint end,
              severity = case when excluded.state = 'resolved' then a.severity else excluded.severity end,
              name = case when excluded.state = 'resolved' then a.name else excluded.name end,
              summary = case when excluded.state = 'resolved' then a.summary else excluded.summary end,
              description = case when excluded.state = 'resolved' then a.description else excluded.description end,
              labels = case when excluded.state = 'resolved' then a.labels else excluded.labels end,
              link = case when excluded.state = 'resolved' then a.link else excluded.link end,
              started_at = case when excluded.state = 'firing' and a.state <> 'firing' then excluded.started_at else a.started_at end,
              ended_at = case when excluded.state = 'resolved' then coalesce(a.ended_at, excluded.ended_at) end,
              lasts_until = excluded.lasts_until,
              last_seen_at = excluded.last_seen_at,
              count = a.count + excluded.count
            returning a.source, a.fingerprint, a.item_fingerprint, a.state, a.severity)
          select k.source, k.fingerprint, k.item_fingerprint, k.state, k.severity,
                 b.state as was, b.severity as was_severity, b.item_fingerprint as was_in
          from kept k left join before b using (source, fingerprint)`,
  );
}

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
  if (changes.length === 0) return [];
  const given = asJson(changes);
  await execute(
    db,
    sql`insert into alert_groups (item_fingerprint, source, title, service, responsibility, firing, critical)
          select "itemFingerprint", source, title, service, responsibility, 0, 0
          from json_to_recordset(${given}::json)
            as c ("itemFingerprint" text, source text, title text, service text, responsibility text)
          order by 1 on conflict (item_fingerprint) do nothing`,
  );
  return query(
    db,
    GROUP,
    sql`update alert_groups g set
            firing = greatest(0, g.firing + c.firing),
            critical = least(greatest(0, g.critical + c.critical), greatest(0, g.firing + c.firing)),
            title = case when g.firing = 0 then c.title else g.title end,
            service = case when g.firing = 0 then c.service else g.service end,
            responsibility = case when g.firing = 0 then c.responsibility else g.responsibility end
          from json_to_recordset(${given}::json)
            as c ("itemFingerprint" text, title text, service text, responsibility text, firing integer, critical integer)
          where g.item_fingerprint = c."itemFingerprint"
          returning g.item_fingerprint, g.source, g.title, g.service, g.responsibility, g.firing, g.critical`,
  );
}

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
const SHOWN = new Row({ summary: text, link: nullable(text) });

/** What an item's card says of its alerts; of those that were only told, what came since it opened. */
export async function alertsOfItem(db: Db, itemFingerprint: string, since: Date): Promise<AlertList> {
  const which = sql`item_fingerprint = ${itemFingerprint} and (state = 'firing' or (state = 'told' and last_seen_at >= ${since}))`;
  const counts = await queryOne(
    db,
    COUNTS,
    sql`select count(*) filter (where state = 'firing') as firing, count(*) filter (where state = 'told') as told from alerts where ${which}`,
  );
  const shown = await query(
    db,
    SHOWN,
    sql`select summary, link from alerts where ${which} order by severity, started_at, summary, fingerprint limit 3`,
  );
  return { firing: counts?.firing ?? 0, told: counts?.told ?? 0, shown };
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

/** Groups that fire while no item of theirs is open, nor was closed by a person after `closedBefore`; but of `quiet` services. */
export async function firingUnseen(
  db: Db,
  { closedBefore, quiet }: { readonly closedBefore: Date; readonly quiet: readonly string[] },
  limit: number,
  only: string | null = null,
): Promise<AlertGroup[]> {
  return query(
    db,
    GROUP,
    sql`select ${GROUP} from alert_groups g
        where g.firing > 0 and g.item_fingerprint = coalesce(${only}, g.item_fingerprint)
          and (g.service is null or g.service <> all(${quiet}))
          and not exists (select from items i where i.fingerprint = g.item_fingerprint
                                              and (i.state <> 'resolved' or (i.resolved_by is not null and i.resolved_at > ${closedBefore})))
        order by g.item_fingerprint limit ${limit}`,
  );
}

/** Counts a change by this writer. */
export async function countChange(db: Db, writer: string, now: Date): Promise<void> {
  await execute(
    db,
    often(
      "alerts.changed",
      sql`insert into alert_writers as w (writer, changes, at) values (${writer}, 1, ${now})
          on conflict (writer) do update set changes = w.changes + 1, at = excluded.at`,
    ),
  );
}

const CHANGES = new Row({ changes: integer });

/** How often all other writers changed something: while it stays the same, what this one remembers is true. */
export async function changesOfOthers(db: Db, writer: string): Promise<number> {
  const row = await queryOne(
    db,
    CHANGES,
    often(
      "alerts.others",
      sql`select coalesce(sum(changes), 0)::bigint as changes from alert_writers where writer <> ${writer}`,
    ),
  );
  return row?.changes ?? 0;
}

/** What was sent again unchanged, added to how often it was sent. */
export async function addCounts(
  db: Db,
  sent: readonly { readonly source: string; readonly fingerprint: string; readonly count: number }[],
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`update alerts a set count = a.count + n.count, last_seen_at = greatest(a.last_seen_at, ${now})
        from (select * from json_to_recordset(${asJson(sent)}::json) as s (source text, fingerprint text, count bigint)
              order by source, fingerprint) as n
        where a.source = n.source and a.fingerprint = n.fingerprint`,
  );
}

/** Alerts that are over, or were only told, since long. Writers stay: the sum of their changes must never fall. */
export async function forgetAlerts(db: Db, before: Date): Promise<void> {
  await execute(db, sql`delete from alerts where state <> 'firing' and last_seen_at < ${before}`);
  await execute(
    db,
    sql`delete from alert_groups g where firing = 0 and not exists (select from alerts a where a.item_fingerprint = g.item_fingerprint and a.state <> 'resolved')
          and not exists (select from items i where i.fingerprint = g.item_fingerprint and i.state <> 'resolved')`,
  );
}
