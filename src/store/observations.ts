import type { Observation } from "../domain/observation.ts";
import { asJson } from "../db/json.ts";
import { execute, json, nullable, query, queryOne, Row, sql, text, timestamp, type Db, type RowOf } from "../db/sql.ts";

const OBSERVED = new Row({
  target: text,
  observedAt: timestamp,
  body: nullable(json<Observation>()),
  problem: nullable(text),
  firstSeenAt: nullable(timestamp),
  seenAt: nullable(timestamp),
});
/** `observedAt` is the last try, `seenAt` the last one that saw something. */
export type Observed = RowOf<typeof OBSERVED>;

/** What was last seen of a target, locked, so that the next look is compared with it once. */
export async function lockObservation(db: Db, target: string): Promise<Observed | null> {
  return queryOne(db, OBSERVED, sql`select ${OBSERVED} from observations where target = ${target} for update`);
}

export async function saveObservation(
  db: Db,
  target: string,
  at: Date,
  seen: Observation | null,
  problem: string | null,
): Promise<void> {
  const seenAt = seen === null ? null : at;
  await execute(
    db,
    sql`insert into observations (target, observed_at, body, problem, first_seen_at, seen_at)
        values (${target}, ${at}, ${seen === null ? null : asJson(seen)}, ${problem}, ${seenAt}, ${seenAt})
        on conflict (target) do update set observed_at = excluded.observed_at, problem = excluded.problem,
          body = coalesce(excluded.body, observations.body), seen_at = coalesce(excluded.seen_at, observations.seen_at),
          first_seen_at = coalesce(observations.first_seen_at, excluded.first_seen_at)`,
  );
}

export async function observationsOf(db: Db, targets: readonly string[]): Promise<Observed[]> {
  return query(db, OBSERVED, sql`select ${OBSERVED} from observations where target = any(${targets}) order by target`);
}
