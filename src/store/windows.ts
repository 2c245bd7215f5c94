import { asJson } from "../db/json.ts";
import {
  execute,
  integer,
  json,
  nullable,
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
import type { Freeze } from "../domain/catalog.ts";
import type { Opening } from "../domain/window.ts";

const WINDOW = new Row({
  id: integer,
  kind: oneOf(["freeze"]),
  name: text,
  action: nullable(text),
  environment: nullable(text),
  service: nullable(text),
  rule: json<Pick<Freeze, "from" | "until" | "zone">>(),
  startsAt: timestamp,
  endsAt: timestamp,
});
export type StoredWindow = RowOf<typeof WINDOW>;

/** The windows are these from now on. */
export async function keepWindows(db: Db, windows: readonly Omit<StoredWindow, "id">[]): Promise<void> {
  await execute(db, sql`delete from windows`);
  await execute(
    db,
    sql`insert into windows (kind, name, action, environment, service, rule, starts_at, ends_at)
        select * from unnest(${windows.map((each) => each.kind)}::text[], ${windows.map((each) => each.name)}::text[],
                             ${windows.map((each) => each.action)}::text[], ${windows.map((each) => each.environment)}::text[], ${windows.map((each) => each.service)}::text[],
                             ${windows.map((each) => asJson(each.rule))}::jsonb[], ${windows.map((each) => each.startsAt)}::timestamptz[], ${windows.map((each) => each.endsAt)}::timestamptz[])`,
  );
}

/** The freezes that hold now for a service, the one that ends first first. */
export async function freezesOf(
  db: Db,
  on: { readonly environment: string; readonly service: string },
  now: Date,
): Promise<StoredWindow[]> {
  return query(
    db,
    WINDOW,
    sql`select ${WINDOW} from windows
        where kind = 'freeze' and starts_at <= ${now} and ends_at > ${now}
          and coalesce(environment, ${on.environment}) = ${on.environment}
          and coalesce(service, ${on.service}) = ${on.service}
        order by ends_at, id limit 5`,
  );
}

/** The freeze that holds now for an action on a service; of several the one that ends last. */
export async function freezeOver(
  db: Db,
  on: { readonly action: string; readonly environment: string; readonly service: string },
  now: Date,
): Promise<StoredWindow | null> {
  return queryOne(
    db,
    WINDOW,
    sql`select ${WINDOW} from windows
        where kind = 'freeze' and starts_at <= ${now} and ends_at > ${now}
          and coalesce(action, ${on.action}) = ${on.action}
          and coalesce(environment, ${on.environment}) = ${on.environment}
          and coalesce(service, ${on.service}) = ${on.service}
        order by ends_at desc, id limit 1`,
  );
}

/** Windows whose opening is over. */
export async function lockOver(db: Db, now: Date, limit: number): Promise<StoredWindow[]> {
  return query(
    db,
    WINDOW,
    sql`select ${WINDOW} from windows where ends_at <= ${now} order by ends_at limit ${limit} for update skip locked`,
  );
}

/** The window opens again then, or never: then it goes. */
export async function moveWindow(db: Db, id: number, opening: Opening | null): Promise<void> {
  await execute(
    db,
    opening === null
      ? sql`delete from windows where id = ${id}`
      : sql`update windows set starts_at = ${opening.startsAt}, ends_at = ${opening.endsAt} where id = ${id}`,
  );
}
