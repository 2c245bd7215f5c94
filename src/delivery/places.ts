import type { App } from "../app.ts";
import { channelsOf } from "../domain/channels.ts";
import { isObject, objectIn, textOf } from "../domain/json-object.ts";
import { isLacking, SlackLimited, SlackRefused, SlackSilent, type Answer } from "../slack-client.ts";
import { keepChannels } from "../store/channels.ts";

/** The channel ids of places that we know by other words. Where a server does not look them up, it is told those words. */

/**
 * What Slack tells of other channels that the catalog names is kept too, since it answers this twenty times a minute. Where a
 * large workspace has more pages than that, the next look goes on where this one stopped.
 * @throws SlackRefused `channel_not_found` when no channel that we can see has this name
 */
export async function channelNamed(app: App, name: string): Promise<string> {
  const { pages } = app.memory;
  let cursor = pages.get(name) ?? "";
  pages.delete(name);
  do {
    const page = await unlessLacking(
      app.slack.call("conversations.list", {
        limit: 1000,
        exclude_archived: true,
        types: "public_channel,private_channel",
        cursor,
      }),
    ).catch((error: unknown) => {
      if (error instanceof SlackLimited) pages.set(name, cursor);
      throw error;
    });
    if (page === null) return `#${name}`;
    const wanted = new Set([...channelsOf(app.inForce().catalog), `#${name}`]);
    const there = new Map(
      channelsIn(page)
        .filter((channel) => wanted.has(`#${String(channel["name"])}`))
        .map((channel) => [String(channel["name"]), idOf(channel, "conversations.list")]),
    );
    await keepChannels(app.db, there);
    const found = there.get(name);
    if (found !== undefined) return found;
    const next = textOf(objectIn(page, "response_metadata")["next_cursor"]) ?? "";
    cursor = next === cursor ? "" : next;
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

function channelsIn(page: Answer): readonly Answer[] {
  if (Array.isArray(page["channels"])) return page["channels"].filter(isObject);
  throw new SlackSilent("Slack's answer to conversations.list has no channels in it");
}

function idOf(channel: unknown, method: string): string {
  const id = isObject(channel) ? textOf(channel["id"]) : null;
  if (id !== null) return id;
  throw new SlackSilent(`Slack's answer to ${method} has no channel in it`);
}
