import { Pool } from "pg";
import { PUBLIC_ONLY, type Reach } from "./checks/reach.ts";
import { learnSecrets } from "./catalog-secrets.ts";
import type { Config } from "./config.ts";
import type { TracesConfig } from "./telemetry/config.ts";
import { prepareBotRole, worksAs } from "./db/bot-role.ts";
import { listen, type Nudges } from "./db/listen.ts";
import { migrate } from "./db/migrate.ts";
import { databaseProblem, tooOld } from "./db/problem.ts";
import { EMPTY_CATALOG, type Catalog } from "./domain/catalog.ts";
import { keepSecret } from "./hidden.ts";
import { laidOver } from "./laid-over.ts";
import { openLog, type Log } from "./log.ts";
import { openQueues, QUEUES, type Queues } from "./queues.ts";
import { openSlackClient, type SlackClient } from "./slack-client.ts";
import type { Standin } from "./domain/rotation.ts";
import { accountNames, deactivatedAccounts } from "./store/accounts.ts";
import { additionsInForce } from "./store/additions.ts";
import { standinsInForce } from "./store/standins.ts";
import {
  lastCalled,
  newestVersion,
  newestVersionId,
  overridesInForce,
  type Called,
  type Override,
} from "./store/catalog.ts";
import { Unavailable } from "./errors.ts";
import { openTallies, type Tallies } from "./telemetry/tallies.ts";
import { whoAreWe, type Workspace } from "./workspace.ts";

/** The catalog that holds now: the newest imported version and what was changed in Slack since. */
export type InForce = {
  readonly version: number | null;
  /** With what was added in Slack. */
  readonly catalog: Catalog;
  readonly overrides: readonly Override[];
  /** Who stands in for whom, and who is away, as was said in Slack; oldest first. */
  readonly standins: readonly Standin[];
  /** Person keys of those whom Slack called deactivated when it was last asked. */
  readonly left: ReadonlySet<string>;
  /** Whoever left keeps their name on what they did. */
  readonly called: Called;
  /** Slack user id → name of those who were here, while the catalog has no people. */
  readonly strangers: Readonly<Record<string, string>>;
};

/** Everything that the doors need, and nothing else. Opened once, closed once. */
export type App = {
  readonly db: Pool;
  readonly queues: Queues;
  readonly slack: SlackClient;
  readonly workspace: Workspace;
  readonly log: Log;
  readonly tallies: Tallies;
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
  /** What is told of what Slack cannot be told of; null: nothing. */
  readonly alarm: string | null;
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
  readonly alarm?: App["alarm"];
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
  keepOwnSecrets(opening);
  const undo: (() => Promise<void>)[] = [];
  if (opening.traces !== undefined)
    undo.push((await import("./telemetry/tracing.ts")).openTracing(opening.traces, log));
  try {
    const db = await openDatabase(opening, log);
    undo.unshift(() => db.end());
    const clock =
      opening.now === undefined ? await databaseClock(db, log) : { now: opening.now, stop: () => undefined };
    undo.unshift(async () => clock.stop());
    const tallies = openTallies(Object.keys(QUEUES));
    const queues = await openQueues({
      redis: opening.redisUrl,
      database: opening.databaseUrl,
      log,
      tallies,
      ...(opening.queuePrefix === undefined ? {} : { prefix: opening.queuePrefix }),
    });
    undo.unshift(() => queues.close());
    const { botToken: token, apiUrl } = opening.slack;
    const slack = openSlackClient({ token, apiUrl, tallies, log, now: () => clock.now() });
    const workspace = await whoAreWe(slack, { apiUrl, log });
    const follow = catalogFollower(db);
    await follow.again();
    return appOf({ db, queues, slack, workspace, log, tallies, clock, follow, opening, undo });
  } catch (error) {
    for (const step of undo) await step().catch(() => undefined);
    throw error;
  }
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
  tallies: Tallies;
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
    tallies: parts.tallies,
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

/** Brings the schema up to date as its owner; the pool then works as the bot's own role, where there is one. */
async function openDatabase({ databaseUrl, migrateHere }: Opening, log: Log): Promise<Pool> {
  const owner = openPool(databaseUrl, log, "daytwo-migrate");
  try {
    await reach(owner);
    await migrate(owner, { here: migrateHere ?? false });
    const role = await prepareBotRole(owner, log);
    if (role === null) return openPool(databaseUrl, log);
    return (await openPoolAs(databaseUrl, role, log)) ?? openPool(databaseUrl, log);
  } finally {
    await owner.end();
  }
}

async function openPoolAs(databaseUrl: string, role: string, log: Log): Promise<Pool | null> {
  const pool = openPool(databaseUrl, log, "daytwo", role);
  const works = await worksAs(pool, role, log).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  if (works) return pool;
  await pool.end();
  return null;
}

/** By the name that tells running bots from commands: how long one statement may take. A migration takes its time. */
const PATIENCE = {
  daytwo: "30s",
  "daytwo-migrate": "0",
  "daytwo-audit": "0",
  "daytwo-backup": "30s",
  "daytwo-restore": "30s",
} as const;

/** Connections as the doors need them, from their first moment in the role that is given; else in the one that logs in. */
export function openPool(
  connectionString: string,
  log: Log,
  name: keyof typeof PATIENCE = "daytwo",
  role?: string,
): Pool {
  const settings = {
    search_path: "daytwo",
    statement_timeout: PATIENCE[name],
    idle_in_transaction_session_timeout: "60s",
    ...(role === undefined ? {} : { role }),
  };
  const pool = new Pool({
    connectionString,
    max: 16,
    connectionTimeoutMillis: 5_000,
    options: Object.entries(settings)
      .map(([setting, value]) => `-c ${setting}=${value}`)
      .join(" "),
    application_name: name,
  });
  pool.on("error", (err) => log.warn({ err }, "database connection lost"));
  // Between its first word and whoever asked for it a connection is nobody's: a server that goes away in that very
  // moment would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** @throws Unavailable with a sentence for the operator when the database cannot be used or is too old */
export async function reach(db: Pool): Promise<void> {
  const version = await db
    .query<{ version: number }>("select current_setting('server_version_num')::int / 10000 as version")
    .then(({ rows }) => rows[0]?.version ?? 0)
    .catch((cause: unknown) => {
      const { sentence, hint } = databaseProblem(cause);
      throw new Unavailable(sentence, { cause, hint });
    });
  const old = tooOld(version);
  if (old !== null) throw new Unavailable(old.sentence, { hint: old.hint });
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

const NOTHING: InForce = {
  version: null,
  catalog: EMPTY_CATALOG,
  overrides: [],
  standins: [],
  left: new Set(),
  called: { people: {}, teams: {} },
  strangers: {},
};

/** Who has no account left that works. */
function leftOf({ people }: Catalog, deactivated: readonly string[]): ReadonlySet<string> {
  const gone = Object.values(people).filter(
    ({ slack }) => slack.length > 0 && slack.every((account) => deactivated.includes(account)),
  );
  return new Set(gone.map(({ key }) => key));
}

function catalogFollower(db: Pool): { current(): InForce; again(): Promise<void> } {
  let inForce: InForce = NOTHING;
  let file = EMPTY_CATALOG;
  let laid = "";
  async function read(): Promise<void> {
    const [newest, overrides, additions, standins, deactivated] = await Promise.all([
      newestVersionId(db),
      overridesInForce(db),
      additionsInForce(db),
      standinsInForce(db),
      deactivatedAccounts(db),
    ]);
    const version = newest === inForce.version ? null : await newestVersion(db);
    file = version?.body ?? file;
    const ids = additions.map(({ id }) => id).join();
    const catalog = version === null && ids === laid ? inForce.catalog : laidOver(file, additions);
    laid = ids;
    const called = version === null ? inForce.called : await lastCalled(db);
    const strangers = Object.keys(catalog.people).length === 0 ? await accountNames(db) : {};
    if (version !== null) await learnSecrets(catalog);
    const left = leftOf(catalog, deactivated);
    inForce = { version: version?.id ?? inForce.version, catalog, overrides, standins, left, called, strangers };
  }
  let reading = Promise.resolve();
  return {
    current: () => inForce,
    // One after another: what was read before a change must not stand when its writer has read again.
    again: () => (reading = reading.then(read, read)),
  };
}
