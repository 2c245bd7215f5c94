import { createHmac } from "node:crypto";
import { request } from "node:http";

/** Requests as Slack signs them, and as somebody else might: over a bare connection that adds nothing and mends nothing. */

export type RawHeaders = Readonly<Record<string, string | string[]>>;
export type RawAnswer = { readonly status: number; readonly body: string };

/** The two headers for a body: by Slack's scheme, unless another secret or time says otherwise. */
export function signed(
  secret: string,
  body: string,
  at: Date,
): Record<"x-slack-request-timestamp" | "x-slack-signature", string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return { "x-slack-request-timestamp": timestamp, "x-slack-signature": signature(secret, timestamp, body) };
}

export function signature(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

/** Sends bytes as they are; without a body it sends none. @throws when the connection broke before an answer came */
export function send(
  url: string,
  options: { method?: string; headers?: RawHeaders; body?: string },
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  let answered = false;
  const outgoing = request(url, { method: options.method ?? "POST", headers: { ...options.headers } }, (response) => {
    answered = true;
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    response.on("error", reject);
  });
  // A server that answers early and hangs up makes the rest of a large body fail; its answer counts.
  outgoing.on("error", (error) => (answered ? undefined : reject(error)));
  outgoing.end(options.body);
  return promise;
}
