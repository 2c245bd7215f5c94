import type { Pool, PoolClient, QueryResult } from "pg";
import { traced } from "../telemetry/trace.ts";

/**
 * SQL is written whole and typed once. `sql` keeps values as parameters and expands a `Row` to its column list;
 * `query` checks what PostgreSQL says about the result's columns against the row, so a changed schema fails in
 * every test that runs the statement, even on an empty result.
 */

export type { Pool };

/** Something statements run on: the pool (each statement its own transaction) or a client inside `transaction`. */
export type Db = Pick<Pool | PoolClient, "query">;

export type Sql = {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Set on what runs very often: each session then plans it once. */
  readonly name?: string;
};

type Column<T> = { readonly oids: readonly number[]; readonly parse: (value: unknown) => T };

function column<T>(oids: readonly number[], parse: (value: unknown) => T): Column<T> {
  return { oids, parse };
}

export const text = column([25, 1043], String);
export const boolean = column([16], (value) => value === true);
/** bigint and integer as a JavaScript number: identities and counts stay far below 2^53. */
export const integer = column([20, 23], Number);
export const integers = column([1016], (value) => (value as readonly unknown[]).map(Number));
export const double = column([701, 1700], Number);
export const timestamp = column([1184], (value) => value as Date);
export const uuid = column([2950], String);
export const textArray = column([1009], (value) => value as readonly string[]);

/** JSON that only we write; the type is what the writer put in. */
export function json<T>(): Column<T> {
  return column([3802], (value) => value as T);
}

export function oneOf<const T extends string>(values: readonly T[]): Column<T> {
  return column([25], (value) => {
    const found = values.find((each) => each === value);
    if (found === undefined) throw new Error(`"${String(value)}" is none of ${values.join(", ")}`);
    return found;
  });
}

export function nullable<T>(inner: Column<T>): Column<T | null> {
  return column(inner.oids, (value) => (value === null || value === undefined ? null : inner.parse(value)));
}

type Columns = Record<string, Column<unknown>>;
type Typed<C extends Columns> = { -readonly [K in keyof C]: C[K] extends Column<infer T> ? T : never };

/** The shape of one result row. Keys are camelCase here and snake_case in SQL. */
export class Row<C extends Columns> {
  readonly columns: C;
  readonly names: ReadonlyMap<string, string>;

  constructor(columns: C) {
    this.columns = columns;
    this.names = new Map(Object.keys(columns).map((key) => [key, snake(key)]));
  }

  /** The column list, each prefixed with the table's alias where one is given. */
  list(alias?: string): string {
    const prefix = alias === undefined ? "" : `${alias}.`;
    return [...this.names.values()].map((name) => prefix + name).join(", ");
  }

  read(result: QueryResult): Typed<C>[] {
    const given = new Map(result.fields.map((field) => [field.name, field.dataTypeID]));
    for (const [key, name] of this.names) {
      const oid = given.get(name);
      const expected = this.columns[key]?.oids ?? [];
      if (oid === undefined) throw new Error(`the statement returns no column ${name}`);
      if (!expected.includes(oid)) throw new Error(`column ${name} has type ${oid}, expected ${expected.join(" or ")}`);
    }
    return result.rows.map((row: Record<string, unknown>) => this.#parse(row));
  }

  #parse(row: Record<string, unknown>): Typed<C> {
    const parsed: Record<string, unknown> = {};
    for (const [key, name] of this.names) {
      try {
        parsed[key] = this.columns[key]?.parse(row[name]);
      } catch (error) {
        throw new Error(`column ${name} cannot be read`, { cause: error });
      }
    }
    return parsed as Typed<C>;
  }
}

export type RowOf<R> = R extends Row<infer C> ? Typed<C> : never;

export function sql(strings: TemplateStringsArray, ...parts: readonly unknown[]): Sql {
  const values: unknown[] = [];
  const text = strings.reduce((so, piece, index) => so + placed(parts[index - 1], values) + piece);
  return { text, values };
}

function placed(part: unknown, values: unknown[]): string {
  if (part instanceof Row) return part.list();
  if (isSql(part)) {
    const offset = values.length;
    values.push(...part.values);
    return part.text.replaceAll(/\$(\d+)/g, (_, n: string) => `$${Number(n) + offset}`);
  }
  values.push(part);
  return `$${values.length}`;
}

function isSql(part: unknown): part is Sql {
  return typeof part === "object" && part !== null && "text" in part && "values" in part;
}

/** Column names and keywords that are ours, never input. */
export function raw(text: string): Sql {
  return { text, values: [] };
}

/** The same statement, planned once a session. `name` belongs to this one text alone. */
export function often(name: string, statement: Sql): Sql {
  return { ...statement, name };
}

export async function query<C extends Columns>(db: Db, row: Row<C>, statement: Sql): Promise<Typed<C>[]> {
  return row.read(await db.query(toPg(statement)));
}

/** The first row, or null. */
export async function queryOne<C extends Columns>(db: Db, row: Row<C>, statement: Sql): Promise<Typed<C> | null> {
  const [first] = await query(db, row, statement);
  return first ?? null;
}

/** The row of a statement that always returns one, as an insert or a count does. */
export async function queryRow<C extends Columns>(db: Db, row: Row<C>, statement: Sql): Promise<Typed<C>> {
  const first = await queryOne(db, row, statement);
  if (first === null) throw new Error("a statement that always returns a row returned none");
  return first;
}

const COUNT = new Row({ count: integer });

/** The `count` that a statement returns. */
export async function countOf(db: Db, statement: Sql): Promise<number> {
  return (await queryRow(db, COUNT, statement)).count;
}

/** Runs a statement for its effect; the number of rows it touched. */
export async function execute(db: Db, statement: Sql): Promise<number> {
  const result = await db.query(toPg(statement));
  return result.rowCount ?? 0;
}

function toPg({ name, text, values }: Sql): { name?: string; text: string; values: unknown[] } {
  return { ...(name === undefined ? {} : { name }), text, values: values.map(kept) };
}

/** Text from outside may hold a NUL, which PostgreSQL does not take; of half a surrogate pair the driver makes U+FFFD. */
function kept(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kept);
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "") : value;
}

/** Rows that one statement deletes, where there may be any number of them: however many, none takes longer than it may. */
export const SLICE = 10_000;

/** Runs a statement that does a slice of the work, until nothing is left of it. */
export async function inSlices(db: Db, statement: Sql): Promise<void> {
  while ((await execute(db, statement)) > 0);
}

/** The SQLSTATE of a server that takes no changes. */
export const STANDS_BY = "25006";

/** Serialization failure, deadlock, no changes taken: nothing stays of what was done. */
const RETRIED = new Set(["40001", "40P01", STANDS_BY]);

/**
 * Runs `work` in one transaction, and again after a deadlock, up to five times, or once where a server takes no changes: so `work`
 * must have no outside effect.
 */
export function transaction<T>(pool: Pool, work: (db: Db) => Promise<T>): Promise<T> {
  return traced(
    "database transaction",
    { "db.system.name": "postgresql" },
    () => retried(pool, () => inTransaction(pool, work)),
    {
      aside: true,
    },
  );
}

/** The same for one statement, which is a transaction by itself. */
export function inOneStatement<T>(pool: Pool, work: (db: Db) => Promise<T>): Promise<T> {
  return retried(pool, () => work(pool));
}

async function retried<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const state = sqlState(error) ?? "";
      if (attempt >= (state === STANDS_BY ? 2 : 5) || !RETRIED.has(state)) throw error;
      if (state === STANDS_BY) await partWithIdle(pool);
    }
  }
}

/** Since a failover they may all be to the server that now only stands by; each would refuse somebody once. */
async function partWithIdle(pool: Pool): Promise<void> {
  const idle = Array.from({ length: pool.idleCount }, () => pool.connect());
  for (const taken of await Promise.allSettled(idle)) if (taken.status === "fulfilled") taken.value.release(true);
}

/** The same, but `work` runs once, whatever happens: for work that cannot be taken back. */
export async function inTransaction<T>(pool: Pool, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A checked-out client whose server goes away raises `error`; without a listener that ends the process.
  function onError(error: Error): void {
    broken = error;
  }
  client.on("error", onError);
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    if (isWorthless(error)) broken = error;
    else await client.query("rollback").catch((failed: Error) => (broken ??= failed));
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

/**
 * A part of a transaction that costs only itself: what it throws is undone and returned, and the rest stands; null where it
 * threw nothing. @throws what ends the whole transaction: PostgreSQL is away, or wants it run again
 */
export async function inPart(db: Db, work: () => Promise<void>): Promise<{ readonly error: unknown } | null> {
  await db.query("savepoint part");
  try {
    await work();
    await db.query("release savepoint part");
    return null;
  } catch (error) {
    if (isOutage(error) || RETRIED.has(sqlState(error) ?? "")) throw error;
    await db.query("rollback to savepoint part; release savepoint part").catch(() => {
      throw error;
    });
    return { error };
  }
}

/**
 * What is asked next on that connection would fare no better: its server may be gone without a word, or only stands by since
 * a failover.
 */
function isWorthless(error: unknown): error is Error {
  return error instanceof Error && (error.message === "Query read timeout" || sqlState(error) === STANDS_BY);
}

/** Out of something, shutting down, or not reached: by SQLSTATE, by the system's code, by the driver's words. */
const OUTAGE = /^(08|53|57P|58|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether PostgreSQL is away, or does nothing for anybody: whatever else is asked of it now fares no better. */
export function isOutage(error: unknown): boolean {
  return (
    isWorthless(error) || OUTAGE.test(sqlState(error) ?? "") || (error instanceof Error && LOST.test(error.message))
  );
}

/** Whether PostgreSQL could not do it now, whatever it was: it is away, somebody stood in the way, or it took too long. */
export function isNotNow(error: unknown): boolean {
  return isOutage(error) || /^(40|55|57)/.test(sqlState(error) ?? "");
}

/** The SQLSTATE of a PostgreSQL error, else undefined. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
