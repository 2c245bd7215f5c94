import type { Noisy } from "../domain/board/noise.ts";
import { ITEM_ORIGINS } from "../domain/item.ts";
import { execute, integer, json, nullable, oneOf, query, Row, sql, text, timestamp, type Db } from "../db/sql.ts";

/** What was called noise, and how often. */

export async function insertNoise(
  db: Db,
  noise: { event: number; at: Date; item: number; fingerprint: string; service: string | null },
): Promise<void> {
  await execute(
    db,
    sql`insert into noises (event, at, item, fingerprint, service)
        values (${noise.event}, ${noise.at}, ${noise.item}, ${noise.fingerprint}, ${noise.service})`,
  );
}

const CALLED = new Row({ count: integer, person: nullable(text), account: nullable(text) });

/** How often the same was called noise since then, and who did last; null where nobody did. */
export async function noiseOf(db: Db, fingerprint: string, since: Date): Promise<{ by: string; count: number } | null> {
  const [row] = await query(
    db,
    CALLED,
    sql`select count(*) over () as count, e.person, e.account
        from noises n join events e on e.id = n.event
        where n.fingerprint = ${fingerprint} and n.at >= ${since} order by n.at desc limit 1`,
  );
  return row === undefined ? null : { by: row.person ?? row.account ?? "", count: row.count };
}

const NOISY = new Row({
  fingerprint: text,
  service: nullable(text),
  origin: oneOf(ITEM_ORIGINS),
  item: integer,
  count: integer,
  lastAt: timestamp,
  reasons: json<readonly string[]>(),
});

/** What was called noise most often since then, by service where only theirs is asked for; at least `least` times. */
export async function noisiest(
  db: Db,
  since: Date,
  { services, least = 1, limit }: { services?: readonly string[] | undefined; least?: number; limit: number },
): Promise<Noisy[]> {
  const which = services === undefined ? sql`` : sql`and n.service = any(${services})`;
  return query(
    db,
    NOISY,
    sql`select t.fingerprint, i.service, i.origin, t.item, t.count, t.last_at, t.reasons
        from (select n.fingerprint, max(n.item) as item, count(*) as count, max(n.at) as last_at,
                     to_jsonb((array_agg(e.detail->>'reason' order by n.at desc))[1:3]) as reasons
              from noises n join events e on e.id = n.event
              where n.at >= ${since} ${which}
              group by n.fingerprint having count(*) >= ${least}) as t
        join items i on i.id = t.item
        order by t.count desc, t.last_at desc limit ${limit}`,
  );
}
