import { readFile } from "node:fs/promises";
import type { Connection } from "../../config/slack.ts";
import { isLacking, openSlackClient, type SlackClient } from "../../slack-client.ts";
import { slackProblem } from "../../slack-problem.ts";
import { scopesIn } from "../../workspace.ts";
import { doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";

/** Whether Slack takes our tokens, what it lets us do, and how its requests reach us. */

const SLACK_OWN = "https://slack.com/api/";
const PATIENCE = 5_000; // ms that one call may take

export function connected({ config }: Patient): Connection | null {
  return config.slack.mode === "local" ? null : config.slack;
}

export function clientFor(slack: Connection, token = slack.botToken): SlackClient {
  return openSlackClient({ token, apiUrl: slack.apiUrl, timeout: PATIENCE });
}

export function apiUrlOf(slack: Connection): string {
  return slack.apiUrl ?? SLACK_OWN;
}

export async function examineSlack(patient: Patient): Promise<readonly Finding[]> {
  const slack = connected(patient);
  if (slack === null)
    return [
      unexamined(
        "No tokens are set: Slack is the local workspace, which starts with `npm start`.",
        "For your own Slack, set SLACK_BOT_TOKEN and SLACK_APP_TOKEN; the README has the steps.",
      ),
    ];
  const [token, way] = await Promise.all([examineToken(slack), examineWay(slack)]);
  return [...token, way];
}

async function examineToken(slack: Connection): Promise<readonly Finding[]> {
  try {
    const me = await clientFor(slack).call("auth.test", {});
    const who = well(`Slack takes the bot token: ${named(me["user"])} in ${named(me["team"])}.`);
    return [who, await examineScopes(scopesIn(me)), lookingBack(scopesIn(me))];
  } catch (error) {
    const { sentence, hint } = slackProblem(error, "bot");
    return [ill(sentence, hint)];
  }
}

function named(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : "a name that it does not tell";
}

async function examineScopes(granted: readonly string[] | null): Promise<Finding> {
  if (granted === null)
    return doubtful(
      "This server does not say which scopes the token has.",
      "See that the app has the scopes of manifest.json.",
    );
  const { bot, bot_optional: optional = [] } = await wantedScopes();
  const missing = bot.filter((scope) => !granted.includes(scope));
  const declined = optional.filter((scope) => !granted.includes(scope));
  if (missing.length === 0 && declined.length > 0)
    return well(`The token has every scope of manifest.json but the optional ${declined.join(", ")}.`);
  if (missing.length === 0) return well("The token has every scope of manifest.json.");
  return ill(
    `The token lacks ${missing.join(", ")}.`,
    "Add what is missing under OAuth & Permissions → Bot Token Scopes, then choose Reinstall to Workspace.",
  );
}

const HISTORY = ["channels:history", "groups:history"];

/** What is done about a message that Slack took and never confirmed. */
function lookingBack(granted: readonly string[] | null): Finding {
  const missing = HISTORY.filter((scope) => granted?.includes(scope) !== true);
  if (missing.length === 0)
    return well("A message that Slack took and never confirmed is found again, by the history scopes.");
  return unexamined(
    `A message that Slack took and never confirmed may be there twice until its first click: ${missing.join(", ")} is not granted.`,
    "To have it looked for instead, add that under OAuth & Permissions → Bot Token Scopes and reinstall the app. It lets the bot read those channels.",
  );
}

type Scopes = { readonly bot: readonly string[]; readonly bot_optional?: readonly string[] };

async function wantedScopes(): Promise<Scopes> {
  const text = await readFile(new URL("../../../manifest.json", import.meta.url), "utf8");
  const manifest = JSON.parse(text) as { oauth_config: { scopes: Scopes } };
  return manifest.oauth_config.scopes;
}

async function examineWay(slack: Connection): Promise<Finding> {
  if (slack.mode === "http")
    return unexamined(
      "HTTP: Slack calls the bot, which cannot be tried from here.",
      "Have https://<your host>/slack/events reach PORT, and give that address in the app's settings for the command, interactivity and events.",
    );
  try {
    const { url } = await clientFor(slack, slack.appToken).call("apps.connections.open", {});
    if (typeof url === "string" && url !== "") return well("Slack takes the app token: Socket Mode can connect.");
    return ill("Slack takes the app token and gives no address to connect to.", "Try again in a minute.");
  } catch (error) {
    if (isLacking(error))
      return ill(
        "This server has no Socket Mode.",
        "Use HTTP with it: set SLACK_SIGNING_SECRET, and leave SLACK_APP_TOKEN unset.",
      );
    const { sentence, hint } = slackProblem(error, "app");
    return ill(sentence, hint);
  }
}
