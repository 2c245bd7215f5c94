import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { sql, query, Row, integer } from "../../src/db/sql.ts";
import { openLog } from "../../src/log.ts";
import { openBot, type Bot, type BotOptions } from "../../src/main.ts";
import { countBehind } from "../../src/store/postings.ts";
import { countOwed } from "../../src/store/outbox.ts";
import { cloneDatabase } from "./database.ts";
import { openSlack, type Slack, type SlackOptions } from "./slack.ts";
import { until } from "./until.ts";

/** How the bot is connected in a story: every story runs with the first two pairs. */
export const PAIRS = [
  { transport: "socket", queue: "postgres" },
  { transport: "http", queue: "redis" },
] as const;
export const OTHER_PAIRS = [
  { transport: "socket", queue: "redis" },
  { transport: "http", queue: "postgres" },
] as const;
export type Pair = { readonly transport: "socket" | "http"; readonly queue: "postgres" | "redis" };

export type TestBot = {
  readonly bot: Bot;
  readonly slack: Slack;
  readonly database: string;
  now(): Date;
  /** Moves the bot's and the workspace's time. */
  advance(ms: number): void;
  /** Resolves when nothing is owed, queued, being processed or behind in Slack; time moves on where Slack's pace asks for it. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

export type BotSettings = {
  readonly catalog?: string;
  readonly slack?: SlackOptions;
  readonly demo?: BotOptions["opening"]["demo"];
  readonly start?: Date;
};

/** The whole bot in this process, with a workspace and a database of its own. */
export async function startBot(pair: Pair, settings: BotSettings = {}): Promise<TestBot> {
  const folder = await mkdtemp(join(tmpdir(), "daytwo-bot-"));
  const database = await cloneDatabase();
  let offset = settings.start === undefined ? 0 : settings.start.getTime() - Date.now();
  function now(): Date {
    return new Date(Date.now() + offset);
  }
  const slack = await openSlack({ now: () => now().getTime(), ...settings.slack });
  const catalog = settings.catalog === undefined ? null : join(folder, "daytwo.yaml");
  if (catalog !== null) await writeFile(catalog, settings.catalog ?? "");
  const bot = await openBot({
    opening: {
      databaseUrl: database.url,
      redisUrl: pair.queue === "redis" ? inject("redis") : null,
      queuePrefix: `{test-${randomBytes(6).toString("hex")}}`,
      slack: { botToken: slack.botToken, apiUrl: slack.apiUrl },
      demo: settings.demo ?? null,
      actions: "local",
      logLevel: "warn",
      log: openLog(process.env["TEST_LOG"] ?? "silent"),
      now,
    },
    slack: pair.transport === "http" ? { mode: "http", signingSecret: slack.signingSecret } : { mode: "socket", appToken: slack.appToken },
    catalog,
    roles: { web: true, worker: true },
    port: { number: 0, asked: true },
    host: "127.0.0.1",
  });
  if (pair.transport === "http") await slack.eventsUrl(`${bot.http.url}/slack/events`);
  return {
    bot,
    slack,
    database: database.url,
    now,
    advance(ms) {
      offset += ms;
    },
    settle: () => until("the bot to settle", () => settled(bot, (ms) => (offset += ms)), 25_000),
    async close() {
      await bot.close();
      await slack.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const COUNT = new Row({ count: integer });

async function settled({ app, idle }: Bot, advance: (ms: number) => void): Promise<boolean> {
  await idle();
  const behind = await countBehind(app.db, app.now());
  if (behind.now === 0 && behind.later > 0) advance(200);
  const [claimed] = await query(app.db, COUNT, sql`select count(*) as count from checks where claimed_until > ${app.now()}`);
  const quiet = behind.now + behind.later + (claimed?.count ?? 0) + (await countOwed(app.db)) + (await app.queues.pending());
  return quiet === 0;
}
