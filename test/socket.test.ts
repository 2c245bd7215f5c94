import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Invalid } from "../src/errors.ts";
import { openBot } from "../src/main.ts";
import { cloneDatabase } from "./support/database.ts";
import { close, count, itemCard, lastDelivery, open, type Open } from "./support/open.ts";
import { startProcess } from "./support/process.ts";
import { openSlack } from "./support/slack.ts";
import { client } from "./support/web-client.ts";

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

  const click = { type: "block_actions", user: { id: "U0ANA", team_id: "T0LOCAL" }, channel: { id: "C0OPS" } };

  test("what another release of ours drew, or another name of the command, is answered", async () => {
    const { slack } = under.bot;
    const ana = slack.as("ana");
    const actions = [{ action_id: "item.old", action_ts: "3.1", value: "1" }];
    await slack.deliver("interactive", { ...click, actions });
    await ana.waitsFor("#ops", ({ ephemeral, plain }) => ephemeral && plain.includes("I do not know that button."));
    const asked = { user_id: "U0ANA", team_id: "T0LOCAL", channel_id: "C0OPS", text: "status" };
    await slack.deliver("slash_commands", { ...asked, command: "/ops", trigger_id: "3.2" });
    await ana.waitsFor(
      "#ops",
      ({ ephemeral, plain }) => ephemeral && plain.includes("No services are in the catalog."),
    );
    const view = { id: "V6", hash: "1", callback_id: "modal.old", blocks: [{ type: "input", block_id: "text" }] };
    const answered = await slack.deliver("interactive", { ...click, type: "view_submission", view });
    expect(JSON.stringify(answered)).toContain('"errors":{"text":"I do not know that form.');
    const changed = { ...view, id: "V5", callback_id: "modal.note", private_metadata: "1" };
    const wrong = await slack.deliver("interactive", {
      ...click,
      type: "view_submission",
      view: { ...changed, blocks: [{ type: "input", block_id: "words" }] },
    });
    expect(JSON.stringify(wrong)).toContain('"errors":{"words":"Write a few words."}');
    expect(await count(under, "inbox where handled_at is null")).toBe(0);
  });

  test("a message that is edited afterwards asks for nothing a second time", async () => {
    const { slack, bot } = under.bot;
    const text = `<@${bot.app.workspace.botUser}> note #1 seen`;
    const said = { type: "app_mention", user: "U0ANA", text, ts: "7.1", channel: "C0OPS", team: "T0LOCAL" };
    const edited = { ...said, edited: { user: "U0ANA", ts: "8.000000" } };
    await slack.deliver("events_api", { type: "event_callback", team_id: "T0LOCAL", event_id: "Ev8", event: said });
    await slack.deliver("events_api", { type: "event_callback", team_id: "T0LOCAL", event_id: "Ev9", event: edited });
    await slack.as("ana").waitsFor("#ops", ({ plain }) => plain.includes("editing it asks for nothing"));
    await under.bot.settle();
    expect(await count(under, "events where kind = 'item.noted'")).toBe(1);
  });

  test("a message in a thread that becomes an item is linked where it is", async () => {
    const ana = under.bot.slack.as("ana");
    const [card] = await ana.sees("#ops");
    const { ts } = await ana.says("it broke again", { thread: card?.ts ?? "" });
    const message = await ana.waitsFor("#ops", (each) => each.ts === ts, { thread: card?.ts ?? "" });
    await ana.uses("Make this an item", message);
    const form = await ana.modal("New item");
    expect(form.raw["private_metadata"]).toMatch(
      new RegExp(`/archives/C0OPS/p\\d+[?]thread_ts=${card?.ts}&cid=C0OPS$`),
    );
    await form.closes();
  });

  test("an alert that another tool posted as an attachment becomes an item with its words", async () => {
    const { slack } = under.bot;
    const attachments = [{ fallback: "[FIRING:1] DiskFull", title: "The disk is full", text: "95 %" }];
    await client(slack).apiCall("chat.postMessage", { channel: "C0SHOP", attachments });
    const ana = slack.as("ana");
    await ana.uses("Make this an item", (await ana.sees("#shop")).at(-1));
    const form = await ana.modal("New item");
    expect(JSON.stringify(form.blocks)).toContain('"initial_value":"The disk is full"');
    await form.closes();
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

test("where the proxy is the only way out, Socket Mode takes it as all other calls do", async () => {
  const slack = await openSlack();
  const database = await cloneDatabase();
  const through: string[] = [];
  const proxy = createServer((_request, response) => response.writeHead(405).end());
  proxy.on("connect", ({ url = "" }, socket, head) => {
    const [host, port] = url.split(":");
    const far = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      far.write(head);
      socket.pipe(far).pipe(socket);
    });
    socket.on("data", (sent: Buffer) => through.push(sent.toString("latin1")));
    for (const end of [far, socket]) end.on("error", () => [far, socket].forEach((each) => each.destroy()));
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const bot = startProcess({
    NODE_USE_ENV_PROXY: "1",
    HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    DATABASE_URL: database.url,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
  });
  onTestFinished(async () => {
    bot.kill("SIGTERM");
    expect(await bot.ended()).toBe(0);
    proxy.close();
    await slack.close();
    await database.drop();
  });
  await bot.ready();
  expect(through.some((sent) => /^upgrade: websocket/im.test(sent))).toBe(true);
  expect(through.some((sent) => sent.startsWith("POST /api/auth.test "))).toBe(true);
  expect((await slack.as("ana").asks("/day2 help")).plain).toContain("Take care");
});
