/** Calls of the Web API as the app makes them, without retries. */

import { WebClient } from "@slack/web-api";
import type { Logger, LogLevel } from "@slack/web-api";
import type { Slack } from "./slack.ts";

/** Says nothing: what goes wrong in these tests goes wrong on purpose. */
export const logger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => "error" as LogLevel,
};

export function client(slack: Slack, token = slack.botToken, timeout = 5000): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
    logger,
  });
}

/** The `data` of a call that Slack answers with ok: false. */
export async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "it was accepted",
    (error: unknown) => (error as { data: unknown }).data,
  );
}

export async function respondTo(url: string, body: object): Promise<number> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return response.status;
}
