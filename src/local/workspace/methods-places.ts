/** Web API: conversations, people and user groups. */

import {
  appKnows,
  channelArgument,
  flag,
  idsArgument,
  optional,
  paged,
  personArgument,
  required,
} from "./arguments.ts";
import type { Fields } from "../json.ts";
import type { Person, UserGroup } from "./options.ts";
import { Refusal } from "./refusal.ts";
import { directMessage, SLACKBOT, teamOf } from "./world.ts";
import type { Channel, World } from "./world.ts";

export function authTest(world: World): Fields {
  const { team } = world.options.seed;
  const { botUserId, botName, botId } = world.app;
  return {
    url: `${world.url}/`,
    team: team.name,
    user: botName,
    team_id: team.id,
    user_id: botUserId,
    bot_id: botId,
    is_enterprise_install: false,
  };
}

export function conversationsList(world: World, args: Fields): Fields {
  const types = typesOf(args);
  const all = [...world.channels.values()].filter(
    (channel) =>
      types.includes(TYPE_NAMES[channel.kind]) &&
      appKnows(world, channel) &&
      !(flag(args, "exclude_archived") && channel.archived),
  );
  const { page, response_metadata } = paged(args, all);
  return { channels: page.map((channel) => channelObject(world, channel)), response_metadata };
}

export function conversationsInfo(world: World, args: Fields): Fields {
  const channel = channelArgument(world, args);
  const members = flag(args, "include_num_members") ? { num_members: channel.members.size } : {};
  return { channel: { ...channelObject(world, channel), ...members } };
}

export function conversationsOpen(world: World, args: Fields): Fields {
  const [user, second] = idsArgument(args, "users");
  if (user === undefined) {
    const channel = channelArgument(world, args);
    return { no_op: true, already_open: true, channel: { id: channel.id } };
  }
  if (second !== undefined)
    throw new Refusal("missing_scope", { needed: "mpim:write", provided: world.app.scopes.join(",") });
  const person = world.people.get(user);
  if (person === undefined) throw new Refusal("user_not_found");
  if (person.kind === "deactivated") throw new Refusal("user_disabled");
  if (person.kind === "bot") throw new Refusal("cannot_dm_bot");
  const channel = directMessage(world, [person.id, world.app.botUserId]);
  return { channel: flag(args, "return_im") ? channelObject(world, channel) : { id: channel.id } };
}

export function usersInfo(world: World, args: Fields): Fields {
  return { user: userObject(world, personArgument(world, args, "user")) };
}

export function groupsList(world: World, args: Fields): Fields {
  const users = flag(args, "include_users");
  return { usergroups: [...world.groups.values()].map((group) => groupObject(world, group, users)) };
}

export function groupUsers(world: World, args: Fields): Fields {
  return { users: groupArgument(world, args).users };
}

function groupArgument(world: World, args: Fields): UserGroup {
  const group = world.groups.get(required(args, "usergroup"));
  if (group === undefined) throw new Refusal("no_such_subteam");
  return group;
}

/** Replaces everybody who is in a group; there is no empty one. */
export function groupUsersUpdate(world: World, args: Fields): Fields {
  const group = groupArgument(world, args);
  const users = idsArgument(args, "users");
  if (users.length === 0) throw new Refusal("no_users_provided");
  const people = users.map((user) => world.people.get(user));
  if (people.some((person) => person === undefined || person.kind === "bot" || person.kind === "deactivated"))
    throw new Refusal("invalid_users");
  group.users = users;
  return { usergroup: groupObject(world, group, true) };
}

export function dndTeamInfo(world: World, args: Fields): Fields {
  const ids = idsArgument(args, "users");
  if (ids.length === 0) throw new Refusal("no_users_provided");
  const people = ids.slice(0, MOST_DND).flatMap((id) => world.people.get(id) ?? []);
  return { users: Object.fromEntries(people.map(({ id, dnd }) => [id, dndObject(dnd)])) };
}

const MOST_DND = 50;

/** Without quiet times Slack says 1 for both ends. */
function dndObject(dnd: Person["dnd"]): Fields {
  const { start, end } = dnd ?? { start: 1, end: 1 };
  return { dnd_enabled: dnd !== undefined, next_dnd_start_ts: start, next_dnd_end_ts: end };
}

const TYPE_NAMES = { public: "public_channel", private: "private_channel", im: "im" } as const;
const SCOPE_OF_TYPE: Record<string, string> = {
  public_channel: "channels",
  private_channel: "groups",
  im: "im",
  mpim: "mpim",
};

/** The scope of reading this conversation: `channels:read`, `groups:read` or `im:read`, or the like for `history`. */
export function scopeOfChannel(world: World, args: Fields, verb: "read" | "history"): string[] {
  const channel = world.channels.get(optional(args, "channel") ?? "");
  const type = channel === undefined || !appKnows(world, channel) ? "public_channel" : TYPE_NAMES[channel.kind];
  return [`${SCOPE_OF_TYPE[type]}:${verb}`];
}

export function scopesOfTypes(_world: World, args: Fields): string[] {
  return typesOf(args).map((type) => `${SCOPE_OF_TYPE[type] ?? "channels"}:read`);
}

function typesOf(args: Fields): string[] {
  return (optional(args, "types") ?? "public_channel").split(",").map((type) => type.trim());
}

function channelObject(world: World, channel: Channel): Fields {
  const { id, name, kind, archived, created, topic, members } = channel;
  const { botUserId } = world.app;
  const common = { id, created, is_archived: archived, is_im: kind === "im", is_mpim: false, is_org_shared: false };
  if (kind === "im")
    return { ...common, user: [...members].find((member) => member !== botUserId), is_user_deleted: false };
  const text = { value: topic, creator: "", last_set: 0 };
  return {
    ...common,
    name,
    name_normalized: name,
    is_channel: kind === "public",
    is_group: kind === "private",
    is_private: kind === "private",
    is_general: name === "general",
    is_shared: false,
    is_ext_shared: [...members].some((member) => world.people.get(member)?.kind === "external"),
    is_member: members.has(botUserId),
    topic: text,
    purpose: { ...text, value: "" },
    context_team_id: world.options.seed.team.id,
  };
}

function userObject(world: World, person: Person): Fields {
  const { id, name, realName, kind, tz, home } = person;
  const common = { id, team_id: teamOf(world, id), name, real_name: realName, deleted: kind === "deactivated" };
  const isOwnBot = id === world.app.botUserId;
  const profile = {
    real_name: realName,
    display_name: name,
    team: teamOf(world, id),
    ...statusObject(world, person),
    ...(isOwnBot ? { api_app_id: world.app.id, bot_id: world.app.botId } : {}),
  };
  if (kind === "deactivated") return { ...common, profile, is_bot: false };
  return {
    ...common,
    profile,
    tz,
    tz_label: tz,
    tz_offset: offsetOf(tz, world.clock.now()),
    is_bot: kind === "bot" && id !== SLACKBOT,
    is_app_user: false,
    is_admin: false,
    is_owner: false,
    is_restricted: kind === "guest",
    is_ultra_restricted: false,
    is_stranger: kind === "external",
    updated: 0,
    ...(home === undefined ? {} : { enterprise_user: { id, teams: [home, world.options.seed.team.id] } }),
  };
}

/** What has reached its end is not shown any more. */
function statusObject({ clock }: World, { status }: Person): Fields {
  const isShown = status !== undefined && (status.expiration === 0 || status.expiration * 1_000 > clock.now());
  const { text, emoji, expiration } = isShown ? status : { text: "", emoji: "", expiration: 0 };
  return { status_text: text, status_emoji: emoji, status_expiration: expiration };
}

function groupObject(world: World, group: UserGroup, withUsers: boolean): Fields {
  const { id, handle, name, users } = group;
  return {
    id,
    team_id: world.options.seed.team.id,
    is_usergroup: true,
    name,
    handle,
    description: "",
    date_delete: 0,
    user_count: users.length,
    ...(withUsers ? { users } : {}),
  };
}

/** Seconds east of UTC at that time. */
function offsetOf(zone: string, at: number): number {
  const name = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName")?.value;
  const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(name ?? "") ?? [];
  const seconds = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60;
  return sign === "-" ? -seconds : seconds;
}
