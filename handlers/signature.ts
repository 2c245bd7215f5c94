import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

const PAST = 300; // seconds that a request may be old, as Slack asks
const FUTURE = 60; // seconds of clock difference that are forgiven

/**
 * Whether a request comes from Slack: `v0=` + hex HMAC-SHA256 of `v0:timestamp:body` under the signing secret
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack), not older than five minutes.
 */
export function isFromSlack(secret: string, headers: IncomingHttpHeaders, body: Buffer, now: Date): boolean {
  const claim = claimOf(headers, now);
  if (claim === null) return false;
  const { timestamp, signature } = claim;
  const expected = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signature.slice(3), "hex"));
}

/** What a request says by its headers, before its body is read; null where no request of Slack's says that now. */
export function claimOf(headers: IncomingHttpHeaders, now: Date): { timestamp: string; signature: string } | null {
  const timestamp = headers["x-slack-request-timestamp"];
  const signature = headers["x-slack-signature"];
  if (typeof timestamp !== "string" || !/^\d{9,11}$/.test(timestamp)) return null;
  if (typeof signature !== "string" || !/^v0=[0-9a-f]{64}$/.test(signature)) return null;
  const age = now.getTime() / 1000 - Number(timestamp);
  return age > PAST || age < -FUTURE ? null : { timestamp, signature };
}
