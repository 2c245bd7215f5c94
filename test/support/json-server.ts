import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { TLSSocket } from "node:tls";

/**
 * What all doubles of HTTP APIs stand on: the double answers as its API would, and what becomes of the next request goes
 * wrong where a test says so. The double itself knows nothing of that.
 */
export type JsonServer = {
  readonly url: string;
  /** What becomes of the next change, and of the next look, instead of an orderly answer. */
  changes(ending: Ending): void;
  looks(ending: Ending): void;
  /** Whether something is held back, and lets it go on its way. */
  isHolding(): boolean;
  release(): void;
  close(): Promise<void>;
};

/**
 * - a status: answered so, and the double never hears of it
 * - `breaks before`, `breaks after`: the connection breaks before or after the double has acted
 * - `truncates`: the double acts, and half of its answer comes
 * - `stalls before`, `stalls after`: held back before or after the double acts, until it is released
 */
export type Ending =
  | { readonly status: number; readonly retryAfter?: string }
  | "breaks before"
  | "breaks after"
  | "truncates"
  | "stalls before"
  | "stalls after";

export type Call = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whose certificate it was, where one came that is good. */
  readonly person: string | null;
  /** For answers that do not end: what is written here is sent, and no reply is given. */
  readonly response: ServerResponse;
};
export type Reply = {
  readonly status: number;
  /** Sent as JSON; a text of another type is sent as it is. */
  readonly body: unknown;
  readonly headers?: Record<string, string>;
};

export type Double = {
  /** Null where it writes the answer itself. */
  answer(call: Call): Promise<Reply | null> | Reply | null;
  isChange(call: Pick<Call, "method" | "url" | "headers" | "body">): boolean;
  /** What the API says with a status that a test asks for. */
  says(status: number): unknown;
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
};

export async function openJsonServer(double: Double): Promise<JsonServer> {
  let next: { change?: Ending | undefined; look?: Ending | undefined } = {};
  let held = Promise.withResolvers<void>();
  let holding = 0;

  async function hold(): Promise<void> {
    holding += 1;
    await held.promise;
    holding -= 1;
  }
  function taken(call: Call): Ending | undefined {
    const which = double.isChange(call) ? "change" : "look";
    const ending = next[which];
    next = { ...next, [which]: undefined };
    return ending;
  }
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = request;
    const body = await text(request);
    const person = personOf(request.socket);
    const call = { method, url: new URL(url, "http://double"), headers, body, person, response };
    const ending = taken(call);
    if (typeof ending === "object") {
      const { status, retryAfter } = ending;
      return send(response, {
        status,
        body: double.says(status),
        headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
      });
    }
    if (ending === "breaks before") return void request.socket.destroy();
    if (ending === "stalls before") await hold();
    const reply = await double.answer(call);
    if (ending === "breaks after") return void request.socket.destroy();
    if (ending === "stalls after") await hold();
    if (reply !== null) send(response, reply, ending === "truncates");
  }
  function listener(request: IncomingMessage, response: ServerResponse): void {
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`the double broke: ${String(error)}\n`);
      request.socket.destroy();
    });
  }
  const server =
    double.tls === undefined
      ? createServer(listener)
      : createSecureServer({ ...double.tls, requestCert: true, rejectUnauthorized: false }, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http${double.tls === undefined ? "" : "s"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    changes: (change) => void (next = { ...next, change }),
    looks: (look) => void (next = { ...next, look }),
    isHolding: () => holding > 0,
    release() {
      held.resolve();
      held = Promise.withResolvers();
    },
    async close() {
      held.resolve();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function personOf(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const name = socket.getPeerCertificate().subject.CN;
  return typeof name === "string" ? name : null;
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply, half = false): void {
  const isText = typeof body === "string" && "content-type" in headers;
  const text = isText ? body : (JSON.stringify(body) ?? "");
  const sent = half ? text.slice(0, text.length / 2) : text;
  response.writeHead(status, { "content-type": "application/json", connection: "close", ...headers });
  response.end(sent);
}
