import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { openKeptSessions } from "../src/checks/kept-sessions.ts";
import { postgres } from "../src/checks/postgres.ts";
import type { Reading } from "../src/domain/reading.ts";
import { subjectOf, useOf } from "./support/look.ts";
import { refusal } from "./support/postgres-proxy.ts";
import {
  MAX_CONNECTIONS,
  openWatchedServer,
  pretend,
  stopPretending,
  type WatchedServer,
} from "./support/watched-server.ts";

/** A database that lets nobody in any more, and the session that was let in before. */

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

test("who was let in before it was full names those who fill it, and is the only session kept", async () => {
  await server.quiet();
  const sessions = openKeptSessions();
  onTestFinished(() => sessions.close());
  expect(await look({}, { sessions })).toMatchObject({ level: "ok", summary: "1 of 20 connections in use" });
  expect(await look({}, { sessions })).toMatchObject({ level: "ok", summary: "1 of 20 connections in use" });
  expect(await ours()).toEqual([{ state: "idle", xact_start: null }]);

  const holders = await server.connect(MAX_CONNECTIONS - 3 - 2, "web v142");
  await Promise.all(holders.slice(0, 14).map((client) => client.query("begin")));
  for (let times = 0; times < 2; times += 1) {
    expect(await look({}, { sessions })).toMatchObject({
      level: "critical",
      summary: "database refuses connections: all are in use, 14 from web v142, idle in transaction",
      evidence: {
        "Most from": expect.stringMatching(
          /^web v142, idle in transaction \(14, for up to \d+ [a-z]+\); web v142, idle \(4/,
        ),
        "Oldest transactions": expect.stringMatching(/^web v142, idle in transaction, for .* \(session \d+\)/),
      },
    });
    expect(await ours()).toEqual([{ state: "idle", xact_start: null }]);
  }
});

/** Our sessions on the server. */
async function ours(): Promise<object[]> {
  return (
    await server.admin.query<object>(
      "select state, xact_start from pg_stat_activity where application_name = 'daytwo-check' and backend_type = 'client backend'",
    )
  ).rows;
}

test("a kept session that was lost is not asked, and the next look has one again", async () => {
  await server.quiet();
  const sessions = openKeptSessions();
  onTestFinished(() => sessions.close());
  await look({}, { sessions });
  await server.admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'daytwo-check'",
  );
  await expect.poll(ours).toEqual([]);
  const holders = await server.connect(MAX_CONNECTIONS - 3 - 1, "web v142");
  expect(await look({}, { sessions })).toEqual({
    level: "critical",
    summary: "database refuses connections: all are in use",
    evidence: { Database: `127.0.0.1:${server.port}/shop` },
  });
  await holders.pop()?.end();
  await expect.poll(async () => (await look({}, { sessions })).value).toBe(0.95);
  expect(await ours()).toHaveLength(1);
});

test("kept sessions are closed with their check, with their owner, and where there are too many", async () => {
  await server.quiet();
  const sessions = openKeptSessions(1);
  await look({}, { sessions });
  await look({ url: server.url("blind:blind") }, { sessions });
  expect(await ours()).toHaveLength(1);
  await sessions.keepOnly((key) => key === "shop/postgres");
  expect(await ours()).toHaveLength(1);
  await sessions.keepOnly(() => false);
  await expect.poll(ours).toEqual([]);
  await look({}, { sessions });
  expect(await ours()).toHaveLength(1);
  await sessions.close();
  await expect.poll(ours).toEqual([]);
  await look({}, { sessions });
  await expect.poll(ours).toEqual([]);
});

/** A server that answers every newcomer with one error, as poolers do. */
async function refusesWith(code: string, message: string): Promise<string> {
  return pretend((socket) => void socket.once("data", () => socket.end(refusal("FATAL", code, message))));
}

test.each([
  ["53300", "sorry, too many clients already"],
  ["53300", 'too many connections for role "shop"'],
  ["53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute"],
  ["08004", "server rejected the connection"],
  ["08P01", "no more connections allowed (max_client_conn)"],
  ["08P01", "query_wait_timeout"],
  ["XX000", "Max client connections reached"],
  ["XX000", "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size"],
])("%s %s is a lack of connections: critical", async (code, message) => {
  expect(await look({ url: await refusesWith(code, message) })).toMatchObject({
    level: "critical",
    summary: "database refuses connections: all are in use",
  });
});

test("another refusal of a pooler keeps its code", async () => {
  expect(await look({ url: await refusesWith("08P01", "no such database: shop") })).toMatchObject({
    level: "critical",
    summary: "database answers with an error (SQLSTATE 08P01)",
  });
});
