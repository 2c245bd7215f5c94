import { asJson } from "../db/json.ts";
import {
  countOf,
  execute,
  integer,
  json,
  nullable,
  often,
  oneOf,
  query,
  queryOne,
  queryRow,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
  type Sql,
} from "../db/sql.ts";
import { type Window, WINDOW_KINDS, type Opening } from "../domain/window.ts";

const WINDOW = new Row({
  id: integer,
  kind: oneOf(WINDOW_KINDS),
  name: text,
  action: nullable(text),
  environment: nullable(text),
  service: nullable(text),
  rule: json<Pick<Window, "from" | "until" | "zone">>(),
  startsAt: timestamp,
  endsAt: timestamp,
  madeBy: nullable(text),
  madeAt: nullable(timestamp),
  openedAt: nullable(timestamp),
});
export type StoredWindow = RowOf<typeof WINDOW>;
export type NewWindow = Omit<StoredWindow, "id" | "openedAt">;

/** Where something is: what a window may hold for. */
export type On = { readonly environment: string; readonly service: string };

/** Writes a window; its opening is still to be told. */
export async function insertWindow(db: Db, window: NewWindow): Promise<StoredWindow> {
  return queryRow(
    db,
    WINDOW,
    sql`insert into windows (kind, name, action, environment, service, rule, starts_at, ends_at, made_by, made_at)
        values (${window.kind}, ${window.name}, ${window.action}, ${window.environment}, ${window.service}, ${asJson(window.rule)},
                ${window.startsAt}, ${window.endsAt}, ${window.madeBy}, ${window.madeAt})
        returning ${WINDOW}`,
  );
}

/** What the catalog says now. */
export async function lockDeclared(db: Db): Promise<StoredWindow[]> {
  return query(db, WINDOW, sql`select ${WINDOW} from windows where made_by is null order by id for update`);
}

export async function lockWindow(db: Db, id: number): Promise<StoredWindow | null> {
  return queryOne(db, WINDOW, sql`select ${WINDOW} from windows where id = ${id} for update`);
}

/** How many were planned in Slack. */
export async function countPlanned(db: Db): Promise<number> {
  const statement = sql`select count(*) as count from windows where made_by is not null`;
  return countOf(db, statement);
}

/** Those that are not over, the one that begins first first. */
export async function windowsFrom(db: Db, now: Date, limit: number): Promise<StoredWindow[]> {
  const statement = sql`select ${WINDOW} from windows where ends_at > ${now} order by starts_at, id limit ${limit}`;
  return query(db, WINDOW, statement);
}

/** Those that are open now, the one that ends first first. */
export async function windowsOpen(db: Db, now: Date): Promise<StoredWindow[]> {
  const statement = sql`select ${WINDOW} from windows where ${isOpen(now)} order by ends_at, id`;
  return query(db, WINDOW, often("windows.open", statement));
}

function isOpen(now: Date): Sql {
  return sql`starts_at <= ${now} and ends_at > ${now}`;
}

function holdsFor({ environment, service }: On): Sql {
  return sql`coalesce(environment, ${environment}) = ${environment} and coalesce(service, ${service}) = ${service}`;
}

/** The windows of a kind that are open now for a service, the one that ends first first. */
export async function windowsOver(db: Db, kind: StoredWindow["kind"], on: On, now: Date): Promise<StoredWindow[]> {
  return query(
    db,
    WINDOW,
    sql`select ${WINDOW} from windows where kind = ${kind} and ${isOpen(now)} and ${holdsFor(on)}
        order by ends_at, id limit 5`,
  );
}

/** The window of a kind that holds now for a service, and for an action on it where one is named; of several the one that ends last. */
export async function windowOver(
  db: Db,
  kind: StoredWindow["kind"],
  on: On & { readonly action?: string },
  now: Date,
): Promise<StoredWindow | null> {
  const forAction = on.action === undefined ? sql`` : sql`and coalesce(action, ${on.action}) = ${on.action}`;
  return queryOne(
    db,
    WINDOW,
    sql`select ${WINDOW} from windows where kind = ${kind} and ${isOpen(now)} and ${holdsFor(on)} ${forAction}
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

/** Windows that are open and were not told to be. */
export async function lockBegun(db: Db, now: Date, limit: number): Promise<StoredWindow[]> {
  return query(
    db,
    WINDOW,
    sql`select ${WINDOW} from windows where opened_at is null and ${isOpen(now)}
        order by starts_at limit ${limit} for update skip locked`,
  );
}

export async function markOpened(db: Db, id: number, now: Date): Promise<void> {
  await execute(db, sql`update windows set opened_at = ${now} where id = ${id}`);
}

/** The window opens again then, or never: then it goes. */
export async function moveWindow(db: Db, id: number, opening: Opening | null): Promise<void> {
  await execute(
    db,
    opening === null
      ? sql`delete from windows where id = ${id}`
      : sql`update windows set starts_at = ${opening.startsAt}, ends_at = ${opening.endsAt}, opened_at = null
            where id = ${id}`,
  );
}
