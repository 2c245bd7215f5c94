import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { restoreBackup, type Restored, type Source } from "../backup/restore.ts";
import { readConfig, type Config } from "../config.ts";
import { sqlState } from "../db/sql.ts";
import { Expected, Invalid, Unavailable } from "../errors.ts";
import { describeVerified } from "./audit.ts";
import { describeKept } from "./backup.ts";
import { withOwnDatabase } from "./database.ts";

const USAGE = { hint: "Like this: daytwo restore daytwo-20261124T141200Z.gz" };

/** `daytwo restore <file> [--here]`: exit 0 when all is there and the log is as it was written. */
export async function restore(args: readonly string[]): Promise<number> {
  const { file, here } = wish(args);
  const source = await sourceOf(file);
  const config = readConfig(process.env);
  const restored = await withOwnDatabase(config, { name: "daytwo-restore", make: true }, (pool) =>
    restoreBackup(pool, source, { here, instead: insteadOf(config) }).catch(unwritten),
  );
  process.stdout.write(`${describeRestored(restored)}\n`);
  return restored.log.problem === null ? 0 : 1;
}

function wish(args: readonly string[]): { file: string; here: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { here: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file !== undefined && more.length === 0) return { file, here: values.here };
  } catch (cause) {
    throw new Invalid("`daytwo restore` takes a file, and `--here`.", { ...USAGE, cause });
  }
  throw new Invalid("`daytwo restore` takes one file.", USAGE);
}

async function sourceOf(file: string): Promise<Source> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new Invalid(`The backup ${file} cannot be read.`, { ...USAGE, cause });
  });
  if (!found.isFile())
    throw new Invalid(`${file} is not a file.`, { hint: "A backup is read twice, so it cannot come through a pipe." });
  return () => createReadStream(file, { highWaterMark: 1 << 18 });
}

function insteadOf({ database, home }: Config): string {
  return database === "embedded"
    ? `Set DAYTWO_HOME to a new folder, for this and for the bot; ${home} is left as it is.`
    : "Set DATABASE_URL to an empty database; or, if what is there may go, run `drop schema daytwo cascade` in it.";
}

/** What the database would not take. Its own words may hold what people wrote, so only its code is told. */
function unwritten(cause: unknown): never {
  const state = sqlState(cause);
  if (cause instanceof Expected || state === undefined) throw cause;
  throw new Unavailable(`The database did not take the backup (${PROBLEMS[state] ?? `code ${state}`}).`, {
    cause,
    hint: "Nothing was changed in it. Put that right, and restore again.",
  });
}

const PROBLEMS: Readonly<Record<string, string>> = {
  "42501": "our role may not make or drop schema daytwo: grant it CREATE on the database",
  "53100": "its disk is full",
  "25006": "it is read-only",
};

/** What is there now, and what the log says about itself. */
function describeRestored({ head, foot, leftOut, migrated, log }: Restored): string {
  const lines = [
    `Restored from Daytwo ${head.release}: ${describeKept({ head, foot })}${migrated.length === 0 ? "" : `; then applied ${migrated.join(", ")}`}.`,
    describeVerified(log),
  ];
  return [...lines, ...(leftOut.length === 0 ? [] : [`Left out, as not Daytwo's: ${leftOut.join(", ")}.`])].join("\n");
}
