import { SEVERITIES } from "../domain/item.ts";
import { json, oneOf, query, Row, sql, text, type Db, type RowOf } from "../db/sql.ts";
import { LASTING, type EndedAlert } from "./alerts.ts";

/** What fires of one item, as its source is asked about it. */

const FIRING = new Row({
  fingerprint: text,
  name: text,
  severity: oneOf(SEVERITIES),
  labels: json<Readonly<Record<string, string>>>(),
});

/** What fires of an item, 20,000 alerts at most. */
export async function firingOf(db: Db, itemFingerprint: string): Promise<RowOf<typeof FIRING>[]> {
  return query(
    db,
    FIRING,
    sql`select ${FIRING} from alerts where item_fingerprint = ${itemFingerprint} and state = 'firing' limit 20000`,
  );
}

/** Ends those of these alerts that fire and were not sent since; the source must be locked. */
export async function endUnseen(
  db: Db,
  {
    source,
    fingerprints,
    since,
  }: { readonly source: string; readonly fingerprints: readonly string[]; readonly since: Date },
  now: Date,
): Promise<EndedAlert[]> {
  return query(
    db,
    LASTING,
    sql`update alerts set state = 'resolved', ended_at = ${now}
        where source = ${source} and fingerprint = any(${fingerprints}) and state = 'firing' and last_seen_at < ${since}
        returning ${LASTING}`,
  );
}
