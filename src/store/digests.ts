import { integer, queryOne, Row, sql, text, timestamp, type Db, type RowOf } from "../db/sql.ts";

const DIGEST = new Row({
  id: integer,
  channel: text,
  localDate: text,
  zone: text,
  dueAt: timestamp,
  madeAt: timestamp,
});
export type StoredDigest = RowOf<typeof DIGEST>;

const COLUMNS = sql`id, channel, local_date::text as local_date, zone, due_at, made_at`;

/** Null when this channel has had its digest of that local date, or when nothing ran yet at its time. */
export async function insertDigest(db: Db, digest: Omit<StoredDigest, "id">): Promise<StoredDigest | null> {
  return queryOne(
    db,
    DIGEST,
    sql`insert into digests (channel, local_date, zone, due_at, made_at)
        select ${digest.channel}, ${digest.localDate}::date, ${digest.zone}, ${digest.dueAt}::timestamptz, ${digest.madeAt}::timestamptz
        where not exists (select from digests where channel = ${digest.channel} and local_date = ${digest.localDate}::date)
          -- Of a morning before there was anything to tell, the first start in the afternoon has nothing to say.
          and exists (select from catalog_versions where imported_at <= ${digest.dueAt}::timestamptz)
        on conflict (channel, local_date) do nothing returning ${COLUMNS}`,
  );
}

export async function digestById(db: Db, id: number): Promise<StoredDigest | null> {
  return queryOne(db, DIGEST, sql`select ${COLUMNS} from digests where id = ${id}`);
}

/** The channel's digest before the one of a local date: what that one tells begins where this one ended. */
export async function digestBefore(db: Db, channel: string, localDate: string): Promise<StoredDigest | null> {
  return queryOne(
    db,
    DIGEST,
    sql`select ${COLUMNS} from digests where channel = ${channel} and local_date < ${localDate}::date order by local_date desc limit 1`,
  );
}
