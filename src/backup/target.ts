import { tableHasRows, tablesOf, countRunning, dropSchema } from "../db/shape.ts";
import { holdSchema, refuseStrangers } from "../db/migrate.ts";
import type { Db } from "../db/sql.ts";
import { Conflict } from "../errors.ts";

export type Wish = {
  /** A database with other people's tables is meant. */
  readonly here: boolean;
  /** What somebody whose database holds a Daytwo already can do instead. */
  readonly instead: string;
};

/** Makes sure that nothing is lost and nobody is disturbed, and takes away a schema without rows. @throws Invalid | Conflict */
export async function clearTheWay(db: Db, { here, instead }: Wish): Promise<void> {
  await holdSchema(db); // who starts from here on waits until we are through
  const sessions = await countRunning(db);
  if (sessions > 0)
    throw new Conflict(`A Daytwo runs on this database (${sessions} connections).`, {
      hint: "Stop every process of it first, then restore.",
    });
  await refuseStrangers(db, here);
  for (const { table } of await tablesOf(db))
    if (await tableHasRows(db, table))
      throw new Conflict(`This database holds a Daytwo already: there are rows in ${table}.`, { hint: instead });
  await dropSchema(db);
}
