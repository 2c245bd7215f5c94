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

test("of large bodies that are there at once one is taken up in each turn of the event loop", async () => {
  const bodies = openBodies(10_000_000);
  const begun = Promise.withResolvers<void>();
  const turns: number[] = [];
  let turn = 0;
  let coming = 0;
  const server = createServer((request, response) => {
    coming += 1;
    if (coming === 10) begun.resolve();
    void bodies.read(request, 100_000, async () => {
      turns.push(turn);
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const sockets = Array.from({ length: 10 }, () => connect((server.address() as AddressInfo).port, "127.0.0.1"));
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  for (const socket of sockets)
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 20001\r\n\r\n${"x".repeat(20_000)}`);
  await begun.promise;
  for (const socket of sockets) socket.write("x");
  while (turns.length < 10) {
    await new Promise((resolve) => void setImmediate(resolve));
    turn += 1;
  }
  expect(new Set(turns).size).toBe(10);
});

test("who sends ever more ahead without an answer is cut off; one after the other may be any number", async () => {
  const held = Promise.withResolvers<void>();
  const entrance = { http: () => held.promise } as unknown as Entrance;
  const app = { slack: { standing: () => ({ refused: null }) }, log: { error: () => undefined } } as unknown as App;
  const listening = await listen(app, entrance, { number: 0, asked: true }, "127.0.0.1");
  onTestFinished(() => listening.close());
  const greedy = connect(listening.port, "127.0.0.1").on("error", () => undefined); // cut while it still sends
  greedy.write("POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n".repeat(2_000));
  await new Promise((resolve) => greedy.once("close", resolve));
  const patient = connect(listening.port, "127.0.0.1");
  onTestFinished(() => void patient.destroy());
  for (let times = 0; times < 300; times += 1) {
    patient.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    const [answer] = (await once(patient, "data")) as [Buffer];
    expect(answer.toString()).toContain(" 200 ");
  }
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
