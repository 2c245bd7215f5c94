/** The client API: what the page does on behalf of the person it acts as. */

import type { ServerResponse } from "node:http";
import type { Actor, Delivery } from "./delivery.ts";
import { act, close, NOT_THERE, placeOf, submit, suggest, useShortcut } from "./interactions.ts";
import { fieldsOf, textOf } from "../json.ts";
import type { Fields } from "../json.ts";
import { visibleTo } from "./messages.ts";
import type { Person } from "./options.ts";
import { invite, openHome, send } from "./sending.ts";
import { stackOf } from "./views.ts";
import { canRead, channelNamed, directMessage } from "./world.ts";
import type { Channel, World } from "./world.ts";

/** An answer other than 200, with a sentence. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

interface Use extends Actor {
  me: Person;
  given: Fields;
}

const READS: Record<string, (use: Use) => unknown> = {
  boot,
  messages: (use) => {
    const { world, userId, given } = use;
    return { messages: visibleTo(world, userId, channelOf(use).id, textOf(given["thread"]) || null) };
  },
  home: ({ world, userId }) => ({ view: world.homes.get(userId) ?? null }),
  view: ({ world, userId }) => ({ views: stackOf(world, userId) }),
};

const WRITES: Record<string, (use: Use) => unknown> = {
  send: (use) => send(use, channelOf(use), textOf(use.given["text"]), textOf(use.given["thread_ts"]) || undefined),
  action: (use) => act(use, placeGiven(use), use.given),
  submit: (use) => submit(use, textOf(use.given["view_id"]), use.given["state"]),
  close: (use) => close(use, textOf(use.given["view_id"])),
  home: (use) => {
    openHome(use, directMessage(use.world, [use.userId, use.world.app.botUserId]));
    return { ok: true };
  },
  shortcut: (use) => {
    const { channel, callback_id, message_ts } = use.given;
    const at = channel === undefined ? null : { channel: channelOf(use), ts: textOf(message_ts) };
    return useShortcut(use, textOf(callback_id), at);
  },
  suggest: (use) => suggest(use, placeGiven(use), { ...fieldsOf(use.given["action"]), ...use.given }),
  invite: (use) => {
    invite(use, personNamed(use.world, textOf(use.given["user"])).id, channelOf(use));
    return { ok: true };
  },
};

/** Answers one call. Throws `ClientError` when it makes no sense. */
export async function serveClient(
  world: World,
  delivery: Delivery,
  verb: "GET" | "POST",
  name: string,
  given: Fields,
): Promise<unknown> {
  const run = (verb === "GET" ? READS : WRITES)[name];
  if (run === undefined) throw new ClientError(404, `The workspace has no ${verb} /client/${name}.`);
  const me = personOf(world, given);
  return run({ world, delivery, userId: me.id, me, given });
}

export function openPageStream(world: World, given: Fields, response: ServerResponse): void {
  world.stream.open(personOf(world, given).id, response);
}

function boot({ world, me }: Use): Fields {
  const { manifest, seed } = world.options;
  const channels = [...world.channels.values()].filter((channel) => canRead(world, me.id, channel));
  const people = [...world.people.values()].filter((person) => person.kind !== "deactivated");
  return {
    team: seed.team,
    me: personObject(me),
    people: people.map(personObject),
    channels: channels
      .filter((channel) => channel.kind !== "im" && !channel.archived)
      .map(({ id, name, topic, members }) => ({ id, name, topic, is_member: members.has(me.id) })),
    dms: channels
      .filter((channel) => channel.kind === "im")
      .map(({ id, members }) => ({ id, user: [...members].find((one) => one !== me.id) ?? me.id })),
    bot: { user_id: world.app.botUserId, name: world.app.botName, app_id: world.app.id },
    commands: manifest.features?.slash_commands ?? [],
    shortcuts: manifest.features?.shortcuts ?? [],
    user_groups: [...world.groups.values()],
    buttons: seed.buttons ?? [],
    now: world.clock.now(),
  };
}

function personObject({ id, name, realName, kind, tagline }: Person): Fields {
  return { id, name, real_name: realName, kind, tagline: tagline ?? "", is_bot: kind === "bot" };
}

function personOf(world: World, given: Fields): Person {
  const name = textOf(given["as"]);
  const first = world.options.seed.people[0];
  const person = name === "" && first !== undefined ? personNamed(world, first.id) : personNamed(world, name);
  if (person.kind === "deactivated") throw new ClientError(403, `The account of ${person.realName} is deactivated.`);
  if (person.kind === "bot") throw new ClientError(403, `${person.realName} is an app. Nobody can act as it.`);
  return person;
}

function personNamed(world: World, ref: string): Person {
  const person = world.people.get(ref) ?? [...world.people.values()].find((one) => one.name === ref);
  if (person === undefined) throw new ClientError(404, `There is nobody called "${ref}" in this workspace.`);
  return person;
}

function channelOf({ world, me, given }: Use): Channel {
  const ref = textOf(given["channel"]);
  const partner = [...world.people.values()].find((one) => one.id === ref || `@${one.name}` === ref);
  const channel =
    partner === undefined
      ? (world.channels.get(ref) ?? channelNamed(world, ref))
      : directMessage(world, [me.id, partner.id]);
  if (channel === undefined || !canRead(world, me.id, channel)) {
    throw new ClientError(404, `There is no channel "${ref}" that ${me.realName} can see.`);
  }
  return channel;
}

function placeGiven(use: Use) {
  const { channel = null } = use.given;
  const place = placeOf(use, channel === null ? null : channelOf(use), use.given);
  if (place === null) throw new ClientError(404, NOT_THERE);
  return place;
}
