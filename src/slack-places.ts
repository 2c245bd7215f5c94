import type { App } from "./app.ts";
import { isLacking, SlackRefused, SlackSilent, type Answer } from "./slack-client.ts";

/** The channel ids of places that we know by other words. Where a server does not look them up, it is told those words. */

/** @throws SlackRefused `channel_not_found` when no channel that we can see has this name */
export async function channelNamed(app: App, name: string): Promise<string> {
  let cursor = "";
  do {
    const page = await unlessLacking(
      app.slack.call("conversations.list", {
        limit: 1000,
        exclude_archived: true,
        types: "public_channel,private_channel",
        cursor,
      }),
    );
    if (page === null) return `#${name}`;
    const found = channelsOf(page).find((channel) => channel["name"] === name);
    if (found !== undefined) return idOf(found, "conversations.list");
    const next = isRecord(page["response_metadata"]) ? page["response_metadata"]["next_cursor"] : null;
    cursor = typeof next === "string" && next !== cursor ? next : "";
  } while (cursor !== "");
  throw new SlackRefused("conversations.list", "channel_not_found", [`no channel is called #${name}`], {});
}

/** The channel of somebody's direct messages. */
export async function directMessages(app: App, account: string): Promise<string> {
  const answer = await unlessLacking(app.slack.call("conversations.open", { users: account }));
  return answer === null ? account : idOf(answer["channel"], "conversations.open");
}

async function unlessLacking(asked: Promise<Answer>): Promise<Answer | null> {
  return asked.catch((error: unknown) => {
    if (isLacking(error)) return null;
    throw error;
  });
}

function channelsOf(page: Answer): readonly Answer[] {
  if (Array.isArray(page["channels"])) return page["channels"].filter(isRecord);
  throw new SlackSilent("Slack's answer to conversations.list has no channels in it");
}

function idOf(channel: unknown, method: string): string {
  if (isRecord(channel) && typeof channel["id"] === "string" && channel["id"] !== "") return channel["id"];
  throw new SlackSilent(`Slack's answer to ${method} has no channel in it`);
}

function isRecord(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
