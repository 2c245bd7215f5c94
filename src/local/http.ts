/** Small HTTP: reading bodies, answering JSON, and keeping strangers' pages away. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { fieldsOf, isFields, parseJson } from "./json.ts";
import type { Fields } from "./json.ts";

/** The whole body. @throws Error when it is larger than `most` bytes */
export async function readBody(request: IncomingMessage, most = 20 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new Error(`The body is larger than ${most} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The fields of a JSON or form body; `null` when it is neither. */
export function parseBody(contentType: string, body: Buffer): Fields | null {
  const text = body.toString("utf8");
  if (text === "") return {};
  if (contentType.startsWith("application/json")) {
    const parsed = parseJson(text);
    return isFields(parsed) ? parsed : null;
  }
  if (contentType.startsWith("application/x-www-form-urlencoded"))
    return fieldsOf(Object.fromEntries(new URLSearchParams(text)));
  return null;
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** False for a name that only leads here by DNS tricks, and for a page of another origin. */
export function isFromHere(request: IncomingMessage, port: number): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.includes(host)) return false;
  return origin === undefined || hosts.some((name) => origin === `http://${name}`);
}
