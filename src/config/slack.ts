import type { Complain, ConfigName, Values } from "./names.ts";
import { readUrl } from "./readers.ts";

/** How the bot reaches Slack. `apiUrl` ends with a slash and is absent for Slack's own. */
export type SlackConfig =
  | { readonly mode: "local" }
  | { readonly mode: "socket"; readonly botToken: string; readonly appToken: string; readonly apiUrl?: string }
  | { readonly mode: "http"; readonly botToken: string; readonly signingSecret: string; readonly apiUrl?: string };

/** What the bot needs to connect. */
export type Connection = Exclude<SlackConfig, { mode: "local" }>;

export function readSlack(values: Values, complain: Complain): SlackConfig {
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = values;
  const apiUrl = readApiUrl(values, complain);
  if (botToken === undefined) {
    for (const name of ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"] as const) {
      if (values[name] !== undefined)
        complain(name, `is set without SLACK_BOT_TOKEN. Set both, or neither for the local workspace.`);
    }
    return { mode: "local" };
  }
  const check = apiUrl.apiUrl === undefined ? checkToken : checkOthersToken;
  check("SLACK_BOT_TOKEN", botToken, "xoxb-", "OAuth & Permissions → Bot User OAuth Token", complain);
  if (appToken !== undefined) {
    check("SLACK_APP_TOKEN", appToken, "xapp-", "Basic Information → App-Level Tokens", complain);
    return { mode: "socket", botToken, appToken, ...apiUrl };
  }
  if (signingSecret === undefined) {
    complain("SLACK_BOT_TOKEN", "is set alone. Add SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP.");
    return { mode: "local" };
  }
  if (/\s/.test(signingSecret) || /^x(ox[a-z]|app)-/.test(signingSecret)) {
    complain("SLACK_SIGNING_SECRET", "is not a signing secret. Copy it from Basic Information → App Credentials.");
  }
  return { mode: "http", botToken, signingSecret, ...apiUrl };
}

/** What tokens look like on a server that is not Slack's is for that server to say. */
function checkOthersToken(name: ConfigName, token: string, _prefix: string, _where: string, complain: Complain): void {
  if (!/^[\x21-\x7e]+$/.test(token))
    complain(name, "has characters that no token has. Copy it again from your server.");
}

function checkToken(name: ConfigName, token: string, prefix: string, where: string, complain: Complain): void {
  if (!token.startsWith(prefix)) complain(name, `must begin with ${prefix}. Copy it from ${where}.`);
  else if (!/^[A-Za-z0-9-]{6,}$/.test(token))
    complain(name, `is cut off or has characters that no token has. Copy it again from ${where}.`);
}

function readApiUrl(values: Values, complain: Complain): { apiUrl?: string } {
  const url = readUrl("SLACK_API_URL", "http://127.0.0.1:3001/api/", values, complain);
  if (url === null) return {};
  return { apiUrl: url.endsWith("/") ? url : `${url}/` };
}
