import type { Responsibility } from "../domain/duty.ts";
import { sql, type Db, type Sql } from "../db/sql.ts";
import { itemsWhere, type StoredItem } from "./items.ts";

/** Items that are about to change together, each row locked. */

/** Items whose snooze ended, or whose acknowledgement ran out; locked, at most `limit`. A snoozed item asks nobody until it wakes. */
export async function lockDueItems(
  db: Db,
  due: "acknowledgement" | "snooze",
  now: Date,
  limit: number,
): Promise<StoredItem[]> {
  const which =
    due === "snooze"
      ? sql`state = 'snoozed' and snoozed_until <= ${now}`
      : sql`state = 'open' and acknowledged_until <= ${now}`;
  return itemsWhere(db, sql`where ${which} order by id limit ${limit} for update skip locked`);
}

/**
 * Open reversal items that are due and whose reversal neither is under way nor has been tried since; and behind them those whose
 * last reversal ended before `triedBefore` without that anything came of it.
 */
export async function lockDueReversals(db: Db, now: Date, triedBefore: Date, limit: number): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state <> 'resolved' and reverses is not null
          and ((due_at <= ${now} and not exists (select 1 from operations o where o.reversal_of = items.reverses
                                                   and (o.finished_at is null or o.requested_at >= items.due_at)))
            or (due_at is null and (select o.state = 'expired' and o.finished_at <= ${triedBefore} from operations o
                                    where o.id > items.reverses and o.reversal_of = items.reverses order by o.id desc limit 1)))
        order by due_at limit ${limit} for update skip locked`,
  );
}

/** Open reversal items of a target, except those whose reversal is under way. */
export async function lockOwedBack(db: Db, target: string): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state <> 'resolved' and reverses is not null
          and exists (select 1 from operations o where o.id = items.reverses and o.target = ${target})
          and not exists (select 1 from operations o where o.reversal_of = items.reverses and o.finished_at is null)
        order by id for update`,
  );
}

/** What is a person's (null: nobody's) by the catalog alone: nobody took it or was handed it. */
export type OwnedByCatalog = {
  readonly service: string;
  readonly responsibility: Responsibility;
  readonly person: string | null;
};

function isOwned({ service, responsibility, person }: OwnedByCatalog): Sql {
  return sql`state <> 'resolved' and service = ${service} and responsibility = ${responsibility} and owned_since is null
             and owner_team is null and owner_person is not distinct from ${person} and reverses is null`;
}

/** Unresolved items that are so, in order behind that one. */
export async function ownedByCatalog(db: Db, of: OwnedByCatalog, behind: number, limit: number): Promise<StoredItem[]> {
  return itemsWhere(db, sql`where ${isOwned(of)} and id > ${behind} order by id limit ${limit}`);
}

/** Those of these items that still are, and that nobody else has; locked. */
export async function lockOwnedByCatalog(db: Db, of: OwnedByCatalog, items: readonly number[]): Promise<StoredItem[]> {
  return itemsWhere(db, sql`where ${isOwned(of)} and id = any(${items}) order by id for update skip locked`);
}

/** Unresolved items that the checks of a service opened. */
export async function lockFromChecks(db: Db, service: string): Promise<StoredItem[]> {
  return itemsWhere(
    db,
    sql`where state <> 'resolved' and service = ${service} and origin = 'check' order by id for update`,
  );
}
