import type { App } from "./app.ts";
import { broke, leftAlone, mended, type Doing } from "./broken.ts";
import { changeUnasked, type Change } from "./caller.ts";
import { inPart, isNotNow, type Db } from "./db/sql.ts";

/** What is done to many rows in one transaction, where one that breaks costs only itself. */

export type Due<Row> = Doing & {
  /** How many in one transaction. */
  readonly most: number;
  /** The rows that are due, the first of them. Where two processes must not both do the same row, it locks what it finds. */
  rows(db: Db, now: Date, limit: number): Promise<readonly Row[]>;
  /** By which a row is known again, and to people: "#12", "op-17". */
  nameOf(row: NoInfer<Row>): string;
  work(change: Change, row: Row): Promise<void>;
};

/**
 * Does what is due. That nothing is, as nearly always, is found by one statement and without a transaction, whose locks end with
 * it: `rows` is asked once more in the transaction.
 */
export async function changeDue<Row>(app: App, due: Due<Row>): Promise<void> {
  const left = leftAlone(app, due);
  async function find(db: Db, now: Date): Promise<Row[]> {
    // What is left alone is due all the same: so many more, or it would stand before the others for ever.
    const rows = await due.rows(db, now, due.most + left.size);
    return rows.filter((row) => !left.has(due.nameOf(row)));
  }
  if ((await find(app.db, app.now())).length === 0) return;
  await changeUnasked(app, async (change) => changeEach(app, change, due, await find(change.db, change.now)));
}

/** Works on each of these rows within a transaction; what was done for one that breaks is undone. How many broke. */
async function changeEach<Row>(
  app: App,
  change: Change,
  doing: Doing & Pick<Due<Row>, "nameOf" | "work">,
  rows: readonly Row[],
): Promise<number> {
  let broken = 0;
  for (const row of rows) {
    const name = doing.nameOf(row);
    const undone = await inPart(change.db, () => doing.work(change, row));
    if (undone === null) mended(app, doing, name);
    else broke(app, doing, name, undone.error);
    if (undone !== null) broken += 1;
  }
  return broken;
}

export type All<Row> = Doing & Pick<Due<Row>, "nameOf"> & { work(change: Change, rows: readonly Row[]): Promise<void> };

/**
 * Works on many rows at once, and where that breaks on one after the other, so that it costs only those that are why. Whether
 * it is done to all of them.
 */
export async function changeAll<Row>(app: App, doing: All<Row>, rows: readonly Row[]): Promise<boolean> {
  const left = leftAlone(app, doing);
  const taken = left.size === 0 ? rows : rows.filter((row) => !left.has(doing.nameOf(row)));
  const isAll = taken.length === rows.length;
  if (taken.length === 0) return isAll;
  try {
    await changeUnasked(app, (change) => doing.work(change, taken));
    return isAll;
  } catch (error) {
    if (isNotNow(error)) throw error;
    const each = { ...doing, work: (change: Change, row: Row) => doing.work(change, [row]) };
    return (await changeUnasked(app, (change) => changeEach(app, change, each, taken))) === 0 && isAll;
  }
}

export function nameOfItem({ id }: { readonly id: number }): string {
  return `#${id}`;
}

export function nameOfOperation({ id }: { readonly id: number }): string {
  return `op-${id}`;
}
