import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { buttons, section, startHelloApp } from "./support/hello-app.ts";
import { MANIFEST, openSlack, SEED } from "./support/slack.ts";
import type { Slack } from "./support/slack.ts";
import { client, refusal } from "./support/web-client.ts";

describe("a submitted modal", () => {
  test("changes, gets another on top, and goes as a whole, as the app answers", async () => {
    await using started = await startHelloApp("socket");
    const { slack, heard } = started;
    const ana = slack.as("ana");
    await ana.types("/day2 form");
    const form = await (await ana.modal()).fills({ Why: "more" });
    expect(await form.submits()).toEqual({ ok: true });
    expect(await ana.modals()).toEqual(["Hand off", "On top"]);
    expect(await (await ana.modal("On top")).submits()).toEqual({ ok: true });
    expect(await ana.modals()).toEqual([]);
    await vi.waitFor(() => expect(heard).toEqual([["closed", "hand_off"]]));
    await ana.types("/day2 form");
    await (await (await ana.modal()).fills({ Why: "change" })).submits();
    expect(await ana.modals()).toEqual(["Changed"]);
  });

  test("stays open when the app answers with what Slack cannot show, or not at all", async () => {
    await using started = await startHelloApp("socket");
    const ana = started.slack.as("ana");
    await ana.types("/day2 form");
    const form = await ana.modal();
    const trouble = { ok: false, error: "We had some trouble connecting. Try again?" };
    expect(await (await form.fills({ Why: "broken" })).submits()).toEqual(trouble);
    await started.stop();
    expect(await (await form.fills({ Why: "anything" })).submits()).toEqual(trouble);
    expect(await ana.modals()).toEqual(["Hand off"]);
  });
});

describe("sockets", () => {
  test("are ten at most, each opened with a ticket of its own, and share what arrives", async () => {
    await using slack = await openSlack();
    const greetings = [];
    const got: number[] = [];
    for (let count = 0; count < 11; count += 1) {
      const { socket, first } = await connect(await socketUrl(slack));
      greetings.push(first["type"]);
      socket.on("message", (data: Buffer) => {
        got.push(count);
        socket.send(JSON.stringify({ envelope_id: read(data)["envelope_id"], payload: {} }));
      });
    }
    expect(greetings).toEqual([...Array.from({ length: 10 }, () => "hello"), "disconnect"]);
    for (let count = 0; count < 4; count += 1) expect((await slack.as("ana").types("/day2")).ok).toBe(true);
    expect(new Set(got).size).toBe(4);
  });

  test("refuse a ticket that was used or never given", async () => {
    await using slack = await openSlack();
    const url = await socketUrl(slack);
    await connect(url);
    await expect(connect(url)).rejects.toThrow("403");
    await expect(connect(url.replace(/ticket=[^&]*/, "ticket=guess"))).rejects.toThrow("403");
    expect(await refusal(client(slack).apps.connections.open())).toMatchObject({ error: "not_allowed_token_type" });
  });
});

describe("people and places", () => {
  test("a stranger presses buttons under their own team, and has no slash commands", async () => {
    await using slack = await openSlack();
    await slack.person({ id: "U0EVE", name: "eve", kind: "external", channels: ["C0OPS"] });
    await client(slack).chat.postMessage({
      channel: "C0OPS",
      text: "card",
      blocks: [section("card"), buttons("Take it")],
    });
    const eve = slack.as("U0EVE");
    const [card] = await eve.sees("#ops");
    if (card === undefined) throw new Error("Eve sees no card.");
    await eve.clicks(card, "Take it");
    const [delivery] = (await slack.deliveries()).deliveries;
    expect(delivery?.payload).toMatchObject({ user: { id: "U0EVE", team_id: "T0ELSEWHERE" }, team: { id: "T0LOCAL" } });
    expect((await eve.types("/day2")).error).toMatch("is not a valid command");
  });

  test("the app sees private channels that it was added to, and of direct messages only that it may open them", async () => {
    const channels = [
      { id: "C0OPS", name: "ops" },
      { id: "C0SEC", name: "secret", private: true, members: ["U0ANA"] },
      { id: "C0IN", name: "inside", private: true, members: ["U0ANA", "U0DAYTWO"] },
    ];
    await using slack = await openSlack({ seed: { channels } });
    const web = client(slack);
    const listed = await web.conversations.list({ types: "public_channel,private_channel" });
    expect(listed.channels?.map((one) => one.name)).toEqual(["ops", "inside"]);
    expect(await refusal(web.chat.postMessage({ channel: "C0SEC", text: "x" }))).toMatchObject({
      error: "channel_not_found",
    });
    const opened = await web.conversations.open({ users: "U0ANA" });
    const channel = opened.channel?.id ?? "";
    await web.chat.postMessage({ channel, text: "to you alone" });
    expect((await slack.as("ana").sees("@daytwo")).map((one) => one.text)).toEqual(["to you alone"]);
    expect(await refusal(web.conversations.info({ channel }))).toMatchObject({
      error: "missing_scope",
      needed: "im:read",
    });
    await expect(slack.as("ben").sees(channel)).rejects.toThrow("that Ben Birch can see");
    expect(await refusal(web.conversations.open({ users: "U0DAYTWO" }))).toMatchObject({ error: "cannot_dm_bot" });
  });

  test("a mention reaches the app only where it is a member, and it hears who joins when it subscribed to that", async () => {
    const events = { bot_events: ["app_mention", "member_joined_channel"] };
    const manifest = { ...MANIFEST, settings: { ...MANIFEST.settings, event_subscriptions: events } };
    const channels = [{ id: "C0OPS", name: "ops", members: ["U0ANA"] }];
    await using slack = await openSlack({ manifest, seed: { channels } });
    const ana = slack.as("ana");
    await ana.says("@daytwo help", { in: "#ops" });
    const [hint] = await ana.whispers("#ops");
    expect(hint?.plain).toMatch("You mentioned @daytwo, but they are not in this channel.");
    expect((await slack.deliveries()).deliveries).toEqual([]);
    await ana.invites("U0BEN", "#ops");
    const [delivery] = (await slack.deliveries()).deliveries;
    expect(delivery?.payload["event"]).toMatchObject({
      type: "member_joined_channel",
      user: "U0BEN",
      channel: "C0OPS",
    });
  });
});

test("a page hears what its person may see, as it happens", async () => {
  await using slack = await openSlack();
  const ana = await openPage(slack, "U0ANA");
  const ben = await openPage(slack, "U0BEN");
  const web = client(slack);
  const { ts = "" } = await web.chat.postMessage({ channel: "C0OPS", text: "card" });
  await web.chat.postEphemeral({ channel: "C0OPS", user: "U0ANA", text: "psst" });
  await web.chat.update({ channel: "C0OPS", ts, text: "changed" });
  await web.chat.delete({ channel: "C0OPS", ts });
  const everybodys = ["message card", "message_changed changed", "message_deleted changed"];
  await vi.waitFor(() => expect(ben).toEqual(everybodys));
  await vi.waitFor(() => expect(ana).toEqual(["message card", "message psst", ...everybodys.slice(1)]));
});

test("a permalink leads to the thread on the page, which may load nothing from elsewhere", async () => {
  await using slack = await openSlack();
  const web = client(slack);
  const { ts = "" } = await web.chat.postMessage({ channel: "C0OPS", text: "card" });
  const { permalink = "" } = await web.chat.getPermalink({ channel: "C0OPS", message_ts: ts });
  const answer = await fetch(permalink, { redirect: "manual" });
  expect(answer.headers.get("location")).toBe(`/#/thread/C0OPS/${ts}`);
  const page = await fetch(slack.url);
  expect(page.headers.get("content-security-policy")).toMatch("default-src 'self'");
});

test("as a process it serves until its input ends", async () => {
  const main = join(import.meta.dirname, "../src/local/workspace/main.ts");
  const child = spawn(process.execPath, [main], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const options = {
    port: { number: 0, asked: true },
    manifest: MANIFEST,
    seed: SEED,
    botToken: "xoxb-1",
    appToken: "xapp-1",
    signingSecret: "s",
  };
  child.stdin.write(`${JSON.stringify(options)}\n`);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { ready, url } = JSON.parse(line) as { ready: boolean; url: string };
  expect(ready).toBe(true);
  expect((await fetch(`${url}/client/boot?as=U0BEN`)).status).toBe(200);
  child.stdin.end();
  expect(await once(child, "exit")).toEqual([0, null]);
});

async function socketUrl(slack: Slack): Promise<string> {
  return (await client(slack, slack.appToken).apps.connections.open()).url ?? "";
}

async function connect(url: string): Promise<{ socket: WebSocket; first: Record<string, unknown> }> {
  const socket = new WebSocket(url);
  const [data] = (await once(socket, "message")) as [Buffer];
  return { socket, first: read(data) };
}

function read(data: Buffer): Record<string, unknown> {
  return JSON.parse(data.toString()) as Record<string, unknown>;
}

/** Type and text of every message event, as they come in. */
async function openPage(slack: Slack, as: string): Promise<string[]> {
  const heard: string[] = [];
  const response = await fetch(`${slack.url}/client/stream?as=${as}`);
  const lines = createInterface({ input: Readable.fromWeb(response.body as ReadableStream) });
  lines.on("line", (line) => {
    if (!line.startsWith("data: ")) return;
    const { type, message } = JSON.parse(line.slice(6)) as { type: string; message: { text: string } };
    heard.push(`${type} ${message.text}`);
  });
  return heard;
}
