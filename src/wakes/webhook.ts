import { createHmac } from "node:crypto";
import type { Wake } from "../domain/wake.ts";
import { post, type Outcome } from "./answer.ts";
import { addressOf, type WakeFacts, type Use } from "./facts.ts";

/**
 * A webhook that is signed as Standard Webhooks says: HMAC-SHA256 over `id.timestamp.body`, in base64, beneath three
 * headers. The id is the same when one alarm is sent again. https://www.standardwebhooks.com
 */

export async function webhook(
  { url, secret }: Extract<Wake, { kind: "webhook" }>,
  facts: WakeFacts,
  use: Use,
): Promise<Outcome> {
  const key = keyOf((await use.secret(secret)).trim());
  const address = await addressOf(url, use);
  if (!URL.canParse(address)) return { kind: "refused", why: "its url is no address" };
  const body = JSON.stringify({
    type: `alarm.${facts.alarm}`,
    timestamp: facts.at.toISOString(),
    data: {
      key: facts.key,
      summary: facts.summary,
      item: facts.item,
      service: facts.service,
      severity: facts.severity,
      since: facts.since.toISOString(),
      person: facts.person,
      links: facts.links,
    },
  });
  const id = `${facts.key}/${facts.alarm}/${facts.at.getTime()}`;
  const timestamp = `${Math.floor(facts.at.getTime() / 1000)}`;
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return post({
    url: address,
    headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` },
    body,
  });
}

const PREFIX = "whsec_";

/** The specification writes a secret as base64 behind `whsec_`; any other is taken as it is. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), "base64") : Buffer.from(secret, "utf8");
}
