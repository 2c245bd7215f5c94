import { Pool } from "pg";
import { PUBLIC_ONLY, type Reach } from "./checks/reach.ts";
import type { Config } from "./config.ts";
import type { TracesConfig } from "./config-traces.ts";
import { listen, type Nudges } from "./db/listen.ts";
import { migrate } from "./db/migrate.ts";
import { EMPTY_CATALOG, type Catalog } from "./domain/catalog.ts";
import { laidOver } from "./laid-over.ts";
import { openLog, type Log } from "./log.ts";
import { openQueues, type Queues } from "./queues.ts";
import { openSlackClient, SlackRefused, type SlackClient } from "./slack-client.ts";
import { additionsInForce } from "./store/additions.ts";
import { newestVersion, newestVersionId, overridesInForce, type Override } from "./store/catalog.ts";
import { Invalid, Unavailable } from "./errors.ts";

/** The catalog that holds now: the newest imported version and what was changed in Slack since. */
export type InForce = {
  readonly version: number | null;
  /** With what was added in Slack. */
  readonly catalog: Catalog;
  readonly overrides: readonly Override[];
};

/** Who we are in Slack, as `auth.test` said. */
export type Workspace = {
  readonly team: string;
  readonly enterprise: string | null;
  readonly botUser: string;
  readonly botId: string;
  readonly url: string;
};

/** Everything that the doors need, and nothing else. Opened once, closed once. */
export type App = {
  readonly db: Pool;
  readonly queues: Queues;
  readonly slack: SlackClient;
  readonly workspace: Workspace;
  readonly log: Log;
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
  /** What a worker calls each minute while checks and delivery work; null: nothing. */
  readonly heartbeat: string | null;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type { Nudges } from "./db/listen.ts";

/** What start decides or has learnt, beside the configuration. */
export type Opening = {
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
  readonly queuePrefix?: string;
  readonly slack: { readonly botToken: string; readonly apiUrl?: string | undefined };
  readonly demo: App["demo"];
  readonly actions: App["actions"];
  readonly heartbeat: App["heartbeat"];
  readonly logLevel: Config["logLevel"];
  /** Tests give their own small world; else public addresses, and nothing but these. */
  readonly reach?: Reach;
  /** Where traces go; absent: none are made. */
  readonly traces?: TracesConfig;
  /** Tests give their own clock; else the database's. */
  readonly now?: () => Date;
  readonly log?: Log;
  readonly migrateHere?: boolean;
};

/**
 * Opens the database (and brings its schema up to date), the queue and the Slack client, in an order that gives the
 * clearest error. @throws Invalid | Unavailable with a sentence for the operator.
 */
export async function openApp(opening: Opening): Promise<App> {
  const log = opening.log ?? openLog(opening.logLevel);
  const db = openPool(opening.databaseUrl, log);
  const undo: (() => Promise<void>)[] = [() => db.end()];
  if (opening.traces !== undefined) undo.push((await import("./tracing.ts")).openTracing(opening.traces, log));
  try {
    await reach(db);
    await migrate(db, { here: opening.migrateHere ?? false });
    const clock =
      opening.now === undefined ? await databaseClock(db, log) : { now: opening.now, stop: () => undefined };
    undo.unshift(async () => clock.stop());
    const queues = await openQueues({
      redis: opening.redisUrl,
      database: opening.databaseUrl,
      log,
      ...(opening.queuePrefix === undefined ? {} : { prefix: opening.queuePrefix }),
    });
    undo.unshift(() => queues.close());
    const slack = openSlackClient({ token: opening.slack.botToken, apiUrl: opening.slack.apiUrl });
    const workspace = await whoAreWe(slack);
    const follow = catalogFollower(db);
    await follow.again();
    return appOf({ db, queues, slack, workspace, log, clock, follow, opening, undo });
  } catch (error) {
    for (const step of undo) await step().catch(() => undefined);
    throw error;
  }
}

function appOf(parts: {
  db: Pool;
  queues: Queues;
  slack: SlackClient;
  workspace: Workspace;
  log: Log;
  clock: { now(): Date };
  follow: { current(): InForce; again(): Promise<void> };
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
    now: () => parts.clock.now(),
    inForce: () => parts.follow.current(),
    followCatalog: () => parts.follow.again(),
    listen: () => listen(parts.db, parts.log),
    demo: parts.opening.demo,
    actions: parts.opening.actions,
    reach: parts.opening.reach ?? PUBLIC_ONLY,
    heartbeat: parts.opening.heartbeat,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Connections as the doors need them. The name tells running bots from commands. */
export function openPool(
  connectionString: string,
  log: Log,
  name: "daytwo" | "daytwo-backup" | "daytwo-restore" = "daytwo",
): Pool {
  const pool = new Pool({
    connectionString,
    max: 16,
    connectionTimeoutMillis: 5_000,
    options: "-c search_path=daytwo -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
    application_name: name,
  });
  pool.on("error", (err) => log.warn({ err }, "database connection lost"));
  // Between its first word and whoever asked for it a connection is nobody's: a server that goes away in that very
  // moment would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** @throws Unavailable with a sentence for the operator when the database does not answer or is too old */
export async function reach(db: Pool): Promise<void> {
  try {
    const { rows } = await db.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    );
    const version = Math.floor((rows[0]?.version ?? 0) / 10_000);
    if (version < 15)
      throw new Unavailable(`The database is PostgreSQL ${version}; Daytwo needs 15 or newer.`, {
        hint: "Upgrade the server, or leave DATABASE_URL unset to use the embedded one.",
      });
  } catch (cause) {
    if (cause instanceof Unavailable) throw cause;
    throw new Unavailable("The database does not answer.", {
      cause,
      hint: "Check DATABASE_URL, and that the server is up and lets this machine in.",
    });
  }
}

async function whoAreWe(slack: SlackClient): Promise<Workspace> {
  const me = await slack.call("auth.test", {}).catch((cause: unknown) => {
    if (cause instanceof SlackRefused) {
      throw new Invalid(`Slack does not accept the bot token (${cause.error}).`, {
        cause,
        hint: "Copy the Bot User OAuth Token (xoxb-…) of the installed app into SLACK_BOT_TOKEN.",
      });
    }
    throw new Unavailable("Slack does not answer.", {
      cause,
      hint: "Check the network, and SLACK_API_URL if it is set.",
    });
  });
  return {
    team: String(me["team_id"]),
    enterprise: typeof me["enterprise_id"] === "string" ? me["enterprise_id"] : null,
    botUser: String(me["user_id"]),
    botId: String(me["bot_id"]),
    url: String(me["url"]),
  };
}

/** The database's time as an offset from ours, measured at start and each minute. */
async function databaseClock(db: Pool, log: Log): Promise<{ now(): Date; stop(): void }> {
  let offset = await measureOffset(db);
  const timer = setInterval(() => {
    measureOffset(db).then(
      (measured) => (offset = measured),
      (err: unknown) => log.warn({ err }, "the database's clock could not be read"),
    );
  }, 60_000);
  timer.unref();
  return { now: () => new Date(Date.now() + offset), stop: () => clearInterval(timer) };
}

async function measureOffset(db: Pool): Promise<number> {
  const before = Date.now();
  const { rows } = await db.query<{ now: Date }>("select clock_timestamp() as now");
  const after = Date.now();
  return (rows[0]?.now.getTime() ?? after) - (before + after) / 2;
}

function catalogFollower(db: Pool): { current(): InForce; again(): Promise<void> } {
  let inForce: InForce = { version: null, catalog: EMPTY_CATALOG, overrides: [] };
  let file = EMPTY_CATALOG;
  let laid = "";
  async function read(): Promise<void> {
    const [newest, overrides, additions] = await Promise.all([
      newestVersionId(db),
      overridesInForce(db),
      additionsInForce(db),
    ]);
    const version = newest === inForce.version ? null : await newestVersion(db);
    file = version?.body ?? file;
    const ids = additions.map(({ id }) => id).join();
    const catalog = version === null && ids === laid ? inForce.catalog : laidOver(file, additions);
    laid = ids;
    inForce = { version: version?.id ?? inForce.version, catalog, overrides };
  }
  let reading = Promise.resolve();
  return {
    current: () => inForce,
    // One after another: what was read before a change must not stand when its writer has read again.
    again: () => (reading = reading.then(read, read)),
  };
}
