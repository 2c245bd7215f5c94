import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Invalid } from "../src/errors.ts";
import { openBot } from "../src/main.ts";
import { cloneDatabase } from "./support/database.ts";
import { close, count, itemCard, lastDelivery, open, type Open } from "./support/open.ts";
import { openSlack } from "./support/slack.ts";

/** Socket Mode: what comes twice has one effect, nonsense hurts nobody, and a connection that is lost comes back. */

describe("a connection", () => {
  let under: Open;
  beforeAll(async () => (under = await open("socket")));
  afterAll(() => close(under));

  test("an envelope that comes twice has one effect", async () => {
    const card = await itemCard(under, "the queue grows");
    await under.bot.slack.as("ben").clicks(card, "Take it");
    const id = await lastDelivery(under);
    const outcomes = await Promise.all([under.bot.slack.replay(id), under.bot.slack.replay(id)]);
    expect(outcomes.every((outcome) => outcome.acked)).toBe(true);
    await under.bot.settle();
    expect(await count(under, "events where kind = 'item.taken'")).toBe(1);
  });

  test("an envelope with nothing that we know in it is not acknowledged, and hurts nobody", async () => {
    const kept = await count(under, "inbox");
    const outcomes = await Promise.all([
      under.bot.slack.deliver("interactive", {}),
      under.bot.slack.deliver("interactive", { type: "block_actions", user: null, actions: "item.take" }),
      under.bot.slack.deliver("events_api", { type: "event_callback", event: null }),
      under.bot.slack.deliver("slash_commands", { command: ["/day2"] }),
    ]);
    expect(outcomes.map((outcome) => outcome.acked)).toEqual([false, false, false, false]);
    expect(await count(under, "inbox")).toBe(kept);
    expect((await under.bot.slack.as("ana").asks("/day2 help")).plain).toContain("Take care");
  });

  test("Slack sends its sockets away now and then; the next command comes through the new one", async () => {
    for (const reason of ["warning", "refresh_requested"]) {
      expect(await under.bot.slack.disconnect(reason)).toBe(1);
      await connected(under);
      expect((await under.bot.slack.as("ana").asks("/day2 help")).plain).toContain("Take care");
    }
  });

  test("while Slack lets nobody in, it is asked again and again", async () => {
    await under.bot.slack.fault({ method: "apps.connections.open", status: 503, times: 2 });
    await under.bot.slack.fault({ method: "apps.connections.open", error: "internal_error", times: 1 });
    expect(await under.bot.slack.disconnect("warning")).toBe(1);
    await connected(under);
    expect((await under.bot.slack.as("ana").asks("/day2 help")).plain).toContain("Take care");
    expect(await under.bot.slack.disconnect("warning")).toBe(1); // and there is one connection, not several
  });

  test("it ends in good order while Slack lets nobody in", async () => {
    const other = await open("socket");
    await other.bot.slack.fault({ method: "apps.connections.open", status: 503, times: 1000 });
    await other.bot.slack.disconnect("warning");
    await expect.poll(async () => (await other.bot.slack.calls("apps.connections.open")).length).toBeGreaterThan(2);
    await close(other);
  });
});

/** Until the workspace has a socket to the bot again. */
async function connected({ bot }: Open): Promise<void> {
  await expect.poll(async () => (await bot.slack.deliveries()).connected).toBe(1);
}

describe("a start that cannot work ends with a sentence", () => {
  test.each([
    [
      "a wrong app-level token",
      { appToken: "xapp-wrong" },
      Invalid,
      "Slack does not accept the app-level token (invalid_auth).",
    ],
    ["a wrong bot token", { botToken: "xoxb-wrong" }, Invalid, "Slack does not accept the bot token (invalid_auth)."],
  ])("%s", async (_name, tokens, kind, sentence) => {
    const slack = await openSlack();
    const database = await cloneDatabase();
    const failed = await openBot({
      opening: {
        databaseUrl: database.url,
        redisUrl: null,
        slack: { botToken: slack.botToken, apiUrl: slack.apiUrl, ...tokens },
        demo: null,
        actions: "local",
        heartbeat: null,
        logLevel: "silent",
      },
      slack: { mode: "socket", appToken: slack.appToken, ...tokens },
      catalog: null,
      roles: { web: true, worker: true },
      port: { number: 0, asked: true },
      host: "127.0.0.1",
    }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(kind);
    expect(failed).toMatchObject({ message: sentence });
    await slack.close();
    await database.drop();
  });
});
