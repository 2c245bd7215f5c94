import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { until } from "../support/until.ts";
import { openWatchedServer, type WatchedServer } from "../support/watched-server.ts";

/** A database fills up until nobody gets in: the card says who is in there. */

const MINUTE = 60_000;

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  let server: WatchedServer;
  let bot: TestBot;

  beforeAll(async () => {
    server = await openWatchedServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    bot = await startBot(pair, { catalog: catalog(true) });
  });
  afterEach(async () => {
    await bot.close();
    await server.leave();
  });

  function catalog(watched: boolean): string {
    const check = `, postgres: { url: "${server.url()}", every: 60s, failures: 1, successes: 1 }`;
    return `services: { shop-db: { checks: { ownership: off${watched ? check : ""} } } }`;
  }

  async function kept(): Promise<number | null> {
    const sessions = await server.admin.query(
      "select from pg_stat_activity where application_name = 'daytwo-check' and state = 'idle'",
    );
    return sessions.rowCount;
  }

  test("one session is kept while the check is in the catalog and the worker runs, and names who fills the server", async () => {
    await bot.passes(MINUTE);
    await bot.passes(MINUTE);
    expect(await kept()).toBe(1);
    await server.connect(18, "web v142");
    await bot.passes(MINUTE);
    const ops = bot.slack.as("ana");
    expect((await ops.sees("#ops")).at(-1)?.plain).toMatch(
      /shop-db\* · database refuses connections: all are in use, 18 from web v142, idle · since .*\n(.*\n)*Most from: web v142, idle \(18, for up to /,
    );
    await server.leave();
    await bot.passes(MINUTE);
    expect((await ops.sees("#ops")).at(-1)?.plain).toContain("Resolved");

    await bot.follows(catalog(false));
    await until("the session to be closed with its check", async () => (await kept()) === 0);
    await bot.follows(catalog(true));
    await bot.passes(MINUTE);
    expect(await kept()).toBe(1);
    await bot.stop();
    await until("the session to be closed with its worker", async () => (await kept()) === 0);
  });
});
