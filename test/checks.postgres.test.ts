import { connect as connectTo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { postgres } from "../src/checks/postgres.ts";
import type { Reading } from "../src/domain/reading.ts";
import { subjectOf, useOf } from "./support/look.ts";
import {
  MAX_CONNECTIONS,
  openWatchedServer,
  pretend,
  stopPretending,
  type WatchedServer,
} from "./support/watched-server.ts";

let server: WatchedServer;
beforeAll(async () => {
  server = await openWatchedServer();
});
afterAll(() => server.stop());
afterEach(async () => {
  await server.leave();
  await stopPretending();
});

function look(settings: object = {}, use: Parameters<typeof useOf>[0] = {}): Promise<Reading> {
  return postgres.look(subjectOf("postgres"), { url: server.url(), ...settings }, useOf(use));
}

test("a quiet database is ok", async () => {
  await server.quiet();
  expect(await look()).toEqual({
    level: "ok",
    value: 0.05,
    figures: { used: 1, usable: 20 },
    summary: "1 of 20 connections in use",
    evidence: {
      Database: `127.0.0.1:${server.port}/shop`,
      Connections: "1 of 20 in use",
      "Most from": expect.stringMatching(/^psql, idle \(1, for up to \d+ [a-z]+\)$/),
    },
  });
});

test("connections that run out are a warning, then critical, and are named", async () => {
  await server.quiet();
  const [first] = await server.connect(11, "web v142");
  await first?.query("begin");
  await server.connect(4, "worker");
  expect(await look()).toMatchObject({
    level: "warning",
    value: 0.8,
    summary: "16 of 20 connections in use (limit 80 %), 10 from web v142, idle",
    evidence: {
      "Most from": expect.stringMatching(/^web v142, idle \(10, .*\); worker, idle \(4, .*\); psql, idle \(1, .*\)$/),
      "Oldest transactions": expect.stringMatching(/^web v142, idle in transaction, for \d seconds? \(session \d+\)$/),
    },
  });
  await server.connect(2, "worker");
  expect(await look()).toMatchObject({
    level: "critical",
    summary: "18 of 20 connections in use (limit 90 %), 10 from web v142, idle",
  });
});

test("a database without a connection left for us is critical", async () => {
  await server.quiet();
  await server.connect(MAX_CONNECTIONS - 3 - 1, "web v142");
  expect(await look()).toMatchObject({ level: "critical", summary: "database refuses connections: all are in use" });
});

test("transactions that sit idle or stay open are found by their age", async () => {
  await server.quiet();
  const [client] = await server.connect(1, "report");
  await client?.query("begin");
  await client?.query("select 'a secret'");
  const tight = { warning: "0s", critical: "1h" };
  const idle = await look({ idle_in_transaction: tight });
  expect(idle).toMatchObject({
    level: "warning",
    summary: expect.stringMatching(/^a transaction sits idle for \d seconds? \(limit 0 seconds\)$/),
  });
  expect(JSON.stringify(idle)).not.toContain("a secret");
  expect(await look({ long_transaction: { warning: "0s", critical: "0s" }, idle_in_transaction: tight })).toMatchObject(
    {
      level: "critical",
      summary: expect.stringMatching(/^a transaction has been open for \d seconds? \(limit 0 seconds\)$/),
    },
  );
  expect(await look()).toMatchObject({ level: "ok" });
});

test("a role that may not see the sessions still counts them, and is told what to grant", async () => {
  await server.quiet();
  await server.connect(2, "web v142");
  expect(await look({ url: server.url("blind:blind") })).toMatchObject({
    level: "ok",
    summary: "3 of 20 connections in use",
    evidence: { "Not visible": "what 3 sessions do; grant pg_monitor to our role" },
  });
});

test.each([
  ["daytwo:wr0ng-pass", "shop", "database refuses our password"],
  ["daytwo", "shop", "database wants a password, and its address has none"],
  ["nobody-here:pw-pw", "shop", "database refuses our password"],
  ["daytwo:hush-hush", "shoq", "database does not exist on its server"],
])("%s at %s is critical, and no password is shown", async (role, database, summary) => {
  const reading = await look({ url: server.url(role, database) });
  expect(reading).toMatchObject({ level: "critical", summary });
  expect(JSON.stringify(reading)).not.toMatch(/hush|wr0ng|pw-pw/);
});

test("what does not answer, or not like a database, is critical", async () => {
  const gone = await pretend(() => undefined);
  await stopPretending();
  expect(await look({ url: gone })).toMatchObject({
    level: "critical",
    summary: "database does not answer: connection refused",
  });

  const cutting = await pretend((socket) => socket.destroy());
  expect((await look({ url: cutting })).summary).toMatch(
    /^database (closed our connection|does not answer: the connection was cut)$/,
  );

  const silent = await pretend((socket) => socket.resume());
  expect(await look({ url: silent }, { signal: AbortSignal.timeout(200) })).toMatchObject({
    level: "critical",
    summary: "database does not answer in time",
  });
  const stop = new AbortController();
  const stopping = await pretend(() => stop.abort(new Error("stopping")));
  await expect(look({ url: stopping }, { signal: stop.signal })).rejects.toThrow("stopping");
});

/** Passes everything on to the server, after it was shown to `overhear`. */
function wiretap(overhear: (text: string) => Promise<void>): Promise<string> {
  return pretend((socket) => {
    const upstream = connectTo(server.port, "127.0.0.1").on("error", () => undefined);
    let passed = Promise.resolve();
    socket.on("data", (bytes) => {
      passed = passed.then(() => overhear(bytes.toString("latin1"))).then(() => void upstream.write(bytes));
    });
    upstream.pipe(socket);
    socket.once("close", () => upstream.destroy());
  });
}

test("the look names itself, changes nothing, is limited by the server, and leaves no session behind", async () => {
  await server.quiet();
  let said = "";
  const tapped = await wiretap(async (text) => void (said += text));
  expect(await look({ url: tapped })).toMatchObject({ level: "ok", summary: "1 of 20 connections in use" });
  expect(said).toContain("application_name\0daytwo-check\0");
  expect(said).toMatch(/begin transaction read only; set local statement_timeout = 5000.*pg_stat_activity.*commit/s);
  await server.quiet();
});

test("a session that is ended in the middle of the look is critical", async () => {
  await server.quiet();
  let ended = Promise.resolve();
  const tapped = await wiretap(async (text) => {
    if (!text.includes("pg_stat_activity")) return;
    await server.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'daytwo-check'",
    );
    await (ended = server.quiet());
  });
  expect(await look({ url: tapped })).toMatchObject({ level: "critical", summary: "database closed our connection" });
  await ended; // the look is over before we are sure of it
});

test("a database that keeps us waiting for an answer is critical", async () => {
  await server.quiet();
  let questions = 0;
  const tapped = await wiretap((text) => {
    questions += text.includes("pg_stat_activity") ? 1 : 0;
    return questions === 0 ? Promise.resolve() : new Promise(() => undefined);
  });
  expect(await look({ url: tapped }, { signal: AbortSignal.timeout(500) })).toMatchObject({
    level: "critical",
    summary: "database does not answer in time",
  });
  expect(questions).toBe(1);
});

test("an address that is none is said without quoting it", async () => {
  await expect(look({ url: { env: "SHOP_DB" } }, { secrets: { SHOP_DB: "hush-hush@nowhere" } })).rejects.toThrow(
    /^The database's address does not begin with postgres:\/\/\.$/,
  );
  await expect(look({ url: { env: "SHOP_DB" } })).rejects.toThrow("SHOP_DB is not set.");
});

test("the address may be a reference, and settings that were read once may be read again", async () => {
  await server.quiet();
  expect(await look({ url: { file: "/run/db" } }, { secrets: { "/run/db": `${server.url()}\n` } })).toMatchObject({
    level: "ok",
  });
  const read = postgres.settings.parse({ url: server.url() });
  expect(read).toMatchObject({
    connections_warning: 0.8,
    connections_critical: 0.9,
    long_transaction: { warning: "5m", critical: "30m" },
    idle_in_transaction: { warning: "1m", critical: "10m" },
  });
  expect(postgres.settings.parse(JSON.parse(JSON.stringify(read)))).toEqual(read);
});
