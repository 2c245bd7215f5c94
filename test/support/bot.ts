import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { sweep } from "../../jobs/loops.ts";
import { subSeconds } from "date-fns/subSeconds";
import type { App } from "../../src/app.ts";
import type { Reach } from "../../src/checks/reach.ts";
import { execute, integer, often, query, Row, sql } from "../../src/db/sql.ts";
import type { TracesConfig } from "../../src/config/traces.ts";
import { openLog, type Log } from "../../src/log.ts";
import { openBot, type Bot, type BotOptions } from "../../src/main.ts";
import type { Sns } from "../../src/alerts/sns.ts";
import { notify } from "../../src/store/events.ts";
import { dueEscalations, withoutChain } from "../../src/store/escalations.ts";
import { forgotten } from "../../src/store/operations-due.ts";
import { countBehind } from "../../src/store/due-postings.ts";
import { tickChecks } from "../../src/sweeps.ts";
import { cloneDatabase, type TestDatabase } from "./database.ts";
import { whyNoRedis } from "./server.ts";
import { openSlack, type Slack, type SlackOptions } from "./slack.ts";
import { until } from "./until.ts";

/**
 * How the bot is connected in a story. What is about the ways in and the queue runs with both of these; where no Redis is
 * installed, both queues are PostgreSQL's, as the titles say.
 */
export const PAIRS = [
  { transport: "socket", queue: "postgres" },
  { transport: "http", queue: whyNoRedis === "" ? "redis" : "postgres" },
] as const;
/** For a story about something else: with one of the two, half of them with each. */
export const OVER_SOCKET = [PAIRS[0]] as const;
export const OVER_HTTP = [PAIRS[1]] as const;
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
  /** Time passes, and what it does by itself is done: checks that are due look, leases end; then everything settles. */
  passes(ms: number): Promise<void>;
  /** Writes the catalog's file anew. */
  writes(catalog: string): Promise<void>;
  /** The same, and waits until the bot has made it the one in force. */
  follows(catalog: string): Promise<void>;
  /** Ends this process of the bot; its database and workspace stay for another one. */
  stop(): Promise<void>;
  close(): Promise<void>;
};

export type BotSettings = {
  readonly catalog?: string;
  readonly slack?: SlackOptions;
  readonly demo?: BotOptions["opening"]["demo"];
  /** Which targets it acts on; else only those of the local fleet. */
  readonly actions?: BotOptions["opening"]["actions"];
  readonly start?: Date;
  /** The world in which added addresses are looked up and reached; else the internet. */
  readonly reach?: Reach;
  readonly heartbeat?: string;
  readonly alarm?: string;
  readonly traces?: TracesConfig;
  readonly queuesToken?: string;
  /** Where messages of Amazon SNS are looked into; else in earnest. */
  readonly sns?: Sns;
  /** Where the bot's log goes; else nowhere, or to stderr at TEST_LOG's level. */
  readonly log?: Log;
  /** The queue's Redis, where it is not the run's own. */
  readonly redis?: string;
  /** The way to its database, given the way that there is. */
  readonly through?: (database: string) => string;
  /** Another process of that same bot: on its database, workspace, queue, clock and catalog. */
  readonly beside?: TestBot;
};

/** What all processes of one bot share. */
type Shared = {
  readonly folder: string;
  readonly catalog: string | null;
  readonly database: TestDatabase;
  readonly slack: Slack;
  readonly queuePrefix: string;
  readonly clock: { offset: number };
};

/** Fewer than in earnest: all loops begin at once, and each connection of its own costs PostgreSQL a process that knows nothing yet. */
const CONNECTIONS = 5;

const SHARED = new WeakMap<TestBot, Shared>();

/** The whole bot in this process, with a workspace and a database of its own unless it runs beside another one. */
export async function startBot(pair: Pair, settings: BotSettings = {}): Promise<TestBot> {
  const shared = (settings.beside && SHARED.get(settings.beside)) ?? (await openShared(settings));
  const { folder, catalog, database, slack, clock } = shared;
  function now(): Date {
    return new Date(Date.now() + clock.offset);
  }
  async function writes(text: string): Promise<void> {
    await writeFile(join(folder, "daytwo.yaml"), atAnyTime(text));
  }
  if (settings.catalog !== undefined) await writes(settings.catalog);
  const bot = await openBot({
    opening: {
      databaseUrl: settings.through?.(database.url) ?? database.url,
      redisUrl: pair.queue === "redis" ? (settings.redis ?? inject("redis")) : null,
      queuePrefix: shared.queuePrefix,
      slack: { botToken: slack.botToken, apiUrl: slack.apiUrl },
      demo: settings.demo ?? null,
      actions: settings.actions ?? "local",
      heartbeat: settings.heartbeat ?? null,
      alarm: settings.alarm ?? null,
      ...(settings.traces === undefined ? {} : { traces: settings.traces }),
      connections: CONNECTIONS,
      logLevel: "warn",
      log: settings.log ?? openLog(process.env["TEST_LOG"] ?? "silent"),
      now,
      ...(settings.reach === undefined ? {} : { reach: settings.reach }),
    },
    slack:
      pair.transport === "http"
        ? { mode: "http", signingSecret: slack.signingSecret }
        : { mode: "socket", appToken: slack.appToken },
    catalog,
    roles: { web: true, worker: true },
    port: { number: 0, asked: true },
    host: "127.0.0.1",
    ...(settings.queuesToken === undefined ? {} : { queuesToken: settings.queuesToken }),
    ...(settings.sns === undefined ? {} : { sns: settings.sns }),
  });
  if (pair.transport === "http") await slack.eventsUrl(`${bot.http.url}/slack/events`);
  const { app } = bot;
  function advance(ms: number): void {
    clock.offset += ms;
  }
  async function settle(): Promise<void> {
    let left: Record<string, number> = {};
    let quiet = 0;
    await until(
      () => `the bot to settle: ${JSON.stringify(left)}`,
      async () => {
        left = await unsettled(bot);
        const names = Object.keys(left);
        if (names.includes("postings put off") && names.every((name) => name.startsWith("postings")))
          await skipPace(bot, advance);
        // One count after the other: a job may end between them and leave a posting that was not counted yet.
        quiet = names.length === 0 ? quiet + 1 : 0;
        return quiet === 2;
      },
    );
  }
  const started: TestBot = {
    bot,
    slack,
    database: database.url,
    now,
    advance,
    settle,
    async passes(ms) {
      advance(ms);
      await beginLooksAnew(app);
      await tickChecks(app);
      await settle();
      // The bot sweeps by itself too, and what it has under way our round leaves to it.
      await until("what is due to be done", async () => {
        await sweep(app);
        return (await countDue(app)) === 0;
      });
      await settle();
    },
    writes,
    async follows(text) {
      const before = app.inForce().version;
      await writes(text);
      await until("the new catalog to be in force", () => app.inForce().version !== before);
    },
    stop: () => bot.close(),
    async close() {
      await bot.close();
      await slack.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  SHARED.set(started, shared);
  return started;
}

/** A story means the same at any time of the day and the week, unless it says itself when people work. */
function atAnyTime(catalog: string): string {
  if (!/^services:(\s*$|.*\}$)/m.test(catalog) || /^working_hours:/m.test(catalog)) return catalog;
  return `${catalog.trimEnd()}\nworking_hours: { from: "00:00", until: "24:00", days: mon-sun }\n`;
}

async function openShared({ start, slack, catalog }: BotSettings): Promise<Shared> {
  const clock = { offset: start === undefined ? 0 : start.getTime() - Date.now() };
  const folder = await mkdtemp(join(tmpdir(), "daytwo-bot-"));
  return {
    folder,
    catalog: catalog === undefined ? null : join(folder, "daytwo.yaml"),
    database: await cloneDatabase(),
    slack: await openSlack({ now: () => Date.now() + clock.offset, ...slack }),
    queuePrefix: `{test-${randomBytes(6).toString("hex")}}`,
    clock,
  };
}

const COUNT = new Row({ count: integer });
const WORK = new Row({ jobsOwed: integer, looksBegun: integer, alarmsOwed: integer, silencesOwed: integer });

/** What is still under way, by name; all but postings only where none of those is ready to go. Empty: the bot is at rest. */
async function unsettled({ app, idle }: Bot): Promise<Record<string, number>> {
  const { db, now, queues } = app;
  await idle();
  const { now: ready, later } = await countBehind(db, now());
  const postings = { "postings behind": ready, "postings put off": later };
  if (ready > 0 && later === 0) return counted(postings);
  const [work] = await query(
    db,
    WORK,
    often(
      "test.work",
      sql`select (select count(*) from outbox) as jobs_owed,
                 (select count(*) from checks where claimed_until > ${now()}) as looks_begun,
                 (select count(*) from wakes where sent < version and due_at <= ${now()}) as alarms_owed,
                 (select count(*) from silences where state in ('asked', 'on', 'ending') and due_at <= ${now()}) as silences_owed`,
    ),
  );
  const under = counted({ ...postings, ...work });
  // A queue is asked only where nothing else is under way.
  return Object.keys(under).some((name) => !(name in postings))
    ? under
    : counted({ ...postings, "jobs queued": await queues.pending() });
}

/** Those of which there are some. */
function counted(of: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(of).filter(([, count]) => count > 0));
}

/** A look that the bot had under way when the time passed saw what was before: it does not count as the one after. */
async function beginLooksAnew({ db, now }: App): Promise<void> {
  await execute(
    db,
    sql`update checks set due_at = ${now()}, batch = null, claimed_until = null where claimed_until is not null and left_at is null`,
  );
}

/** What time should have ended or begun by now: acknowledgements, snoozes, requests, windows, operations that wait for a worker. */
async function countDue({ db, now }: App): Promise<number> {
  const [due] = await query(
    db,
    COUNT,
    sql`select (select count(*) from items where (state = 'open' and (acknowledged_until <= ${now()} or asks_at <= ${now()}))
                                                  or (state = 'snoozed' and snoozed_until <= ${now()}))
             + (select count(*) from operations where state = 'awaiting_approval'
                                                     and (expires_at <= ${now()} or rest_at <= ${now()}
                                                          or (alone_at <= ${now()} and alone_offered_at is null)))
             + (select count(*) from windows where ends_at <= ${now()}
                                                or (starts_at <= ${now()} and opened_at is null)) as count`,
  );
  const escalating = (await dueEscalations(db, now(), 100)).length + (await withoutChain(db, 100)).length;
  const unminded = await forgotten(db, subSeconds(now(), 10), now(), 100);
  return (due?.count ?? 0) + unminded.length + escalating;
}

/** Slack's pace is waited for by moving time on to the next free moment, which the delivery loop is told. */
async function skipPace({ app }: Bot, advance: (ms: number) => void): Promise<void> {
  const { nextAt } = await countBehind(app.db, app.now());
  const wait = (nextAt?.getTime() ?? 0) - app.now().getTime();
  if (wait > 0) advance(wait);
  await notify(app.db, "daytwo_delivery");
}
