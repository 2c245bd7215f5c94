import { Redis } from "ioredis";
import { examineServer } from "../../db/examine.ts";
import { withDatabase } from "./database.ts";
import { because, doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";

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

async function examineRedis(url: string): Promise<readonly Finding[]> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let lost: unknown; // the cause comes as an event; what is thrown says only that the connection closed
  redis.on("error", (error) => (lost = error));
  try {
    await redis.connect();
    return judge(await redis.info());
  } catch (error) {
    return [
      ill(
        `Redis cannot be used: ${words(lost ?? error)}.`,
        "Check REDIS_URL, and that the server is up and lets this machine in.",
      ),
    ];
  } finally {
    redis.disconnect();
  }
}

function words(error: unknown): string {
  const code = error instanceof Error ? /^(WRONGPASS|NOAUTH|NOPERM)\b/.exec(error.message)?.[1] : undefined;
  return code === undefined ? because(error) : (REFUSALS[code] ?? code);
}

const REFUSALS: Readonly<Record<string, string>> = {
  WRONGPASS: "it refuses the user or password",
  NOAUTH: "it wants a password, and REDIS_URL has none",
  NOPERM: "its user may not do what the queues need",
};

const OLDEST = 5; // the first version that has the streams which the queues use
const TESTED = [6, 2] as const;

function judge(info: string): readonly Finding[] {
  const facts = new Map(
    info.split(/\r?\n/).map((line) => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1)]),
  );
  const version = facts.get("redis_version") ?? "of a version that it does not tell";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST) return [ill(`Redis is ${version}; the queues need 5 or newer, better 6.2.`, "Upgrade Redis.")];
  const old = major < TESTED[0] || (major === TESTED[0] && minor < TESTED[1]);
  return [
    old
      ? doubtful(`Redis answers, and is ${version}.`, "Upgrade to 6.2 or newer when you can.")
      : well(`Redis answers: ${version}.`),
    judgePolicy(facts.get("maxmemory_policy")),
  ];
}

function judgePolicy(policy: string | undefined): Finding {
  if (policy === "noeviction") return well("Redis drops nothing when its memory is full (noeviction).");
  if (policy === undefined) return doubtful("Redis does not tell its maxmemory-policy.", "See that it is noeviction.");
  return doubtful(
    `Redis may drop queued jobs when its memory is full (maxmemory-policy ${policy}).`,
    "Set maxmemory-policy to noeviction. Nothing is lost without it, but work may wait for the next sweep.",
  );
}
