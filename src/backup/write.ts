import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { App } from "../app.ts";
import { copyOut, prepareCopy } from "../db/copy.ts";
import { appliedMigrations, examineServer } from "../db/examine.ts";
import { whileSchemaStays } from "../db/migrate.ts";
import { sequencesOf, tablesOf } from "../db/shape.ts";
import { inTransaction, type Db } from "../db/sql.ts";
import { Invalid } from "../errors.ts";
import { headOf, holdStill } from "../store/seals.ts";
import { footLine, headLine, section, type Foot, type NewHead } from "./contents.ts";
import { enclose } from "./envelope.ts";

export type Written = { readonly head: NewHead; readonly foot: Foot };

/**
 * Writes everything that Daytwo keeps, as of one moment and with a few rows in memory, and ends `destination`. Others go on
 * reading and writing all the while.
 *
 * @throws Invalid when the database holds nothing of Daytwo's
 */
export async function writeBackup(
  pool: App["db"],
  destination: Writable,
  { release, signal }: { release: string; signal?: AbortSignal },
): Promise<Written> {
  return whileSchemaStays(pool, () =>
    inTransaction(pool, async (db) => {
      await holdStill(db);
      await prepareCopy(db);
      const head = await readHead(db, release);
      const ending = Promise.withResolvers<Foot>();
      async function* contents(): AsyncGenerator<Buffer> {
        yield headLine(head);
        const foot = yield* everything(db);
        yield footLine(foot);
        ending.resolve(foot);
      }
      await pipeline(contents, createGzip(), enclose, destination, signal === undefined ? {} : { signal });
      return { head, foot: await ending.promise };
    }),
  );
}

async function readHead(db: Db, release: string): Promise<NewHead> {
  const server = await examineServer(db);
  if (!server.ours)
    throw new Invalid("This database holds nothing of Daytwo's.", {
      hint: "Set DATABASE_URL to the database of the Daytwo that you mean.",
    });
  return {
    release,
    madeAt: server.now.toISOString(),
    postgres: server.version,
    migrations: await appliedMigrations(db),
  };
}

async function* everything(db: Db): AsyncGenerator<Buffer, Foot> {
  const tables: Foot["tables"] = {};
  for (const each of await tablesOf(db)) tables[each.table] = yield* section(each, copyOut(db, each));
  const { seq, hash } = await headOf(db);
  return { tables, sequences: await sequencesOf(db), seals: { seq, hash } };
}
