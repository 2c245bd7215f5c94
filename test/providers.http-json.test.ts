import { once } from "node:events";
import http, { Agent, createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ask } from "../src/providers/http-json.ts";

/** Requests to HTTP APIs, on their way. */

const usual = http.globalAgent;
const servers: Server[] = [];
afterEach(() => {
  http.globalAgent = usual;
  for (const each of servers.splice(0)) each.close();
});

async function openServer(answers: (path: string) => void): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    answers(url);
    response.end("{}");
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("changes go through the proxy that looks go through", async () => {
  const passed: string[] = [];
  const direct: string[] = [];
  const HTTP_PROXY = await openServer((path) => passed.push(path));
  const system = await openServer((path) => direct.push(path));
  // As Node has it from its environment with NODE_USE_ENV_PROXY.
  http.globalAgent = new Agent({ keepAlive: true, proxyEnv: { HTTP_PROXY } });
  for (const method of ["GET", "POST"])
    await ask({ method, url: new URL(`${system}/${method}`) }, AbortSignal.timeout(10_000));
  expect([passed, direct]).toEqual([[`${system}/GET`, `${system}/POST`], []]);
});

test("a look that finds its kept connection closed is made again on one of its own, and no other", async () => {
  const asked = new Map<Socket, number>();
  const server = createServer(({ socket }, response) => {
    asked.set(socket, (asked.get(socket) ?? 0) + 1);
    if (asked.get(socket) === 1) response.end("{}");
    else socket.destroy();
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const statuses: number[] = [];
  for (const method of ["GET", "GET", "POST"])
    statuses.push((await ask({ method, url }, AbortSignal.timeout(10_000))).status);
  expect([statuses, [...asked.values()]]).toEqual([
    [200, 200, 200],
    [2, 1, 1],
  ]);
});
