import { randomUUID } from "node:crypto";
import type { RedisClient } from "./client.ts";

/** What the queues' keys begin with; in a cluster all of them are on one node. */
export const QUEUES_PREFIX = "{daytwo}";

/** In small what the queues do: something of each kind is written and deleted. */
const WRITING = `
  local one = KEYS[1]
  redis.call("INCR", one) redis.call("DEL", one)
  redis.call("HSET", one, "field", 1) redis.call("DEL", one)
  redis.call("LPUSH", one, 1) redis.call("DEL", one)
  redis.call("XADD", one, "*", "field", 1) redis.call("DEL", one)
  redis.call("ZADD", one, 0, "marker") redis.call("PEXPIRE", one, 10000)`;

/** Shows that Redis takes jobs and gives them to who waits for them. @throws what it says where it does not */
export async function tryJobs(redis: RedisClient, prefix: string): Promise<void> {
  const key = `${prefix}:tried:${randomUUID()}`;
  await redis.info(); // the queues ask for its version
  await redis.eval(WRITING, 1, key);
  await redis.bzpopmin(key, 1);
}
