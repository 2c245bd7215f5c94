/** The arguments of a Web API call: a form whose nested values are JSON text, or a JSON body. */

import { isFields, parseJson } from "../json.ts";
import type { Fields } from "../json.ts";
import { findMessage } from "./messages.ts";
import { invalidArguments, Refusal } from "./refusal.ts";
import type { Person } from "./options.ts";
import type { Channel, Message, World } from "./world.ts";

export function required(args: Fields, key: string): string {
  const value = optional(args, key);
  if (value === undefined) throw invalidArguments(`[ERROR] missing required field: ${key}`);
  return value;
}

export function optional(args: Fields, key: string): string | undefined {
  const value = args[key];
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function flag(args: Fields, key: string): boolean {
  return [true, "true", "1", 1].includes(args[key] as string | number | boolean);
}

/** A nested value, undefined when it was not given. Throws `problem` when it is not of that shape. */
export function objectArgument(args: Fields, key: string, problem: string): Fields | undefined {
  const value = nested(args, key);
  if (value !== undefined && !isFields(value)) throw new Refusal(problem);
  return value;
}

export function listArgument(args: Fields, key: string, problem: string): unknown[] | undefined {
  const value = nested(args, key);
  if (value !== undefined && !Array.isArray(value)) throw new Refusal(problem);
  return value as unknown[] | undefined;
}

function nested(args: Fields, key: string): unknown {
  const value = args[key];
  if (value === undefined || value === null || value === "") return undefined;
  return typeof value === "string" ? (parseJson(value) ?? value) : value;
}

/** One page of a list by Slack's cursor, which here is the place of the next entry. */
export function paged<Entry>(
  args: Fields,
  all: Entry[],
  most = 1000,
): { page: Entry[]; response_metadata: { next_cursor: string } } {
  const limit = Math.min(Number(optional(args, "limit") ?? 100) || 100, most);
  const cursor = optional(args, "cursor");
  const start = cursor === undefined ? 0 : Number(Buffer.from(cursor, "base64url").toString());
  if (!Number.isInteger(start)) throw new Refusal("invalid_cursor");
  const end = start + limit;
  const next_cursor = end < all.length ? Buffer.from(String(end)).toString("base64url") : "";
  return { page: all.slice(start, end), response_metadata: { next_cursor } };
}

/** A channel by its id. Private channels and direct messages of others do not exist for the app. */
export function channelArgument(world: World, args: Fields): Channel {
  const channel = world.channels.get(required(args, "channel"));
  if (channel === undefined || !appKnows(world, channel)) throw new Refusal("channel_not_found");
  return channel;
}

/** The same, where the app must be a member. */
export function joinedChannel(world: World, args: Fields): Channel {
  const channel = channelArgument(world, args);
  if (!channel.members.has(world.app.botUserId)) throw new Refusal("not_in_channel");
  return channel;
}

export function messageArgument(world: World, channel: Channel, args: Fields, key: string): Message {
  const message = findMessage(world, channel.id, required(args, key));
  if (message === undefined) throw new Refusal("message_not_found");
  return message;
}

/** Ids with commas between them. */
export function idsArgument(args: Fields, key: string): string[] {
  return (optional(args, key) ?? "").split(",").filter(Boolean);
}

export function appKnows(world: World, channel: Channel): boolean {
  return channel.kind === "public" || channel.members.has(world.app.botUserId);
}

export function personArgument(world: World, args: Fields, key: string): Person {
  const person = world.people.get(required(args, key));
  if (person === undefined) throw new Refusal("user_not_found");
  return person;
}
