import { App, HTTPReceiver, SocketModeReceiver } from "@slack/bolt";
import type { BlockAction, ButtonAction } from "@slack/bolt";
import { WebClient } from "@slack/web-api";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openSlack, MANIFEST } from "./support/slack.ts";
import type { Slack, SlackOptions } from "./support/slack.ts";

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

describe.each(["socket", "http"] as const)("an app over %s", (transport) => {
  test("answers a command to one person only", async () => {
    const { slack } = await start(transport, hello);
    const ana = slack.as("ana");
    const typed = await ana.types("/day2 hi @ben in #shop, see https://acme.example/x & more", { in: "#ops" });
    expect(typed.ok).toBe(true);
    expect(typed.whispers[0]?.text).toBe(
      "you said: hi <@U0BEN|ben> in <#C0SHOP|shop>, see <https://acme.example/x> &amp; more",
    );
    expect(typed.whispers[0]?.plain).toBe("you said: hi @ben in #shop, see https://acme.example/x & more");
    expect(await slack.as("ben").whispers("#ops")).toEqual([]);
  });

  test("posts a card, changes it at a click, and everybody sees the change", async () => {
    const { slack } = await start(transport, hello);
    await slack.as("ana").types("/day2 card", { in: "#ops" });
    const card = await slack.as("ben").waitsFor("#ops", (message) => message.buttons.includes("Take it"));
    expect(card.plain).toBe("shop is down");
    expect(await slack.as("ben").clicks(card, "Take it")).toEqual({ ok: true });
    const taken = await slack.as("gus").waitsFor("#ops", (message) => message.plain === "@ben has it");
    expect(taken.ts).toBe(card.ts);
    await expect(slack.as("ana").clicks(card, "Take it")).rejects.toThrow('There is no "Take it" to press');
  });

  test("opens a modal, finds a mistake in it, takes it, and hears of one that was closed", async () => {
    const { slack, heard } = await start(transport, hello);
    const ana = slack.as("ana");
    await ana.types("/day2 form", { in: "#ops" });
    const empty = await ana.modal("Hand off");
    expect(await empty.submits()).toEqual({ ok: false, errors: { why: "Please complete this required field." } });
    const wrong = await empty.fills({ Why: "no", Who: "U0BEN" });
    expect(await wrong.submits()).toEqual({ ok: false, errors: { why: "Say more." } });
    const right = await wrong.fills({ Why: "I am on a train", "How sure": "Quite", "Which service": "shop" });
    expect(await right.submits()).toEqual({ ok: true });
    expect(heard).toContainEqual(["submitted", "I am on a train", "U0BEN", "quite", "svc-shop"]);
    expect(await ana.modals()).toEqual([]);
    await ana.types("/day2 form", { in: "#ops" });
    await (await ana.modal()).closes();
    expect(heard).toContainEqual(["closed", "hand_off"]);
  });

  test("draws the Home tab, and hears mentions in a thread", async () => {
    const { slack } = await start(transport, hello);
    const ana = slack.as("ana");
    expect((await ana.home()).plain).toBe("Hello @ana");
    const root = await ana.says("the shop is slow", { in: "#ops" });
    await ana.says("@daytwo rollback", { in: "#ops", thread: root.ts ?? "" });
    const reply = await ana.waitsFor("#ops", (message) => message.text.startsWith("heard"), { thread: root.ts ?? "" });
    expect(reply).toMatchObject({ text: "heard <@U0DAYTWO> rollback", threadTs: root.ts });
    const [seen] = await ana.sees("#ops");
    expect(seen).toMatchObject({ text: "the shop is slow", replies: 2 });
    expect(await ana.sees("#ops")).toHaveLength(1);
  });

  test("turns a message into an item through the message shortcut", async () => {
    const { slack, heard } = await start(transport, hello);
    const said = await slack.as("ben").says("disk is full", { in: "#ops" });
    const ana = slack.as("ana");
    const message = await ana.waitsFor("#ops", (one) => one.ts === said.ts);
    expect(await ana.uses("Make this an item", message)).toEqual({ ok: true });
    expect(heard).toEqual([["shortcut", "disk is full"]]);
  });

  test("that does not acknowledge lets the person see what Slack says", async () => {
    const { slack } = await start(transport, hello);
    const typed = await slack.as("ana").types("/day2 sleep", { in: "#ops" });
    expect(typed).toMatchObject({ ok: false, error: '/day2 failed with the error "operation_timeout"' });
    expect(typed.whispers.map((one) => one.text)).toEqual(['/day2 failed with the error "operation_timeout"']);
  });

  test("gets an event again when it was not acknowledged: at once, after one minute and after five", async () => {
    const { slack, stop } = await start(transport, hello);
    await slack.setClock(new Date("2026-03-02T10:00:00Z"));
    await stop();
    await slack.as("ana").says("@daytwo hello", { in: "#ops" });
    await vi.waitFor(async () => expect(await retries(slack)).toEqual([null, 1]));
    await slack.advance(59_000);
    expect(await retries(slack)).toEqual([null, 1]);
    await slack.advance(1_000);
    await vi.waitFor(async () => expect(await retries(slack)).toEqual([null, 1, 2]));
    await slack.advance(300_000);
    await vi.waitFor(async () => expect(await retries(slack)).toEqual([null, 1, 2, 3]));
    const { deliveries } = await slack.deliveries();
    expect(new Set(deliveries.map((one) => one.payload["event_id"])).size).toBe(1);
  });
});

describe("what the workspace refuses a person", () => {
  test("a slash command in a thread, an unknown one, and one while no app is there", async () => {
    await using slack = await openSlack();
    const ana = slack.as("ana");
    const root = await ana.says("look at this", { in: "#shop" });
    expect(await ana.types("/day2 ack", { in: "#shop", thread: root.ts ?? "" })).toMatchObject({
      ok: false,
      error: "/day2 is not supported in threads. Sorry!",
    });
    expect((await ana.types("/nope")).error).toMatch(/^\/nope is not a valid command/);
    expect((await ana.types("/day2")).error).toBe('/day2 failed with the error "dispatch_failed"');
    expect(await slack.as("ben").whispers("#ops")).toEqual([]);
  });

  test("what is in a channel that they were not added to, and everything once their account is gone", async () => {
    await using slack = await openSlack({ seed: { channels: [{ name: "ops", members: ["U0ANA"] }] } });
    await expect(slack.as("gus").sees("#ops")).rejects.toThrow('There is no channel "#ops" that Gus Grove can see.');
    expect(await slack.as("ben").sees("#ops")).toEqual([]);
    await slack.person({ id: "U0ANA", kind: "deactivated" });
    await expect(slack.as("ana").says("still here?")).rejects.toThrow("The account of Ana Alder is deactivated.");
  });

  test("a page of another origin, and a name that was rebound to this machine", async () => {
    await using slack = await openSlack();
    const strange = await fetch(`${slack.url}/client/boot`, { headers: { origin: "https://evil.example" } });
    expect(strange.status).toBe(403);
    const { request } = await import("node:http");
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      request(`${slack.url}/client/boot`, { headers: { host: "evil.example" } }, (answer) => resolve(answer.statusCode))
        .on("error", reject)
        .end();
    });
    expect(rebound).toBe(403);
  });
});

describe("the Web API", () => {
  test("grants what the manifest asks for and names the scope that is missing", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    expect(await web.auth.test()).toMatchObject({
      ok: true,
      team_id: "T0LOCAL",
      user_id: "U0DAYTWO",
      bot_id: "B0DAYTWO",
    });
    expect(await refusal(web.conversations.history({ channel: "C0OPS" }))).toMatchObject({
      error: "missing_scope",
      needed: "channels:history",
      provided: MANIFEST.oauth_config?.scopes?.bot?.join(","),
    });
    expect(await refusal(client(slack, "xoxb-wrong").auth.test())).toMatchObject({ error: "invalid_auth" });
    expect(await refusal(client(slack, slack.appToken).auth.test())).toMatchObject({ error: "not_allowed_token_type" });
    expect(await refusal(web.apiCall("no.such"))).toMatchObject({ error: "unknown_method" });
  });

  test("takes one message a second in a channel, by its own clock", async () => {
    await using slack = await openSlack();
    await slack.setClock(new Date("2026-03-02T10:00:00Z"));
    const web = client(slack);
    await web.chat.postMessage({ channel: "#ops", text: "one" });
    await expect(web.chat.postMessage({ channel: "C0OPS", text: "two" })).rejects.toMatchObject({ retryAfter: 1 });
    await web.chat.postMessage({ channel: "#shop", text: "elsewhere" });
    await slack.advance(1000);
    const { ts } = await web.chat.postMessage({ channel: "C0OPS", text: "two" });
    for (let round = 0; round < 50; round += 1)
      await web.chat.update({ channel: "C0OPS", ts: ts ?? "", text: `${round}` });
    await expect(web.chat.update({ channel: "C0OPS", ts: ts ?? "", text: "51" })).rejects.toMatchObject({
      retryAfter: 60,
    });
    const calls = await slack.calls("chat.postMessage");
    expect(calls.map(({ channel, status }) => [channel, status])).toEqual([
      ["#ops", 200],
      ["C0OPS", 429],
      ["#shop", 200],
      ["C0OPS", 200],
    ]);
  });

  test.each([
    ["an unknown type", [{ type: "hologram" }], "unsupported type: hologram [json-pointer:/blocks/0/type]"],
    ["an empty text", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"],
    [
      "a long text",
      [section("x".repeat(3001))],
      "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ],
    [
      "a long label",
      [buttons("x".repeat(76))],
      "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ],
    [
      "51 blocks",
      Array.from({ length: 51 }, () => ({ type: "divider" })),
      "no more than 50 items allowed [max: 50] [json-pointer:/blocks]",
    ],
    [
      "a property Slack does not know",
      [{ type: "divider", colour: "red" }],
      "invalid additional property: colour [json-pointer:/blocks/0]",
    ],
    [
      "a modal's block",
      [{ type: "alert", text: { type: "mrkdwn", text: "no" } }],
      "unsupported type: alert is not allowed in a message [json-pointer:/blocks/0/type]",
    ],
    ["the same action twice", [buttons("a", "b")], '`action_id` "press" already exists [json-pointer:/blocks/0]'],
    [
      "the same block twice",
      [
        { type: "divider", block_id: "d" },
        { type: "divider", block_id: "d" },
      ],
      '`block_id` "d" already exists [json-pointer:/blocks/1]',
    ],
  ])("refuses blocks with %s, and says where", async (_name, blocks, reason) => {
    await using slack = await openSlack();
    const refused = await refusal(client(slack).apiCall("chat.postMessage", { channel: "C0OPS", text: "x", blocks }));
    expect(refused).toMatchObject({ error: "invalid_blocks", response_metadata: { messages: [`[ERROR] ${reason}`] } });
  });

  test("refuses what Slack refuses about channels, threads and messages of others", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    const said = await slack.as("ana").says("mine", { in: "#ops" });
    const ts = said.ts ?? "";
    expect(await refusal(web.chat.postMessage({ channel: "#none", text: "x" }))).toMatchObject({
      error: "channel_not_found",
    });
    expect(await refusal(web.chat.postMessage({ channel: "C0OPS", text: "" }))).toMatchObject({ error: "no_text" });
    expect(await refusal(web.chat.postMessage({ channel: "C0OPS", text: "x", thread_ts: "1.1" }))).toMatchObject({
      error: "thread_not_found",
    });
    expect(await refusal(web.chat.update({ channel: "C0OPS", ts, text: "x" }))).toMatchObject({
      error: "cant_update_message",
    });
    expect(await refusal(web.chat.update({ channel: "C0OPS", ts: "1.1", text: "x" }))).toMatchObject({
      error: "message_not_found",
    });
    expect(await refusal(web.chat.delete({ channel: "C0OPS", ts }))).toMatchObject({ error: "cant_delete_message" });
    await slack.channel({ channel: "C0OPS", archived: true });
    expect(await refusal(web.chat.postMessage({ channel: "C0OPS", text: "x" }))).toMatchObject({
      error: "is_archived",
    });
    expect(await refusal(web.views.open({ trigger_id: "none", view: modal() }))).toMatchObject({
      error: "invalid_trigger_id",
    });
  });

  test("keeps metadata, drops blocks when text alone comes, and leaves a tombstone above replies", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    const metadata = { event_type: "posting", event_payload: { id: "42" } };
    const { ts = "" } = await web.chat.postMessage({
      channel: "C0OPS",
      text: "card",
      blocks: [section("card")],
      metadata,
    });
    await slack.as("ana").says("in the thread", { in: "#ops", thread: ts });
    await web.chat.update({ channel: "C0OPS", ts, text: "plain now" });
    const [plain] = await slack.as("ana").sees("#ops");
    expect(plain).toMatchObject({ plain: "plain now", raw: { metadata } });
    expect(plain?.raw["blocks"]).toBeUndefined();
    await web.chat.delete({ channel: "C0OPS", ts });
    expect((await slack.as("ana").sees("#ops"))[0]).toMatchObject({ replies: 1, raw: { subtype: "tombstone" } });
  });

  test("tells apart members, guests, strangers, bots and leavers", async () => {
    await using slack = await openSlack();
    await slack.person({ id: "U0EVE", name: "eve", kind: "external" });
    await slack.person({ id: "U0RAE", kind: "deactivated" });
    const web = client(slack);
    const flags = async (user: string) => (await web.users.info({ user })).user;
    expect(await flags("U0ANA")).toMatchObject({
      is_restricted: false,
      is_stranger: false,
      deleted: false,
      tz: "Europe/Paris",
    });
    expect(await flags("U0GUS")).toMatchObject({ is_restricted: true });
    expect(await flags("U0EVE")).toMatchObject({ is_stranger: true, team_id: "T0ELSEWHERE" });
    expect(await flags("U0RAE")).toMatchObject({ deleted: true });
    expect(await flags("U0DAYTWO")).toMatchObject({ is_bot: true });
    expect(await refusal(web.users.info({ user: "U0NONE" }))).toMatchObject({ error: "user_not_found" });
    const groups = await web.usergroups.list({ include_users: true });
    expect(groups.usergroups?.[0]).toMatchObject({ handle: "team-web", users: ["U0ANA", "U0BEN"] });
  });

  test("takes an upload in three steps and shows it in the thread", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    const { ts = "" } = await web.chat.postMessage({ channel: "C0OPS", text: "a chart follows" });
    const file = Buffer.from("not really a picture");
    await web.filesUploadV2({ channel_id: "C0OPS", thread_ts: ts, filename: "load.png", file, title: "Load" });
    const reply = (await slack.as("ana").sees("#ops", ts))[1];
    expect(reply?.raw["files"]).toMatchObject([{ name: "load.png", title: "Load", mimetype: "image/png" }]);
    const [{ url_private }] = reply?.raw["files"] as [{ url_private: string }];
    expect(await (await fetch(url_private)).text()).toBe("not really a picture");
  });
});

describe("what lives only for a while", () => {
  test("a trigger is good once and for three seconds", async () => {
    const { slack, triggers } = await start("socket", hello);
    await slack.setClock(new Date("2026-03-02T10:00:00Z"));
    const ana = slack.as("ana");
    await ana.types("/day2 trigger");
    await ana.types("/day2 trigger");
    const [first = "", second = ""] = triggers;
    const web = client(slack);
    await web.views.open({ trigger_id: first, view: modal() });
    expect(await refusal(web.views.open({ trigger_id: first, view: modal() }))).toMatchObject({
      error: "exchanged_trigger_id",
    });
    await slack.advance(3001);
    expect(await refusal(web.views.open({ trigger_id: second, view: modal() }))).toMatchObject({
      error: "expired_trigger_id",
    });
  });

  test("a modal stacks three high, and a stale hash loses", async () => {
    const { slack, triggers } = await start("socket", hello);
    const ana = slack.as("ana");
    for (let count = 0; count < 4; count += 1) await ana.types("/day2 trigger");
    const [first = "", second = "", third = "", fourth = ""] = triggers;
    const web = client(slack);
    const { view } = await web.views.open({ trigger_id: first, view: modal("One") });
    await web.views.push({ trigger_id: second, view: modal("Two") });
    await web.views.push({ trigger_id: third, view: modal("Three") });
    expect(await refusal(web.views.push({ trigger_id: fourth, view: modal("Four") }))).toMatchObject({
      error: "push_limit_reached",
    });
    expect(await ana.modals()).toEqual(["One", "Two", "Three"]);
    const at = { view_id: view?.id ?? "", hash: view?.hash ?? "" };
    await web.views.update({ ...at, view: modal("One again") });
    expect(await refusal(web.views.update({ ...at, view: modal() }))).toMatchObject({ error: "hash_conflict" });
  });

  test("a response_url is good five times within thirty minutes", async () => {
    const { slack, responseUrls } = await start("socket", hello);
    await slack.setClock(new Date("2026-03-02T10:00:00Z"));
    await slack.as("ana").types("/day2 trigger");
    await slack.as("ana").types("/day2 trigger");
    const [first = "", second = ""] = responseUrls;
    for (let use = 1; use <= 5; use += 1) expect(await respondTo(first, { text: `${use}` })).toBe(200);
    expect(await respondTo(first, { text: "6" })).toBe(404);
    expect((await slack.as("ana").whispers("#ops")).map((one) => one.text)).toEqual(["1", "2", "3", "4", "5"]);
    await slack.advance(30 * 60_000 + 1);
    expect(await respondTo(second, { text: "late" })).toBe(404);
  });

  test("an ephemeral is replaced and removed by its own response_url, and its content is sent to nobody", async () => {
    const { slack, responseUrls, heard } = await start("socket", hello);
    const ana = slack.as("ana");
    const asked = await ana.asks("/day2 whisper", { in: "#ops" });
    await ana.clicks(asked, "Sure");
    await ana.waitsFor("#ops", (one) => one.ts === asked.ts && one.plain === "Done");
    expect(heard).toEqual([["clicked", true, undefined]]);
    expect(await respondTo(responseUrls.at(-1) ?? "", { delete_original: true })).toBe(200);
    expect(await ana.whispers("#ops")).toEqual([]);
  });
});

describe("on order", () => {
  test("a call is stored and its answer lost, refused, or never answered", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    await slack.fault({ method: "chat.postMessage", mode: "store_then_drop" });
    await expect(web.chat.postMessage({ channel: "C0OPS", text: "lost answer" })).rejects.toMatchObject({
      name: "WebAPIRequestError",
    });
    await slack.fault({ method: "chat.postMessage", mode: "store_then_503" });
    await expect(web.chat.postMessage({ channel: "C0SHOP", text: "lost too" })).rejects.toMatchObject({
      statusCode: 503,
    });
    await slack.fault({ method: "chat.postMessage", error: "fatal_error" });
    expect(await refusal(web.chat.postMessage({ channel: "C0SHOP", text: "x" }))).toMatchObject({
      error: "fatal_error",
    });
    await slack.fault({ method: "auth.test", status: 429, retry_after: 7 });
    await expect(web.auth.test()).rejects.toMatchObject({ retryAfter: 7 });
    await slack.fault({ method: "auth.test", mode: "hang" });
    await expect(client(slack, slack.botToken, 200).auth.test()).rejects.toMatchObject({ name: "WebAPIRequestError" });
    expect((await slack.as("ana").sees("#ops")).map((one) => one.text)).toEqual(["lost answer"]);
    expect((await slack.as("ana").sees("#shop")).map((one) => one.text)).toEqual(["lost too"]);
  });

  test("sockets are told to go and come back, and what is typed then still arrives", async () => {
    const { slack } = await start("socket", hello);
    expect(await slack.disconnect("refresh_requested")).toBe(1);
    await vi.waitFor(async () => expect((await slack.deliveries()).connected).toBe(1), { timeout: 10_000 });
    expect((await slack.as("ana").types("/day2 again")).whispers.map((one) => one.text)).toEqual(["you said: again"]);
  });

  test("a delivery is repeated under the same ids, and a forged one is refused by the app", async () => {
    const { slack, triggers } = await start("http", hello);
    await slack.as("ana").types("/day2 trigger");
    const [delivery] = (await slack.deliveries()).deliveries;
    expect(await slack.replay(delivery?.id ?? "")).toMatchObject({ acked: true });
    expect(triggers[0]).toBe(triggers[1]);
    const forged = await slack.deliverRaw("{}", { "content-type": "application/json", "x-slack-signature": "v0=00" });
    expect(forged).toEqual({ acked: false, reason: "http_error", status: 401 });
  });
});

test("messages, threads and the Home tab survive a restart; ephemerals do not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "workspace-"));
  cleanups.push(async () => rmSync(folder, { recursive: true }));
  const journal = join(folder, "workspace.jsonl");
  const web = await openSlack({ journal }).then(async (slack) => {
    const bot = client(slack);
    const { ts = "" } = await bot.chat.postMessage({ channel: "C0OPS", text: "first" });
    await bot.chat.update({ channel: "C0OPS", ts, text: "changed" });
    await slack.as("ana").says("a reply", { in: "#ops", thread: ts });
    await slack.as("ana").says("between us", { in: "@ben" });
    const gone = await bot.chat.postMessage({ channel: "C0SHOP", text: "gone" });
    await bot.chat.delete({ channel: "C0SHOP", ts: gone.ts ?? "" });
    await bot.chat.postEphemeral({ channel: "C0OPS", user: "U0ANA", text: "psst" });
    await bot.views.publish({ user_id: "U0ANA", view: { type: "home", blocks: [section("home")] } });
    await slack.close();
    return ts;
  });
  await using slack = await openSlack({ journal });
  const ana = slack.as("ana");
  expect((await ana.sees("#ops")).map((one) => [one.ts, one.text, one.replies])).toEqual([[web, "changed", 1]]);
  expect(await ana.sees("#shop")).toEqual([]);
  expect(await ana.whispers("#ops")).toEqual([]);
  expect((await slack.as("ben").sees("@ana")).map((one) => one.text)).toEqual(["between us"]);
  expect((await ana.homeNow())?.plain).toBe("home");
  const after = await ana.says("newer", { in: "#ops" });
  expect(Number(after.ts)).toBeGreaterThan(Number(web));
});

interface Started {
  slack: Slack;
  /** What the app heard, in its own words. */
  heard: unknown[][];
  triggers: string[];
  responseUrls: string[];
  stop(): Promise<void>;
}

type Register = (app: App, started: Omit<Started, "stop" | "slack">) => void;

async function start(transport: "socket" | "http", register: Register, options: SlackOptions = {}): Promise<Started> {
  const slack = await openSlack(options);
  cleanups.push(() => slack.close());
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } };
  const { signingSecret, appToken, botToken } = slack;
  const logLevel = "error" as never;
  const receiver =
    transport === "http"
      ? new HTTPReceiver({ signingSecret, logLevel })
      : new SocketModeReceiver({ appToken, logLevel, clientPingTimeout: 300, installerOptions: { clientOptions } });
  const app = new App({ token: botToken, receiver, clientOptions, logLevel, extendedErrorHandler: false });
  const heard: Omit<Started, "stop" | "slack"> = { heard: [], triggers: [], responseUrls: [] };
  register(app, heard);
  const server = (await app.start({ port: 0, host: "127.0.0.1" })) as Server;
  if (transport === "http") {
    const { port } = server.address() as AddressInfo;
    await slack.eventsUrl(`http://127.0.0.1:${port}/slack/events`);
  }
  let running = true;
  async function stop(): Promise<void> {
    if (running) await app.stop();
    running = false;
  }
  cleanups.push(stop);
  return { slack, ...heard, stop };
}

function hello(app: App, { heard, triggers, responseUrls }: Omit<Started, "stop" | "slack">): void {
  app.command("/day2", async ({ command, ack, client: web, respond }) => {
    const { text, channel_id: channel, trigger_id } = command;
    if (text === "sleep") return;
    if (text === "card") {
      await ack();
      await web.chat.postMessage({
        channel,
        text: "shop is down",
        blocks: [section("shop is down"), buttons("Take it")],
      });
    } else if (text === "form") {
      await ack();
      await web.views.open({ trigger_id, view: form() });
    } else if (text === "whisper") {
      await ack();
      await respond({ text: "Sure?", blocks: [section("Sure?"), buttons("Sure")] });
    } else if (text === "trigger") {
      triggers.push(trigger_id);
      responseUrls.push(command.response_url);
      await ack();
    } else {
      await ack(`you said: ${text}`);
    }
  });
  app.action<BlockAction<ButtonAction>>("press", async ({ ack, body, client: web, respond }) => {
    await ack();
    if (body.container["is_ephemeral"] === true) {
      heard.push(["clicked", true, body.message]);
      responseUrls.push(body.response_url);
      await respond({ replace_original: true, text: "Done" });
      return;
    }
    await web.chat.update({
      channel: body.channel?.id ?? "",
      ts: body.message?.ts ?? "",
      text: "taken",
      blocks: [section(`<@${body.user.id}> has it`)],
    });
  });
  app.options("service", async ({ ack, payload }) => {
    const text = { type: "plain_text" as const, text: payload.value };
    await ack({ options: [{ text, value: `svc-${payload.value}` }] });
  });
  app.view("hand_off", async ({ ack, view }) => {
    const { why, who, sure, service } = view.state.values;
    if (why?.["why"]?.value === "no") return ack({ response_action: "errors", errors: { why: "Say more." } });
    heard.push([
      "submitted",
      why?.["why"]?.value,
      who?.["who"]?.selected_user,
      sure?.["sure"]?.selected_option?.value,
      service?.["service"]?.selected_option?.value,
    ]);
    return ack();
  });
  app.view({ callback_id: "hand_off", type: "view_closed" }, async ({ ack, view }) => {
    heard.push(["closed", view.callback_id]);
    await ack();
  });
  app.shortcut("item_from_message", async ({ ack, shortcut }) => {
    heard.push(["shortcut", "message" in shortcut ? shortcut.message.text : null]);
    await ack();
  });
  app.event("app_home_opened", async ({ event, client: web }) => {
    const view = { type: "home" as const, blocks: [section(`Hello <@${event.user}>`)] };
    await web.views.publish({ user_id: event.user, view });
  });
  app.event("app_mention", async ({ event, client: web }) => {
    await web.chat.postMessage({
      channel: event.channel,
      text: `heard ${event.text}`,
      thread_ts: event.thread_ts ?? event.ts,
    });
  });
}

function form() {
  const label = (text: string) => ({ type: "plain_text" as const, text });
  const options = ["Quite", "Not"].map((text) => ({ text: label(text), value: text.toLowerCase() }));
  return {
    ...modal("Hand off"),
    callback_id: "hand_off",
    submit: label("Hand off"),
    notify_on_close: true,
    blocks: [
      {
        type: "input" as const,
        block_id: "why",
        label: label("Why"),
        element: { type: "plain_text_input" as const, action_id: "why" },
      },
      {
        type: "input" as const,
        block_id: "who",
        label: label("Who"),
        element: { type: "users_select" as const, action_id: "who", initial_user: "U0BEN" },
      },
      {
        type: "input" as const,
        block_id: "sure",
        optional: true,
        label: label("How sure"),
        element: { type: "static_select" as const, action_id: "sure", options },
      },
      {
        type: "input" as const,
        block_id: "service",
        optional: true,
        label: label("Which service"),
        element: { type: "external_select" as const, action_id: "service", min_query_length: 0 },
      },
    ],
  };
}

function modal(title = "Hello") {
  return { type: "modal" as const, title: { type: "plain_text" as const, text: title }, blocks: [section("Hello")] };
}

function section(text: string) {
  return { type: "section" as const, text: { type: "mrkdwn" as const, text } };
}

function buttons(...labels: string[]) {
  const elements = labels.map((text) => ({
    type: "button" as const,
    action_id: "press",
    value: "42",
    text: { type: "plain_text" as const, text },
  }));
  return { type: "actions" as const, block_id: "buttons", elements };
}

function client(slack: Slack, token = slack.botToken, timeout = 5000): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
    logLevel: "error" as never,
  });
}

/** The `data` of a call that Slack answers with ok: false. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "it was accepted",
    (error: unknown) => (error as { data: unknown }).data,
  );
}

async function respondTo(url: string, body: object): Promise<number> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return response.status;
}

async function retries(slack: Slack): Promise<(number | null)[]> {
  const { deliveries } = await slack.deliveries();
  return deliveries.map((one) => one.retry?.num ?? null);
}
