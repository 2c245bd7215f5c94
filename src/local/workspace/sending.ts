/** What happens when a person sends what they typed: a message, a mention of the app, or a slash command. */

import type { Actor } from "./delivery.ts";
import type { Outcome } from "./attempt.ts";
import { fieldsOf, textOf } from "../json.ts";
import type { Fields } from "../json.ts";
import { addMessage, findMessage, whisper } from "./messages.ts";
import { commandPayload, eventPayload } from "./payloads.ts";
import { Refusal } from "./refusal.ts";
import { issueResponseUrl, respond } from "./response-urls.ts";
import { escapeTyped } from "./typed-text.ts";
import { SLACKBOT, teamOf } from "./world.ts";
import type { Channel, Message } from "./world.ts";

export interface Sent {
  ok: boolean;
  error?: string;
  /** The message's ts; a command leaves none. */
  ts?: string;
}

export async function send(actor: Actor, channel: Channel, text: string, thread: string | undefined): Promise<Sent> {
  const { world, userId } = actor;
  if (channel.archived) return { ok: false, error: `#${channel.name} is archived. Nothing can be sent there.` };
  if (!channel.members.has(userId)) return { ok: false, error: `Join #${channel.name} to send messages there.` };
  if (text.trim() === "") return { ok: false, error: "There is nothing to send." };
  if (text.startsWith("/")) return command(actor, channel, text, thread);
  const root = thread === undefined ? undefined : findMessage(world, channel.id, thread);
  if (thread !== undefined && root === undefined) return { ok: false, error: "That thread is gone." };
  const message = addMessage(world, channel, userId, { text: escapeTyped(world, text, false), thread_ts: thread });
  mention(actor, channel, message);
  return { ok: true, ts: message.ts };
}

async function command(actor: Actor, channel: Channel, typed: string, thread: string | undefined): Promise<Sent> {
  const { world, delivery, userId } = actor;
  const [name = ""] = typed.split(/\s/, 1);
  const known = world.options.manifest.features?.slash_commands?.find((one) => one.command === name);
  // Commands belong to the workspace that the app is installed in: people of others do not have them.
  if (known === undefined || world.people.get(userId)?.kind === "external") {
    return {
      ok: false,
      error: `${name} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`,
    };
  }
  if (thread !== undefined) return { ok: false, error: `${name} is not supported in threads. Sorry!` };
  const argument = typed.slice(name.length).trim();
  const text = known.should_escape === true ? escapeTyped(world, argument, true) : argument;
  const responseUrl = issueResponseUrl(actor, channel.id, null);
  const payload = commandPayload(actor, channel, name, text, responseUrl);
  const outcome = await delivery.send("slash_commands", payload);
  const error = failureOf(outcome) ?? answer(actor, channel, outcome);
  if (error === null) return { ok: true };
  const sentence = `${name} failed with the error "${error}"`;
  whisper(world, channel, SLACKBOT, userId, { text: sentence });
  return { ok: false, error: sentence };
}

function failureOf(outcome: Outcome): string | null {
  if (outcome.acked) return null;
  return outcome.reason === "http_timeout" ? "operation_timeout" : "dispatch_failed";
}

/** Shows what came with the acknowledgement, if anything; the error when Slack could not show it. */
function answer({ world, userId }: Actor, channel: Channel, outcome: Outcome): string | null {
  const body = outcome.acked ? fieldsOf(outcome.body) : {};
  if (textOf(body["text"]) === "" && body["blocks"] === undefined) return null;
  try {
    respond(world, { userId, messageTs: null }, channel, body);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

function mention(actor: Actor, channel: Channel, message: Message): void {
  const { world } = actor;
  const { botUserId, botName } = world.app;
  if (channel.kind === "im" || !message.text.includes(`<@${botUserId}>`)) return;
  if (!channel.members.has(botUserId)) {
    const text = `You mentioned @${botName}, but they are not in this channel. Type /invite @${botName} to add them.`;
    whisper(world, channel, SLACKBOT, message.user, { text, thread_ts: message.thread_ts });
    return;
  }
  const { user, text, ts, thread_ts } = message;
  const mentioned = { user, text, ts, event_ts: ts, thread_ts, channel: channel.id, team: teamOf(world, user) };
  tellApp(actor, "app_mention", mentioned);
}

/** Sends an event if the manifest subscribes to it. */
function tellApp({ world, delivery }: Actor, type: string, fields: Fields): void {
  if (!world.options.manifest.settings?.event_subscriptions?.bot_events?.includes(type)) return;
  void delivery.sendEvent(eventPayload(world, { type, ...fields }));
}

export function openHome(actor: Actor, channel: Channel): void {
  const { world, userId } = actor;
  const view = world.homes.get(userId);
  tellApp(actor, "app_home_opened", { user: userId, channel: channel.id, tab: "home", view });
}

/** Adds a person to a channel, who may be the actor. */
export function invite(actor: Actor, userId: string, channel: Channel): void {
  const { world, userId: inviter } = actor;
  if (channel.members.has(userId)) return;
  channel.members.add(userId);
  const text = `<@${userId}> has joined the channel`;
  addMessage(world, channel, userId, { text, subtype: "channel_join" });
  const channel_type = channel.kind === "private" ? "G" : "C";
  const joined = { user: userId, channel: channel.id, channel_type, team: teamOf(world, userId), inviter };
  tellApp(actor, "member_joined_channel", joined);
}
