import type { Cluster, Redis } from "ioredis";
import { closeRedis, reachRedis, redisClient, redisRefusal, type RedisClient } from "../../redis/client.ts";
import { QUEUES_PREFIX, tryJobs } from "../../redis/jobs.ts";
import { readRedisAddress, type RedisAddress } from "../../redis/address.ts";
import { because, doubtful, ill, well, type Finding } from "./finding.ts";

/** Whether the queues can live in what `REDIS_URL` names: one endpoint, what sentinels name, or a cluster. */
export async function examineRedis(url: string): Promise<readonly Finding[]> {
  const address = readRedisAddress(url);
  const redis = redisClient(url, "visitor");
  const heard: Heard = { lost: [], sentinels: [] }; // causes come as events; what is thrown says only that it failed
  redis.on("error", (error: unknown) => heard.lost.push(error));
  redis.on("node error", (error: unknown) => heard.lost.push(error));
  redis.on("sentinelError", (error: Error) => heard.sentinels.push(error));
  try {
    await reachRedis(redis);
    const findings = "nodes" in redis ? await examineCluster(redis) : await examineServer(redis, address);
    return findings.some(({ verdict }) => verdict === "ill") ? findings : [...findings, ...(await examineJobs(redis))];
  } catch (error) {
    return [
      ill(
        `Redis cannot be used: ${why(address, heard, error)}.`,
        "Check REDIS_URL, and that the server is up and lets this machine in.",
      ),
    ];
  } finally {
    await closeRedis(redis);
  }
}

async function examineJobs(redis: RedisClient): Promise<readonly Finding[]> {
  try {
    await tryJobs(redis, QUEUES_PREFIX);
    return [];
  } catch (error) {
    const refusal = redisRefusal(error);
    if (refusal === undefined) throw error;
    return [ill(`Redis takes no jobs: ${refusal}.`, "See to that; the queues write, run scripts and wait there.")];
  }
}

type Heard = { readonly lost: unknown[]; readonly sentinels: Error[] };

function why(address: RedisAddress, { lost, sentinels }: Heard, error: unknown): string {
  if (address.kind === "sentinel" && sentinels.length > 0) {
    const answered = sentinels.some(({ message }) => /invalid reply|No such master/.test(message));
    return answered ? `the sentinels know no primary named ${address.primary}` : "none of the sentinels answers";
  }
  const cause = lost[0] ?? error;
  return redisRefusal(cause) ?? because(cause);
}

async function examineServer(redis: Redis, address: RedisAddress): Promise<readonly Finding[]> {
  const facts = factsOf(await redis.info());
  if (address.kind === "sentinel") {
    const { remoteAddress = "", remotePort = 0 } = redis.stream;
    return [well(`The sentinels name ${remoteAddress}:${remotePort} as ${address.primary}.`), ...judge([facts])];
  }
  if (facts.get("cluster_enabled") === "1")
    return [
      ill("REDIS_URL leads to one node of a cluster, which has only a part.", "Write redis-cluster:// for redis://."),
    ];
  if (facts.get("role") === "slave")
    return [
      ill(
        "REDIS_URL leads to a replica, which takes no jobs.",
        "Name the primary, or the sentinels: redis-sentinel://host1,host2/<primary's name>.",
      ),
    ];
  return judge([facts]);
}

const SLOTS = 16_384;

async function examineCluster(cluster: Cluster): Promise<readonly Finding[]> {
  const primaries = cluster.nodes("master");
  const served = factsOf(await Promise.any(cluster.nodes().map((node) => node.cluster("INFO"))));
  const slots = Number(served.get("cluster_slots_ok") ?? 0);
  const mode =
    served.get("cluster_state") === "ok"
      ? well(`The cluster is well: ${primaries.length} primaries serve ${slots} of ${SLOTS} slots.`)
      : ill(
          `The cluster takes no jobs: ${slots} of ${SLOTS} slots are served.`,
          "See `redis-cli --cluster check <host:port>`, and bring back what is missing.",
        );
  const all = await Promise.all(primaries.map(async (node) => node.info().then(factsOf, () => null)));
  const answered = all.filter((facts) => facts !== null);
  const silent = all.length - answered.length;
  return [
    mode,
    ...(silent === 0 ? [] : [ill(`${silent} of ${all.length} primaries do not answer.`, "See why.")]),
    ...judge(answered),
  ];
}

type Facts = ReadonlyMap<string, string>;

function factsOf(info: string): Facts {
  return new Map(info.split(/\r?\n/).map((line) => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1)]));
}

const OLDEST = 5; // the first version that has the streams which the queues use
const TESTED = [6, 2] as const;

/** Of several servers the worst one counts. */
function judge(servers: readonly Facts[]): readonly Finding[] {
  const versions = servers.map((facts) => facts.get("redis_version") ?? "of a version that it does not tell");
  const [oldest] = versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (oldest === undefined) return [];
  const [major = 0, minor = 0] = oldest.split(".").map(Number);
  if (major < OLDEST) return [ill(`Redis is ${oldest}; the queues need 5 or newer, better 6.2.`, "Upgrade Redis.")];
  const old = major < TESTED[0] || (major === TESTED[0] && minor < TESTED[1]);
  return [
    old
      ? doubtful(`Redis answers, and is ${oldest}.`, "Upgrade to 6.2 or newer when you can.")
      : well(`Redis answers: ${oldest}.`),
    judgePolicy(new Set(servers.map((facts) => facts.get("maxmemory_policy")))),
  ];
}

function judgePolicy(policies: ReadonlySet<string | undefined>): Finding {
  const policy = [...policies].find((each) => each !== "noeviction" && each !== undefined);
  if (policy !== undefined)
    return doubtful(
      `Redis may drop queued jobs when its memory is full (maxmemory-policy ${policy}).`,
      "Set maxmemory-policy to noeviction. Nothing is lost without it, but work may wait for the next sweep.",
    );
  if (policies.has(undefined))
    return doubtful("Redis does not tell its maxmemory-policy.", "See that it is noeviction.");
  return well("Redis drops nothing when its memory is full (noeviction).");
}
