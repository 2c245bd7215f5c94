import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { openPool } from "../src/db/open.ts";
import { execute, inOneStatement, sql, transaction } from "../src/db/sql.ts";
import { openLog } from "../src/log.ts";
import { cloneDatabase } from "./support/database.ts";
import { standsBy } from "./support/server.ts";

/** A server that goes away in the moment in which it let somebody in: both are in one packet. */

const READY = Buffer.from("Z\0\0\0\u0005I");
const FATAL = fatal("SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0");

let network: Server;
beforeAll(async () => {
  const { port, hostname } = new URL(inject("postgres"));
  network = createServer((client) => {
    const server = connect(Number(port), hostname);
    client.on("error", () => server.destroy()).pipe(server.on("error", () => client.destroy()));
    server.on("data", (chunk) => {
      if (chunk.subarray(-READY.length).equals(READY)) client.end(Buffer.concat([chunk, FATAL]));
      else client.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(network, "listening");
});
afterAll(() => new Promise((resolve) => network.close(resolve)));

test("whoever asked hears of it, and the process lives", async () => {
  const url = new URL(inject("postgres"));
  url.port = String((network.address() as AddressInfo).port);
  url.pathname = "/postgres";
  const pool = openPool(url.href, openLog("silent"));
  await expect(transaction(pool, (db) => db.query("select 1"))).rejects.toThrow(/connection/i);
  await pool.end();
});

test("connections from when the server only stood by refuse nobody once another takes changes", async () => {
  const database = await cloneDatabase();
  const pool = openPool(database.url, openLog("silent"));
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  const takesChanges = await standsBy(database.url);
  const change = sql`insert into inbox (key, kind, received_at) select gen_random_uuid()::text, 'command', to_timestamp(0)`;
  await expect(transaction(pool, (db) => execute(db, change))).rejects.toMatchObject({ code: "25006" });
  for (const work of [transaction, inOneStatement]) {
    const stale = await Promise.all(Array.from({ length: 5 }, () => pool.connect()));
    for (const connection of stale) connection.release();
    await takesChanges();
    expect(await Promise.all([1, 2, 3].map(() => work(pool, (db) => execute(db, change))))).toEqual([1, 1, 1]);
    await standsBy(database.url);
  }
});

test("a server that says nothing more is noticed; what may take its time has it", async () => {
  const [bot, backup] = (["daytwo", "daytwo-backup"] as const).map((name) =>
    openPool(inject("postgres"), openLog("silent"), name),
  );
  expect(bot?.options).toMatchObject({ keepAlive: true, query_timeout: 35_000 });
  expect(backup?.options).toMatchObject({ keepAlive: true, query_timeout: 0 });
  await Promise.all([bot?.end(), backup?.end()]);
});

function fatal(fields: string): Buffer {
  const body = Buffer.from(fields);
  const head = Buffer.from("E\0\0\0\0");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
