/** The client API: what the page does on behalf of the person it acts as. */

import type { ServerResponse } from "node:http";
import type { Delivery } from "./delivery.ts";
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

interface Use {
  world: World;
  delivery: Delivery;
  me: Person;
  given: Fields;
}

const READS: Record<string, (use: Use) => unknown> = {
  boot,
  messages: ({ world, me, given }) => {
    const channel = channelOf(world, me, given);
    return { messages: visibleTo(world, me.id, channel.id, textOf(given["thread"]) || null) };
  },
  home: ({ world, me }) => ({ view: world.homes.get(me.id) ?? null }),
  view: ({ world, me }) => ({ views: stackOf(world, me.id) }),
};

const WRITES: Record<string, (use: Use) => unknown> = {
  send: ({ world, delivery, me, given }) => {
    const thread = textOf(given["thread_ts"]) || undefined;
    return send(world, delivery, me.id, channelOf(world, me, given), textOf(given["text"]), thread);
  },
  action: (use) => act(use.world, use.delivery, use.me.id, placeGiven(use), use.given),
  submit: ({ world, delivery, me, given }) => submit(world, delivery, me.id, textOf(given["view_id"]), given["state"]),
  close: ({ world, delivery, me, given }) => close(world, delivery, me.id, textOf(given["view_id"])),
  home: ({ world, delivery, me }) => {
    openHome(world, delivery, me.id, directMessage(world, [me.id, world.app.botUserId]));
    return { ok: true };
  },
  shortcut: ({ world, delivery, me, given }) => {
    const at =
      given["channel"] === undefined ? null : { channel: channelOf(world, me, given), ts: textOf(given["message_ts"]) };
    return useShortcut(world, delivery, me.id, textOf(given["callback_id"]), at);
  },
  suggest: (use) =>
    suggest(use.world, use.delivery, use.me.id, placeGiven(use), { ...fieldsOf(use.given["action"]), ...use.given }),
  invite: ({ world, delivery, me, given }) => {
    invite(world, delivery, me.id, personNamed(world, textOf(given["user"])).id, channelOf(world, me, given));
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
  return run({ world, delivery, me: actor(world, given), given });
}

export function openPageStream(world: World, given: Fields, response: ServerResponse): void {
  world.stream.open(actor(world, given).id, response);
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

function actor(world: World, given: Fields): Person {
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

function channelOf(world: World, me: Person, given: Fields): Channel {
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

function placeGiven({ world, me, given }: Use) {
  const channel = given["channel"] === undefined || given["channel"] === null ? null : channelOf(world, me, given);
  const place = placeOf(world, me.id, channel, given);
  if (place === null) throw new ClientError(404, NOT_THERE);
  return place;
}
