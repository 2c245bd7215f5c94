import type { Pool } from "pg";
import { PUBLIC_ONLY, type Reach } from "./checks/reach.ts";
import type { Config } from "./config.ts";
import { databaseClock, type Clock } from "./db/clock.ts";
import { listen, type Nudges } from "./db/listen.ts";
import { openDatabase } from "./db/open.ts";
import { keepSecret } from "./redaction.ts";
import { catalogFollower, type CatalogFollower, type InForce } from "./in-force.ts";
import { openLog, type Log } from "./log.ts";
import { openMemory, type Memory } from "./memory.ts";
import { openQueues, QUEUES, type Queues } from "./queues.ts";
import { openSlackClient, type SlackClient } from "./slack-client.ts";
import type { TracesConfig } from "./config/traces.ts";
import { openCounters, type Counters } from "./telemetry/counters.ts";
import { whoAreWe, type Workspace } from "./workspace.ts";

/** Everything that the doors need, and nothing else. Opened once, closed once. */
export type App = {
  readonly db: Pool;
  readonly queues: Queues;
  readonly slack: SlackClient;
  readonly workspace: Workspace;
  readonly log: Log;
  readonly counters: Counters;
  /** What this process remembers by itself, and may lose. */
  readonly memory: Memory;
  /** The database's clock: the only one that decides. */
  now(): Date;
  /** What holds now, as this process last read it; `followCatalog` reads it again. */
  inForce(): InForce;
  followCatalog(): Promise<void>;
  /** Hears when another process committed something that concerns a loop. */
  listen(): Promise<Nudges>;
  /** Where the demo's control is, when the demo runs. */
  readonly demo: { readonly url: string; readonly token: string } | null;
  /** Whether providers other than `local` may act. */
  readonly actions: "all" | "local";
  /** Where checks of what was added in Slack may connect to. */
  readonly reach: Reach;
  /** The address that a worker calls each minute while checks and delivery work; null: none. */
  readonly heartbeat: string | null;
  /** The address that is told of trouble which Slack cannot show; null: none. */
  readonly alarm: string | null;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type { Nudges } from "./db/listen.ts";

/** What whoever starts the bot decides or has found out. */
export type Opening = {
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
  readonly queuePrefix?: string;
  readonly slack: { readonly botToken: string; readonly apiUrl?: string | undefined };
  readonly demo: App["demo"];
  readonly actions: App["actions"];
  readonly heartbeat: App["heartbeat"];
  readonly alarm?: App["alarm"];
  readonly logLevel: Config["logLevel"];
  /** Absent: public addresses only. */
  readonly reach?: Reach;
  /** Where traces go; absent: none are made. */
  readonly traces?: TracesConfig;
  /** Tests start many bots, each with so few connections at most; else as many as `openPool` says. */
  readonly connections?: number;
  /** Tests give their own clock; else the database's. */
  readonly now?: () => Date;
  readonly log?: Log;
  readonly migrateHere?: boolean;
};

/**
 * Opens the database (and brings its schema up to date), then the queue and the Slack client. Where several cannot be
 * opened, the error is about the first in this order. @throws Invalid | Unavailable with a sentence for the operator.
 */
export async function openApp(opening: Opening): Promise<App> {
  const log = opening.log ?? openLog(opening.logLevel);
  keepOwnSecrets(opening);
  const undo: (() => Promise<void>)[] = [];
  if (opening.traces !== undefined)
    undo.push((await import("./telemetry/tracing.ts")).openTracing(opening.traces, log));
  try {
    const { databaseUrl, migrateHere: here = false } = opening;
    const db = await openDatabase(databaseUrl, { log, here });
    db.options.max = opening.connections ?? db.options.max;
    undo.unshift(() => db.end());
    const clock =
      opening.now === undefined ? await databaseClock(db, log) : { now: opening.now, stop: () => undefined };
    undo.unshift(async () => clock.stop());
    const counters = openCounters(Object.keys(QUEUES));
    const { botToken: token, apiUrl } = opening.slack;
    const slack = openSlackClient({ token, apiUrl, counters, log, now: () => clock.now() });
    const follow = catalogFollower(db);
    // Three servers that know nothing of each other: a start waits for the slowest of them, not for their sum.
    const asked = [
      openQueuesOf(opening, { log, counters }, undo),
      whoAreWe(slack, { apiUrl, log }),
      follow.again(),
    ] as const;
    await Promise.allSettled(asked);
    const [queues, workspace] = await Promise.all(asked);
    return appOf({ db, queues, slack, workspace, log, counters, clock, follow, opening, undo });
  } catch (error) {
    for (const step of undo) await step().catch(() => undefined);
    throw error;
  }
}

async function openQueuesOf(
  { redisUrl: redis, databaseUrl: database, queuePrefix: prefix }: Opening,
  use: { log: Log; counters: Counters },
  undo: (() => Promise<void>)[],
): Promise<Queues> {
  const queues = await openQueues({ redis, database, ...use, ...(prefix === undefined ? {} : { prefix }) });
  undo.unshift(() => queues.close());
  return queues;
}

function keepOwnSecrets({ databaseUrl, redisUrl, slack, demo, heartbeat, alarm }: Opening): void {
  for (const each of [databaseUrl, redisUrl, slack.botToken, demo?.token, heartbeat, alarm]) keepSecret(each);
}

function appOf(parts: {
  db: Pool;
  queues: Queues;
  slack: SlackClient;
  workspace: Workspace;
  log: Log;
  counters: Counters;
  clock: Clock;
  follow: CatalogFollower;
  opening: Opening;
  undo: (() => Promise<void>)[];
}): App {
  async function close(): Promise<void> {
    for (const step of parts.undo.splice(0)) await step();
  }
  return {
    db: parts.db,
    queues: parts.queues,
    slack: parts.slack,
    workspace: parts.workspace,
    log: parts.log,
    counters: parts.counters,
    memory: openMemory(),
    now: () => parts.clock.now(),
    inForce: () => parts.follow.current(),
    followCatalog: () => parts.follow.again(),
    listen: () => listen(parts.db, parts.log),
    demo: parts.opening.demo,
    actions: parts.opening.actions,
    reach: parts.opening.reach ?? PUBLIC_ONLY,
    heartbeat: parts.opening.heartbeat,
    alarm: parts.opening.alarm ?? null,
    close,
    [Symbol.asyncDispose]: close,
  };
}
