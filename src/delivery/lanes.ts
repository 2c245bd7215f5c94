import type { Limit } from "../store/pace.ts";

/**
 * How fast Slack lets us go, by what it limits together: new messages by their channel and all of them by the workspace,
 * everything else by its method. A little slower than Slack says, because calls do not take equally long to get there.
 */

const CHANNEL = { every: 1_030, burst: 0 }; // one message a second in a channel

/** Slack's tier → so many calls a minute, with a few more after a rest: together never more than the tier. */
const METHODS: Readonly<Record<string, Omit<Limit, "key">>> = {
  "chat.postMessage": { every: 150, burst: 20 }, // several hundred a minute in a workspace
  "chat.update": { every: 1_220, burst: 0 }, // tier 3, 50 a minute, all of which cards may need
  "chat.delete": { every: 1_500, burst: 9 },
  "chat.getPermalink": { every: 200, burst: 20 }, // hundreds a minute
  "conversations.open": { every: 1_500, burst: 9 },
  "conversations.history": { every: 1_500, burst: 9 },
  "conversations.replies": { every: 1_500, burst: 9 },
  "conversations.list": { every: 4_000, burst: 4 }, // tier 2, 20 a minute
};

/** The limit of a lane, which is a method or `channel:<id>`. */
export function limitOf(key: string): Limit {
  return { key, ...(METHODS[key] ?? CHANNEL) };
}
