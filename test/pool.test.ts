import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openPool } from "../src/db/open.ts";
import { transaction } from "../src/db/sql.ts";
import { openLog } from "../src/log.ts";

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

function fatal(fields: string): Buffer {
  const body = Buffer.from(fields);
  const head = Buffer.from("E\0\0\0\0");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
