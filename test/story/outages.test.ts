import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from "vitest";
import { tickChecks } from "../../src/sweeps.ts";
import { OVER_HTTP, OVER_SOCKET, PAIRS, startBot, type Pair, type TestBot } from "../support/bot.ts";
import { cloneDatabase } from "../support/database.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import { openLine } from "../support/line.ts";
import { startProcess, type BotProcess } from "../support/process.ts";
import { holdRows, onDatabase, openRedis, standsBy, takeAway, whyNoRedis } from "../support/server.ts";
import { openSlack, type Actor, type Seen, type Slack } from "../support/slack.ts";
import { until } from "../support/until.ts";

/** What the bot stands on goes away and comes back, and so does the bot: nothing that was promised is lost, nothing happens twice. */

const FINE = 10;
const FULL = 2_000;
const HANGS = 8_000; // ms that a look at what does not answer surely takes

/** What Slack gets for a request that could not be recorded: an error, or over a socket nothing. */
const REFUSED = { http: { acked: false, status: 503 }, socket: { acked: false, reason: "http_timeout" } };

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
});
afterAll(() => folders.close());
beforeEach(() => Promise.all(["logs", "dumps"].map((name) => folders.holds(name, FINE))));

function catalog(more = ""): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
services:
  shop:
    checks:
      ownership: off
      folder-size:
        - { name: logs, path: "${folders.path("logs")}", warning: 1000, every: 2s, successes: 1 }
        - { name: dumps, path: "${folders.path("dumps")}", warning: 1000, every: 2s, successes: 1 }
${more}`;
}

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  test("the database goes away for a while: people see it, nothing ends, and what was acknowledged happens", async () => {
    const bot = await started(pair);
    const ana = bot.slack.as("ana");
    const card = await finds(bot, ana, "logs");
    await holdRows(bot.database, "select from daytwo.items where id = 1 for update");
    expect(await ana.clicks(card, "Take it")).toEqual({ ok: true });
    const giveBack = await takeAway(bot.database);

    expect((await ana.types("/day2")).ok).toBe(false);
    expect((await fetch(`${bot.bot.http.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${bot.bot.http.url}/healthz`)).status).toBe(200);
    const { deliveries } = await bot.slack.deliveries();
    expect(deliveries.at(-1)?.outcome).toMatchObject(REFUSED[pair.transport]);

    await giveBack();
    bot.advance(20_000);
    await ana.waitsFor("#ops", (message) => message.ts === card.ts && message.plain.includes("took it"));
    expect(await times(bot.database, "item.taken")).toBe(1);
    await folders.holds("dumps", FULL);
    await seen(bot, { opened: 2 }); // not by settling: a job that the outage cut short counts as under way for a minute
    expect((await ana.asks("/day2")).plain).toContain("Yours* (1)");
  });

  test("the database stops answering and nobody says so: what waits for it gives up, and everything goes on", async () => {
    const line = await openLine(Number(new URL(inject("postgres")).port));
    function through(database: string): string {
      const url = new URL(database);
      url.port = `${line.port}`;
      url.searchParams.set("query_timeout", "1000"); // ms; in earnest a little more than a statement may take
      return url.href;
    }
    const bot = await startBot(pair, { catalog: catalog(), through });
    onTestFinished(async () => {
      line.cut(); // a pool says goodbye to its server
      await bot.close();
      await line.close();
    });
    const ana = bot.slack.as("ana");
    await finds(bot, ana, "logs");
    line.hang();
    await folders.holds("dumps", FULL);
    await until("the checks to see it", async () => {
      bot.advance(1_000);
      return (await times(bot.database, "item.opened")) === 2;
    });
    const card = await ana.waitsFor("#ops", (message) => message.plain.includes("dumps hold"));
    expect(card.buttons).toContain("Take it");
  });

  test("killed after it acknowledged a press, and asked to end in the middle of its work", async () => {
    const world = await openWorld(pair);
    const ana = world.slack.as("ana");
    await folders.holds("logs", FULL);
    const first = await world.starts();
    const card = await ana.waitsFor("#ops", (message) => message.plain.includes("logs hold"));

    const letGo = await holdRows(world.database, "select from daytwo.items where id = 1 for update");
    expect(await ana.clicks(card, "Take it")).toEqual({ ok: true });
    first.kill("SIGKILL");
    expect(await first.ended()).toBeNull();
    await letGo();
    expect((await ana.rereads(card)).buttons).toContain("Take it");
    // Another process takes over only what was acknowledged more than a moment ago, and checks whose claim ran out.
    await onDatabase(world.database, "update daytwo.checks set claimed_until = null");
    await onDatabase(
      world.database,
      "update daytwo.inbox set received_at = received_at - interval '1 minute' where handled_at is null",
    );

    const second = await world.starts();
    await ana.waitsFor("#ops", (message) => message.ts === card.ts && message.plain.includes("took it"));
    expect(await times(world.database, "item.taken")).toBe(1);

    await until("a check to be looking", () => world.lookedAt() > 0);
    const asked = performance.now();
    second.kill("SIGHUP"); // its terminal closes
    second.kill("SIGTERM"); // npm passes a signal on a second time
    expect(await second.ended()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(second.written()).not.toMatch(/unhandled|"level":[56]0/i);
  });
});

describe.each(OVER_SOCKET)("over $transport", (pair) => {
  test("what hangs when it is looked at holds up no reading of what does not", async () => {
    const silent = await openSilent();
    const bot = await startBot(pair, { catalog: catalog(`      http: { url: "${silent.url}", every: 2s }\n`) });
    onTestFinished(() => bot.close());
    await until("a first look", () => silent.open() > 0);
    await folders.holds("logs", FULL);
    const began = performance.now();
    // Looked at anew, all of them in one batch.
    await onDatabase(bot.database, "update daytwo.checks set due_at = $1, batch = null, claimed_until = null", [
      bot.now(),
    ]);
    await until("the checks to see it", async () => (await times(bot.database, "item.opened")) === 1);
    expect(performance.now() - began).toBeLessThan(HANGS);
  });

  test("Slack is away for a while: cards show in the end what is true then", async () => {
    const bot = await started(pair);
    const ana = bot.slack.as("ana");
    const card = await finds(bot, ana, "logs");
    await ana.asks("/day2");
    await bot.slack.fault({ status: 503, times: 10_000 });
    await ana.clicks(card, "Take it");
    await until("the press to be carried out", async () => (await times(bot.database, "item.taken")) === 1);
    await folders.holds("logs", FINE);
    await folders.holds("dumps", FULL);
    await seen(bot, { opened: 2, resolved: 1 });
    expect((await ana.rereads(card)).plain).toBe(card.plain);

    await bot.slack.endFaults();
    await bot.settle();
    expect((await ana.rereads(card)).plain).toMatch(/Resolved .* by itself: .*Ana had it for/);
    const cards = (await ana.sees("#ops")).map((message) => /(logs|dumps) hold/.exec(message.plain)?.[1]);
    expect(cards).toEqual(["logs", "dumps"]);
    const thread = (await ana.sees("#ops", card)).slice(1).map((message) => message.plain);
    expect(thread).toEqual(["Ana took it", expect.stringMatching(/^Daytwo resolved it/)]);
  });
});

describe.each(OVER_HTTP)("over $transport, in a failover", (pair) => {
  test("whom it reaches after a failover only stands by: it is not kept to once another takes changes", async () => {
    const bot = await started(pair);
    const ana = bot.slack.as("ana");
    const card = await finds(bot, ana, "logs");
    const takesChanges = await standsBy(bot.database);
    await until("the bot to have noticed", async () => {
      const ready = await fetch(`${bot.bot.http.url}/readyz`);
      return ready.status === 503 && (await ready.text()).includes("takes no changes");
    });
    expect((await ana.types("/day2")).ok).toBe(false);
    expect((await ana.clicks(card, "Take it")).ok).toBe(false);
    await takesChanges();
    await until("it to be ready again", async () => (await fetch(`${bot.bot.http.url}/readyz`)).ok);
    // A connection from before that nobody has used since refuses once, and is thrown away.
    await until("a press to be taken", async () => (await ana.clicks(card, "Take it")).ok);
    await ana.waitsFor("#ops", (message) => message.ts === card.ts && message.plain.includes("took it"));
    await until("a command to be taken", async () => (await ana.types("/day2")).ok);
    await folders.holds("dumps", FULL);
    await until("the bot to see it by itself", async () => {
      bot.advance(1_000);
      return (await times(bot.database, "item.opened")) === 2;
    });
  });
});

describe.skipIf(whyNoRedis !== "")(`with the queue on Redis${whyNoRedis}`, () => {
  test("it goes away, comes back empty, and is emptied while work is queued: everything still happens", async () => {
    const redis = await openRedis();
    onTestFinished(() => redis.stop());
    const bot = await started({ transport: "http", queue: "redis" }, redis.url);
    const ana = bot.slack.as("ana");
    const card = await finds(bot, ana, "logs");

    await redis.stop();
    await folders.holds("dumps", FULL);
    bot.advance(2_000);
    expect(await ana.clicks(card, "Take it")).toEqual({ ok: true });
    await ana.waitsFor("#ops", (message) => message.ts === card.ts && message.plain.includes("took it"));
    expect(await ana.sees("#ops")).toHaveLength(1);
    await redis.start();
    await ana.waitsFor("#ops", (message) => message.plain.includes("dumps hold"));

    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    const [prefix = ""] = (await connection.keys("*:checks:meta")).map((key) => key.split(":")[0]);
    const queue = new Queue("checks", { connection, prefix });
    onTestFinished(async () => {
      await queue.close();
      connection.disconnect();
    });
    await queue.pause();
    await folders.holds("logs", FINE);
    bot.advance(2_000);
    await until(
      "work to be queued",
      async () => (await queue.getJobCounts()).waiting !== 0 || (await queue.getJobCounts()).paused !== 0,
    );
    await connection.flushall();
    await bot.passes(62_000);
    expect((await ana.rereads(card)).plain).toMatch(/Resolved .* by itself/);
  });
});

async function started(pair: Pair, redis?: string): Promise<TestBot> {
  const bot = await startBot(pair, { catalog: catalog(), ...(redis === undefined ? {} : { redis }) });
  onTestFinished(() => bot.close());
  return bot;
}

/** The folder fills, and its item appears. */
async function finds(bot: TestBot, who: Actor, folder: string): Promise<Seen> {
  await folders.holds(folder, FULL);
  await bot.passes(4_000);
  return who.waitsFor("#ops", (message) => message.plain.includes(`${folder} hold`));
}

/** The checks look again and again, until they have opened and resolved so many items. */
async function seen(bot: TestBot, { opened, resolved = 0 }: { opened: number; resolved?: number }): Promise<void> {
  await until("the checks to see it", async () => {
    bot.advance(1_000);
    await tickChecks(bot.bot.app);
    return (
      (await times(bot.database, "item.resolved")) === resolved && (await times(bot.database, "item.opened")) === opened
    );
  });
}

/** How often something happened, by the record. */
async function times(database: string, kind: string): Promise<number> {
  return (await onDatabase(database, "select from daytwo.events where kind = $1", [kind])).length;
}

type World = {
  readonly slack: Slack;
  readonly database: string;
  /** The bot as a process of its own, once it is ready and Slack reaches it. */
  starts(): Promise<BotProcess>;
  /** How many looks at an address that never answers are under way. */
  lookedAt(): number;
};

/** An address that never answers, and how many ask it at the moment. */
async function openSilent(): Promise<{ readonly url: string; open(): number }> {
  let open = 0;
  const silent = createServer((_request, response) => {
    open += 1;
    response.on("close", () => (open -= 1));
  }).listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  return { url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`, open: () => open };
}

async function openWorld(pair: Pair): Promise<World> {
  const [slack, database] = await Promise.all([openSlack(), cloneDatabase()]);
  const redis = pair.queue === "redis" ? await openRedis() : null;
  const folder = await mkdtemp(join(tmpdir(), "daytwo-outages-"));
  const silent = await openSilent();
  await writeFile(join(folder, "daytwo.yaml"), catalog(`      http: { url: "${silent.url}", every: 2s }\n`));
  const running: BotProcess[] = [];
  onTestFinished(async () => {
    for (const bot of running) bot.kill("SIGKILL");
    await Promise.all(running.map((bot) => bot.ended()));
    await slack.close();
    await redis?.stop();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    slack,
    database: database.url,
    async starts() {
      const bot = startProcess({
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_API_URL: slack.apiUrl,
        ...(pair.transport === "socket"
          ? { SLACK_APP_TOKEN: slack.appToken }
          : { SLACK_SIGNING_SECRET: slack.signingSecret }),
        DATABASE_URL: database.url,
        ...(redis === null ? {} : { REDIS_URL: redis.url }),
        DAYTWO_CATALOG: join(folder, "daytwo.yaml"),
      });
      running.push(bot);
      const ready = await bot.ready();
      if (pair.transport === "http") await slack.eventsUrl(`${ready}/slack/events`);
      return bot;
    },
    lookedAt: silent.open,
  };
}
