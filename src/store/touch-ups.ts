import { addHours } from "../domain/time.ts";
import { execute, sql, type Db, type Sql } from "../db/sql.ts";
import type { Responsibility } from "../domain/duty.ts";
import type { Concerned } from "../domain/catalog-difference.ts";
import { carried } from "../telemetry/trace.ts";
import { notify } from "./events.ts";

/**
 * Cards that would read a little differently now than when they were drawn. However many they are, Slack's pace is for
 * what somebody waits for first: a touch-up goes out when nothing else is to be shown, within the hour at the latest.
 */
async function touchUp(db: Db, subjects: Sql, now: Date): Promise<void> {
  const atLatest = addHours(now, 1);
  const touched = await execute(
    db,
    sql`update postings set wanted = wanted + 1, trace = ${carried()},
          asked_at = case when shown < wanted then least(asked_at, ${atLatest}) else ${atLatest} end
        where ${subjects}`,
  );
  if (touched > 0) await notify(db, "daytwo_delivery");
}

function open(which: Sql): Sql {
  return sql`subject_kind = 'item' and subject in (select id from items where state <> 'resolved' and ${which})`;
}

/** The card of one item. */
export async function touchUpItem(db: Db, item: number, now: Date): Promise<void> {
  await touchUpItems(db, [item], now);
}

/** The cards of these items. */
export async function touchUpItems(db: Db, items: readonly number[], now: Date): Promise<void> {
  await touchUp(db, sql`subject_kind = 'item' and subject = any(${items})`, now);
}

/** Cards that say who answers for what nobody has. */
export async function touchUpUnowned(
  db: Db,
  service: string,
  responsibility: Responsibility,
  now: Date,
): Promise<void> {
  const which = sql`service = ${service} and responsibility = ${responsibility} and owner_person is null and owner_team is null`;
  await touchUp(db, open(which), now);
}

/** Cards that tell what else goes on: those of a service, and of what needs it where it is critical. */
export async function touchUpAround(
  db: Db,
  around: { readonly own: readonly string[]; readonly critical: readonly string[]; readonly except?: string },
  now: Date,
): Promise<void> {
  const which = sql`(service = any(${around.own}) or (severity = 'critical' and service = any(${around.critical})))
                    and fingerprint <> ${around.except ?? ""}`;
  await touchUp(db, open(which), now);
}

/** Cards that name what a new catalog says differently; an operation may have other approvers. */
export async function touchUpConcerned(db: Db, { services, people, teams }: Concerned, now: Date): Promise<void> {
  const which = sql`(service = any(${services}) or owner_person = any(${people}) or acknowledged_by = any(${people})
                     or owner_team = any(${teams}))`;
  const operations = sql`subject_kind = 'operation' and subject in (select id from operations where finished_at is null
                           and (service = any(${services}) or ${people.length > 0}))`;
  await touchUp(db, sql`(${open(which)}) or (${operations})`, now);
}
