import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** Small servers that a test writes itself, and such as stand before a double and tell otherwise what that answers. */

type Asked = {
  readonly method: string;
  readonly url: string;
  /** The same without what is asked for. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
/** A text is sent as it is, all else as JSON. */
export type Said = { readonly status: number; readonly body: unknown; readonly type?: string };

export const NOT_FOUND: Said = { status: 404, body: "<html><h1>Not Found</h1></html>", type: "text/html" };

/** Until the test has ended. Its address. */
export async function openSmallServer(answers: (asked: Asked) => Said | Promise<Said>): Promise<string> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "", headers } = request;
    const body = await text(request);
    const said = await answers({ method, url, path: url.split("?", 1)[0] ?? "", headers, body });
    // In pieces, without saying how long it is.
    response.writeHead(said.status, { "content-type": said.type ?? "application/json" });
    response.write(" ");
    response.end(typeof said.body === "string" ? said.body : JSON.stringify(said.body));
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * Answers as the double does that is behind it, but for what `differs` makes of that, and beneath a path of its own. Its
 * address, with a slash at its end as people write one.
 */
export async function openStandIn(behind: string, differs: (path: string, said: Said) => Said): Promise<string> {
  const server = await openSmallServer(async ({ method, url, path, headers, body }) => {
    if (!url.startsWith("/beneath/it/")) return NOT_FOUND;
    const { authorization = "", accept = "", range = "" } = headers;
    const answer = await fetch(`${behind}${url.slice("/beneath/it".length)}`, {
      method,
      headers: { authorization, accept, ...(range === "" ? {} : { range }), "content-type": "application/json" },
      ...(body === "" ? {} : { body }),
    });
    return differs(path, { status: answer.status, body: await answer.json() });
  });
  return `${server}/beneath/it/`;
}

/** The same with what `change` makes of each value, the outermost first; what it makes undefined is left out. */
export function everywhere(value: unknown, change: (key: string, value: unknown) => unknown): unknown {
  return JSON.parse(JSON.stringify(value, change)) as unknown;
}
