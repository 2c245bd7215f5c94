import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Pool } from "pg";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { beat, stuck } from "../src/telemetry/heartbeat.ts";
import { startBot, type TestBot } from "./support/bot.ts";
import { until } from "./support/until.ts";
import { openPool } from "./support/pool.ts";

/** Something outside is called while checks and delivery work, and not called when they do not. */

type Watcher = (request: IncomingMessage, response: ServerResponse) => void;

const CATALOG = `
services:
  shop: { owner: nobody, checks: { http: { url: "http://127.0.0.1:9/", every: 1h } } }
`;

const calls: IncomingMessage[] = [];
const lines: string[] = [];
let answer: Watcher = fine;
let bot: TestBot;
let pool: Pool;

function fine(_request: IncomingMessage, response: ServerResponse): void {
  response.end("OK");
}

const outside = createServer((request, response) => {
  calls.push(request);
  answer(request, response);
});

beforeAll(async () => {
  await once(outside.listen(0, "127.0.0.1"), "listening");
  const { port } = outside.address() as AddressInfo;
  bot = await startBot(
    { transport: "socket", queue: "postgres" },
    {
      heartbeat: `http://us%3Aer:pass@127.0.0.1:${port}/secret-path?key=secret-key`,
      log: pino({ level: "warn" }, { write: (line: string) => void lines.push(line) }),
      catalog: CATALOG,
    },
  );
  pool = openPool(bot.database);
  await until("the first call, made at start", () => calls.length === 1);
  await bot.settle();
});
afterAll(async () => {
  await pool.end();
  await bot.close();
  outside.close();
});
afterEach(async () => {
  answer = fine;
  await bot.slack.endFaults();
  await bot.bot.app.slack.call("auth.test", {});
  await pool.query("truncate postings");
  await pool.query("update checks set due_at = now() + interval '1 hour', claimed_until = null, left_at = null");
  lines.length = 0;
});

/** How often one round calls. */
async function called(): Promise<number> {
  const before = calls.length;
  await beat(bot.bot.app);
  return calls.length - before;
}

/** A check that a worker holds and does not get done; `due` in seconds ago. */
function hold(due: number, rest = ""): Promise<unknown> {
  return pool.query(
    `update checks set due_at = now() - $1 * interval '1 second', claimed_until = now() + interval '50 s'${rest}`,
    [due],
  );
}

/** A posting that a worker holds and does not get shown, asked for `asked` seconds ago. */
async function owe(asked: number, rest: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const row = { subject_kind: "item", subject: 1, place: "channel:C0OPS", ...rest };
  const names = Object.keys(row);
  const { rows } = await pool.query<{ id: number }>(
    `insert into postings (asked_at, claimed_until, ${names.join(", ")})
     values (now() - $1 * interval '1 second', now() + interval '1 hour', ${names.map((_, index) => `$${index + 2}`).join(", ")}) returning id::int`,
    [asked, ...Object.values(row)],
  );
  return rows[0]?.id ?? 0;
}

test("while all is well: one GET, with the user and the password that the address names", async () => {
  expect(await called()).toBe(1);
  const { method, url, headers } = calls.at(-1) as IncomingMessage;
  expect([method, url]).toEqual(["GET", "/secret-path?key=secret-key"]);
  expect(headers.authorization).toBe(`Basic ${Buffer.from("us:er:pass").toString("base64")}`);
});

test("not while a check that is due brings no reading, however often a worker claims it", async () => {
  await hold(100);
  expect(await called()).toBe(1);
  await hold(130);
  expect(await called()).toBe(0);
  expect(lines.join("\n")).toContain('"stuck":["checks"]');
});

test("a check that left the catalog is nobody's to make", async () => {
  await hold(3600, ", left_at = now()");
  expect(await called()).toBe(1);
});

test("not while a message that could go does not", async () => {
  await owe(290);
  expect(await called()).toBe(1);
  await pool.query("update postings set asked_at = asked_at - interval '20 s'");
  expect(await called()).toBe(0);
  expect(lines.join("\n")).toContain('"stuck":["delivery"]');
});

test("what Slack's pace, Slack's refusal or its thread's root holds back is not late", async () => {
  await owe(3600, { not_before: new Date(Date.now() + 60_000) });
  await owe(3600, { subject: 2, not_before: new Date(Date.now() - 60_000) });
  const refused = await owe(3600, { subject: 3, problem: "channel_not_found" });
  await owe(3600, { subject: 4, place: `thread:${refused}` });
  expect(await called()).toBe(1);
});

const TOKEN_IS_GONE = ["invalid_auth", "token_revoked", "account_inactive"] as const;

test.each(TOKEN_IS_GONE)("not while Slack answers what we do with %s, and again once it takes it", async (error) => {
  await bot.slack.fault({ error, times: 1_000 });
  await expect(bot.bot.app.slack.call("chat.postMessage", { channel: "C0OPS", text: "words" })).rejects.toThrow(error);
  expect(await called()).toBe(0);
  expect(lines.at(-1)).toContain(`"stuck":["slack"],"slack":"it refuses the token: ${error}"`);
  await bot.slack.endFaults();
  expect(await called()).toBe(1);
});

test.each(TOKEN_IS_GONE)("a bot with nothing to say asks now and then, and hears of %s too", async (error) => {
  await bot.slack.fault({ error, times: 1_000 });
  const asked = (await bot.slack.calls("auth.test")).length;
  expect(await called()).toBe(1);
  bot.advance(151_000);
  expect(await called()).toBe(0);
  await bot.slack.endFaults();
  expect(await called()).toBe(1);
  bot.advance(60_000);
  expect(await called()).toBe(1);
  expect((await bot.slack.calls("auth.test")).length - asked).toBe(2);
});

test("a refusal of one thing that we asked says nothing of the token", async () => {
  await bot.slack.fault({ error: "channel_not_found" });
  await expect(bot.bot.app.slack.call("chat.postMessage", { channel: "C0OPS", text: "words" })).rejects.toThrow(
    "channel",
  );
  expect(await called()).toBe(1);
});

test("Slack may be silent for five minutes, and no longer", async () => {
  await bot.slack.fault({ status: 503, times: 1_000 });
  bot.advance(290_000);
  expect(await called()).toBe(1);
  bot.advance(11_000);
  expect(await called()).toBe(0);
  expect(lines.at(-1)).toContain('"slack":"it gives no answer"');
});

test("not while the server has no way to post", async () => {
  await bot.slack.fault({ method: "chat.postMessage", error: "unknown_method" });
  await expect(bot.bot.app.slack.call("chat.postMessage", {})).rejects.toThrow("unknown_method");
  expect(await called()).toBe(0);
  await bot.bot.app.slack.call("chat.postMessage", { channel: "C0OPS", text: "it has one now" });
  expect(await called()).toBe(1);
});

test.each<[string, string, Watcher]>([
  ["an error", "the heartbeat was not taken", (_request, response) => response.writeHead(500).end()],
  [
    "a redirect, which is not followed",
    "the heartbeat did not get through",
    (_request, response) => response.writeHead(302, { location: "/elsewhere?key=secret-key" }).end(),
  ],
  ["a connection that breaks", "the heartbeat did not get through", (request) => request.socket.destroy()],
])("%s is a warning that gives nothing of the address away but its host", async (_name, words, watcher) => {
  answer = watcher;
  expect(await called()).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(words);
  expect(lines[0]).toContain('"host":"127.0.0.1:');
  expect(lines[0]).not.toMatch(/secret|us%3Aer|us:er|pass/);
});

test("the limits", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  function ago(seconds: number): Date {
    return new Date(now.getTime() - seconds * 1000);
  }
  expect(stuck({ checkDueAt: null, postingReadyAt: null, stepDueAt: null }, now)).toEqual([]);
  expect(stuck({ checkDueAt: ago(120), postingReadyAt: ago(300), stepDueAt: ago(300) }, now)).toEqual([]);
  expect(stuck({ checkDueAt: ago(121), postingReadyAt: ago(301), stepDueAt: ago(301) }, now)).toEqual([
    "checks",
    "delivery",
    "escalation",
  ]);
});
