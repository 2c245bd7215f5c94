import type { Pool } from "pg";
import { openPool } from "../../app.ts";
import { appliedMigrations, examineServer, logTriggers } from "../../db/examine.ts";
import { migrationFiles } from "../../db/migrate.ts";
import { sqlState } from "../../db/sql.ts";
import { openLog } from "../../log.ts";
import { because, doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";

/** Whether PostgreSQL is there, new enough, and holds what this release expects. */
export async function examineDatabase({ config }: Patient): Promise<readonly Finding[]> {
  const { database } = config;
  if (database === "embedded") return [embedded(config.slack.mode === "local", config.home)];
  try {
    return await withDatabase(database.url, examine);
  } catch (error) {
    return [refused(error)];
  }
}

export async function withDatabase<T>(url: string, work: (db: Pool) => Promise<T>): Promise<T> {
  const db = openPool(url, openLog("silent"));
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

function embedded(local: boolean, home: string): Finding {
  const sentence = `The database is embedded, in ${home}, and starts with the bot.`;
  if (local) return unexamined(sentence);
  return doubtful(sentence, "To run in earnest, set DATABASE_URL to a PostgreSQL that is backed up.");
}

async function examine(db: Pool): Promise<readonly Finding[]> {
  const server = await examineServer(db);
  if (server.version < 15)
    return [ill(`The database is PostgreSQL ${server.version}; Daytwo needs 15 or newer.`, "Upgrade the server.")];
  const found = [well(`The database answers: PostgreSQL ${server.version}.`)];
  if (server.readOnly)
    return [
      ...found,
      ill("The database takes no changes: it is read-only.", "Set DATABASE_URL to the primary server."),
    ];
  if (!server.ours) return [...found, absent(server.mayCreate)];
  return [...found, await examineSchema(db), await examineLog(db)];
}

function absent(mayCreate: boolean): Finding {
  return mayCreate
    ? doubtful("The database has no tables of Daytwo yet.", "They are made at start, or by `npx daytwo migrate`.")
    : ill(
        "The database has no tables of Daytwo, and our role may not make them.",
        "Grant our role CREATE on the database.",
      );
}

async function examineSchema(db: Pool): Promise<Finding> {
  const [applied, files] = await Promise.all([appliedMigrations(db), migrationFiles()]);
  const ahead = applied.filter((name) => !files.includes(name));
  const behind = files.filter((name) => !applied.includes(name));
  if (ahead.length > 0)
    return ill(`A newer release has changed the schema (${ahead.join(", ")}).`, "Start the newer release.");
  if (behind.length > 0)
    return doubtful(
      `The schema is behind this release by ${behind.join(", ")}.`,
      "It is brought up to date at start, or by `npx daytwo migrate`.",
    );
  return well("The schema is up to date.");
}

const TRIGGERS = ["events_append_only", "events_no_truncate"];

async function examineLog(db: Pool): Promise<Finding> {
  const found = await logTriggers(db);
  const gone = TRIGGERS.filter((name) => !found.includes(name));
  if (gone.length === 0) return well("The log can only be added to: its triggers are in place.");
  return ill(
    `The log can be changed: ${gone.join(" and ")} is not in force.`,
    "Find out who took the trigger away; src/db/schema.sql has its statement.",
  );
}

/** By SQLSTATE: what helps. */
const HELP: Readonly<Record<string, readonly [words: string, next: string]>> = {
  "28P01": [
    "it refuses the password",
    "Correct the password in DATABASE_URL; special characters must be percent-encoded.",
  ],
  "28000": ["it does not let us in", "See that the server lets this role and this machine in."],
  "3D000": ["it has no database of that name", "Create the database, or correct its name in DATABASE_URL."],
  "53300": ["all its connections are in use", "Free some, or raise max_connections."],
  "42501": [
    "our role may not read our own tables",
    "Grant our role what it needs on schema daytwo, or make it the owner.",
  ],
};

function refused(error: unknown): Finding {
  const known = HELP[sqlState(error) ?? ""];
  return ill(
    `The database cannot be used: ${known?.[0] ?? because(error)}.`,
    known?.[1] ?? "Check DATABASE_URL, and that the server is up and lets this machine in.",
  );
}
