import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { examineRedis } from "../src/cli/doctor/redis.ts";
import { openLog } from "../src/log.ts";
import { openQueues, type Queues } from "../src/queues.ts";
import { readRedisAddress } from "../src/redis/address.ts";
import { ask, openAlone, openCluster, openSentinel, type RedisServers } from "./support/redis-servers.ts";
import { openLine } from "./support/line.ts";
import { openRedis, type TestRedis, whyNoRedis } from "./support/server.ts";
import { until } from "./support/until.ts";

/** The queues on Redis in each of its forms: what `REDIS_URL` says, what is done there, and what the doctor says of it. */

describe("REDIS_URL", () => {
  test.each([
    [
      "redis-sentinel://a,b:26380/main",
      {
        kind: "sentinel",
        tls: false,
        endpoints: [
          { host: "a", port: 26_379 },
          { host: "b", port: 26_380 },
        ],
        primary: "main",
        database: 0,
      },
    ],
    [
      "rediss-sentinel://me:p%40ss@[::1]:7/main/2?sentinelUser=you&sentinelPassword=x+y%2F",
      {
        kind: "sentinel",
        tls: true,
        user: "me",
        password: "p@ss",
        endpoints: [{ host: "::1", port: 7 }],
        primary: "main",
        database: 2,
        sentinelUser: "you",
        sentinelPassword: "x+y/",
      },
    ],
    ["redis-sentinel://:pw@a/3#main", { kind: "sentinel", password: "pw", primary: "main", database: 3 }],
    [
      "rediss-cluster://:pw@a:7000,b.example.com",
      {
        kind: "cluster",
        tls: true,
        password: "pw",
        endpoints: [
          { host: "a", port: 7000 },
          { host: "b.example.com", port: 6379 },
        ],
      },
    ],
    ["rediss://:pw@cache/2?family=6", { kind: "one", url: "rediss://:pw@cache/2?family=6" }],
  ])("%s", (text, address) => {
    expect(readRedisAddress(text)).toMatchObject(address);
  });

  const ENCODED = /percent-encoded/;
  const HOSTS = /a host or port that cannot be right/;
  test.each([
    ["redis-sentinel://SECRET", /^lacks the name under which the sentinels know the primary/],
    ["redis-sentinel://a/main/SECRET", /^may end with the primary's name and the number/],
    ["redis-sentinel://a/main/0/SECRET", /^may end with the primary's name and the number/],
    ["redis-sentinel://a/main?password=SECRET", /^may have sentinelUser and sentinelPassword after/],
    ["redis-sentinel://:SECRET@1@a/main", ENCODED],
    ["redis-sentinel://:SECRET#1@a/main", ENCODED],
    ["redis-cluster://:SECRET%@a", ENCODED],
    ["redis-cluster://:SECRET@a:99999", HOSTS],
    ["redis-cluster://:SECRET@a,,b", HOSTS],
    ["redis-cluster://:SECRET@a b", HOSTS],
    ["redis-cluster://:SECRET@a/2", /^has something after the cluster's hosts/],
    ["redis-cluster://:SECRET@a?tls=1", /^has a \?…/],
    ["redis://:SECRET@a:1,b:2", /^names several servers. Write redis-sentinel/],
    ["redis://:SECRET%zz@a", ENCODED],
    ["redis://:SECRET@a/main", /^may end with the number of a database/],
    ["REDISS://:SECRET@a", /^must begin with/],
    ["redis-sentinels://:SECRET@a", /^must begin with/],
  ])("%s is refused with what would be right", (text, sentence) => {
    expect(() => readRedisAddress(text)).toThrow(sentence);
    expect(() => readRedisAddress(text)).not.toThrow(/SECRET/);
  });
});

async function opened(url: string): Promise<Queues> {
  const queues = await openQueues({ redis: url, database: "", log: openLog(process.env["TEST_LOG"] ?? "silent") });
  onTestFinished(() => queues.close());
  return queues;
}

/** Works off the queue of checks; what was done, in the order in which it was. */
async function worked(queues: Queues): Promise<{ readonly done: number[]; stop(): Promise<void> }> {
  const done: number[] = [];
  const stop = await queues.work("checks", async (id) => void done.push(id));
  return { done, stop };
}

function jobs(from: number, count: number): { id: number }[] {
  return Array.from({ length: count }, (_, index) => ({ id: from + index }));
}

async function says(url: string): Promise<string[]> {
  return (await examineRedis(url)).map(({ verdict, sentence }) => `${verdict}: ${sentence}`);
}

describe.skipIf(whyNoRedis !== "")(`a server that stops answering without a word${whyNoRedis}`, () => {
  test("is not waited for, and found again", async () => {
    const server = await openAlone();
    const line = await openLine(server.ports[0] ?? 0);
    // ms after which a connection is given up
    const queues = await opened(`redis://127.0.0.1:${line.port}?socketTimeout=2000`);
    const { done, stop } = await worked(queues);
    onTestFinished(async () => {
      line.cut();
      await stop();
      await server.close();
      await line.close();
    });
    await queues.add("checks", jobs(1, 1));
    await until("the first job", () => done.length === 1);
    line.hang();
    const began = performance.now();
    await queues.add("checks", jobs(2, 1)).catch(() => undefined);
    expect(performance.now() - began).toBeLessThan(6_000);
    await until("the queue to be back", async () => {
      await queues.add("checks", jobs(3, 1)).catch(() => undefined);
      return done.includes(3);
    });
  });
});

test.skipIf(whyNoRedis !== "")(
  "a server that refuses to give jobs is asked once a second, until it gives them",
  async () => {
    const server = await openAlone();
    const [port = 0] = server.ports;
    let lines = 0;
    const queues = await openQueues({
      redis: `redis://127.0.0.1:${port}`,
      database: "",
      log: openLog("warn", { write: () => void (lines += 1) }),
    });
    await queues.add("checks", jobs(1, 1));
    await ask(port, "config", "set", "maxmemory", "1");
    const { done, stop } = await worked(queues);
    onTestFinished(async () => {
      await stop();
      await queues.close();
      await server.close();
    });
    await until("it to be refused", () => lines > 0);
    const began = performance.now();
    await until("it to be refused again", () => lines > 1);
    expect(performance.now() - began).toBeGreaterThan(500);
    await ask(port, "config", "set", "maxmemory", "0");
    await until("the job to be done", () => done.length === 1);
  },
);

describe.skipIf(whyNoRedis !== "")(`a cluster${whyNoRedis}`, () => {
  let cluster: RedisServers;
  beforeAll(async () => {
    cluster = await openCluster();
  });
  afterAll(() => cluster.close());

  test("takes and gives jobs, each once; any of its nodes leads to the others", async () => {
    const [, port = 0] = cluster.ports;
    const queues = await opened(`redis-cluster://127.0.0.1:1,127.0.0.1:${port}`);
    const { done, stop } = await worked(queues);
    await queues.add("checks", jobs(1, 50));
    await until("all jobs to be done", async () => (await queues.pending()) === 0 && done.length >= 50);
    await stop();
    expect(done.toSorted((a, b) => a - b)).toEqual(jobs(1, 50).map(({ id }) => id));
  });

  test("is told by the doctor; one of its nodes alone is not enough", async () => {
    expect(await says(cluster.url)).toEqual([
      "well: The cluster is well: 3 primaries serve 16384 of 16384 slots.",
      expect.stringMatching(/^well: Redis answers: \d/),
      "well: Redis drops nothing when its memory is full (noeviction).",
    ]);
    const [first = 0, second = 0] = cluster.ports;
    await ask(second, "config", "set", "maxmemory-policy", "allkeys-lru");
    expect(await says(cluster.url)).toContain(
      "doubtful: Redis may drop queued jobs when its memory is full (maxmemory-policy allkeys-lru).",
    );
    expect(await says(`redis://127.0.0.1:${first}`)).toEqual([
      "ill: REDIS_URL leads to one node of a cluster, which has only a part.",
    ]);
  });
});

describe.skipIf(whyNoRedis !== "")(`sentinels${whyNoRedis}`, () => {
  let servers: Awaited<ReturnType<typeof openSentinel>>;
  beforeAll(async () => {
    servers = await openSentinel();
  });
  afterAll(() => servers.close());

  test("lead to the primary; the doctor says to which one, and what else may be", async () => {
    const [primary = 0, replica = 0] = servers.ports;
    expect(await says(servers.url)).toEqual([
      `well: The sentinels name 127.0.0.1:${primary} as daytwo-main.`,
      expect.stringMatching(/^well: Redis answers: \d/),
      "well: Redis drops nothing when its memory is full (noeviction).",
    ]);
    expect(await says(`redis-sentinel://127.0.0.1:${servers.watchers[0]}/other`)).toEqual([
      "ill: Redis cannot be used: the sentinels know no primary named other.",
    ]);
    expect(await says("redis-sentinel://127.0.0.1:1/daytwo-main")).toEqual([
      "ill: Redis cannot be used: none of the sentinels answers.",
    ]);
    expect(await says(`redis://127.0.0.1:${replica}`)).toEqual([
      "ill: REDIS_URL leads to a replica, which takes no jobs.",
    ]);
  });

  test("the primary is lost while jobs are done: the replica goes on with what waits, and with what is new", async () => {
    const [primary = 0, replica = 0] = servers.ports;
    const queues = await opened(`redis-sentinel://127.0.0.1:1,127.0.0.1:${servers.watchers[0]}/daytwo-main`);
    const { done, stop } = await worked(queues);
    await queues.add("checks", jobs(1, 10));
    await until("the first jobs to be done", () => done.length === 10);

    await servers.kill(primary);
    expect(await refused(queues.add("checks", jobs(11, 1)))).toBe(true); // so its debt stays in PostgreSQL
    // A sentinel that promotes it closes its connections, one that asks just then too.
    await until("the replica to be the primary", async () =>
      String(await ask(replica, "role").catch(() => "")).startsWith("master"),
    );
    await until("the queue to take jobs again", async () => !(await refused(queues.add("checks", jobs(12, 10)))));
    await until("the other jobs to be done", () => jobs(12, 10).every(({ id }) => done.includes(id)));
    await stop();
    expect(await says(servers.url)).toContain(`well: The sentinels name 127.0.0.1:${replica} as daytwo-main.`);
  });
});

const NOWHERE = ["redis://127.0.0.1:1", "redis-sentinel://127.0.0.1:1/main", "redis-cluster://127.0.0.1:1,127.0.0.1:2"];

describe("nothing is there", () => {
  test.each(NOWHERE)("%s is one sentence for the operator, and nothing stays open", async (url) => {
    const { sentence, left } = await alone(`await openQueues({ redis: "${url}", database: "", log })`);
    expect(sentence).toMatch(/^Redis does not answer\. Check REDIS_URL/);
    expect(left).toEqual([]);
  });

  test.skipIf(whyNoRedis !== "").each([
    ["one endpoint", openAlone],
    ["sentinels", openSentinel],
    ["a cluster", openCluster],
  ])("%s: all of it goes away while jobs are waited for, and closing still comes to an end", async (_, open) => {
    const servers = await open();
    onTestFinished(() => servers.close());
    const queues = await opened(servers.url);
    const { stop } = await worked(queues);
    for (const port of [...servers.watchers, ...servers.ports]) await servers.kill(port);
    await until("the queue to be away", () => refused(queues.pending()));
    await stop();
    await queues.close();
    expect(await refused(queues.pending())).toBe(true);
  });
});

async function refused(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(
    () => false,
    () => true,
  );
}

/** Runs it in a process of its own, which must end by itself: the error's sentence, and which sockets were left. */
async function alone(work: string): Promise<{ sentence: string; left: string[] }> {
  const script = `
    import { openQueues } from "${new URL("../src/queues.ts", import.meta.url).href}";
    import { openLog } from "${new URL("../src/log.ts", import.meta.url).href}";
    const log = openLog("silent");
    const sentence = await (async () => { ${work} })().then(() => "", (error) => [error.message, error.hint].join(" "));
    await new Promise(setImmediate);
    const left = process.getActiveResourcesInfo().filter((kind) => /TCP/.test(kind));
    process.stdout.write(JSON.stringify({ sentence, left }));`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { timeout: 60_000 });
  return JSON.parse(stdout) as { sentence: string; left: string[] };
}

describe.skipIf(whyNoRedis !== "")(`the password${whyNoRedis}`, () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await openRedis();
    await ask(Number(new URL(redis.url).port), "config", "set", "requirepass", "right");
  });
  afterAll(() => redis.stop());

  test.each(["redis", "redis-cluster"])("over %s:// is told to Redis alone", async (scheme) => {
    const lines: string[] = [];
    const log = openLog("trace", { write: (line) => void lines.push(line) });
    const url = redis.url.replace("redis://", `${scheme}://me:SECRET@`);
    await expect(openQueues({ redis: url, database: "", log })).rejects.toThrow(
      "Redis does not let us in: it refuses the user or password.",
    );
    expect(lines.join("")).toMatch(/redis unavailable/);
    expect(lines.join("")).not.toContain("SECRET");
    expect(await says(url)).toEqual(["ill: Redis cannot be used: it refuses the user or password."]);
  });
});
