import type { App } from "./app.ts";
import { broke, brokenBefore, leftAlone, mended } from "./broken.ts";
import { changeUnasked, type Change } from "./caller.ts";
import { inPart, isNotNow, type Db } from "./db/sql.ts";
import type { Doing } from "./memory.ts";

/** What is done to many rows in one transaction, where one that breaks costs only itself. */

type Named<Row> = {
  /** By which a row is known again, and to people: "#12", "op-17". */
  nameOf(row: NoInfer<Row>): string;
};

export type Due<Row> = Doing &
  Named<Row> & {
    /** How many in one transaction. */
    readonly most: number;
    /** The rows that are due, the first of them. Where two processes must not both do the same row, it locks what it finds. */
    rows(db: Db, now: Date, limit: number): Promise<readonly Row[]>;
    work(change: Change, row: Row): Promise<void>;
  };

/** What became of a row; `undone` is why it was not done, null where it was. */
type Outcome<Row> = { readonly row: Row; readonly undone: { readonly error: unknown } | null };

/**
 * Does what is due. Nearly always nothing is: that is found by one statement, without a transaction. Its locks end with it, so
 * `rows` is asked again in the transaction.
 */
export async function changeDue<Row>(app: App, due: Due<Row>): Promise<void> {
  const broken = brokenBefore(app, due);
  const left = leftAlone(app, due);
  function breaks(row: Row): number {
    return Number(broken.has(due.nameOf(row)));
  }
  async function find(db: Db, now: Date): Promise<Row[]> {
    // What broke is still due. So many more are asked for, and it comes last: else the others would never have their turn.
    const rows = await due.rows(db, now, due.most + broken.size);
    const taken = rows.filter((row) => !left.has(due.nameOf(row)));
    return taken.toSorted((a, b) => breaks(a) - breaks(b)).slice(0, due.most);
  }
  if ((await find(app.db, app.now())).length === 0) return;
  const outcomes = await changeUnasked(app, async (change) => {
    const each: Outcome<Row>[] = [];
    for (const row of await find(change.db, change.now))
      each.push({ row, undone: await inPart(change.db, () => due.work(change, row)) });
    return each;
  });
  remember(app, due, outcomes);
}

export type All<Row> = Doing & Named<Row> & { work(change: Change, rows: readonly Row[]): Promise<void> };

/**
 * Works on many rows at once. Where that breaks, each half is tried by itself, down to the rows that are why: only they are not
 * done. Returns the names of what was not done; what broke a moment ago is not tried.
 */
export async function changeAll<Row>(app: App, all: All<Row>, rows: readonly Row[]): Promise<ReadonlySet<string>> {
  const left = leftAlone(app, all);
  const taken = left.size === 0 ? rows : rows.filter((row) => !left.has(all.nameOf(row)));
  if (taken.length === 0) return left;
  try {
    await changeUnasked(app, (change) => all.work(change, taken));
    if (brokenBefore(app, all).size > 0) for (const row of taken) mended(app, all, all.nameOf(row));
    return left;
  } catch (error) {
    if (isNotNow(error)) throw error;
    const outcomes = await changeUnasked(app, (change) => inHalves(change, all, taken));
    return new Set([...left, ...remember(app, all, outcomes)]);
  }
}

/** In the order of the rows. */
async function inHalves<Row>(change: Change, all: All<Row>, rows: readonly Row[]): Promise<Outcome<Row>[]> {
  const undone = await inPart(change.db, () => all.work(change, rows));
  if (undone === null || rows.length === 1) return rows.map((row) => ({ row, undone }));
  if (isNotNow(undone.error)) throw undone.error;
  const half = Math.ceil(rows.length / 2);
  const first = await inHalves(change, all, rows.slice(0, half));
  return [...first, ...(await inHalves(change, all, rows.slice(half)))];
}

/** Only once the transaction is committed: till then all of it may be undone. Returns the names of what broke. */
function remember<Row>(app: App, doing: Doing & Named<Row>, outcomes: readonly Outcome<Row>[]): Set<string> {
  const names = new Set<string>();
  for (const { row, undone } of outcomes) {
    const name = doing.nameOf(row);
    if (undone === null) mended(app, doing, name);
    else broke(app, doing, name, undone.error);
    if (undone !== null) names.add(name);
  }
  return names;
}

export function nameOfItem({ id }: { readonly id: number }): string {
  return `#${id}`;
}

export function nameOfOperation({ id }: { readonly id: number }): string {
  return `op-${id}`;
}
