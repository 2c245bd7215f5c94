import { Cluster, Redis, type ClusterOptions, type RedisOptions } from "ioredis";
import { Unavailable } from "../errors.ts";
import { readRedisAddress, type RedisAddress } from "./address.ts";
import { again, Sentinels } from "./sentinels.ts";

/** Clients for whatever `REDIS_URL` names: one endpoint, the primary that sentinels name, or a cluster. */

export type RedisClient = Redis | Cluster;

const PATIENCE = 5_000; // ms that one connection may take, and one answer that somebody waits for
const SILENCE = 30_000; // ms without a word after which a server is gone that should have answered; BullMQ lets it wait for 10 s

/**
 * Who uses the client. A producer must hear at once that Redis is away: what it owes stays in the outbox. A consumer
 * waits for it to return. A visitor looks once and does not come back.
 */
const USES = {
  producer: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: PATIENCE,
    socketTimeout: 2 * PATIENCE,
  },
  consumer: { enableOfflineQueue: true, maxRetriesPerRequest: null, socketTimeout: SILENCE },
  visitor: { enableOfflineQueue: true, maxRetriesPerRequest: 0, commandTimeout: PATIENCE },
} as const;
type Use = keyof typeof USES;
type ServerOptions = Omit<RedisOptions, "replyMapping">;

const FAREWELL = 2_000; // ms that closing waits for what is still under way
const disconnectTimeout = 200; // ms that a server has to close a connection that we ended

/** A client that is not connected yet. @throws Invalid as `readRedisAddress` does */
export function redisClient(url: string, use: Use): RedisClient {
  const address = readRedisAddress(url);
  if (address.kind === "cluster") return clusterClient(address, use);
  const options: ServerOptions = {
    ...USES[use],
    lazyConnect: true,
    connectTimeout: PATIENCE,
    disconnectTimeout,
    ...(use === "visitor" ? { retryStrategy: () => null } : {}),
  };
  return address.kind === "one" ? new Redis(address.url, options) : sentinelClient(address, use, options);
}

/** Connects, or closes the client. @throws Unavailable with a sentence for the operator when the first try fails or takes too long. */
export async function reachRedis(redis: RedisClient, patience = 2 * PATIENCE): Promise<void> {
  const failed = Promise.withResolvers<never>();
  redis.once("error", failed.reject); // it has the cause, and with sentinels there is nothing else to hear
  const timer = setTimeout(() => failed.reject(new Error("no connection in time")), patience);
  try {
    await Promise.race([redis.connect(), failed.promise]);
  } catch (cause) {
    await leave(redis);
    throw notLetIn(cause);
  } finally {
    redis.off("error", failed.reject);
    clearTimeout(timer);
  }
}

/** What keeps a start from going on, as a sentence for the operator. */
export function notLetIn(cause: unknown): Unavailable {
  const refusal = redisRefusal(cause);
  return new Unavailable(refusal === undefined ? "Redis does not answer." : `Redis does not let us in: ${refusal}.`, {
    cause,
    hint: "Check REDIS_URL, and that what it names is up and lets this machine in; `npx daytwo doctor` says more.",
  });
}

const LACKS_RIGHTS = /^NOPERM |^ERR ACL failure|user executing the script can't/;

/** By what it says; out of a script older servers say it behind where it was. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^WRONGPASS /, "it refuses the user or password"],
  [/^NOAUTH /, "it wants a password, and REDIS_URL has none"],
  [LACKS_RIGHTS, "its user may not do what the queues need"],
  [/(^|-)READONLY /, "it is a replica"],
  [/(^|-)OOM /, "its memory is full"],
  [/(^|-)MISCONF /, "it cannot write to its disk"],
  [/(^|-)NOREPLICAS /, "it has too few replicas"],
  [/^LOADING /, "it is still reading what it had"],
];

/** Why Redis does not let us in or takes no jobs, as the end of a sentence; undefined where it did not say that. */
export function redisRefusal(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const found = REFUSALS.find(([says]) => says.test(error.message));
  return found?.[1] ?? ("lastNodeError" in error ? redisRefusal(error.lastNodeError) : undefined);
}

/** Whether it takes somebody to give our user more rights, so that waiting is of no use. */
export function lacksRights(error: unknown): boolean {
  return error instanceof Error && LACKS_RIGHTS.test(error.message);
}

/** Closes it for good, letting what is under way finish; no connection and no timer stays. */
export async function closeRedis(redis: RedisClient): Promise<void> {
  const timer = setTimeout(() => redis.disconnect(), FAREWELL);
  if (redis.status === "ready") await redis.quit().catch(() => undefined);
  clearTimeout(timer);
  await leave(redis);
}

/** Closes it unless it is of use now; whoever waits for it hears that it is closed. Whether it is closed. */
export async function giveUpRedis(redis: RedisClient): Promise<boolean> {
  if (redis.status === "ready") return false;
  await leave(redis);
  return true;
}

async function leave(redis: RedisClient): Promise<void> {
  if (redis.status === "end") return;
  const left = Promise.withResolvers<void>();
  redis.once("end", left.resolve);
  const timer = setTimeout(left.resolve, FAREWELL);
  // Between two attempts ioredis forgets to tell those who wait: it tells them when an attempt is ended.
  if (redis.status === "reconnecting") redis.connect().catch(() => undefined);
  // A cluster that lost its last node has nothing left to end, and never says that it has ended.
  const isSilent = redis instanceof Cluster && redis.nodes().length === 0;
  redis.disconnect();
  if (!isSilent) await left.promise;
  redis.off("end", left.resolve);
  clearTimeout(timer);
}

type Sentinel = Extract<RedisAddress, { kind: "sentinel" }>;

function sentinelClient(address: Sentinel, use: Use, options: ServerOptions): Redis {
  return new Redis({
    ...options,
    ...(use === "visitor" ? {} : { Connector: Sentinels }),
    sentinels: address.endpoints.map((endpoint) => ({ ...endpoint })),
    sentinelRetryStrategy: () => null,
    sentinelCommandTimeout: PATIENCE,
    name: address.primary,
    role: "master",
    db: address.database,
    ...login(address.user, address.password),
    ...(address.sentinelUser === undefined ? {} : { sentinelUsername: address.sentinelUser }),
    ...(address.sentinelPassword === undefined ? {} : { sentinelPassword: address.sentinelPassword }),
    ...(address.tls ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
  });
}

function clusterClient(address: Extract<RedisAddress, { kind: "cluster" }>, use: Use): Cluster {
  const { enableOfflineQueue, ...ofEachNode } = USES[use];
  const visit: ClusterOptions = { clusterRetryStrategy: () => null, enableReadyCheck: false };
  return new Cluster(
    address.endpoints.map((endpoint) => ({ ...endpoint })),
    {
      lazyConnect: true,
      enableOfflineQueue,
      // Certificates are made out to names: so a node is called by the name that the cluster tells.
      dnsLookup: (host, done) => done(null, host),
      slotsRefreshTimeout: PATIENCE,
      slotsRefreshInterval: 10_000, // ms; a primary that moved is found although nothing was asked of the old one
      clusterRetryStrategy: again,
      ...(use === "visitor" ? visit : {}),
      redisOptions: {
        ...ofEachNode,
        connectTimeout: PATIENCE,
        disconnectTimeout,
        ...login(address.user, address.password),
        ...(address.tls ? { tls: {} } : {}),
      },
    },
  );
}

function login(username: string | undefined, password: string | undefined): ServerOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}
