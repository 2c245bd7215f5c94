import { examineServer } from "../../db/examine.ts";
import { withDatabase } from "./database.ts";
import { ill, unexamined, well, type Finding, type Patient } from "./finding.ts";
import { examineRedis } from "./redis.ts";

/** Whether the queues have somewhere to live, and will be let alone there. */
export async function examineQueue({ config }: Patient): Promise<readonly Finding[]> {
  if (config.redis !== null) return examineRedis(config.redis);
  if (config.database === "embedded") return [unexamined("The queues live in the embedded database.")];
  try {
    const server = await withDatabase(config.database.url, examineServer);
    if (server.queues) return [well("The queues live in PostgreSQL, in schema bullmq.")];
    if (server.mayCreate) return [well("The queues will live in PostgreSQL: schema bullmq is made at start.")];
    return [
      ill(
        "There is no schema bullmq for the queues, and our role may not make it.",
        "Grant our role CREATE on the database.",
      ),
    ];
  } catch {
    return [unexamined("The queues live in PostgreSQL, which cannot be used; see the database above.")];
  }
}
