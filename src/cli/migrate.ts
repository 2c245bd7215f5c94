import { bringUpToDate } from "../db/open.ts";
import { readConfig } from "../config.ts";
import { prepareBotRole } from "../db/bot-role.ts";
import { Invalid } from "../errors.ts";
import { openLog } from "../log.ts";
import { withPool } from "./database.ts";

/** `daytwo migrate [--here]`: the schema, before the first start or from a release step. */
export async function migrateCommand(args: readonly string[]): Promise<number> {
  if (args.some((word) => word !== "--here")) throw new Invalid("`daytwo migrate` takes `--here`, and nothing else.");
  const config = readConfig(process.env);
  if (config.database === "embedded")
    throw new Invalid("There is no DATABASE_URL, and the embedded database needs no migrating by hand.");
  const log = openLog(config.logLevel);
  const applied = await withPool(config.database.url, log, "daytwo-migrate", async (pool) => {
    const files = await bringUpToDate(pool, args.includes("--here"));
    await prepareBotRole(pool, log);
    return files;
  });
  process.stdout.write(applied.length === 0 ? "The schema is up to date.\n" : `Applied ${applied.join(", ")}.\n`);
  return 0;
}
