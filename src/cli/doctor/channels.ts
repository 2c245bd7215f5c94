import { channelsOf } from "../../domain/channels.ts";
import { SlackRefused, type Answer, type SlackClient } from "../../slack-client.ts";
import { because, doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";
import { scopesIn } from "../../workspace.ts";
import { clientFor, connected } from "./slack.ts";

/** Whether the bot can post in every channel that the catalog names. */
export async function examineChannels(patient: Patient): Promise<readonly Finding[]> {
  const slack = connected(patient);
  if (slack === null) return [unexamined("The local workspace makes the catalog's channels.")];
  if (patient.catalog === null) return [unexamined("Without a catalog that can be read, no channel is known.")];
  const client = clientFor(slack);
  const names = channelsOf(patient.catalog);
  const [listed, scopes] = await Promise.all([
    names.some((name) => name.startsWith("#")) ? listChannels(client) : [],
    client.call("auth.test", {}).then(scopesIn, () => null),
  ]);
  // One after another: Slack takes fifty such questions a minute.
  const findings: Finding[] = [];
  for (const name of names) findings.push(await examineOne(client, name, listed, scopes));
  return findings;
}

type Listed = readonly Answer[] | SlackRefused;

async function listChannels(client: SlackClient): Promise<Listed> {
  const channels: Answer[] = [];
  let cursor = "";
  try {
    do {
      const types = "public_channel,private_channel";
      const page = await client.call("conversations.list", { limit: 1000, types, cursor });
      channels.push(...((page["channels"] ?? []) as readonly Answer[]));
      cursor = ((page["response_metadata"] ?? {}) as { next_cursor?: string }).next_cursor ?? "";
    } while (cursor !== "");
    return channels;
  } catch (error) {
    if (error instanceof SlackRefused) return error;
    throw error;
  }
}

async function examineOne(
  client: SlackClient,
  name: string,
  listed: Listed,
  scopes: readonly string[] | null,
): Promise<Finding> {
  try {
    const found = name.startsWith("#") ? byName(name.slice(1), listed) : await byId(client, name);
    return found === undefined ? missing(name) : judge(name, found, scopes);
  } catch (error) {
    if (!(error instanceof SlackRefused))
      return ill(`${name} cannot be looked up: ${because(error)}.`, "Try again in a minute.");
    if (error.error === "channel_not_found") return missing(name);
    if (error.error === "unknown_method" && !name.startsWith("#"))
      return doubtful(
        `This server cannot tell about ${name}.`,
        "See for yourself that the channel is there and the bot in it.",
      );
    if (error.error === "unknown_method")
      return ill(
        `This server cannot look up ${name}, because it has no conversations.list.`,
        "Write the channel's id (C…) in the catalog instead of its name.",
      );
    return ill(`${name} cannot be looked up: Slack answers ${error.error}.`, scopeHint(error));
  }
}

function scopeHint(error: SlackRefused): string {
  return error.error === "missing_scope"
    ? "Give the app the scopes of manifest.json, then reinstall it."
    : "Put right what is said about the bot token above.";
}

function byName(name: string, listed: Listed): Answer | undefined {
  if (listed instanceof SlackRefused) throw listed;
  return listed.find((channel) => channel["name"] === name);
}

async function byId(client: SlackClient, id: string): Promise<Answer> {
  return (await client.call("conversations.info", { channel: id }))["channel"] as Answer;
}

function missing(name: string): Finding {
  return ill(
    `${name} is not there, or it is private and the bot is not in it.`,
    "Make the channel, or correct its name in the catalog; into a private one, invite the bot.",
  );
}

function judge(name: string, channel: Answer, scopes: readonly string[] | null): Finding {
  if (channel["is_archived"] === true)
    return ill(`${name} is archived.`, "Unarchive the channel, or name another one in the catalog.");
  if (channel["is_member"] === true) return well(`The bot is in ${name}.`);
  if (channel["is_private"] === true || scopes?.includes("chat:write.public") === false)
    return ill(`The bot is not in ${name}, so it cannot post there.`, `In ${name}, write /invite and the bot's name.`);
  return well(`The bot can post in ${name}, which is public.`);
}
