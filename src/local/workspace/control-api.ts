/** The control API: how tests move the clock, order faults, and look behind the scenes. */

import { ClientError } from "./client-api.ts";
import type { Delivery } from "./delivery.ts";
import type { PayloadKind } from "./attempt.ts";
import { faultFrom, oddsFrom } from "./faults.ts";
import { request } from "./http-delivery.ts";
import { fieldsOf, listOf, textOf } from "../json.ts";
import type { Fields } from "../json.ts";
import type { Person, PersonKind } from "./options.ts";
import { issueResponseUrl } from "./response-urls.ts";
import type { SocketMode } from "./socket-mode.ts";
import type { WebApi } from "./web-api.ts";
import { directMessage } from "./world.ts";
import type { World } from "./world.ts";

interface Controlled {
  world: World;
  api: WebApi;
  delivery: Delivery;
  sockets: SocketMode;
}

const RAW_DEADLINE_MS = 10_000;
const PERSON_KINDS: PersonKind[] = ["member", "guest", "external", "bot", "deactivated"];

const READS: Record<string, (controlled: Controlled) => unknown> = {
  calls: ({ api }) => ({ calls: api.calls }),
  deliveries: ({ delivery, sockets }) => ({ deliveries: delivery.log, connected: sockets.connected }),
};

const WRITES: Record<string, (controlled: Controlled, given: Fields) => unknown> = {
  clock: ({ world }, { now, advance_ms }) => {
    const from = typeof now === "number" ? now : world.clock.now();
    world.clock.set(from + (typeof advance_ms === "number" ? advance_ms : 0));
    return { ok: true, now: world.clock.now() };
  },
  fault: ({ api }, given) => {
    api.faults.push(faultFrom(given));
    return { ok: true };
  },
  faults_end: ({ api }) => {
    api.faults.length = 0;
    return { ok: true };
  },
  odds: ({ api }, given) => {
    api.odds = oddsFrom(given);
    return { ok: true };
  },
  disconnect: ({ sockets }, { reason }) => ({ ok: true, told: sockets.disconnect(textOf(reason) || "warning") }),
  deliver,
  person: ({ world }, given) => {
    const person = personFrom(world, given);
    world.people.set(person.id, person);
    if (person.kind !== "bot") directMessage(world, [person.id, world.app.botUserId]);
    for (const channel of listOf(given["channels"])) world.channels.get(textOf(channel))?.members.add(person.id);
    return { ok: true, person };
  },
  channel: ({ world }, { channel, archived, members }) => {
    const found = world.channels.get(textOf(channel));
    if (found === undefined) throw new ClientError(404, "There is no such channel.");
    if (typeof archived === "boolean") found.archived = archived;
    if (Array.isArray(members)) found.members = new Set(members.map(textOf));
    return { ok: true };
  },
  response_urls: ({ world, delivery }, { user, channel, count }) => {
    const actor = { world, delivery, userId: textOf(user) };
    return { urls: Array.from({ length: Number(count) }, () => issueResponseUrl(actor, textOf(channel), null)) };
  },
  events_url: ({ delivery }, { url }) => {
    delivery.eventsUrl = textOf(url) || null;
    return { ok: true };
  },
};

/** Answers one call. Throws `ClientError` when it makes no sense. */
export async function serveControl(
  controlled: Controlled,
  verb: "GET" | "POST",
  name: string,
  given: Fields,
): Promise<unknown> {
  const run = (verb === "GET" ? READS : WRITES)[name];
  if (run === undefined) throw new ClientError(404, `The workspace has no ${verb} /control/${name}.`);
  return run(controlled, given);
}

/** `{path: "raw", body, headers?}` bytes as they are; `{replay: id}` once more; else `{type, payload}` as given. */
async function deliver({ world, delivery }: Controlled, given: Fields): Promise<unknown> {
  if (given["path"] === "raw") {
    const url = delivery.eventsUrl;
    if (url === null) throw new ClientError(409, "Raw requests need an events URL; this workspace is in Socket Mode.");
    const headers = fieldsOf(given["headers"]) as Record<string, string>;
    return request(world, url, textOf(given["body"]), headers, RAW_DEADLINE_MS);
  }
  if (typeof given["replay"] === "string") return delivery.replay(given["replay"]);
  return delivery.send(textOf(given["type"]) as PayloadKind, fieldsOf(given["payload"]));
}

function personFrom(world: World, given: Fields): Person {
  const id = textOf(given["id"]);
  const known = world.people.get(id);
  const kind = PERSON_KINDS.find((one) => one === given["kind"]) ?? known?.kind ?? "member";
  if (!/^[UW]\w+$/.test(id)) throw new ClientError(400, "A person's id begins with U or W.");
  const name = textOf(given["name"]) || (known?.name ?? id.toLowerCase());
  const realName = textOf(given["realName"]) || (known?.realName ?? name);
  return {
    ...known,
    id,
    name,
    realName,
    kind,
    tz: textOf(given["tz"]) || (known?.tz ?? "UTC"),
    home: textOf(given["home"]) || known?.home,
    dnd: dndFrom(given["dnd"]) ?? known?.dnd,
    status: statusFrom(given["status"]) ?? known?.status,
  };
}

function dndFrom(given: unknown): Person["dnd"] {
  const { start, end } = fieldsOf(given);
  return typeof start === "number" && typeof end === "number" ? { start, end } : undefined;
}

const LONGEST_STATUS = 100; // characters

/** As `users.profile.set` takes it; without text and emoji it shows none any more. */
function statusFrom(given: unknown): Person["status"] {
  if (given === undefined) return undefined;
  const { text = "", emoji = "", expiration = 0 } = fieldsOf(given);
  if (typeof text !== "string" || text.length > LONGEST_STATUS)
    throw new ClientError(400, `A status has at most ${LONGEST_STATUS} characters.`);
  if (typeof emoji !== "string" || !/^(:[a-z0-9_+'-]+:)?$/.test(emoji))
    throw new ClientError(400, "The emoji of a status is written like :palm_tree:.");
  if (!Number.isSafeInteger(expiration)) throw new ClientError(400, "A status ends at a second since 1970.");
  return { text, emoji, expiration: Number(expiration) };
}
