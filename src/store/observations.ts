import type { Observation } from "../domain/observation.ts";
import { asJson } from "../db/json.ts";
import { execute, json, nullable, query, Row, sql, text, timestamp, type Db } from "../db/sql.ts";

const OBSERVED = new Row({
  target: text,
  observedAt: timestamp,
  body: nullable(json<Observation>()),
  problem: nullable(text),
});

export async function saveObservation(
  db: Db,
  target: string,
  at: Date,
  seen: Observation | null,
  problem: string | null,
): Promise<void> {
  await execute(
    db,
    sql`insert into observations (target, observed_at, body, problem) values (${target}, ${at}, ${seen === null ? null : asJson(seen)}, ${problem})
        on conflict (target) do update set observed_at = excluded.observed_at, problem = excluded.problem,
          body = coalesce(excluded.body, observations.body)`,
  );
}

export async function observationsOf(
  db: Db,
  targets: readonly string[],
): Promise<{ target: string; observedAt: Date; body: Observation | null; problem: string | null }[]> {
  return query(db, OBSERVED, sql`select ${OBSERVED} from observations where target = any(${targets}) order by target`);
}
