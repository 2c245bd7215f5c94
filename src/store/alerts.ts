import { ALERT_STATES, type Alert, type AlertList, type AlertState } from "../domain/alert.ts";
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

const BEFORE = new Row({
  at: integer,
  was: oneOf(ALERT_STATES),
  wasSeverity: oneOf(SEVERITIES),
  wasIn: text,
});

/** What became of one alert, and what it was before; null where it is new. */
export type KeptAlert = Pick<AlertRow, "source" | "fingerprint" | "itemFingerprint" | "severity"> & {
  readonly state: AlertState;
  readonly was: AlertState | null;
  readonly wasSeverity: Severity | null;
  readonly wasIn: string | null;
};

/**
 * Keeps a batch in one statement; the source must be locked, and each alert may be in it once. What is over keeps the
 * words and the item that it had while it lasted.
 *
 * It is planned each time, and looks each alert up by itself, since a plan for the small table before a storm would not do
 * for what it becomes. Columns are arrays: to take rows out of JSON costs PostgreSQL twice as much. Only of what was there
 * before anything comes back.
 */
export async function keepAlerts(db: Db, rows: readonly AlertRow[], now: Date): Promise<KeptAlert[]> {
  const alerts = rows.map(({ alert }) => alert);
  const found = await query(
    db,
    BEFORE,
    sql`with given as materialized (
            select * from unnest(
              ${rows.map((row) => row.source)}::text[], ${rows.map((row) => row.fingerprint)}::text[],
              ${rows.map((row) => row.itemFingerprint)}::text[], ${rows.map((row) => row.severity)}::text[],
              ${rows.map((row) => row.count)}::bigint[], ${alerts.map(({ state }) => state)}::text[],
              ${alerts.map(({ name }) => name)}::text[], ${alerts.map(({ summary }) => summary)}::text[],
              ${alerts.map(({ description }) => description)}::text[],
              ${alerts.map(({ labels }) => asJson(labels))}::jsonb[],
              ${alerts.map(({ link }) => link)}::text[],
              ${alerts.map(({ startedAt }) => startedAt?.getTime())}::float8[],
              ${alerts.map(({ lastsUntil }) => lastsUntil?.getTime())}::float8[]
            ) with ordinality
              as g (source, fingerprint, item_fingerprint, severity, count, state, name, summary, description, labels, link, started_at, lasts_until, at)),
          before as materialized (
            select g.at, a.* from given g cross join lateral (
              select state as was, severity as was_severity, item_fingerprint as was_in from alerts a
              where a.source = g.source and a.fingerprint = g.fingerprint offset 0) as a),
          kept as (
            insert into alerts as a (source, fingerprint, item_fingerprint, state, severity, name, summary, description, labels, link,
                                     started_at, ended_at, lasts_until, first_seen_at, last_seen_at, count)
            select source, fingerprint, item_fingerprint, state, severity, name, summary, description, labels, link,
                   coalesce(to_timestamp(started_at / 1000), ${now}), case when state = 'resolved' then ${now}::timestamptz end,
                   to_timestamp(lasts_until / 1000), ${now}, ${now}, count
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
              count = a.count + excluded.count)
          select at, was, was_severity, was_in from before`,
  );
  const before = new Map(found.map(({ at, ...was }) => [at, was]));
  return rows.map((row, index) => kept(row, before.get(index + 1) ?? null));
}

function kept({ source, fingerprint, ...row }: AlertRow, before: Omit<RowOf<typeof BEFORE>, "at"> | null): KeptAlert {
  const { state } = row.alert;
  const stays = state === "resolved" && before !== null;
  return {
    source,
    fingerprint,
    state,
    itemFingerprint: stays ? before.wasIn : row.itemFingerprint,
    severity: stays ? before.wasSeverity : row.severity,
    was: before?.was ?? null,
    wasSeverity: before?.wasSeverity ?? null,
    wasIn: before?.wasIn ?? null,
  };
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
