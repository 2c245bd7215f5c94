import { createServer, request } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { listenNear } from "../ports.ts";

/** One web process behind the balancer. */
export type Backend = { readonly port: number; healthy: boolean };

export type Balancer = {
  readonly port: number;
  add(backend: Backend): void;
  /** Sends it nothing new, and resolves when what it was busy with is answered (or its time is up). */
  drain(backend: Backend): Promise<void>;
  /** The share of requests that failed lately; undefined after too few of them. */
  failing(): number | undefined;
  /** Starts counting anew. */
  forget(): void;
  close(): Promise<void>;
};

/** How far back `failing` looks, and how few requests say nothing. */
const WINDOW = 30_000;
const ENOUGH = 5;
const DRAINS_WITHIN = 10_000;
const PER_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding"]);

/** A reverse proxy on loopback: takes healthy backends in turn and retries nothing, so a failure is seen by whoever asked. */
export async function openBalancer(preferredPort: number): Promise<Balancer> {
  const backends: Backend[] = [];
  const busy = new Map<Backend, number>();
  const idle = new Map<Backend, () => void>();
  const outcomes: { at: number; failed: boolean }[] = [];

  function choose(): Backend | undefined {
    const turn = backends.findIndex((backend) => backend.healthy);
    const [chosen] = turn < 0 ? [] : backends.splice(turn, 1);
    if (chosen !== undefined) backends.push(chosen);
    return chosen;
  }

  function finished(backend: Backend): void {
    const left = (busy.get(backend) ?? 1) - 1;
    busy.set(backend, left);
    if (left === 0) idle.get(backend)?.();
  }

  function recent(): { at: number; failed: boolean }[] {
    const since = Date.now() - WINDOW;
    outcomes.splice(0, outcomes.findLastIndex(({ at }) => at < since) + 1);
    return outcomes;
  }

  const server = createServer((incoming, answer) => {
    const backend = choose();
    answer.once("close", () => recent().push({ at: Date.now(), failed: answer.statusCode >= 500 }));
    if (backend === undefined) {
      refuse(answer, 503, "No process of this app is healthy.");
      return;
    }
    busy.set(backend, (busy.get(backend) ?? 0) + 1);
    forward(incoming, answer, backend.port, () => finished(backend));
  });
  const port = await listenNear(server, preferredPort);

  return {
    port,
    add: (backend) => void backends.push(backend),
    async drain(backend) {
      const index = backends.indexOf(backend);
      if (index >= 0) backends.splice(index, 1);
      if ((busy.get(backend) ?? 0) > 0) {
        await new Promise<void>((resolve) => {
          idle.set(backend, resolve);
          setTimeout(resolve, DRAINS_WITHIN).unref();
        });
      }
      busy.delete(backend);
      idle.delete(backend);
    },
    failing() {
      const seen = recent();
      return seen.length < ENOUGH ? undefined : seen.filter(({ failed }) => failed).length / seen.length;
    },
    forget: () => void outcomes.splice(0),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Each request goes over a connection of its own: a kept one could be closed by the backend just as it is used. */
function forward(incoming: IncomingMessage, answer: ServerResponse, port: number, done: () => void): void {
  const onward = request({
    host: "127.0.0.1",
    port,
    method: incoming.method,
    path: incoming.url,
    headers: { ...incoming.headers, connection: "close" },
    agent: false,
  });
  onward.once("response", (response) => {
    const headers = Object.entries(response.headers).filter(([name]) => !PER_CONNECTION.has(name));
    answer.writeHead(response.statusCode ?? 502, Object.fromEntries(headers));
    pipeline(response, answer, () => {});
  });
  onward.once("error", () => {
    if (answer.headersSent) answer.destroy();
    else refuse(answer, 502, "The process did not answer.");
  });
  onward.once("close", done);
  answer.once("close", () => onward.destroy());
  pipeline(incoming, onward, () => {});
}

function refuse(answer: ServerResponse, status: number, sentence: string): void {
  answer.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${sentence}\n`);
}
