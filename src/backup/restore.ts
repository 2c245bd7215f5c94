import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { App } from "../app.ts";
import { copyIn, prepareCopy } from "../db/copy.ts";
import { applyWithin, makeSchema, migrationFiles } from "../db/migrate.ts";
import { countRows, setSequences, tablesOf, takeApart } from "../db/shape.ts";
import { inTransaction, type Db } from "../db/sql.ts";
import { Invalid } from "../errors.ts";
import { walkChain, type Verified } from "../record.ts";
import { readContents, type Foot, type Head } from "./contents.ts";
import { disclose } from "./envelope.ts";
import { clearTheWay, type Wish } from "./target.ts";

/** A backup that can be read more than once, each time from its start. */
export type Source = () => AsyncIterable<Buffer>;

export type Restored = {
  readonly head: Head;
  readonly foot: Foot;
  /** Tables of the backup that are not Daytwo's. */
  readonly leftOut: readonly string[];
  /** Migrations that the backup had not seen yet. */
  readonly migrated: readonly string[];
  /** What the log's own chain says about the log. */
  readonly log: Verified;
};

/**
 * Fills an empty database with a backup and brings it up to this release, all or nothing.
 * @throws Invalid | Conflict when the backup or the database is not fit for it
 */
export async function restoreBackup(pool: App["db"], source: Source, wish: Wish): Promise<Restored> {
  await verifyFile(source);
  return inTransaction(pool, async (db) => {
    await prepareCopy(db);
    await clearTheWay(db, wish);
    const { head, foot, leftOut } = await fill(db, source);
    const log = await walkChain(db);
    const migrated = (await migrationFiles()).filter((file) => !head.migrations.includes(file));
    for (const file of migrated) await applyWithin(db, file);
    return { head, foot, leftOut, migrated, log };
  });
}

/** Reads the file to its end before anything is begun. @throws Invalid */
export async function verifyFile(source: Source): Promise<void> {
  await pipeline(source, disclose, async (chunks: AsyncIterable<Buffer>) => {
    for await (const _ of chunks);
  });
}

type Filled = { readonly head: Head; readonly foot: Foot; readonly leftOut: string[] };

/** Makes the schema as it was, and copies the rows into it. */
async function fill(db: Db, source: Source): Promise<Filled> {
  const made: { head?: Head; ours: Set<string>; putBack(): Promise<void> } = {
    ours: new Set(),
    putBack: () => Promise.resolve(),
  };
  const leftOut: string[] = [];
  const foot = await pipeline(source, disclose, createGunzip(), (contents: AsyncIterable<Buffer>) =>
    readContents(contents, {
      async head(head) {
        await makeSchemaOf(db, head);
        made.head = head;
        made.ours = new Set((await tablesOf(db)).map(({ table }) => table));
        made.putBack = await takeApart(db);
      },
      async table(section, rows) {
        if (made.ours.has(section.table)) return copyIn(db, section, rows);
        leftOut.push(section.table);
        for await (const _ of rows);
      },
    }),
  );
  await setSequences(db, foot.sequences);
  await made.putBack();
  await compare(db, foot, leftOut);
  if (made.head === undefined) throw new Error("a backup was read without its first line");
  return { head: made.head, foot, leftOut };
}

async function makeSchemaOf(db: Db, { release, migrations }: Head): Promise<void> {
  const files = await migrationFiles();
  const unknown = migrations.filter((name) => !files.includes(name));
  if (unknown.length > 0)
    throw new Invalid(`The backup is of a newer Daytwo (${release}, with ${unknown.join(", ")}).`, {
      hint: "Restore it with that release, or a newer one.",
    });
  await makeSchema(db);
  for (const file of files.filter((each) => migrations.includes(each))) await applyWithin(db, file);
}

/** Asks the tables themselves. */
async function compare(db: Db, foot: Foot, leftOut: readonly string[]): Promise<void> {
  for (const [table, { rows }] of Object.entries(foot.tables)) {
    if (!leftOut.includes(table) && (await countRows(db, table)) !== rows)
      throw new Error(`table ${table} does not hold the ${rows} rows that were copied into it`);
  }
}
