/** One signed HTTP request to the app, with the content types that Slack uses. */

import { createHmac } from "node:crypto";
import type { Attempt, Outcome, PayloadKind } from "./attempt.ts";
import type { Fields } from "../json.ts";
import { parseJson } from "../json.ts";
import type { World } from "./world.ts";

const FORM = "application/x-www-form-urlencoded";

/** How each kind of payload is written into a request body. */
const BODIES: Record<PayloadKind, { contentType: string; write(payload: Fields): string }> = {
  events_api: { contentType: "application/json", write: (payload) => JSON.stringify(payload) },
  slash_commands: {
    contentType: FORM,
    write: (payload) => new URLSearchParams(payload as Record<string, string>).toString(),
  },
  interactive: {
    contentType: FORM,
    write: (payload) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
  },
};

export async function signedRequest(world: World, url: string, attempt: Attempt, deadlineMs: number): Promise<Outcome> {
  const body = BODIES[attempt.kind];
  const { retry, payload } = attempt;
  const retryHeaders =
    retry === null ? {} : { "x-slack-retry-num": String(retry.num), "x-slack-retry-reason": retry.reason };
  return request(world, url, body.write(payload), { "content-type": body.contentType, ...retryHeaders }, deadlineMs);
}

/** Signs and sends `body` as it is; headers given here win over Slack's own. */
export async function request(
  world: World,
  url: string,
  body: string,
  headers: Record<string, string>,
  deadlineMs: number,
): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "error",
      body,
      headers: { "user-agent": "Slackbot 1.0", ...signature(world, body), ...headers },
      signal: AbortSignal.timeout(deadlineMs),
    });
    const text = await response.text();
    if (response.ok) return { acked: true, body: text === "" ? {} : (parseJson(text) ?? { text }) };
    return { acked: false, reason: "http_error", status: response.status };
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return { acked: false, reason: isLate ? "http_timeout" : "connection_failed" };
  }
}

/** Apps refuse a stale timestamp by their own clock, so a workspace whose clock was set back signs with the machine's. */
function signature(world: World, body: string): Record<string, string> {
  const seconds = Math.floor(Math.max(world.clock.now(), Date.now()) / 1000);
  const mac = createHmac("sha256", world.options.signingSecret).update(`v0:${seconds}:${body}`).digest("hex");
  return { "x-slack-request-timestamp": String(seconds), "x-slack-signature": `v0=${mac}` };
}
