import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { escapeIdentifier } from "pg";
import { from, to } from "pg-copy-streams";
import type { Db } from "./sql.ts";

/** Whole tables as PostgreSQL's COPY writes them: text, one row a line, the same on every version. */

type Columns = { readonly table: string; readonly columns: readonly string[] };

/** In this transaction values have their one unmistakable form, whatever the server or the role prefers, and take their time. */
export async function prepareCopy(db: Db): Promise<void> {
  await db.query(`set local statement_timeout to 0; set local idle_in_transaction_session_timeout to 0;
    set local datestyle to 'ISO, YMD'; set local intervalstyle to 'postgres'; set local timezone to 'UTC';
    set local bytea_output to 'hex'; set local extra_float_digits to 1; set local client_encoding to 'UTF8'`);
}

/** All rows; they are sent as fast as they are taken. */
export function copyOut(db: Db, what: Columns): AsyncIterable<Buffer> {
  return db.query(to(`copy ${named(what)} to stdout`));
}

export async function copyIn(db: Db, what: Columns, rows: AsyncIterable<Buffer>): Promise<void> {
  await pipeline(Readable.from(rows, { objectMode: false }), db.query(from(`copy ${named(what)} from stdin`)));
}

function named({ table, columns }: Columns): string {
  return `daytwo.${escapeIdentifier(table)} (${columns.map((column) => escapeIdentifier(column)).join(", ")})`;
}
