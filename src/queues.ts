import { setTimeout as after } from "node:timers/promises";
import { createPostgresBackend, type PgPool, Queue, runMigrations, withBackend, Worker, type Job } from "bullmq";
import { Pool } from "pg";
import { NOTICES_SILENCE } from "./db/open.ts";
import type { Log } from "./log.ts";
import {
  closeRedis,
  giveUpRedis,
  lacksRights,
  notLetIn,
  reachRedis,
  redisClient,
  redisRefusal,
  type RedisClient,
} from "./redis/client.ts";
import { QUEUES_PREFIX, tryJobs } from "./redis/jobs.ts";
import type { Counters } from "./telemetry/counters.ts";
import { traced } from "./telemetry/trace.ts";
import { isDoneWithin } from "./wait.ts";

/**
 * The queues. A job carries one id, re-reads the truth from PostgreSQL and may run twice; so losing the whole queue
 * costs a sweep and nothing else. BullMQ runs on Redis where there is one, else on its PostgreSQL backend.
 */
export const QUEUES = {
  /** id of a batch of claimed checks; how many looks run at once is not its business, but that of jobs/look.ts */
  checks: { concurrency: 100, lock: 60_000, patience: 0 },
  /** id of an operation: plan it, run it, or find out what became of it */
  operations: { concurrency: 8, lock: 30_000, patience: 5_000 },
} as const;
export type QueueName = keyof typeof QUEUES;

/** `trace`: what asked for it, for traces alone. */
export type Work = { readonly id: number; readonly trace?: string | null };
export type Processor = (id: number, signal: AbortSignal) => Promise<void>;

export type Queues = {
  readonly backend: "redis" | "postgres";
  /** @throws when the backend does not answer; the caller keeps what it owes. */
  add(name: QueueName, jobs: readonly Work[]): Promise<void>;
  /** Starts taking jobs; the returned function stops, letting what runs finish for as long as the queue's patience (ms) lasts. */
  work(name: QueueName, processor: Processor): Promise<() => Promise<void>>;
  /** Why the backend takes no jobs now, as the end of a sentence; null where it takes them. */
  refusal(): Promise<string | null>;
  /** Jobs waiting or running, for tests. */
  pending(): Promise<number>;
  /** BullMQ's own, to be looked at. */
  own(): readonly Queue<Work>[];
  close(): Promise<void>;
};

// Retries are the sweep's business, which looks at the truth first: a job is tried once, and one that stalls is dropped.
const JOB = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

type Backend = {
  readonly kind: Queues["backend"];
  queue(name: QueueName): Queue<Work>;
  worker(
    name: QueueName,
    run: (job: Job<Work>, token: string | undefined, signal: AbortSignal | undefined) => Promise<void>,
  ): Worker<Work>;
  /** Lets go of what is away: who waits for it while it stops would wait until it returns. Whether there was such. */
  giveUp(): Promise<boolean>;
  refusal: Queues["refusal"];
  close(): Promise<void>;
};

export async function openQueues(options: {
  redis: string | null;
  database: string;
  log: Log;
  /** Where it is counted how long jobs take. */
  counters?: Counters;
  prefix?: string;
}): Promise<Queues> {
  const backend =
    options.redis === null
      ? await onPostgres(options.database, options.log)
      : await onRedis(options.redis, options.prefix ?? QUEUES_PREFIX, options.log);
  const queues = new Map<QueueName, Queue<Work>>();
  for (const name of Object.keys(QUEUES) as QueueName[]) {
    const queue = backend.queue(name);
    queue.on("error", (err) => options.log.warn({ err, queue: name }, "queue unavailable"));
    queues.set(name, queue);
  }
  return {
    backend: backend.kind,
    async add(name, jobs) {
      const queue = queues.get(name);
      if (queue === undefined) throw new Error(`there is no queue ${name}`);
      await Promise.all(jobs.map((job) => queue.add(name, job, JOB)));
    },
    work: (name, processor) => startWorker(backend, name, measured(name, processor, options.counters), options.log),
    refusal: backend.refusal,
    async pending() {
      const counts = await Promise.all(
        [...queues.values()].map((queue) => queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized")),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    own: () => [...queues.values()],
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}

function measured(name: QueueName, processor: Processor, counters: Counters | undefined): Processor {
  return async (id, signal) => {
    const began = performance.now();
    try {
      await processor(id, signal);
    } finally {
      counters?.worked(name, (performance.now() - began) / 1000);
    }
  };
}

async function startWorker(
  backend: Backend,
  name: QueueName,
  processor: Processor,
  log: Log,
): Promise<() => Promise<void>> {
  const worker = backend.worker(name, ({ data: { id, trace = null } }, _token, signal) =>
    traced(
      `job ${name}`,
      { "daytwo.queue": name, "daytwo.job": id },
      () => processor(id, signal ?? new AbortController().signal),
      { kind: "consumer", parent: trace },
    ),
  );
  slowDown(worker);
  worker.on("error", (err) => log.warn({ err, queue: name }, "worker unavailable"));
  worker.on("failed", (job, err) => log.error({ err, queue: name, id: job?.data.id }, "job failed"));
  try {
    await worker.waitUntilReady();
  } catch (error) {
    void worker.close().catch(() => undefined); // it takes jobs from when it is made on, and nobody else knows of it
    throw error;
  }
  return async () => {
    const impatient = setTimeout(() => worker.cancelAllJobs("stopping"), QUEUES[name].patience);
    const closed = worker.close();
    for (let away = 0; away < HOPELESS && !(await isDoneWithin(BETWEEN_LOOKS, closed)); away += 1)
      if (!(await backend.giveUp())) away = 0;
    clearTimeout(impatient);
  };
}

const REFUSED = 1_000; // ms

/** A worker that is refused a job, as by a Redis that is full or a replica, asks again at once: thousands of times a second, each in the log. */
function slowDown({ backend }: Worker<Work>): void {
  const { moveToActive } = backend;
  backend.moveToActive = async (...asked) => {
    try {
      return await Reflect.apply(moveToActive, backend, asked);
    } catch (error) {
      await after(REFUSED);
      throw error;
    }
  };
}

const HOPELESS = 10; // looks in a row that find the queue away, after which a worker need not say goodbye to it
const BETWEEN_LOOKS = 500; // ms

function limits(name: QueueName): { concurrency: number; lockDuration: number; maxStalledCount: number } {
  return { concurrency: QUEUES[name].concurrency, lockDuration: QUEUES[name].lock, maxStalledCount: 0 };
}

async function onRedis(url: string, prefix: string, log: Log): Promise<Backend> {
  const producer = redisClient(url, "producer");
  const consumer = redisClient(url, "consumer");
  for (const redis of [producer, consumer]) redis.on("error", (err: unknown) => log.warn({ err }, "redis unavailable"));
  await reachRedis(producer);
  await refuseWithoutRights(producer, prefix);
  const twins = twinsOf(consumer);
  return {
    kind: "redis",
    queue: (name) => new Queue<Work>(name, { connection: producer, prefix }),
    worker: (name, run) => new Worker<Work>(name, run, { connection: consumer, prefix, ...limits(name) }),
    giveUp: async () => (await Promise.all([consumer, ...twins].map(giveUpRedis))).includes(true),
    refusal: () => refusalOf(producer, prefix),
    close: async () => void (await Promise.all([producer, consumer, ...twins].map(closeRedis))),
  };
}

/** What only waits for Redis to be well again starts: meanwhile people are served, and what comes in is kept. @throws Unavailable */
async function refuseWithoutRights(redis: RedisClient, prefix: string): Promise<void> {
  try {
    await tryJobs(redis, prefix);
  } catch (error) {
    if (!lacksRights(error)) return;
    await closeRedis(redis);
    throw notLetIn(error);
  }
}

const ANSWER = 2_000; // ms, less than whoever asks whether we are ready has

async function refusalOf(redis: RedisClient, prefix: string): Promise<string | null> {
  try {
    return (await isDoneWithin(ANSWER, tryJobs(redis, prefix))) ? null : "it does not answer";
  } catch (error) {
    return redisRefusal(error) ?? "it does not answer";
  }
}

/** The connections that workers make of this one, to wait on for jobs; BullMQ closes them only while Redis is there. */
function twinsOf(redis: RedisClient): readonly RedisClient[] {
  const twins: RedisClient[] = [];
  const { duplicate } = redis;
  redis.duplicate = (...options: unknown[]) => {
    const twin = Reflect.apply(duplicate, redis, options);
    twins.push(twin);
    return twin;
  };
  return twins;
}

async function onPostgres(connectionString: string, log: Log): Promise<Backend> {
  const pool = new Pool({
    connectionString,
    max: 12,
    ...NOTICES_SILENCE,
    options: "-c search_path=bullmq -c datestyle=ISO",
    application_name: "daytwo-queue",
  });
  pool.on("error", (err) => log.warn({ err }, "queue database unavailable"));
  pool.on("connect", (opened) => opened.on("error", () => undefined)); // it is nobody's yet, and may be lost already
  const client = await pool.connect();
  try {
    await runMigrations(client, "bullmq");
  } finally {
    client.release();
  }
  const connection = pool as unknown as PgPool; // the same pool, in the words of its types
  const onPool = withBackend(createPostgresBackend);
  return {
    kind: "postgres",
    queue: (name) => new onPool.Queue<Work>(name, { connection }) as unknown as Queue<Work>,
    worker: (name, run) =>
      new onPool.Worker<Work>(name, run, { connection, ...limits(name) }) as unknown as Worker<Work>,
    giveUp: async () => false,
    refusal: async () => null, // it is the database, which is asked for itself
    close: () => pool.end(),
  };
}
