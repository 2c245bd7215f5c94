/** Everything the workspace knows: its people, places, messages and open views, in one record. */

import { randomBytes } from "node:crypto";
import { openClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { openJournal } from "./journal.ts";
import type { Journal } from "./journal.ts";
import type { Fields } from "../json.ts";
import type { Person, SeedChannel, UserGroup, WorkspaceOptions } from "./options.ts";
import { openStream } from "./stream.ts";
import type { Stream } from "./stream.ts";

export interface Channel {
  id: string;
  name: string;
  topic: string;
  kind: "public" | "private" | "im";
  members: Set<string>;
  archived: boolean;
  created: number;
}

/** What a message says. What is undefined is not there: everybody gets messages as JSON. */
export interface Content {
  text: string;
  subtype?: string | undefined;
  thread_ts?: string | undefined;
  blocks?: Fields[] | undefined;
  attachments?: Fields[] | undefined;
  metadata?: Fields | undefined;
  files?: Fields[];
  edited?: { user: string; ts: string };
}

/** A message as Slack stores it. */
export interface Message extends Content {
  type: "message";
  ts: string;
  user: string;
  team: string;
  bot_id?: string;
  app_id?: string;
  bot_profile?: Fields;
}

/** A message that one person sees until the workspace restarts. */
export interface Ephemeral {
  channel: string;
  to: string;
  message: Message;
}

export interface View extends Fields {
  id: string;
  team_id: string;
  type: "modal" | "home";
  blocks: Fields[];
  private_metadata: string;
  callback_id: string;
  state: { values: Record<string, Record<string, Fields>> };
  hash: string;
  clear_on_close: boolean;
  notify_on_close: boolean;
  root_view_id: string;
  previous_view_id: string | null;
  external_id: string;
}

export interface Trigger {
  userId: string;
  issuedAt: number;
  used: boolean;
}

export interface ResponseUrl {
  userId: string;
  channel: string;
  /** The message whose button was pressed; null for a command. */
  messageTs: string | null;
  issuedAt: number;
  uses: number;
}

export interface StoredFile {
  id: string;
  name: string;
  title: string;
  length: number;
  mimetype: string;
  content: Buffer | null;
}

export interface World {
  options: WorkspaceOptions;
  clock: Clock;
  stream: Stream;
  journal: Journal;
  /** Where this workspace is, without a slash at the end; known once it listens. */
  url: string;
  app: { id: string; name: string; botUserId: string; botName: string; botId: string; scopes: string[] };
  people: Map<string, Person>;
  channels: Map<string, Channel>;
  groups: Map<string, UserGroup>;
  /** Channel id → ts → message, oldest first. */
  messages: Map<string, Map<string, Message>>;
  ephemerals: Ephemeral[];
  /** User id → open modals, the one on top last. */
  modals: Map<string, View[]>;
  homes: Map<string, View>;
  triggers: Map<string, Trigger>;
  responseUrls: Map<string, ResponseUrl>;
  files: Map<string, StoredFile>;
  /** Microseconds of the newest ts, which is never given twice. */
  lastTs: number;
}

export const SLACKBOT = "USLACKBOT";

export function createWorld(options: WorkspaceOptions): World {
  const { manifest, seed } = options;
  const clock = openClock(options.now ?? (() => Date.now()));
  const name = manifest.display_information.name;
  const scopes = manifest.oauth_config?.scopes;
  const botName = manifest.features?.bot_user?.display_name ?? name.toLowerCase();
  const botUserId = `U0${idFrom(botName)}`;
  const bot: Person = { id: botUserId, name: botName, realName: name, kind: "bot", tz: "UTC" };
  const slackbot: Person = { id: SLACKBOT, name: "slackbot", realName: "Slackbot", kind: "bot", tz: "UTC" };
  const people = new Map([...seed.people, bot, slackbot].map((person) => [person.id, { ...person }]));
  const world: World = {
    options,
    clock,
    stream: openStream(),
    journal: openJournal(options.journal),
    url: "",
    app: {
      id: `A0${idFrom(name)}`,
      name,
      botUserId,
      botName,
      botId: `B0${idFrom(botName)}`,
      scopes: [...(scopes?.bot ?? []), ...(scopes?.bot_optional ?? [])],
    },
    people,
    channels: new Map(),
    groups: new Map(seed.userGroups.map((group) => [group.id, { ...group }])),
    messages: new Map(),
    ephemerals: [],
    modals: new Map(),
    homes: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    files: new Map(),
    lastTs: 0,
  };
  for (const channel of seed.channels) addChannel(world, channel);
  for (const person of seed.people) directMessage(world, [person.id, botUserId]);
  return world;
}

function addChannel(world: World, seed: SeedChannel): Channel {
  const everybody = [...world.people.values()]
    .filter((person) => person.id !== SLACKBOT && person.kind !== "deactivated")
    .map((person) => person.id);
  const channel: Channel = {
    id: seed.id ?? `C0${idFrom(seed.name)}`,
    name: seed.name.replace(/^#/, ""),
    topic: seed.topic ?? "",
    kind: seed.private === true ? "private" : "public",
    members: new Set(seed.members ?? everybody),
    archived: seed.archived ?? false,
    created: Math.floor(world.clock.now() / 1000),
  };
  world.channels.set(channel.id, channel);
  return channel;
}

/** The direct message of two people; the id depends on who they are only. */
export function directMessage(world: World, pair: [string, string]): Channel {
  const other = pair.find((id) => id !== world.app.botUserId) ?? world.app.botUserId;
  const isWithBot = pair.includes(world.app.botUserId);
  const id = isWithBot ? `D${other.slice(1)}` : `D${pair.toSorted().join("X").replaceAll("U0", "")}`;
  const known = world.channels.get(id);
  if (known !== undefined) return known;
  const channel: Channel = {
    id,
    name: "directmessage",
    topic: "",
    kind: "im",
    members: new Set(pair),
    archived: false,
    created: Math.floor(world.clock.now() / 1000),
  };
  world.channels.set(id, channel);
  world.journal.append({ kind: "dm", pair });
  return channel;
}

/** A channel by its name, with or without its #. */
export function channelNamed(world: World, ref: string): Channel | undefined {
  const name = ref.replace(/^#/, "");
  return [...world.channels.values()].find((channel) => channel.kind !== "im" && channel.name === name);
}

/** Guests and strangers see only what they were added to; members also every public channel. */
export function canRead(world: World, userId: string, channel: Channel): boolean {
  if (channel.members.has(userId)) return true;
  return channel.kind === "public" && world.people.get(userId)?.kind === "member";
}

/** A person from another workspace carries that workspace's id. */
export function teamOf(world: World, userId: string): string {
  const person = world.people.get(userId);
  return person?.kind === "external" ? "T0ELSEWHERE" : (person?.home ?? world.options.seed.team.id);
}

/** A message's name in Slack: seconds.microseconds, unique and rising. */
export function nextTs(world: World): string {
  world.lastTs = Math.max(Math.floor(world.clock.now()) * 1000, world.lastTs + 1);
  const digits = String(world.lastTs);
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

export function randomId(prefix: string): string {
  return prefix + randomBytes(6).toString("hex").toUpperCase();
}

function idFrom(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, "").toUpperCase();
}
