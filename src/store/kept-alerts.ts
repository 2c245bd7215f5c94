import { ALERT_STATES, type Alert, type AlertState } from "../domain/alert.ts";
import { SEVERITIES, type Severity } from "../domain/item.ts";
import { doubles, jsons, texts } from "../db/arrays.ts";
import { boolean, execute, often, oneOf, query, queryRow, Row, sql, text, type Db, type RowOf } from "../db/sql.ts";

/**
 * Writes a batch of alerts: what is in the database is read first, and only what is new or different is written. Columns go
 * over as arrays, because taking rows out of JSON costs PostgreSQL twice as much.
 */

/** One alert as it is to be kept. */
export type AlertRow = {
  /** Source and fingerprint in one text. */
  readonly key: string;
  readonly source: string;
  readonly fingerprint: string;
  readonly itemFingerprint: string;
  readonly severity: Severity;
  readonly alert: Alert;
};

/** Locks sources, across all processes: what is read of their alerts holds until the transaction ends. */
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

/** What became of one alert, and what it was before; null where it is new. */
export type KeptAlert = Pick<AlertRow, "source" | "fingerprint" | "itemFingerprint" | "severity"> & {
  readonly state: AlertState;
  readonly was: AlertState | null;
  readonly wasSeverity: Severity | null;
  readonly wasIn: string | null;
};

/** What became of a batch, and whether anything of an alert is different now, but for when it was seen and how long it lasts. */
export type Kept = { readonly kept: readonly KeptAlert[]; readonly isDifferent: boolean };

/**
 * Keeps a batch; the sources must be locked, and each alert may be in it once. What is over keeps the words and the item
 * that it had while it lasted.
 */
export async function keepAlerts(db: Db, rows: readonly AlertRow[], now: Date): Promise<Kept> {
  const before = await standing(db, rows);
  const added = rows.filter((row) => !before.has(row.key));
  const there = rows.filter((row) => before.has(row.key));
  const over = there.filter(({ alert }) => alert.state === "resolved");
  const others = there.filter(({ alert }) => alert.state !== "resolved");
  if (added.length > 0) await add(db, added, now);
  const areOthersDifferent = others.length > 0 && (await replace(db, others, now));
  if (over.length > 0) await endKept(db, over, now);
  const kept = rows.map((row) => keptOf(row, before.get(row.key) ?? null));
  return { kept, isDifferent: areOthersDifferent || kept.some(({ state, was }) => state !== was) };
}

const BEFORE = new Row({
  source: text,
  fingerprint: text,
  state: oneOf(ALERT_STATES),
  severity: oneOf(SEVERITIES),
  itemFingerprint: text,
});
type Before = RowOf<typeof BEFORE>;

/** Those that exist already. The query is planned each time: a plan for the small table before a storm would not suit it later. */
async function standing(db: Db, rows: readonly AlertRow[]): Promise<ReadonlyMap<string, Before>> {
  const sources = [...new Set(rows.map(({ source }) => source))];
  const found = await query(
    db,
    BEFORE,
    sql`select ${BEFORE} from alerts
        where source = any(${sources}) and fingerprint = any(${texts(rows.map(({ fingerprint }) => fingerprint))}::text[])`,
  );
  return new Map(found.map((before) => [`${before.source}/${before.fingerprint}`, before]));
}

function keptOf({ source, fingerprint, ...row }: AlertRow, before: Before | null): KeptAlert {
  const { state } = row.alert;
  const stays = state === "resolved" && before !== null;
  return {
    source,
    fingerprint,
    state,
    itemFingerprint: stays ? before.itemFingerprint : row.itemFingerprint,
    severity: stays ? before.severity : row.severity,
    was: before?.state ?? null,
    wasSeverity: before?.severity ?? null,
    wasIn: before?.itemFingerprint ?? null,
  };
}

async function add(db: Db, rows: readonly AlertRow[], now: Date): Promise<void> {
  await execute(
    db,
    often(
      "alerts.add",
      sql`insert into alerts (source, fingerprint, item_fingerprint, state, severity, name, summary, description, labels, link,
                              started_at, ended_at, lasts_until, last_seen_at)
          select source, fingerprint, item_fingerprint, state, severity, name, summary, description, labels, link,
                 coalesce(to_timestamp(started_at / 1000), ${now}), case when state = 'resolved' then ${now}::timestamptz end,
                 to_timestamp(lasts_until / 1000), ${now}
          from ${given(rows)}`,
    ),
  );
}

const REPLACED = new Row({ isDifferent: boolean });

/** Whether any of them says something else than before. */
async function replace(db: Db, rows: readonly AlertRow[], now: Date): Promise<boolean> {
  const row = await queryRow(
    db,
    REPLACED,
    sql`with replaced as (
          update alerts a set
            state = g.state, item_fingerprint = g.item_fingerprint, severity = g.severity, name = g.name, summary = g.summary,
            description = g.description, labels = g.labels, link = g.link,
            started_at = case when g.state = 'firing' and a.state <> 'firing'
                              then coalesce(to_timestamp(g.started_at / 1000), ${now}) else a.started_at end,
            ended_at = null, lasts_until = to_timestamp(g.lasts_until / 1000), last_seen_at = ${now}
          from ${given(rows)} join alerts o on o.source = g.source and o.fingerprint = g.fingerprint
          where a.source = g.source and a.fingerprint = g.fingerprint
          returning (o.item_fingerprint, o.severity, o.name, o.summary, o.description, o.labels, o.link)
                    is distinct from (g.item_fingerprint, g.severity, g.name, g.summary, g.description, g.labels, g.link) as is_different)
        select coalesce(bool_or(is_different), false) as is_different from replaced`,
  );
  return row.isDifferent;
}

/** As a table `g`. */
function given(rows: readonly AlertRow[]) {
  const alerts = rows.map(({ alert }) => alert);
  return sql`unnest(
      ${texts(rows.map(({ source }) => source))}::text[], ${texts(rows.map(({ fingerprint }) => fingerprint))}::text[],
      ${texts(rows.map(({ itemFingerprint }) => itemFingerprint))}::text[], ${texts(alerts.map(({ state }) => state))}::text[],
      ${texts(rows.map(({ severity }) => severity))}::text[], ${texts(alerts.map(({ name }) => name))}::text[],
      ${texts(alerts.map(({ summary }) => summary))}::text[], ${texts(alerts.map(({ description }) => description))}::text[],
      ${jsons(alerts.map(({ labels }) => labels))}::jsonb[], ${texts(alerts.map(({ link }) => link))}::text[],
      ${doubles(alerts.map(({ startedAt }) => startedAt?.getTime()))}::float8[],
      ${doubles(alerts.map(({ lastsUntil }) => lastsUntil?.getTime()))}::float8[]
    ) as g (source, fingerprint, item_fingerprint, state, severity, name, summary, description, labels, link, started_at, lasts_until)`;
}

async function endKept(db: Db, rows: readonly AlertRow[], now: Date): Promise<void> {
  await execute(
    db,
    sql`update alerts a set state = 'resolved', ended_at = coalesce(a.ended_at, ${now}), lasts_until = null, last_seen_at = ${now}
        from unnest(${texts(rows.map(({ source }) => source))}::text[], ${texts(rows.map(({ fingerprint }) => fingerprint))}::text[])
               as g (source, fingerprint)
        where a.source = g.source and a.fingerprint = g.fingerprint`,
  );
}
