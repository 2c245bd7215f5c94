import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examineRedis } from "../src/cli/doctor/redis.ts";
import { ask } from "./support/redis-servers.ts";
import { openRedis, whyNoRedis, type TestRedis } from "./support/server.ts";

/** What `daytwo doctor` says of a Redis that answers, and of one that does not let us in. */

describe.skipIf(whyNoRedis !== "")(`Redis${whyNoRedis}`, () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await openRedis();
  });
  afterAll(() => redis.stop());

  test("one that drops nothing, and one that may drop jobs", async () => {
    expect(await examineRedis(redis.url)).toContainEqual({
      verdict: "well",
      sentence: "Redis drops nothing when its memory is full (noeviction).",
    });
    await ask(Number(new URL(redis.url).port), "config", "set", "maxmemory-policy", "allkeys-lru");
    expect(await examineRedis(redis.url)).toContainEqual({
      verdict: "doubtful",
      sentence: expect.stringContaining("(maxmemory-policy allkeys-lru).") as string,
      next: expect.stringMatching(/^Set maxmemory-policy to noeviction/) as string,
    });
  });

  test("one that wants a password, another password, or lets us do too little", async () => {
    const guarded = await openRedis(["--requirepass", "RIGHT", "--user", "few", "on", ">FEW", "~*", "+@connection"]);
    for (const [login, words] of [
      ["", "it wants a password, and REDIS_URL has none"],
      [":WRONG@", "it refuses the user or password"],
      ["nobody:RIGHT@", "it refuses the user or password"],
      ["few:FEW@", "its user may not do what the queues need"],
    ] as const)
      expect(await examineRedis(guarded.url.replace("//", `//${login}`))).toEqual([
        {
          verdict: "ill",
          sentence: `Redis cannot be used: ${words}.`,
          next: expect.stringMatching(/^Check REDIS_URL/) as string,
        },
      ]);
    const findings = await examineRedis(guarded.url.replace("//", "//:RIGHT@"));
    expect(findings.map(({ verdict, sentence }) => `${verdict}: ${sentence}`)).toContainEqual(
      expect.stringMatching(/^well: Redis answers: /),
    );
    expect(JSON.stringify(findings)).not.toMatch(/RIGHT|WRONG|FEW/);
    await guarded.stop();
  });
});
