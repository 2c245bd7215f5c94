import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An outside world that says in every answer what it should keep to itself. */
export type Leaky = { readonly url: string; close(): Promise<void> };

/** A web page that answers with what it was sent, and a supervisor whose releases, facts and refusals are full of it. */
export async function openLeaky(said: readonly string[]): Promise<Leaky> {
  let turn = 0;
  function next(): string {
    turn += 1;
    return said[turn % said.length] ?? "";
  }
  function application(): object {
    return {
      app: "leaky",
      version: 1,
      actions: ["scale", "restart"],
      release: "v9",
      releases: Array.from({ length: 9 }, (_, index) => ({
        release: `v${index + 1}`,
        created_at: "2026-03-02T10:00:00.000Z",
        created_by: next(),
        summary: next(),
        healthy_for_seconds: 9,
      })),
      processes: { web: { wanted: 2, running: 2, healthy: 2, min: 1, max: 9 } },
      url: `http://127.0.0.1/?${encodeURIComponent(next())}`,
      health: "ok",
    };
  }
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "/";
    const supervises = path.startsWith("/apps/");
    const refuses = supervises && request.method === "POST";
    const [status, body] = refuses
      ? [422, { error: "invalid", message: `it cannot be: ${next()}` }]
      : [supervises ? 200 : 500, supervises ? application() : { heard: request.headers, also: next() }];
    response.writeHead(path.includes("/operations/") ? 404 : status, { connection: "close" });
    response.end(JSON.stringify(body));
  }
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
