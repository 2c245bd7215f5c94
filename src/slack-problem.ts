import { networkProblem } from "./checks/network-problem.ts";
import { Invalid, Unavailable } from "./errors.ts";
import { isLacking, SlackLimited, SlackRefused } from "./slack-client.ts";

/** Why Slack cannot be used, for whoever set it up: what came instead, and the next step. Neither holds an address or a token. */
export type SlackProblem = { readonly sentence: string; readonly hint: string };

/** The two that Slack gives, as people know them, and what to do about one that it does not take. */
const TOKENS = {
  bot: {
    is: "the bot token",
    hint: "Copy the Bot User OAuth Token (xoxb-…) of the installed app into SLACK_BOT_TOKEN.",
  },
  app: {
    is: "the app-level token",
    hint: "Copy the App-Level Token (xapp-…) with the scope connections:write into SLACK_APP_TOKEN, and see that Socket Mode is on in the app's settings.",
  },
} as const;
export type Token = keyof typeof TOKENS;

/** What to do instead, by Slack's word for why. */
const REFUSALS: Readonly<Record<string, string>> = {
  account_inactive: "The app was uninstalled, or its workspace is gone: install it, and copy its new token.",
  token_revoked: "The token was revoked: install the app again, and copy its new token.",
  token_expired:
    "The app's tokens expire, and Daytwo does not renew them: make an app from manifest.json, without token rotation.",
  org_login_required: "Slack is moving the workspace into an organisation: start again when that is over.",
  accesslimited: "The workspace lets only some networks in: have this machine's added.",
};

export function slackProblem(error: unknown, token: Token): SlackProblem {
  if (isLacking(error)) return notSlack("it does not know the Web API");
  if (error instanceof SlackRefused)
    return {
      sentence: `Slack does not accept ${TOKENS[token].is} (${error.error}).`,
      hint: REFUSALS[error.error] ?? TOKENS[token].hint,
    };
  if (error instanceof SlackLimited)
    return {
      sentence: `Slack asks to be left alone for ${error.retryAfter / 1_000} s.`,
      hint: "Start again after that; if it stays so, see what else calls Slack with the same token.",
    };
  return byCause(error);
}

/** The same to be thrown at start. */
export function cannotStart(error: unknown, token: Token): Invalid | Unavailable {
  const { sentence, hint } = slackProblem(error, token);
  const Kind = error instanceof SlackRefused ? Invalid : Unavailable;
  return new Kind(sentence, { cause: error, hint });
}

/** Slack's own answers have no status but 200 and 429, unless it is in trouble. */
function byCause(error: unknown): SlackProblem {
  const causes = causesOf(error);
  for (const each of causes) {
    if (each instanceof SlackRefused) return inTrouble(each.error);
    if ("statusCode" in each && Number(each.statusCode) >= 500) return inTrouble(`status ${String(each.statusCode)}`);
    if ("statusCode" in each) return notSlack(`status ${String(each.statusCode)}`);
    if ("data" in each) return notSlack("a page, or something else that is no answer of the Web API");
    if (each.message === "unexpected redirect") return notSlack("it sends us to another address");
    const byProxy = /^Proxy response \((\d+)\)/.exec(each.message)?.[1];
    if (byProxy !== undefined) return throughProxy(byProxy);
  }
  const isLate = causes.some(({ name }) => name === "TimeoutError");
  const words = isLate ? "no answer in time" : networkProblem(error)?.words;
  return {
    sentence: words === undefined ? "Slack does not answer." : `Slack does not answer: ${words}.`,
    hint: "Check the network, and SLACK_API_URL if it is set.",
  };
}

function throughProxy(status: string): SlackProblem {
  return {
    sentence: `The proxy on the way to Slack lets nothing through (status ${status}).`,
    hint: "Have it let this machine through to Slack; one that wants a login is written http://user:password@host:port.",
  };
}

function inTrouble(what: string): SlackProblem {
  return {
    sentence: `Slack is in trouble: it answers ${what}.`,
    hint: "Try again in a minute; https://slack-status.com tells how Slack is. If SLACK_API_URL is set, see that it is right.",
  };
}

function notSlack(what: string): SlackProblem {
  return {
    sentence: `What answers in Slack's place is not Slack: ${what}.`,
    hint: "See that no proxy or login page is in between; SLACK_API_URL, if it is set, is the address before the methods' names, such as https://slack.com/api/.",
  };
}

/** An error and what caused it, the outermost first. */
function causesOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
