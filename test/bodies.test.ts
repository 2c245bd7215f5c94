import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openBodies } from "../handlers/body.ts";
import { listen } from "../handlers/http.ts";
import type { Entrance } from "../handlers/receiver.ts";
import type { App } from "../src/app.ts";

/** What is read holds memory until it is answered, all of it together no more than it may, and nothing holds the bot. */

test("a body counts until it is answered, and what would be too much is refused at once", async () => {
  const bodies = openBodies(100_000);
  const answers = Promise.withResolvers<number>();
  const begun = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const work = bodies.read(request, 100_000, () => {
      begun.resolve();
      return answers.promise;
    });
    void work.then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(503).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function sends(): Promise<number> {
    return (await fetch(url, { method: "POST", body: "x".repeat(60_000) })).status;
  }
  const first = sends();
  await begun.promise;
  expect(await sends()).toBe(503);
  answers.resolve(200);
  expect(await first).toBe(200);
  expect(await sends()).toBe(200);
});

test("a request that never comes to its end holds nobody up who stops", async () => {
  const listening = await listen({} as App, {} as Entrance, { number: 0, asked: true }, "127.0.0.1");
  const socket = connect(listening.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nho");
  await once(socket, "data"); // the whole one is answered, and the half one has begun
  await listening.close();
  await expect(fetch(listening.url)).rejects.toThrow("fetch failed");
});
