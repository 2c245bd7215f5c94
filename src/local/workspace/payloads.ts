/** The JSON that Slack sends to apps, shape by shape. */

import type { Fields } from "../json.ts";
import type { Actor } from "./delivery.ts";
import { presented } from "./messages.ts";
import { issueTrigger } from "./triggers.ts";
import { nextTs, randomId, teamOf } from "./world.ts";
import type { Channel, Message, View, World } from "./world.ts";

const TOKEN = "legacy-verification-token";

/** Where in Slack a person acted. */
export type Place =
  | { kind: "message"; channel: Channel; message: Message; ephemeral: boolean }
  | { kind: "view"; view: View };

export function commandPayload(actor: Actor, channel: Channel, command: string, text: string, responseUrl: string) {
  const { world, userId } = actor;
  const { team } = world.options.seed;
  return {
    token: TOKEN,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.kind === "private" ? "privategroup" : channel.name,
    user_id: userId,
    user_name: world.people.get(userId)?.name ?? "",
    command,
    text,
    api_app_id: world.app.id,
    is_enterprise_install: "false",
    response_url: responseUrl,
    trigger_id: issueTrigger(actor),
  };
}

export function actionsPayload(
  actor: Actor,
  place: Place,
  action: Fields,
  values: Fields,
  responseUrl: string | undefined,
) {
  return {
    type: "block_actions",
    ...common(actor),
    trigger_id: issueTrigger(actor),
    ...where(actor.world, place),
    state: place.kind === "message" ? { values } : undefined,
    response_url: responseUrl,
    actions: [{ ...action, action_ts: nextTs(actor.world) }],
  };
}

export function suggestionPayload(actor: Actor, place: Place, element: Fields, value: string) {
  const { action_id, block_id } = element;
  return { type: "block_suggestion", ...common(actor), ...where(actor.world, place), action_id, block_id, value };
}

export function submissionPayload(actor: Actor, view: View) {
  return {
    type: "view_submission",
    ...common(actor),
    trigger_id: issueTrigger(actor),
    view,
    response_urls: [],
  };
}

export function closedPayload(actor: Actor, view: View, isCleared: boolean) {
  return { type: "view_closed", ...common(actor), view, is_cleared: isCleared };
}

export function shortcutPayload(actor: Actor, callbackId: string) {
  const trigger_id = issueTrigger(actor);
  return { type: "shortcut", ...common(actor), action_ts: nextTs(actor.world), callback_id: callbackId, trigger_id };
}

export function messageActionPayload(
  actor: Actor,
  callbackId: string,
  place: { channel: Channel; message: Message },
  responseUrl: string,
) {
  const { channel, message } = place;
  return {
    type: "message_action",
    ...common(actor),
    action_ts: nextTs(actor.world),
    channel: { id: channel.id, name: channel.name },
    callback_id: callbackId,
    trigger_id: issueTrigger(actor),
    message_ts: message.ts,
    response_url: responseUrl,
    message: presented(actor.world, channel.id, message),
  };
}

/** The envelope of an event; `event` carries its own type and fields. */
export function eventPayload(world: World, event: Fields) {
  const { id } = world.options.seed.team;
  return {
    type: "event_callback",
    token: TOKEN,
    team_id: id,
    context_team_id: id,
    context_enterprise_id: null,
    api_app_id: world.app.id,
    event_id: randomId("Ev"),
    event_time: Math.floor(world.clock.now() / 1000),
    event_context: randomId("4-"),
    is_ext_shared_channel: false,
    authorizations: [
      { enterprise_id: null, team_id: id, user_id: world.app.botUserId, is_bot: true, is_enterprise_install: false },
    ],
    event: { event_ts: nextTs(world), ...event },
  };
}

function common({ world, userId }: Actor) {
  const { team } = world.options.seed;
  const name = world.people.get(userId)?.name ?? "";
  return {
    user: { id: userId, username: name, name, team_id: teamOf(world, userId) },
    api_app_id: world.app.id,
    token: TOKEN,
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

function where(world: World, place: Place): Fields {
  if (place.kind === "view") return { container: { type: "view", view_id: place.view.id }, view: place.view };
  const { channel, message, ephemeral } = place;
  const shown = presented(world, channel.id, message);
  const { thread_ts } = shown;
  return {
    container: { type: "message", message_ts: message.ts, channel_id: channel.id, is_ephemeral: ephemeral, thread_ts },
    channel: { id: channel.id, name: channel.name },
    // Slack sends the content of an ephemeral message to nobody, not even to the app that wrote it.
    ...(ephemeral ? {} : { message: shown }),
  };
}
