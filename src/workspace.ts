import { Invalid, Unavailable } from "./errors.ts";
import { textOf } from "./domain/json-object.ts";
import type { Log } from "./log.ts";
import { isLacking, type Answer, type SlackClient } from "./slack-client.ts";
import { cannotStart } from "./slack-problem.ts";

/** Who we are in Slack, as `auth.test` said. Slack says all of it; what another server leaves out is null. */
export type Workspace = {
  /** The one team that we serve; null: the server knows no teams, and whomever it names is of ours. */
  readonly team: string | null;
  readonly enterprise: string | null;
  readonly botUser: string | null;
  readonly botId: string | null;
  /** Ends with a slash. */
  readonly url: string | null;
  /** What the token may do, as it was granted when we started; null: the server does not say. */
  readonly scopes: readonly string[] | null;
};

/** @throws Invalid | Unavailable with a sentence for the operator */
export async function whoAreWe(
  slack: SlackClient,
  { apiUrl, log }: { apiUrl: string | undefined; log: Log },
): Promise<Workspace> {
  const me = await slack.call("auth.test", {}).catch((cause: unknown) => {
    throw problemOf(cause, apiUrl);
  });
  // Slack itself always says it; without it nobody could be told from strangers of other workspaces.
  if (apiUrl === undefined && textOf(me["team_id"]) === null)
    throw new Unavailable("Slack does not say which workspace the bot token is for.", {
      hint: "Try again in a minute.",
    });
  const left = (["team_id", "user_id", "bot_id", "url"] as const).filter((name) => textOf(me[name]) === null);
  if (left.length > 0) log.warn({ left }, "auth.test does not say all that Slack says");
  const url = textOf(me["url"]);
  return {
    team: textOf(me["team_id"]),
    enterprise: textOf(me["enterprise_id"]),
    botUser: textOf(me["user_id"]),
    botId: textOf(me["bot_id"]),
    url: url === null || url.endsWith("/") ? url : `${url}/`,
    scopes: scopesIn(me),
  };
}

/** What the answer's `x-oauth-scopes` header granted; null where the server sends none. */
export function scopesIn(answer: Answer): readonly string[] | null {
  const metadata = answer["response_metadata"] as { scopes?: unknown } | undefined;
  if (!Array.isArray(metadata?.scopes)) return null;
  return metadata.scopes.map((scope) => String(scope).trim());
}

function problemOf(cause: unknown, apiUrl: string | undefined): Invalid | Unavailable {
  if (isLacking(cause) && apiUrl !== undefined)
    return new Invalid("What is at SLACK_API_URL has no auth.test, which every Slack-compatible Web API has.", {
      cause,
      hint: "Set it to the address before the methods' names, such as https://slack.com/api/.",
    });
  return cannotStart(cause, "bot");
}
