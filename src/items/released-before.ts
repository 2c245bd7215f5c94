import type { Db } from "../db/sql.ts";
import type { Service } from "../domain/catalog.ts";
import { releasesOf } from "../domain/observed-change.ts";
import { subHours } from "../domain/time.ts";
import { changesOf } from "../store/changes.ts";
import { observationsOf } from "../store/observations.ts";
import { operationsBetween } from "../store/operations.ts";

/**
 * Whether one of these services had a release, ours or anybody's, within the hour before `from` or since then, by all that
 * is known at `now`. Where it did, that may be the cause of whatever went wrong.
 */
export async function releasedBefore(
  db: Db,
  services: readonly Service[],
  { from, now }: { readonly from: Date; readonly now: Date },
): Promise<boolean> {
  const span = { from: subHours(from, 1), to: now };
  const targets = services.flatMap((service) => service.targets.map(({ key }) => key));
  if (targets.length === 0) return false;
  const observed = await observationsOf(db, targets);
  const changes = await changesOf(db, targets, span);
  const keys = services.map(({ key }) => key);
  const operations = await operationsBetween(db, keys, span);
  const made = observed.flatMap(({ body }) => (body === null ? [] : releasesOf(body)));
  return (
    made.some(({ madeAt }) => madeAt !== null && madeAt >= span.from && madeAt <= now) ||
    changes.some(({ what }) => what === "release") ||
    operations.some(({ plan, startedAt }) => startedAt !== null && plan?.changes["release"] !== undefined)
  );
}
