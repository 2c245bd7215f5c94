import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { examineRedis } from "../src/cli/doctor/redis.ts";
import { openLog } from "../src/log.ts";
import { openQueues } from "../src/queues.ts";
import { cloneDatabase } from "./support/database.ts";
import { startProcess } from "./support/process.ts";
import { ask, openAlone, openSentinel, type RedisServers } from "./support/redis-servers.ts";
import { whyNoRedis } from "./support/server.ts";
import { openSlack } from "./support/slack.ts";
import { until } from "./support/until.ts";

/** A Redis that lets us in and takes no jobs: what a start, `/readyz` and the doctor say of it, and until when. */

const log = openLog("silent");

async function says(url: string): Promise<string[]> {
  return (await examineRedis(url)).map(({ verdict, sentence }) => `${verdict}: ${sentence}`);
}

describe.skipIf(whyNoRedis !== "")(`a Redis that takes no jobs${whyNoRedis}`, () => {
  let servers: RedisServers;
  let port: number;
  beforeEach(async () => {
    servers = await openAlone();
    [port = 0] = servers.ports;
  });
  afterEach(() => servers.close());

  test.each([
    ["may not write", ["~*", "+@all", "-@write"]],
    ["may not write streams", ["~*", "+@all", "-xadd"]],
    ["may run no scripts", ["~*", "+@all", "-@scripting"]],
    ["may not wait", ["~*", "+@all", "-bzpopmin"]],
    ["may not ask for the version", ["~*", "+@all", "-info"]],
    ["has other keys", ["~shop:*", "+@all"]],
  ])("as its user %s: a start ends with that, and the doctor says so", async (_, rights) => {
    await ask(port, "acl", "setuser", "few", "on", ">FEW", ...rights);
    const url = `redis://few:FEW@127.0.0.1:${port}`;
    await expect(openQueues({ redis: url, database: "", log })).rejects.toMatchObject({
      name: "Unavailable",
      message: "Redis does not let us in: its user may not do what the queues need.",
    });
    expect((await says(url)).join()).toMatch(/ill: Redis .*: its user may not do what the queues need\.$/);
  });

  test("a user with the rights to the queues' keys alone is enough", async () => {
    await ask(port, "acl", "setuser", "fit", "on", ">FIT", "~{daytwo}:*", "+@all", "-@admin");
    const queues = await openQueues({ redis: `redis://fit:FIT@127.0.0.1:${port}`, database: "", log });
    onTestFinished(() => queues.close());
    expect(await queues.refusal()).toBeNull();
    expect(await ask(port, "keys", "*tried*")).toEqual([]);
  });

  test("a start beside one that is full says so, serves, and goes on once there is room", async () => {
    await ask(port, "config", "set", "maxmemory", "1");
    expect(await says(servers.url)).toContain("ill: Redis takes no jobs: its memory is full.");
    const [slack, database] = await Promise.all([openSlack(), cloneDatabase()]);
    const bot = startProcess({
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      DATABASE_URL: database.url,
      REDIS_URL: servers.url,
    });
    onTestFinished(async () => {
      bot.kill("SIGKILL");
      await bot.ended();
      await slack.close();
      await database.drop();
    });
    const url = await bot.ready();
    expect(bot.written()).toMatch(
      / · queue on Redis, which takes no jobs \(its memory is full\): checks and operations wait until it does · /,
    );
    const full = "ready\nRedis takes no jobs (its memory is full): checks and operations wait until it does.\n";
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, full]);
    await ask(port, "config", "set", "maxmemory", "0");
    expect(await (await fetch(`${url}/readyz`)).text()).toBe("ready\n");
    await servers.kill(port);
    await until("it to say that Redis is away", async () =>
      (await (await fetch(`${url}/readyz`)).text()).includes("Redis takes no jobs (it does not answer)"),
    );
  });
});

test.skipIf(whyNoRedis !== "")(`one that is a replica takes jobs once it is the primary${whyNoRedis}`, async () => {
  const servers = await openSentinel();
  onTestFinished(() => servers.close());
  const [, replica = 0] = servers.ports;
  const queues = await openQueues({ redis: `redis://127.0.0.1:${replica}`, database: "", log });
  onTestFinished(() => queues.close());
  const done: number[] = [];
  const stop = await queues.work("checks", async (id) => void done.push(id));
  onTestFinished(() => stop());
  expect(await queues.refusal()).toBe("it is a replica");
  await expect(queues.add("checks", [{ id: 1 }])).rejects.toThrow("READONLY");
  for (const watcher of servers.watchers) await servers.kill(watcher); // it would make it a replica again
  await ask(replica, "replicaof", "no", "one");
  await until("it to take jobs", async () => (await queues.refusal()) === null);
  await queues.add("checks", [{ id: 2 }]);
  await until("the job to be done", () => done.includes(2));
});
