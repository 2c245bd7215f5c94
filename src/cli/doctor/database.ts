import type { Pool } from "pg";
import { openPool } from "../../db/open.ts";
import { examineServer, type Server } from "../../db/examine.ts";
import { standingOf } from "../../db/migrate.ts";
import { cannotHold, databaseProblem, tooOld } from "../../db/problem.ts";
import { openLog } from "../../log.ts";
import { examineLog } from "./log.ts";
import { examineMessages } from "./messages.ts";
import { doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";

/** Whether PostgreSQL is there, new enough, and holds what this release expects. */
export async function examineDatabase({ config }: Patient): Promise<readonly Finding[]> {
  const { database } = config;
  if (database === "embedded") return [embedded(config.slack.mode === "local", config.home)];
  try {
    return await withDatabase(database.url, examine);
  } catch (error) {
    const { sentence, hint } = databaseProblem(error);
    return [ill(sentence, hint)];
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
  const found = judgeServer(server);
  if (!server.ours || found.some(({ verdict }) => verdict !== "well")) return found;
  const schema = await examineSchema(db);
  const messages = schema.verdict === "well" ? await examineMessages(db, server.now) : [];
  return [...found, schema, ...(await examineLog(db, server.now)), ...messages];
}

/** What the server is, before anything is asked of our tables. */
export function judgeServer(server: Omit<Server, "now" | "queues">): readonly Finding[] {
  const problem = tooOld(server.version) ?? cannotHold(server.encoding);
  if (problem !== null) return [ill(problem.sentence, problem.hint)];
  const answers = well(`The database answers: PostgreSQL ${server.version}.`);
  if (server.readOnly)
    return [answers, ill("The database takes no changes: it is read-only.", "Set DATABASE_URL to the primary server.")];
  return server.ours ? [answers] : [answers, absent(server.mayCreate)];
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
  const { missing, ahead, needs } = await standingOf(db);
  if (needs !== null)
    return ill(
      `A newer release has changed the schema (${ahead.join(", ")}); it takes ${needs} or newer.`,
      "Start that.",
    );
  if (missing.length > 0)
    return doubtful(
      `The schema is behind this release by ${missing.join(", ")}.`,
      "It is brought up to date at start, or by `npx daytwo migrate`.",
    );
  if (ahead.length > 0)
    return well(`The schema is that of a newer release (${ahead.join(", ")}), which this one can work on.`);
  return well("The schema is up to date.");
}
