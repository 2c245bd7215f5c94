import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLog } from "../src/log.ts";
import { openBot } from "../src/main.ts";
import { openSlackClient } from "../src/slack-client.ts";
import { WITHOUT } from "../src/slack-lacking.ts";
import { cloneDatabase } from "./support/database.ts";
import { ANA, BEN, LACKING, openOtherSlack, TOKENS, type OtherSlack, type Posted } from "./support/other-slack.ts";
import { startProcess, type BotProcess } from "./support/process.ts";
import { onDatabase } from "./support/server.ts";
import { openSlack } from "./support/slack.ts";
import { until } from "./support/until.ts";

/** The bot against a Slack-compatible server that is not ours: it is told an address and tokens, no more. */

type Way = "socket" | "http";
type Line = { readonly msg: string; readonly method?: string; readonly without?: string; readonly host?: string };
type Running = { readonly url: string; readonly database: string; written(): string };
type Here = Running & { /** Moves its time. */ advance(ms: number): void };

async function otherSlack(shape: Parameters<typeof openOtherSlack>[0] = {}): Promise<OtherSlack> {
  const slack = await openOtherSlack(shape);
  onTestFinished(() => slack.close());
  return slack;
}

/** A database, and a catalog with an address that is watched and is not well. */
async function ground(slack: OtherSlack): Promise<{ database: string; catalog: string }> {
  const [database, folder] = await Promise.all([cloneDatabase(), mkdtemp(join(tmpdir(), "daytwo-other-slack-"))]);
  onTestFinished(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });
  const catalog = join(folder, "daytwo.yaml");
  const check = `{ url: "${new URL("/shop", slack.apiUrl).href}", every: 1h, failures: 1 }`;
  await writeFile(
    catalog,
    `people:
  ana: { name: Ana, slack: ${ANA}, role: operator }
  ben: { name: Ben, slack: ${BEN}, role: operator }
services:
  shop: { owner: nobody, checks: { ownership: off, http: ${check} } }
`,
  );
  return { database: database.url, catalog };
}

/** As people start it. */
async function launch(slack: OtherSlack, way: Way): Promise<Omit<Running, "url"> & { readonly bot: BotProcess }> {
  const { database, catalog } = await ground(slack);
  const bot = startProcess({
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: TOKENS.bot,
    ...(way === "socket" ? { SLACK_APP_TOKEN: TOKENS.app } : { SLACK_SIGNING_SECRET: TOKENS.signing }),
    DATABASE_URL: database,
    DAYTWO_CATALOG: catalog,
  });
  onTestFinished(async () => {
    bot.kill("SIGKILL");
    await bot.ended();
  });
  return { bot, database, written: bot.written };
}

/** The same bot in this process, where how it is started is not what a story is about. */
async function opens(slack: OtherSlack, way: Way): Promise<Here> {
  const { database, catalog } = await ground(slack);
  const lines: string[] = [];
  let ahead = 0;
  const bot = await openBot({
    opening: {
      databaseUrl: database,
      redisUrl: null,
      slack: { botToken: TOKENS.bot, apiUrl: slack.apiUrl },
      demo: null,
      actions: "all",
      heartbeat: null,
      alarm: null,
      logLevel: "info",
      now: () => new Date(Date.now() + ahead),
      log: openLog("info", { write: (line: string) => void lines.push(line) }),
    },
    slack:
      way === "socket" ? { mode: "socket", appToken: TOKENS.app } : { mode: "http", signingSecret: TOKENS.signing },
    catalog,
    roles: { web: true, worker: true },
    port: { number: 0, asked: true },
    host: "127.0.0.1",
  });
  onTestFinished(() => bot.close());
  return { url: bot.http.url, database, written: () => lines.join(""), advance: (ms) => void (ahead += ms) };
}

/** Has it look at what is not well; the card of that. */
async function firstCard(slack: OtherSlack, way: Way, { url, database, written }: Running): Promise<Posted> {
  if (way === "http") slack.sendsTo(`${url}/slack/events`);
  await onDatabase(database, "update daytwo.checks set due_at = now()");
  await until(
    () => `a card; the log is\n${written()}`,
    () => slack.messages.some(shows("Take it")),
  );
  return slack.messages.find(shows("Take it")) as Posted;
}

function shows(words: string): (message: Posted) => boolean {
  return ({ content }) => JSON.stringify(content).includes(words);
}

function said({ written }: Running, msg: string): readonly Line[] {
  const lines = written().split("\n");
  const read = lines.flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line) as Line] : []));
  return read.filter((line) => line.msg === msg);
}

const LACKS = "the server lacks a method of Slack's";
const HAS = "the server has this method of Slack's now";

describe.each<[Way, { prefix?: string; slash?: boolean }]>([
  ["socket", {}],
  ["http", { prefix: "/compat/v1", slash: false }],
])("over %s, at an address such as %o", (way, shape) => {
  test("an item is told, taken, answered for; Home is drawn and a form opened", async () => {
    const slack = await otherSlack(shape);
    const { bot, ...started } = await launch(slack, way);
    const card = await firstCard(slack, way, { ...started, url: await bot.ready() });
    await slack.presses(card, "Take it");
    await until("the card to say who has it", () => shows(`<@${ANA}>`)(card));
    await slack.types("items");
    await until("an answer at the response_url", () =>
      slack.answers.some((each) => JSON.stringify(each).includes("shop")),
    );
    await slack.opensHome();
    await until("Home", () => slack.homes.has(ANA));
    await slack.presses(card, "Snooze…");
    await until("a form", () => slack.modals.length === 1);
    expect(slack.modals[0]).toMatchObject({ type: "modal", callback_id: "modal.snooze" });
    expect(slack.asked("chat.postEphemeral")).toBe(0);
    expect(bot.written()).not.toMatch(/undefined|lacks|not used|broke/);
  });
});

test("what auth.test leaves out is done without; an answer goes to no address of somebody else's", async () => {
  const slack = await otherSlack();
  slack.answersWith("auth.test", () => ({ ok: true }));
  const running = await opens(slack, "socket");
  const card = await firstCard(slack, "socket", running);
  slack.answersGoTo("https://hooks.slack.com.example.com/answers/of-a-secret");
  await slack.types("items");
  await until("an answer by another way", () => slack.asked("chat.postEphemeral") === 1);
  expect(said(running, "a response_url that is not Slack's was not used")).toMatchObject([
    { host: "hooks.slack.com.example.com" },
  ]);
  await slack.cutsSockets();
  await slack.presses(card, "Take it");
  await until("the card to say who has it", () => shows(`<@${ANA}>`)(card));
  expect(running.written()).not.toMatch(/undefined|of-a-secret|broke/);
});

test("an address for answers that is used up, and a channel that somebody is not in: they hear directly", async () => {
  const slack = await otherSlack();
  const running = await opens(slack, "http");
  const card = await firstCard(slack, "http", running);
  slack.answersGoTo(new URL("/used-up", slack.apiUrl).href);
  await slack.types("items");
  await until("an answer in the channel", () => slack.asked("chat.postEphemeral") === 1);
  expect(JSON.stringify(slack.answers)).toContain("Open items");
  slack.answersWith("chat.postEphemeral", () => ({ ok: false, error: "user_not_in_channel" }));
  await slack.types("items");
  await until("a direct message", () =>
    slack.messages.some((each) => each.channel === `pair:${ANA}` && shows("Open items")(each)),
  );
  // While Slack is away nothing of ours broke, and nobody is told so.
  slack.answersGoTo(new URL("/answers/a", slack.apiUrl).href);
  slack.answersWith("views.open", { status: 503, body: "" });
  await slack.presses(card, "Snooze…");
  await until("the word to try again", () => JSON.stringify(slack.answers).includes("Try again in a minute."));
  expect(running.written()).not.toMatch(/undefined|broke/);
});

const EVERYTHING_BESIDE = [
  "chat.update",
  "chat.postEphemeral",
  "views.open",
  "views.publish",
  "users.info",
  "conversations.list",
] as const;

describe.each<[Way, keyof typeof LACKING]>([
  ["socket", "unknown_method"],
  ["http", "a page with 404"],
])("over %s, where a method that is not there is %s", (way, how) => {
  test("each is told once, with what does not work; the rest goes on; one that comes is used", async () => {
    const slack = await otherSlack();
    for (const method of EVERYTHING_BESIDE) slack.answersWith(method, LACKING[how]);
    const running = await opens(slack, way);
    const card = await firstCard(slack, way, running);
    const before = card.content;
    await slack.presses(card, "Take it", BEN);
    await until("Ben to hear that he may not", () => slack.answers.length === 1);
    slack.answersWith("users.info", null);
    await slack.presses(card, "Take it", ANA);
    await until("the thread to say who has it", () => slack.messages.some(({ thread }) => thread === card.ts));
    for (const answers of [2, 3]) {
      await slack.presses(card, "Snooze…");
      await until("the word that no form opens", () => slack.answers.length === answers);
      expect(JSON.stringify(slack.answers.at(-1))).toContain("No form can be opened here.");
      await slack.opensHome();
      await until("Home to be tried", () => slack.asked("views.publish") === answers - 1);
    }
    slack.answersGoTo("https://answers.example.com/");
    await slack.types("items");
    await until("an answer to be tried", () => slack.asked("chat.postEphemeral") === 1);
    await until("the card to be tried again", () => {
      running.advance(1_000);
      return slack.asked("chat.update") > 1;
    });
    await until("the log", () => said(running, LACKS).length === EVERYTHING_BESIDE.length);
    const told = said(running, LACKS).map(({ method = "", without }) => [method, without] as const);
    expect(new Map(told)).toEqual(new Map(EVERYTHING_BESIDE.map((method) => [method, WITHOUT[method]])));
    expect(card.content).toBe(before);
    slack.answersWith("chat.update", null);
    await until("the card to say who has it", () => {
      running.advance(1_000);
      return shows(`<@${ANA}>`)(card);
    });
    await until("the log to say so", () => said(running, HAS).some(({ method }) => method === "chat.update"));
    expect(running.written()).not.toMatch(/undefined|broke|slack refuses a message/);
  });
});

test("a server that does not say which message it made: a change is a new message", async () => {
  const slack = await otherSlack();
  slack.answersWith("chat.postMessage", () => ({ ok: true }));
  const running = await opens(slack, "http");
  const card = await firstCard(slack, "http", running);
  await slack.presses(card, "Take it");
  await until("a card that says who has it", () => slack.messages.some(shows(`<@${ANA}>`)));
  expect(slack.asked("chat.update")).toBe(0);
  expect(said(running, "chat.postMessage does not say which message it made").length).toBeGreaterThan(0);
});

test("docs/running.md tells the same of each method as the log", async () => {
  const page = await readFile(new URL("../docs/running.md", import.meta.url), "utf8");
  const rows = page.matchAll(/^\| `([a-z]+(?:\.\w+)+)` +\| (.+?) +\|$/gm);
  expect(Object.fromEntries([...rows].map(([, method, without]) => [method, without]))).toEqual(WITHOUT);
});

test.each<[string, Way, RegExp]>([
  ["auth.test", "http", /SLACK_API_URL has no auth\.test.*\nSet it to the address before the methods' names/],
  ["apps.connections.open", "socket", /no apps\.connections\.open, so there is no Socket Mode with it\.\nUse HTTP/],
])("without %s there is no start, and a sentence why", async (method, way, sentence) => {
  const slack = await otherSlack();
  slack.answersWith(method, LACKING["a page with 404"]);
  const { bot } = await launch(slack, way);
  expect(await bot.ended()).toBe(1);
  expect(bot.written()).toMatch(sentence);
  expect(bot.written()).not.toMatch(/ {4}at |ready in/);
});

describe("an answer that is none", () => {
  const JSON_TYPE = "application/json";

  test.each([
    ["a page", { body: "<html>busy</html>", type: "text/html" }, "SlackSilent"],
    ["nothing", { body: "" }, "SlackSilent"],
    ["null", { body: "null", type: JSON_TYPE }, "SlackSilent"],
    ["a number", { body: "7", type: JSON_TYPE }, "SlackSilent"],
    ["neither yes nor no", { body: "{}", type: JSON_TYPE }, "SlackSilent"],
    ["a failure", { status: 500, body: "<html>oh</html>", type: "text/html" }, "SlackSilent"],
    ["a failure that may be done", { status: 503, body: '{"ok":false,"error":"internal_error"}' }, "SlackSilent"],
    ["what may be done all the same", { body: '{"ok":false,"error":"fatal_error"}' }, "SlackSilent"],
    ["a wish to wait, without how long", { status: 429, body: "busy", type: "text/plain" }, "SlackLimited"],
    ["the same as a word", { body: '{"ok":false,"error":"ratelimited"}' }, "SlackLimited"],
    ["a refusal by status", { status: 404, body: '{"ok":false,"error":"channel_not_found"}' }, "channel_not_found"],
    ["a refusal of the token by status", { status: 401, body: '{"ok":false,"error":"invalid_auth"}' }, "invalid_auth"],
    ["a lack by status", { status: 501, body: "" }, "unknown_method"],
    ["another word for a lack", { body: '{"ok":false,"error":"method_not_found"}' }, "unknown_method"],
  ])("%s", async (_name, reply, becomes) => {
    const slack = await otherSlack();
    const client = openSlackClient({ token: TOKENS.bot, apiUrl: slack.apiUrl });
    slack.answersWith("users.info", reply);
    const error = await client.call("users.info", { user: ANA }).then(
      () => "it was taken",
      (thrown: Error & { error?: string }) => thrown.error ?? thrown.name,
    );
    expect(error).toBe(becomes);
  });
});

test.each([
  [1e11, 600_000],
  [-5, 1_000],
  [30, 30_000],
])("a server that asks to be left alone for %d s is left alone for %d ms", async (retry_after, retryAfter) => {
  await using slack = await openSlack();
  const client = openSlackClient({ token: slack.botToken, apiUrl: slack.apiUrl });
  await slack.fault({ method: "auth.test", status: 429, retry_after, times: 1 });
  await expect(client.call("auth.test", {})).rejects.toMatchObject({ retryAfter });
});
