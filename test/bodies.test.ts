import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openBodies } from "../handlers/body.ts";
import { listen } from "../handlers/http.ts";
import type { Entrance } from "../handlers/receiver.ts";
import type { App } from "../src/app.ts";

/** What is read holds memory until it is answered, all of it together no more than it may, and nothing holds the bot. */

test("a body counts until it is answered; what would be too much is refused at once, and what it still sends does not count", async () => {
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
  const { port } = server.address() as AddressInfo;
  async function sends(bytes: number): Promise<number> {
    return (await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: "x".repeat(bytes) })).status;
  }
  const first = sends(40_000);
  await begun.promise;
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  onTestFinished(() => void socket.destroy());
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 95000\r\n\r\n${"x".repeat(65_000)}`);
  expect((await once(socket, "data")).join()).toContain(" 503 ");
  answers.resolve(200);
  socket.write(`${"x".repeat(30_000)}POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx`);
  expect((await once(socket, "data")).join()).toContain(" 200 ");
  expect(await first).toBe(200);
  expect(await sends(90_000)).toBe(200);
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
